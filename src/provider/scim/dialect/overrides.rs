//! `target.dialect`: single lines of the table, written by a person.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::kind::{Diagnostic, KindName};

use super::super::decode::key_field;
use super::{
    Attributes, Count, DeleteEffect, Dialect, DisplayName, IfMatch, MemberValue, MembersRead,
    PROFILES, RemovalForm, Totals, UpdateForm, UserName,
};

/// The lines that can be overridden, with what each takes.
pub const LINES: &[(&str, &str)] = &[
    ("concurrency", "a number from 1 to 64"),
    ("count", "`sent` or `leftOut`"),
    ("delete", "`removes` or `deactivates`"),
    ("displayName", "`kept` or `derived`"),
    ("groupUpdate", "`patch`, `patchWholeValues`, `patchWithoutPath` or `put`"),
    ("ifMatch", "`advertised` or `never`"),
    ("immutable", "a list such as `[user.userName]`"),
    ("maxGroupMembers", "a number from 1 to 1000000"),
    ("memberBatch", "a number from 1 to 10000"),
    ("memberRemoval", "`filter`, `value` or `refused`"),
    ("memberValue", "`id`, `userName` or `ref`"),
    ("members", "`inline`, `never` or `extension`"),
    ("pageSize", "a number from 1 to 10000"),
    ("readsPerMinute", "a number from 1 to 1000000"),
    ("totals", "`trusted` or `capped`"),
    (
        "unheld",
        "a list such as `[user.title, group.externalId]`, without `user.userName` and `group.displayName`",
    ),
    ("userName", "`kept`, `lowerCased` or `fromEmail`"),
    ("userUpdate", "`patch`, `patchWholeValues`, `patchWithoutPath` or `put`"),
    ("writesPerMinute", "a number from 1 to 1000000"),
];

/// What is wrong with `target.profile` or a line of `target.dialect`.
fn wrong(what: String, remedy: String) -> Diagnostic {
    Diagnostic::error("dialect", what, "", remedy)
}

fn unknown_profile(name: &str) -> Diagnostic {
    let names: Vec<_> = PROFILES.iter().map(|dialect| dialect.name).collect();
    wrong(format!("`{name}` is not a SCIM profile"), format!("write one of {}", names.join(", ")))
}

fn unknown_line(line: &str) -> Diagnostic {
    let names: Vec<_> = LINES.iter().map(|(name, _)| *name).collect();
    let what = format!("`{line}` is not a line of a SCIM dialect");
    wrong(what, format!("write one of {}", names.join(", ")))
}

fn ill_typed(line: &str, value: &Value, takes: &str) -> Diagnostic {
    wrong(format!("`target.dialect.{line}` is `{value}`"), format!("write {takes}"))
}

impl Dialect {
    /// The dialect of a profile.
    ///
    /// # Errors
    ///
    /// A diagnostic when there is no such profile; it lists those there are.
    pub fn profile(name: &str) -> Result<Self, Box<Diagnostic>> {
        PROFILES
            .iter()
            .find(|dialect| dialect.name == name)
            .cloned()
            .ok_or_else(|| Box::new(unknown_profile(name)))
    }

    /// The dialect of `profile` (`rfc7644` where none is named) with the lines of
    /// `target.dialect` put in.
    ///
    /// # Errors
    ///
    /// Every line that is unknown or ill-typed, and an unknown profile.
    pub fn from_config(
        profile: Option<&str>,
        lines: &BTreeMap<String, Value>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut errors: Vec<Diagnostic> = Vec::new();
        let mut dialect =
            profile.map_or_else(|| Ok(Self::default()), Self::profile).unwrap_or_else(|error| {
                errors.push(*error);
                Self::default()
            });
        for (line, value) in lines {
            match LINES.iter().find(|(name, _)| name == line) {
                None => errors.push(unknown_line(line)),
                Some((_, takes)) => {
                    if dialect.set(line, value).is_none() {
                        errors.push(ill_typed(line, value, takes));
                    }
                }
            }
        }
        if errors.is_empty() { Ok(dialect) } else { Err(errors) }
    }

    /// Puts one line in; `None` when the value does not fit it.
    fn set(&mut self, line: &str, value: &Value) -> Option<()> {
        match line {
            "concurrency" => self.concurrency = number(value, 64)?,
            "count" => self.count = word(value, COUNT)?,
            "delete" => self.delete = word(value, DELETE)?,
            "displayName" => self.display_name = word(value, DISPLAY_NAME)?,
            "groupUpdate" => self.group_update = word(value, UPDATE)?,
            "ifMatch" => self.if_match = word(value, IF_MATCH)?,
            "immutable" => self.immutable = attributes(value)?,
            "maxGroupMembers" => self.max_group_members = Some(number(value, 1_000_000)?),
            "memberBatch" => self.member_batch = number(value, 10_000)?,
            "memberRemoval" => self.member_removal = word(value, REMOVAL)?,
            "memberValue" => self.member_value = word(value, MEMBER_VALUE)?,
            "members" => self.members = word(value, MEMBERS)?,
            "pageSize" => self.page_size = Some(number(value, 10_000)?.try_into().ok()?),
            "readsPerMinute" => self.reads_per_minute = rate(value)?,
            "totals" => self.totals = word(value, TOTALS)?,
            "unheld" => self.unheld = unheld(value)?,
            "userName" => self.user_name = word(value, USER_NAME)?,
            "userUpdate" => self.user_update = word(value, UPDATE)?,
            "writesPerMinute" => self.writes_per_minute = rate(value)?,
            _ => return None,
        }
        Some(())
    }
}

type Words<T> = &'static [(&'static str, T)];

