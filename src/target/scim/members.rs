//! Members: who is in a group, as the wire says it, and whom that means.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::kind::{Key, Shape};
use crate::live::{Listing, Member, RemoteId};

use super::dialect::MemberValue;
use super::index::Index;
use super::typed::{Budget, Typed};

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
        let mut value = None;
        let mut reference = None;
        let mut is_group = false;
        self.budget.take(64)?;
        while let Some(part) = map.next_key_seed(PartName)? {
            let mut text = |name| {
                let seed = Typed { name, shape: Shape::Text, budget: self.budget };
                map.next_value_seed(seed).map(|value| match value {
                    Some(serde_json::Value::String(text)) => Some(text),
                    _ => None,
                })
            };
            match part {
                Part::Value => value = text("members.value")?,
                Part::Ref => reference = text("members.$ref")?,
                Part::Type => {
                    is_group |= text("members.type")?
                        .is_some_and(|kind| kind.eq_ignore_ascii_case("group"));
                }
                Part::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        // A reference is read for what it names, and never followed.
        is_group |= reference.as_deref().is_some_and(|url| url.contains("/Groups/"));
        let last = || reference.as_deref().and_then(|url| url.rsplit('/').next()).map(decoded);
        let token = match self.form {
            MemberValue::Ref => last().or(value),
            MemberValue::Id | MemberValue::UserName => value.or_else(last),
        };
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok((token.into_boxed_str(), is_group)),
            None => Err(A::Error::custom("a member has neither `value` nor `$ref`")),
        }
    }
}

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
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
    form: MemberValue,
    nested: &[(RemoteId, Box<str>)],
) {
    let names = users.objects().iter().map(|user| match form {
        MemberValue::Id | MemberValue::Ref => user.id.as_str(),
        MemberValue::UserName => user.key.as_str(),
    });
    let index = Index::new(names.collect());
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
                MemberValue::Id | MemberValue::Ref => index.find(token),
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
