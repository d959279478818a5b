//! Whether an account can be used: the only place that reads `active`.
//!
//! Planner, access graph, invariants, the rules' input and reports ask [`Usability`]. Two places
//! that each read `active` once disagreed about an invited account, and an edit of its name hid
//! that it gained a role.

use serde_json::Value;

use super::{Capabilities, Object};
use crate::kind::{FieldName, Fields, Item, KindName};

const ACTIVE: FieldName = FieldName::fixed("active");

/// Whether an account can be used, as far as the target shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usability {
    /// The target says that it can.
    Active,
    /// The target says that it cannot.
    Inactive(Cause),
    /// The target does not say: `active` is optional (RFC 7643 section 4.1.1).
    Unknown,
}

/// Why an account cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It was switched off.
    Deactivated,
    /// It was invited, and its person has not signed in yet.
    Invited,
    /// The target does not let muster switch accounts off, and does not show why this one is
    /// inactive: it may have been invited.
    NotShown,
}

impl Usability {
    /// That of a live object. Objects that are no accounts can always be used.
    #[must_use]
    pub fn of(object: &Object, capabilities: &Capabilities) -> Self {
        if object.kind != KindName::User {
            return Self::Active;
        }
        match read(&object.fields) {
            Some(true) => Self::Active,
            Some(false) if capabilities.keeps_active() => Self::Inactive(Cause::Deactivated),
            Some(false) => Self::Inactive(Cause::NotShown),
            None => Self::Unknown,
        }
    }

    /// That of a declared account, by the files alone.
    #[must_use]
    pub fn declared(item: &Item) -> Self {
        match read(&item.fields) {
            Some(false) => Self::Inactive(Cause::Deactivated),
            Some(true) | None => Self::Active,
        }
    }

    /// That of an account that is created with `fields`. Where the target does not keep `active`,
    /// a new account waits for its person.
    #[must_use]
    pub fn created(fields: &Fields, keeps_active: bool) -> Self {
        if keeps_active { Self::written(fields) } else { Self::Inactive(Cause::Invited) }
    }

    /// What an edit from `before` to `after` makes of an account; `None`: it stays as it is. Where
    /// the target does not keep `active`, no edit changes whether an account can be used.
    #[must_use]
    pub fn edited(before: &Fields, after: &Fields, keeps_active: bool) -> Option<Self> {
        let differs = read(before) != read(after);
        (keeps_active && differs).then(|| Self::written(after))
    }

    /// The account after `fields` were written to a target that keeps `active`.
    fn written(fields: &Fields) -> Self {
        match read(fields) {
            Some(true) => Self::Active,
            Some(false) => Self::Inactive(Cause::Deactivated),
            None => Self::Unknown,
        }
    }

    /// Whether its person can sign in now. An account of which the target does not say counts as
    /// one that can.
    #[must_use]
    pub const fn can_sign_in(self) -> bool {
        match self {
            Self::Active | Self::Unknown => true,
            Self::Inactive(_) => false,
        }
    }

    /// Whether a role of the account is of use, now or as soon as its person signs in for the
    /// first time: everybody but who was switched off.
    #[must_use]
    pub const fn can_use_roles(self) -> bool {
        match self {
            Self::Active | Self::Unknown | Self::Inactive(Cause::Invited | Cause::NotShown) => true,
            Self::Inactive(Cause::Deactivated) => false,
        }
    }
}

impl Capabilities {
    /// Whether the target keeps `active`, so that writing it switches an account on or off.
    #[must_use]
    pub fn keeps_active(&self) -> bool {
        !self.unheld.contains(&(KindName::User, ACTIVE.as_str().to_owned()))
    }
}

fn read(fields: &Fields) -> Option<bool> {
    fields.get(&ACTIVE).and_then(Value::as_bool)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> Fields {
        serde_json::from_value(value.clone()).unwrap()
    }

    #[test]
    fn an_edit_switches_an_account_only_where_active_is_kept_and_differs() {
        let off = Some(Usability::Inactive(Cause::Deactivated));
        let table = [
            (json!({}), json!({"active": false}), off),
            (json!({"active": true}), json!({"active": false}), off),
            (json!({"active": false}), json!({"active": true}), Some(Usability::Active)),
            (json!({"active": false}), json!({"active": false, "title": "x"}), None),
            (json!({"active": true}), json!({"active": true, "title": "x"}), None),
            (json!({"title": "y"}), json!({"title": "x"}), None),
        ];
        for (before, after, expected) in table {
            let (from, to) = (fields(&before), fields(&after));
            assert_eq!(Usability::edited(&from, &to, true), expected, "{before} {after}");
            assert_eq!(Usability::edited(&from, &to, false), None, "{before} {after}");
        }
    }

    #[test]
    fn a_new_account_waits_where_active_is_not_kept() {
        let created = |value, keeps| Usability::created(&fields(&value), keeps);
        assert_eq!(created(json!({"active": true}), true), Usability::Active);
        assert_eq!(created(json!({}), true), Usability::Unknown);
        let off = Usability::Inactive(Cause::Deactivated);
        assert_eq!(created(json!({"active": false}), true), off);
        for active in [json!({}), json!({"active": true}), json!({"active": false})] {
            assert_eq!(created(active, false), Usability::Inactive(Cause::Invited));
        }
    }
}