const COUNT: Words<Count> = &[("sent", Count::Sent), ("leftOut", Count::LeftOut)];
const DELETE: Words<DeleteEffect> =
    &[("removes", DeleteEffect::Removes), ("deactivates", DeleteEffect::Deactivates)];
const DISPLAY_NAME: Words<DisplayName> =
    &[("kept", DisplayName::Kept), ("derived", DisplayName::Derived)];
const UPDATE: Words<UpdateForm> = &[
    ("patch", UpdateForm::Patch),
    ("patchWholeValues", UpdateForm::PatchWholeValues),
    ("patchWithoutPath", UpdateForm::PatchWithoutPath),
    ("put", UpdateForm::Put),
];
const IF_MATCH: Words<IfMatch> = &[("advertised", IfMatch::Advertised), ("never", IfMatch::Never)];
const REMOVAL: Words<RemovalForm> = &[
    ("filter", RemovalForm::Filter),
    ("value", RemovalForm::Value),
    ("refused", RemovalForm::Refused),
];
const MEMBER_VALUE: Words<MemberValue> =
    &[("id", MemberValue::Id), ("userName", MemberValue::UserName), ("ref", MemberValue::Ref)];
const MEMBERS: Words<MembersRead> = &[
    ("inline", MembersRead::Inline),
    ("never", MembersRead::Never),
    ("extension", MembersRead::Extension),
];
const TOTALS: Words<Totals> = &[("trusted", Totals::Trusted), ("capped", Totals::Capped)];
const USER_NAME: Words<UserName> = &[
    ("kept", UserName::Kept),
    ("lowerCased", UserName::LowerCased),
    ("fromEmail", UserName::FromEmail),
];

fn word<T: Copy>(value: &Value, words: Words<T>) -> Option<T> {
    let written = value.as_str()?;
    words.iter().find(|(word, _)| *word == written).map(|(_, meaning)| *meaning)
}

fn number(value: &Value, most: u64) -> Option<usize> {
    let number = value.as_u64().filter(|number| (1..=most).contains(number))?;
    usize::try_from(number).ok()
}

fn rate(value: &Value) -> Option<f64> {
    value.as_f64().filter(|rate| (1.0..=1_000_000.0).contains(rate))
}

/// Attributes that a server may do without: all but those that objects are found by.
fn unheld(value: &Value) -> Option<Attributes> {
    let found = attributes(value)?;
    let is_name = |(kind, name): &(KindName, Cow<'_, str>)| name == key_field(*kind);
    (!found.iter().any(is_name)).then_some(found)
}

fn attributes(value: &Value) -> Option<Attributes> {
    let mut found = Vec::new();
    for written in value.as_array()? {
        let (kind, name) = written.as_str()?.split_once('.')?;
        let kind = match kind {
            "user" => KindName::User,
            "group" => KindName::Group,
            _ => return None,
        };
        let first = if name.starts_with(crate::kind::EXTENSION_PREFIX) {
            name
        } else {
            name.split('.').next()?
        };
        kind.spec().fields.iter().find(|field| field.name == first)?;
        found.push((kind, Cow::Owned(name.to_owned())));
    }
    Some(Attributes::Owned(found))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(value: &Value) -> BTreeMap<String, Value> {
        value.as_object().unwrap().clone().into_iter().collect()
    }

    #[test]
    fn every_line_is_put_in() {
        let written = json!({
            "concurrency": 2, "count": "leftOut", "delete": "deactivates",
            "displayName": "derived", "groupUpdate": "put", "ifMatch": "never",
            "immutable": ["user.userName"], "maxGroupMembers": 7, "memberBatch": 3,
            "memberRemoval": "value", "memberValue": "ref", "members": "never",
            "pageSize": 20, "readsPerMinute": 60, "totals": "capped",
            "unheld": ["user.title", "user.emails.type", "group.externalId"],
            "userName": "fromEmail", "userUpdate": "patchWithoutPath", "writesPerMinute": 1.5,
        });
        let plain = Dialect::default();
        for (line, _) in LINES {
            let one = BTreeMap::from([((*line).to_owned(), written[*line].clone())]);
            let changed = Dialect::from_config(None, &one).unwrap();
            assert_ne!(changed, plain, "`{line}` changes nothing");
        }
        let all = Dialect::from_config(Some("scimmy"), &lines(&written)).unwrap();
        assert_eq!(all.page_size, Some(20));
        assert!(all.is_unheld(KindName::User, "emails.type"));
    }

    #[test]
    fn every_wrong_line_is_reported_with_what_it_takes() {
        let written = json!({
            "pageSize": 0, "colour": "red", "count": "yes", "unheld": ["user.colour"],
            "memberBatch": "ten", "immutable": "userName", "readsPerMinute": -1,
        });
        let errors = Dialect::from_config(Some("nobody"), &lines(&written)).unwrap_err();
        assert_eq!(errors.len(), 8);
        for name in ["user.userName", "group.displayName"] {
            let one = lines(&json!({"unheld": ["user.title", name]}));
            let errors = Dialect::from_config(None, &one).unwrap_err();
            assert!(errors[0].remedy.contains(name), "{}", errors[0]);
        }
        let shown = lines(&json!({"unheld": ["user.displayName"]}));
        assert!(Dialect::from_config(None, &shown).is_ok(), "a user is not found by it");
        assert!(errors[0].remedy.contains("django-scim2"), "{}", errors[0]);
        assert!(errors.iter().any(|error| error.remedy.contains("`sent` or `leftOut`")));
        assert!(errors.iter().any(|error| error.what.contains("`colour` is not a line")));
    }
}
