//! Lanes: the membership changes of one group, which are made one request at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::kind::{Address, Family, Key};
use crate::plan::{Action, Plan};

/// The membership changes of one group.
pub(super) struct Lane<'a> {
    pub(super) group: &'a Key,
    pub(super) adds: Vec<&'a Address>,
    pub(super) removes: Vec<&'a Address>,
}

/// The membership changes of a plan, group by group, and the removals that it implies.
pub(super) fn lanes<'a>(plan: &'a Plan, implied: &'a BTreeSet<Address>) -> Vec<Lane<'a>> {
    let mut lanes: BTreeMap<&Key, Lane<'a>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.kind().spec().is_link()) {
        let group = change.address.key();
        let lane =
            lanes.entry(group).or_insert(Lane { group, adds: Vec::new(), removes: Vec::new() });
        match change.action {
            Action::Delete => lane.removes.push(&change.address),
            Action::Create | Action::Update => lane.adds.push(&change.address),
        }
    }
    for link in implied {
        let group = link.key();
        let lane =
            lanes.entry(group).or_insert(Lane { group, adds: Vec::new(), removes: Vec::new() });
        lane.removes.push(link);
    }
    lanes.into_values().collect()
}

/// The memberships in groups of administrators that go with an account which a plan deletes: each is
/// taken away first, because an account that is gone cannot be given back if too few administrators
/// remain. A group whose members are not managed is left alone.
pub(super) fn implied(plan: &Plan) -> BTreeSet<Address> {
    let Some(standing) = plan.administration.standing() else { return BTreeSet::new() };
    let removed: BTreeSet<&Address> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Delete)
        .map(|change| &change.address)
        .collect();
    let leavers = removed.iter().filter(|address| address.family() == Family::Subject);
    let mut links = BTreeSet::new();
    for user in leavers {
        let through = standing.get(user.key()).map(|standing| &standing.through);
        for group in through.into_iter().flatten() {
            let address = Address::of_group(group.clone());
            let link = Address::membership(group.clone(), user.key().clone());
            let is_managed = plan.population.members.contains_key(&address)
                && !plan.administration.elsewhere.contains(group);
            if is_managed && !removed.contains(&address) && !removed.contains(&link) {
                links.insert(link);
            }
        }
    }
    links
}
