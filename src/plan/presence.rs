//! Whether a user or a group is there, and what a change does to that.

use crate::kind::{Family, Fields};
use crate::live::{Cause, Usability};

use super::{Action, Change};

/// Whether a user or a group is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// It is not there.
    #[default]
    Absent,
    /// It is there. A group can always be used.
    Present(Usability),
}

impl Presence {
    /// Whether it is there.
    #[must_use]
    pub fn is_there(self) -> bool {
        self != Self::Absent
    }

    /// Whether its person can sign in now: [`Usability::can_sign_in`].
    #[must_use]
    pub const fn can_sign_in(self) -> bool {
        match self {
            Self::Absent => false,
            Self::Present(usability) => usability.can_sign_in(),
        }
    }

    /// Whether its roles are of use: [`Usability::can_use_roles`].
    #[must_use]
    pub const fn can_use_roles(self) -> bool {
        match self {
            Self::Absent => false,
            Self::Present(usability) => usability.can_use_roles(),
        }
    }

    /// In a word, as the rules' input has it: whether its person can sign in.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Present(usability) => usability.word(),
        }
    }

    /// What `change` makes of the user or group it is about; `None`: it stays as it was. An edit
    /// of anything but `active` changes nothing here. `keeps_active`: whether the target keeps
    /// `active`.
    #[must_use]
    pub fn after(change: &Change, keeps_active: bool) -> Option<Self> {
        let nothing = Fields::new();
        let before = change.before.as_ref().unwrap_or(&nothing);
        let after = change.after.as_ref().unwrap_or(&nothing);
        let usability = match (change.family(), change.action) {
            (Family::Subject | Family::Group, Action::Delete) => return Some(Self::Absent),
            (Family::Group, Action::Create) => Usability::Active,
            (Family::Group, Action::Update) => return None,
            (Family::Subject, Action::Create) => Usability::created(after, keeps_active),
            // What the plan calls a removal is one, whatever the fields say.
            (Family::Subject, Action::Update) if change.removes => {
                Usability::Inactive(Cause::Deactivated)
            }
            (Family::Subject, Action::Update) => Usability::edited(before, after, keeps_active)?,
            (Family::Membership | Family::Grant | Family::Scope | Family::Plain, _) => return None,
        };
        Some(Self::Present(usability))
    }
}
