//! Members: who is in a group, as the wire says it, and whom that means.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::kind::Key;
use crate::live::{Listing, Member, RemoteId};

use super::dialect::{Dialect, MemberValue};
use super::index::Index;
use super::typed::Budget;

/// Reads `members`: a list of `{value, $ref, type}`. The second half of the answer names those
/// that are groups.
pub(super) struct Members<'a> {
    pub(super) form: MemberValue,
    pub(super) budget: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = (Vec<Member>, Vec<Box<str>>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = (Vec<Member>, Vec<Box<str>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of members")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Self::Value::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        let mut nested = Vec::new();
        let one = One { form: self.form, budget: self.budget };
        while let Some((token, is_group)) = seq.next_element_seed(one)? {
            if is_group {
                nested.push(token.clone());
            }
            members.push(Member::Unknown(token));
        }
        Ok((members, nested))
    }
}

/// Reads one member: what names it, and whether it is a group.
#[derive(Clone, Copy)]
struct One<'a> {
    form: MemberValue,
    budget: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = (Box<str>, bool);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = (Box<str>, bool);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member: an object with a `value`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut value: Option<Cow<'de, str>> = None;
        let mut reference: Option<Cow<'de, str>> = None;
        let mut is_group = false;
        self.budget.take(64)?;
        while let Some(part) = map.next_key_seed(PartName)? {
            match part {
                Part::Value => value = map.next_value_seed(Text("members.value"))?,
                Part::Ref => reference = map.next_value_seed(Text("members.$ref"))?,
                Part::Type => {
                    let kind = map.next_value_seed(Text("members.type"))?;
                    is_group |= kind.is_some_and(|kind| kind.eq_ignore_ascii_case("group"));
                }
                Part::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // A reference is read for what it names, and never followed.
        let mut segments = reference.as_deref().unwrap_or_default().rsplit('/');
        let last = segments.next().filter(|last| !last.is_empty());
        is_group |= segments.next().is_some_and(|kind| kind.eq_ignore_ascii_case("Groups"));
        let token = match self.form {
            MemberValue::Ref => last.map(decoded).or(value),
            MemberValue::Id | MemberValue::UserName => value.or_else(|| last.map(decoded)),
        };
        match token.filter(|token| !token.is_empty()) {
            Some(token) => {
                self.budget.take(token.len())?;
                Ok((Box::from(token), is_group))
            }
            None => Err(A::Error::custom("a member has neither `value` nor `$ref`")),
        }
    }
}

fn decoded(segment: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy()
}

/// Reads a string, or a number where a string belongs, without a copy where that is possible.
struct Text(&'static str);

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string for `{}`", self.0)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(number.to_string())))
    }
}

enum Part {
    Value,
    Ref,
    Type,
    Other,
}

struct PartName;

impl<'de> DeserializeSeed<'de> for PartName {
    type Value = Part;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for PartName {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an attribute")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Part, E> {
        Ok(match name {
            _ if name.eq_ignore_ascii_case("value") => Part::Value,
            _ if name.eq_ignore_ascii_case("$ref") => Part::Ref,
            _ if name.eq_ignore_ascii_case("type") => Part::Type,
            _ => Part::Other,
        })
    }
}

/// Says of every member of `groups` which of `users` it is, by place. What is no user of the
/// listing stays unknown: a nested group, a deleted user. Each member is there once afterwards.
/// `nested` holds what the wire itself says is a group, as group and member.
pub(super) fn resolve(
    users: &Listing,
    groups: &mut Listing,
    dialect: &Dialect,
    nested: &[(RemoteId, Box<str>)],
) {
    let form = dialect.member_value;
    let names = users.objects().iter().map(|user| match form {
        MemberValue::Id | MemberValue::Ref => dialect.joined(user.id.as_str()),
        MemberValue::UserName => Cow::Borrowed(user.key.as_str()),
    });
    let index = Index::new(names);
    let nested: BTreeSet<(&str, &str)> =
        nested.iter().map(|(group, member)| (group.as_str(), &**member)).collect();
    for group in groups.objects_mut() {
        let id = group.id.clone();
        let is_nested = |token: &str| !nested.is_empty() && nested.contains(&(id.as_str(), token));
        let Some(members) = group.members.as_mut() else { continue };
        for member in members.iter_mut() {
            let Member::Unknown(token) = member else { continue };
            let place = match form {
                _ if is_nested(token) => None,
                MemberValue::Id | MemberValue::Ref => index.find(&dialect.joined(token)),
                MemberValue::UserName => index.find(Key::new(token).as_str()),
            };
            if let Some(place) = place {
                *member = Member::Known(place);
            }
        }
        members.sort_unstable();
        members.dedup();
    }
}
