//! Lanes: the membership changes of one group, which are made one request at a time.

use std::collections::BTreeMap;

use crate::kind::{Address, Key};
use crate::plan::{Action, Plan};

/// The membership changes of one group.
pub(super) struct Lane<'a> {
    pub(super) group: &'a Key,
    pub(super) adds: Vec<&'a Address>,
    pub(super) removes: Vec<&'a Address>,
}

/// The membership changes of a plan, group by group.
pub(super) fn lanes(plan: &Plan) -> Vec<Lane<'_>> {
    let mut lanes: BTreeMap<&Key, Lane<'_>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.kind().spec().is_link()) {
        let group = change.address.key();
        let lane =
            lanes.entry(group).or_insert(Lane { group, adds: Vec::new(), removes: Vec::new() });
        match change.action {
            Action::Delete => lane.removes.push(&change.address),
            Action::Create | Action::Update => lane.adds.push(&change.address),
        }
    }
    lanes.into_values().collect()
}
