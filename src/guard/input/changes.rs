//! The changes of the document: what a plan does, what is declared, or what is there.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::values::{SourceView, instant, nanoseconds, segment};
use crate::kind::{Address, Family, FieldName, Fields, Item, KindName, Source};

/// What is done with one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActionView {
    /// It is declared in a file (at `check`).
    Declare,
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is removed.
    Delete,
    /// It is there, or will be (at `live` and `end`).
    Observe,
}

/// When, why and by whom something is granted; empty where nothing is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GrantView {
    /// The first instant at which it holds (RFC 3339), or "".
    pub from: String,
    /// The same in nanoseconds since 1970, or 0.
    pub from_ns: i64,
    /// The last instant at which it holds (RFC 3339), or "".
    pub until: String,
    /// The same in nanoseconds since 1970, or 0.
    pub until_ns: i64,
    /// Why, or "".
    pub reason: String,
    /// Who answers for it, or "".
    pub owner: String,
    /// When somebody last looked whether it is still needed (RFC 3339), or "".
    pub reviewed: String,
    /// The same in nanoseconds since 1970, or 0.
    pub reviewed_ns: i64,
    /// Who looked, or "".
    pub reviewed_by: String,
}

/// One change, one declared item, or one thing that is there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeView<'a> {
    /// Its stable name, such as `binding/group/admins/viewer/prod`.
    #[schemars(with = "String")]
    pub address: &'a Address,
    /// Its kind: `user`, `group`, `membership`, `binding` or `domain`.
    #[schemars(with = "String")]
    pub kind: KindName,
    /// What is done with it.
    pub action: ActionView,
    /// What it is now, or null. A membership has `group` and `user`.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub before: Option<Cow<'a, Fields>>,
    /// What it will be, or is, or null.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub after: Option<Cow<'a, Fields>>,
    /// The names of the fields that differ.
    #[schemars(with = "Vec<String>")]
    pub fields: Cow<'a, [FieldName]>,
    /// Why the plan has it; for people.
    pub reason: &'a str,
    /// Whether it takes something away from somebody.
    pub removes: bool,
    /// Whether it is about a protected user or group, at either end, before or after.
    pub touches_protected: bool,
    /// Who else manages it, or "".
    pub managed_by: &'a str,
    /// Which line asked for it, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<&'a Source>,
    /// When and why it is granted.
    pub grant: GrantView,
}

/// The fields, and for a link its two ends.
pub(super) fn with_ends<'a>(address: &Address, fields: &'a Fields) -> Cow<'a, Fields> {
    let Some(user) = address.member() else { return Cow::Borrowed(fields) };
    let mut fields = fields.clone();
    fields.insert(FieldName::fixed("group"), segment(address.key()).into());
    fields.insert(FieldName::fixed("user"), segment(user).into());
    Cow::Owned(fields)
}

/// When, why and by whom a declared item is granted.
pub(super) fn grant_view(item: &Item) -> GrantView {
    let owner = item.fields.get("owner").filter(|_| item.address.family() == Family::Grant);
    let owner = owner.and_then(Value::as_str).unwrap_or_default();
    let Some(grant) = item.grant.as_deref() else {
        return GrantView { owner: owner.to_owned(), ..GrantView::default() };
    };
    GrantView {
        from: instant(grant.from),
        from_ns: nanoseconds(grant.from),
        until: instant(grant.until),
        until_ns: nanoseconds(grant.until),
        reason: grant.reason.clone().unwrap_or_default(),
        owner: owner.to_owned(),
        reviewed: instant(grant.reviewed),
        reviewed_ns: nanoseconds(grant.reviewed),
        reviewed_by: grant.reviewed_by.clone().unwrap_or_default(),
    }
}
