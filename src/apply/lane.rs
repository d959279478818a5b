//! Lanes: the membership changes of one group, which are made one request at a time.

use std::collections::{BTreeMap, BTreeSet};

use crate::kind::{Address, Key};
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

/// The memberships of administrators, and of muster's own accounts, that go with an account or a
/// group which a plan deletes. Each is taken away first, because what is gone cannot be given back
/// if too few administrators remain. A group that stays and whose members are not managed is left
/// alone.
pub(super) fn implied(plan: &Plan) -> BTreeSet<Address> {
    let standing = plan.administration.standing().into_iter().flatten();
    let removed: BTreeSet<&Address> = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Delete)
        .map(|change| &change.address)
        .collect();
    let mut links = BTreeSet::new();
    for loss in &plan.own {
        // A group that is gone does not give back what muster itself had by it.
        let group = loss.way.group.iter().filter(|group| removed.contains(group));
        links.extend(
            group.map(|group| Address::membership(group.key().clone(), loss.account.key().clone())),
        );
    }
    for (user, standing) in standing {
        let leaves = removed.contains(&Address::of_subject(user.clone()));
        for group in &standing.through {
            let address = Address::of_group(group.clone());
            let link = Address::membership(group.clone(), user.clone());
            let is_managed = plan.population.members.contains_key(&address)
                && !plan.administration.elsewhere.contains(group);
            let goes = match removed.contains(&address) {
                // Whoever could not sign in lowers nothing by leaving.
                true => standing.active,
                false => leaves && is_managed,
            };
            if goes && !removed.contains(&link) {
                links.insert(link);
            }
        }
    }
    links
}
