//! The plan: a value that the later stages judge, show and apply.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::access::{AccessDelta, Graph};
use super::{
    Action, Administration, Approvers, Change, Cost, Finding, OwnLoss, Population, Unmanaged,
    Waiting,
};
use crate::kind::{Address, KindName};
use crate::live::{RemoteId, Skew};

/// How many changes of each action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Things made.
    pub create: u64,
    /// Things changed.
    pub update: u64,
    /// Things removed.
    pub delete: u64,
}

/// An ordered set of changes plus the basis they were computed from. A value: it can be
/// compared, kept, judged and shown; it cannot act.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The organization.
    pub organization: String,
    /// Who the target is: provider and base URL.
    pub target: String,
    /// The instant the plan is for.
    pub now: Timestamp,
    /// The changes, in the order they are shown: by dependency rank, then by name.
    pub changes: Vec<Change>,
    /// What is left alone.
    pub unmanaged: Vec<Unmanaged>,
    /// What planning itself has to say: things the target cannot hold, names that collide,
    /// leftovers that are only reported. Denials among them stop the plan.
    pub findings: Vec<Finding>,
    /// What percentages are of.
    pub population: Population,
    /// What applying costs.
    pub cost: Cost,
    /// The target's ids of objects that changes refer to but do not themselves change: the
    /// group and the users of a membership.
    pub ids: BTreeMap<Address, RemoteId>,
    /// Who administers, before the plan and by it.
    pub administration: Administration,
    /// The ways by which muster's own accounts hold a role that the plan ends.
    pub own: Vec<OwnLoss>,
    /// The accounts behind the approvers of waivers.
    pub approvers: Approvers,
    /// Who holds what, before and after.
    pub graph: Graph,
    /// Who gains and who loses what.
    pub access: AccessDelta,
    /// What is declared and cannot be done yet.
    pub waiting: Vec<Waiting>,
    /// The removals that are wanted and not made, because a member of a group is protected.
    pub held: Vec<Waiting>,
    /// How many members one request may add or remove at this target.
    pub member_batch: usize,
    /// Whether a group is created together with its first members at this target.
    pub new_groups_have_members: bool,
    /// Kinds whose listing is in doubt, with the reason: nothing of them is removed.
    pub doubts: BTreeMap<KindName, String>,
    /// Two clocks that disagree, where a date decides something: none of that is in `changes`.
    pub skew: Option<Skew>,
}

impl Plan {
    /// How many changes of each action.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for change in &self.changes {
            match change.action {
                Action::Create => summary.create += 1,
                Action::Update => summary.update += 1,
                Action::Delete => summary.delete += 1,
            }
        }
        summary
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}
