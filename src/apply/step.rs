//! Steps: one thing to make true at the target.

use crate::guard::administrators::Delta;
use crate::kind::{Address, FieldName, Fields, KindName};
use crate::live::{Fingerprint, RemoteId, Version};
use crate::plan::{Action, Change};

/// A step's place in the schedule.
pub type StepId = usize;

/// What a step makes true.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// The object exists and says `fields`.
    Create {
        /// The object.
        address: Address,
        /// What it says.
        fields: Fields,
        /// Of a group, users who are its members from the start where the target can do that. A
        /// later step adds those whom the target left out, and answers for them all.
        members: Vec<Address>,
    },
    /// The object says `after`.
    Update {
        /// The object.
        address: Address,
        /// Its id.
        remote: RemoteId,
        /// What it must look like just before it is written.
        expect: Fingerprint,
        /// Its entity tag, if the target has such.
        version: Option<Version>,
        /// What it says in the end: every field that is live or desired.
        after: Fields,
        /// The fields that differ.
        changed: Vec<FieldName>,
    },
    /// The object does not exist.
    Delete {
        /// The object.
        address: Address,
        /// Its id.
        remote: RemoteId,
        /// What it must look like just before it is removed.
        expect: Fingerprint,
        /// Its entity tag, if the target has such.
        version: Option<Version>,
    },
    /// The group has these members, beside those it has.
    AddMembers {
        /// The group.
        group: Address,
        /// The users.
        users: Vec<Address>,
    },
    /// The group does not have these members.
    RemoveMembers {
        /// The group.
        group: Address,
        /// The users.
        users: Vec<Address>,
    },
    /// The group, read back, has and lacks what the steps before it made true.
    VerifyMembers {
        /// The group.
        group: Address,
        /// Users that must be there.
        present: Vec<Address>,
        /// Users that must not.
        absent: Vec<Address>,
    },
}

/// When a step may run at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// As soon as what it waits for is done.
    Main,
    /// When everything before it has ended: deletions come last, and in the reverse order of
    /// dependency, so that a group goes before the users it refers to. The number is that order.
    Deletions(u8),
}

impl Phase {
    /// The phase in which things of this kind are deleted.
    #[must_use]
    pub fn deletion_of(kind: KindName) -> Self {
        let rank = KindName::ALL.iter().rev().position(|other| *other == kind).unwrap_or_default();
        Self::Deletions(u8::try_from(rank).unwrap_or(u8::MAX))
    }
}

/// One thing to make true, and what must be true before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its place in the schedule.
    pub id: StepId,
    /// What it makes true.
    pub op: Op,
    /// The changes of the plan that it carries out; empty for a look back.
    pub covers: Vec<Address>,
    /// When it may run at all.
    pub phase: Phase,
    /// Whether the members of the group that it writes are administrators, so that somebody who
    /// joins unasked stops the run.
    pub makes_administrators: bool,
    /// What it does to the administrators.
    pub administrators: Vec<Delta>,
    /// Whether it lowers their number below the minimum, were it not for steps that raise it: it
    /// begins when enough of them remain.
    pub may_wait: bool,
    /// What the object said before, where giving that back may be needed.
    pub before: Option<Fields>,
    /// Steps that must have succeeded before it.
    pub after: Vec<StepId>,
    /// Steps that must have ended before it, whatever became of them: one request in flight a
    /// group, and members that are still being created.
    pub ends: Vec<StepId>,
}

impl Step {
    /// A step that may run at once: it waits for nothing and does nothing to the administrators.
    #[must_use]
    pub const fn new(id: StepId, op: Op, covers: Vec<Address>) -> Self {
        Self {
            id,
            op,
            covers,
            phase: Phase::Main,
            makes_administrators: false,
            administrators: Vec::new(),
            may_wait: false,
            before: None,
            after: Vec::new(),
            ends: Vec::new(),
        }
    }
}

impl Step {
    /// Whether it may lower the number of administrators.
    #[must_use]
    pub fn lowers(&self) -> bool {
        self.administrators.iter().any(Delta::lowers)
    }
}

impl Op {
    /// What carries out a change of an object; `None` where the change does not say of which.
    pub(super) fn of(change: &Change) -> Option<Self> {
        let address = change.address.clone();
        let version = change.version.clone();
        Some(match change.action {
            Action::Create => {
                let fields = change.after.clone().unwrap_or_default();
                Self::Create { address, fields, members: Vec::new() }
            }
            Action::Update => Self::Update {
                address,
                remote: change.remote.clone()?,
                expect: change.expect.clone()?,
                version,
                after: change.after.clone()?,
                changed: change.fields.clone(),
            },
            Action::Delete => Self::Delete {
                address,
                remote: change.remote.clone()?,
                expect: change.expect.clone()?,
                version,
            },
        })
    }

    /// The object that is written: a group for its members.
    #[must_use]
    pub const fn address(&self) -> &Address {
        match self {
            Self::Create { address, .. }
            | Self::Update { address, .. }
            | Self::Delete { address, .. } => address,
            Self::AddMembers { group, .. }
            | Self::RemoveMembers { group, .. }
            | Self::VerifyMembers { group, .. } => group,
        }
    }

    /// The memberships that are written.
    pub(super) fn links(&self) -> impl Iterator<Item = Address> {
        let (group, users): (_, &[Address]) = match self {
            Self::AddMembers { group, users } | Self::RemoveMembers { group, users } => {
                (group, users)
            }
            Self::Create { address, .. }
            | Self::Update { address, .. }
            | Self::Delete { address, .. }
            | Self::VerifyMembers { group: address, .. } => (address, &[]),
        };
        users.iter().map(|user| Address::membership(group.key().clone(), user.key().clone()))
    }

    /// The verb, for people and the journal.
    #[must_use]
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
            Self::AddMembers { .. } => "add members",
            Self::RemoveMembers { .. } => "remove members",
            Self::VerifyMembers { .. } => "verify members",
        }
    }
}
