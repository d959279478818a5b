//! Whether an account can be used: the only place outside the SCIM client that reads `active`.
//!
//! Planner, access graph, invariants, the rules' input and reports ask [`Usability`]. Two places
//! that each read `active` once disagreed about an invited account, and an edit of its name hid
//! that it gained a role.

use serde_json::Value;

use super::{AccountStatus, Capabilities, Object};
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
    /// The target does not let muster switch accounts off, and does not say why this one is
    /// inactive: it may have been invited.
    Unspecified,
}

/// Whether a target shows of any account whether it can be used.
///
/// Servers exist that leave `active` out for the accounts that are switched off, and show it for the
/// others; some never show it (RFC 7643 section 4.1.1 makes it optional).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActiveShown(bool);

impl ActiveShown {
    /// Asks all accounts of a read.
    #[must_use]
    pub fn of(objects: &[Object], capabilities: &Capabilities) -> Self {
        let mut users = objects.iter().filter(|object| object.kind == KindName::User);
        Self(users.any(|user| Usability::of(user, capabilities) != Usability::Unknown))
    }

    /// Whether an account can be relied on: the target says that it can be used, or says nothing of
    /// any account.
    #[must_use]
    pub fn is_sure(self, usability: Usability) -> bool {
        match usability {
            Usability::Active => true,
            Usability::Unknown => !self.0,
            Usability::Inactive(_) => false,
        }
    }
}

impl Usability {
    /// That of a live object. Objects that are no accounts can always be used.
    #[must_use]
    pub fn of(object: &Object, capabilities: &Capabilities) -> Self {
        if object.kind != KindName::User {
            return Self::Active;
        }
        match (object.seen.status, read(&object.fields)) {
            (Some(AccountStatus::Invited), _) => Self::Inactive(Cause::Invited),
            (Some(AccountStatus::Closed), _) => Self::Inactive(Cause::Deactivated),
            (_, Some(true)) | (Some(AccountStatus::Active), None) => Self::Active,
            (None, Some(false)) if !capabilities.keeps_active() => {
                Self::Inactive(Cause::Unspecified)
            }
            (_, Some(false)) => Self::Inactive(Cause::Deactivated),
            (Some(AccountStatus::Other) | None, None) => Self::Unknown,
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

    /// Whether `fields` say that the account is switched off: there is nothing to write.
    #[must_use]
    pub fn is_off(fields: &Fields) -> bool {
        read(fields) == Some(false)
    }

    /// The fields of a live account, switched off, and the one that is written.
    #[must_use]
    pub fn switch_off(fields: &Fields) -> (FieldName, Fields) {
        let mut after = fields.clone();
        after.insert(ACTIVE, Value::Bool(false));
        (ACTIVE, after)
    }

    /// Whether the value is the default: `active: true`.
    #[must_use]
    pub fn is_default(field: &FieldName, value: &Value) -> bool {
        *field == ACTIVE && *value == Value::Bool(true)
    }

    /// Whether this is the field that switches accounts on and off.
    #[must_use]
    pub fn is_field(field: &FieldName) -> bool {
        *field == ACTIVE
    }

    /// Whether `fields` say anything of `active`.
    #[must_use]
    pub fn is_declared(fields: &Fields) -> bool {
        fields.contains_key(&ACTIVE)
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

    /// In a word, as the rules' input has it: whether its person can sign in.
    #[must_use]
    pub const fn word(self) -> &'static str {
        if self.can_sign_in() { "active" } else { "inactive" }
    }

    /// Whether a role of the account is of use, now or as soon as its person signs in for the
    /// first time: all accounts but those that were switched off.
    #[must_use]
    pub const fn can_use_roles(self) -> bool {
        match self {
            Self::Active | Self::Unknown | Self::Inactive(Cause::Invited | Cause::Unspecified) => {
                true
            }
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

    /// Whether muster can switch an account of this target off.
    #[must_use]
    pub fn can_deactivate(&self) -> bool {
        let fixed = self.immutable.contains(&(KindName::User, ACTIVE.as_str().to_owned()));
        self.keeps_active() && !fixed
    }
}

fn read(fields: &Fields) -> Option<bool> {
    fields.get(&ACTIVE).and_then(Value::as_bool)
}

#[cfg(test)]
mod tests {

    use serde_json::json;

    use super::*;
    use crate::kind::Key;
    use crate::live::{RemoteId, Seen};

    fn fields(value: &Value) -> Fields {
        serde_json::from_value(value.clone()).unwrap()
    }

    /// A target that does not keep these fields of users.
    fn capabilities(unheld: &[&str]) -> Capabilities {
        let unheld = unheld.iter().map(|name| (KindName::User, (*name).to_owned())).collect();
        Capabilities { unheld, ..Capabilities::of_test() }
    }

    fn user(shown: &Value, status: Option<AccountStatus>) -> Object {
        Object {
            kind: KindName::User,
            id: RemoteId::new("1"),
            key: Key::new("ada"),
            fields: fields(shown),
            version: None,
            members: None,
            hold: None,
            seen: Seen { status, ..Seen::default() },
        }
    }

    #[test]
    fn a_live_account_is_what_status_and_active_say_together() {
        use AccountStatus::{Active, Closed, Invited, Other};
        let off = |cause| Usability::Inactive(cause);
        let [deactivated, invited, not_shown] =
            [Cause::Deactivated, Cause::Invited, Cause::Unspecified].map(off);
        let table = [
            (None, [Usability::Active, deactivated, Usability::Unknown]),
            (Some(Active), [Usability::Active, deactivated, Usability::Active]),
            (Some(Invited), [invited; 3]),
            (Some(Closed), [deactivated; 3]),
            (Some(Other), [Usability::Active, deactivated, Usability::Unknown]),
        ];
        let [keeps, forgets] = [&[][..], &["active"]].map(capabilities);
        for (status, expected) in table {
            let shown = [json!({"active": true}), json!({"active": false}), json!({})];
            for (value, expected) in shown.iter().zip(expected) {
                let object = user(value, status);
                assert_eq!(Usability::of(&object, &keeps), expected, "{status:?} {value}");
                let silent = (status, value) == (None, &json!({"active": false}));
                let expected = if silent { not_shown } else { expected };
                assert_eq!(Usability::of(&object, &forgets), expected, "{status:?} {value}");
            }
        }
        let group = Object { kind: KindName::Group, ..user(&json!({"active": false}), None) };
        assert_eq!(Usability::of(&group, &keeps), Usability::Active);
    }

    #[test]
    fn who_was_invited_can_use_roles_and_not_sign_in() {
        let table = [
            (Usability::Active, true, true),
            (Usability::Unknown, true, true),
            (Usability::Inactive(Cause::Invited), false, true),
            (Usability::Inactive(Cause::Unspecified), false, true),
            (Usability::Inactive(Cause::Deactivated), false, false),
        ];
        for (one, signs_in, uses_roles) in table {
            assert_eq!((one.can_sign_in(), one.can_use_roles()), (signs_in, uses_roles), "{one:?}");
        }
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
