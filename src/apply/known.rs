//! What a run knows of the target beside its steps: the ids that steps refer to, and whose each
//! live id is.
//!
//! An answer is no proof of identity: a server that names the id of another object, or a look that
//! finds an object which the plan knows under another address, must not make one object two.

use std::collections::{BTreeMap, BTreeSet};

use crate::guard::AdminWatch;
use crate::kind::{Address, KindName};
use crate::live::{Live, RemoteId};
use crate::plan::Plan;

use super::Op;

/// The ids of a run.
#[derive(Clone, Debug, Default)]
pub struct Known {
    ids: BTreeMap<Address, RemoteId>,
    owners: BTreeMap<(KindName, Box<str>), Address>,
    /// Addresses that turned out to share an id with another.
    disputed: BTreeSet<Address>,
    /// The administrators that the run may count on.
    pub(super) administrators: AdminWatch,
}

impl Known {
    /// What is known before the first step: the ids that the plan refers to, and every live id.
    #[must_use]
    pub fn of(plan: &Plan, live: &Live) -> Self {
        let objects = live.objects().iter().zip(plan.graph.nodes());
        let owners = objects
            .map(|(object, node)| (identity(object.kind, &object.id), node.address.clone()))
            .collect();
        Self {
            ids: plan.ids.clone(),
            owners,
            disputed: BTreeSet::new(),
            administrators: AdminWatch::of(plan).0,
        }
    }

    /// What is known where nothing is live but what the plan refers to.
    #[cfg(test)]
    pub(super) fn take(&mut self, plan: &Plan) {
        self.ids.clone_from(&plan.ids);
        self.administrators = AdminWatch::of(plan).0;
    }

    /// The id of an address, where it is known.
    pub(super) fn id(&self, address: &Address) -> Option<&RemoteId> {
        self.ids.get(address)
    }

    /// The address that has this id at the target, where it is known.
    pub(super) fn owner(&self, kind: KindName, id: &RemoteId) -> Option<&Address> {
        self.owners.get(&identity(kind, id))
    }

    /// Takes the id of what a create made or found.
    ///
    /// # Errors
    ///
    /// In words, when it is the id of another address: neither is written from here on.
    pub(super) fn claim(&mut self, address: &Address, id: &RemoteId) -> Result<(), String> {
        let identity = identity(address.kind(), id);
        match self.owners.get(&identity) {
            Some(owner) if owner != address => {
                let cause = format!(
                    "the server's id `{id}` for `{address}` is that of `{owner}`: nothing more is \
                     written to either; the next plan shows what there is"
                );
                self.disputed.extend([address.clone(), owner.clone()]);
                Err(cause)
            }
            _ => {
                self.owners.insert(identity, address.clone());
                self.ids.insert(address.clone(), id.clone());
                Ok(())
            }
        }
    }

    /// Lets another object have the id of what was deleted: servers give ids again.
    pub(super) fn release(&mut self, address: &Address, id: &RemoteId) {
        let identity = identity(address.kind(), id);
        if self.owners.get(&identity) == Some(address) {
            self.owners.remove(&identity);
        }
    }

    /// The address of an object that a step writes, or gives a role to, and that shares its id with
    /// another.
    pub(super) fn disputed(&self, op: &Op) -> Option<Address> {
        let mut written = std::iter::once(op.address().clone()).chain(op.address().principal());
        written.find(|address| self.is_disputed(address))
    }

    /// Whether the address turned out to share its id with another.
    pub(super) fn is_disputed(&self, address: &Address) -> bool {
        self.disputed.contains(address)
    }

    /// Whether the id of an address is known, and is that of no other.
    pub(super) fn is_sure(&self, address: &Address) -> bool {
        self.ids.contains_key(address) && !self.disputed.contains(address)
    }
}

/// What tells one object of the target from another. Two kinds may number theirs alike.
fn identity(kind: KindName, id: &RemoteId) -> (KindName, Box<str>) {
    (kind, id.compared().into())
}

/// The addresses whose ids a step needs.
pub(super) fn referred(op: &Op) -> impl Iterator<Item = &Address> {
    let users: Vec<&Address> = match op {
        Op::AddMembers { users, .. } | Op::RemoveMembers { users, .. } => users.iter().collect(),
        Op::VerifyMembers { present, absent, .. } => present.iter().chain(absent).collect(),
        Op::Create { members, .. } => members.iter().collect(),
        Op::Update { .. } | Op::Delete { .. } => Vec::new(),
    };
    std::iter::once(op.address()).chain(users)
}
