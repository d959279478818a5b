//! What a run knows of the target beside its steps: the ids that steps refer to, and whose each
//! live id is.
//!
//! An answer is no proof of identity: a server that names the id of another object, or a look that
//! finds an object which the plan knows under another address, must not make one object two.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::guard::AdminWatch;
use crate::guard::administrators::Delta;
use crate::kind::{Address, Family, Key, KindName};
use crate::live::{Live, Member, RemoteId};
use crate::plan::{Action, Plan};

use super::administrators::{AdminObjects, names_of};
use super::lane::implied;
use super::own::OwnAccess;
use super::proof::{Basis, GroupBefore};
use super::{Op, Step};

/// The ids of a run.
#[derive(Clone, Debug, Default)]
pub struct Known {
    ids: BTreeMap<Address, RemoteId>,
    owners: BTreeMap<(KindName, Box<str>), Address>,
    /// Addresses that turned out to share an id with another.
    disputed: BTreeSet<Address>,
    /// The administrators that the run may count on.
    pub(super) administrators: AdminWatch,
    /// The groups, roles and people that make administrators, to be read again.
    objects: Option<AdminObjects>,
    /// The part of muster's own access that the plan takes.
    own: Option<OwnAccess>,
    /// Groups that the plan deletes, or takes members from.
    groups: BTreeMap<Address, Arc<GroupBefore>>,
    /// Lowerings of administrators that were made.
    taken: Vec<Delta>,
    /// Lowerings that failed, and may have been made all the same.
    doubtful: Vec<Delta>,
}

impl Known {
    /// What is known before the first step: the ids that the plan refers to, and every live id.
    #[must_use]
    pub fn of(plan: &Plan, live: &Live) -> Self {
        let objects = live.objects().iter().zip(plan.graph.nodes());
        let owners = objects
            .map(|(object, node)| (identity(object.kind, &object.id), node.address.clone()))
            .collect();
        let admin_objects = AdminObjects::of(plan, live);
        let mut ids = plan.ids.clone();
        for (address, id) in admin_objects.iter().flat_map(AdminObjects::ids) {
            ids.entry(address).or_insert(id);
        }
        let own = OwnAccess::of(plan, live);
        for (address, id) in own.iter().flat_map(OwnAccess::ids) {
            ids.entry(address.clone()).or_insert_with(|| id.clone());
        }
        Self {
            ids,
            owners,
            disputed: BTreeSet::new(),
            administrators: AdminWatch::of(plan).0,
            objects: admin_objects,
            own,
            groups: groups_before(plan, live),
            taken: Vec::new(),
            doubtful: Vec::new(),
        }
    }

    /// Collects everything that a step is proved against right before it is sent.
    pub(super) fn basis(&self, step: &Step) -> Basis {
        let leaving: Vec<&Address> = match &step.op {
            Op::RemoveMembers { users, .. } => users.iter().collect(),
            _ => Vec::new(),
        };
        let is_of_members = matches!(step.op, Op::RemoveMembers { .. } | Op::Delete { .. });
        let names = leaving.iter().filter_map(|user| Some(names_of(user, self.ids.get(*user)?)));
        Basis {
            group: self.groups.get(step.op.address()).filter(|_| is_of_members).cloned(),
            leaving: names.flatten().collect(),
            administrators: self.objects.as_ref().filter(|_| step.lowers()).cloned(),
            own: self.own.as_ref().and_then(|own| own.of_step(step)),
            taken: self.taken.clone(),
            doubtful: self.doubtful.clone(),
        }
    }

    /// Takes note that a step lowered the number of administrators, or may have: it was not seen.
    pub(super) fn lowered(&mut self, step: &Step, is_seen: bool) {
        let those = if is_seen { &mut self.taken } else { &mut self.doubtful };
        those.extend(step.administrators.iter().filter(|delta| delta.lowers()).cloned());
    }

    /// Takes note of somebody whom a step made an administrator, or of what makes them.
    pub(super) fn raised(&mut self, delta: &Delta) {
        self.administrators.take(delta);
        let address = match delta {
            Delta::Appear { user, .. }
            | Delta::Activate { user, .. }
            | Delta::Join { user, .. } => Address::of_subject(user.clone()),
            Delta::Grant { principal, .. } => principal.clone(),
            Delta::Vanish(_) | Delta::Leave { .. } | Delta::Disband(_) | Delta::Revoke { .. } => {
                return;
            }
        };
        if let (Some(objects), Some(id)) = (&mut self.objects, self.ids.get(&address)) {
            objects.insert(&address, id);
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
                if let Some(objects) = &mut self.objects
                    && matches!(address.family(), Family::Grant | Family::Group)
                {
                    objects.insert(address, id);
                }
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

/// The members of the groups that a plan deletes, or takes members from.
fn groups_before(plan: &Plan, live: &Live) -> BTreeMap<Address, Arc<GroupBefore>> {
    let implied = implied(plan);
    let mut leaving: BTreeMap<&Key, usize> = BTreeMap::new();
    implied.iter().for_each(|link| *leaving.entry(link.key()).or_default() += 1);
    for change in plan.changes.iter().filter(|change| change.action == Action::Delete) {
        match change.family() {
            Family::Membership => *leaving.entry(change.address.key()).or_default() += 1,
            Family::Group => *leaving.entry(change.address.key()).or_default() += 0,
            Family::Subject | Family::Grant | Family::Scope | Family::Plain => {}
        }
    }
    let deleted: BTreeSet<&Address> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Delete)
        .map(|change| &change.address)
        .collect();
    let nodes: Vec<&Address> = plan.graph.nodes().iter().map(|node| &node.address).collect();
    let mut groups = BTreeMap::new();
    for (object, address) in live.objects().iter().zip(&nodes) {
        let Some(leaving) = leaving.get(address.key()) else { continue };
        if address.family() != Family::Group {
            continue;
        }
        let mut before = GroupBefore::default();
        let members = object.members.as_deref().unwrap_or_default();
        for member in members {
            match member {
                Member::Unknown(name) => drop(before.names.insert(name.clone())),
                Member::Known(place) => {
                    let place = *place as usize;
                    let (Some(user), Some(member)) = (nodes.get(place), live.objects().get(place))
                    else {
                        continue;
                    };
                    before.names.extend(names_of(user, &member.id));
                }
            }
        }
        before.keeps_some = members.len() > *leaving && !deleted.contains(address);
        groups.insert((*address).clone(), Arc::new(before));
    }
    groups
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
