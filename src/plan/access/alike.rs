//! Finding the groups that a plan makes although others have exactly their members.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Graph;
use super::nodes::Place;
use super::twins::{TwinSet, Twins};
use crate::kind::{Family, hash_of};
use crate::plan::{Action, Change};

/// The groups that the changes make although others have exactly their members. Groups with fewer
/// than two members are alike in nothing yet.
pub(super) fn alike(graph: &Graph, changes: &[Change]) -> Twins {
    let is_made =
        |change: &&Change| change.family() == Family::Group && change.action == Action::Create;
    let made = changes.iter().filter(is_made);
    let made: BTreeSet<Place> = made.filter_map(|change| graph.place(&change.address)).collect();
    // The hash comes first: lists are compared member by member only where they are equal.
    let members = |group: Place| {
        let mut members = graph.after.members_of(group).to_vec();
        members.sort_unstable();
        (members.len() >= 2).then(|| (hash_of(&members), members))
    };
    let mut alike: BTreeMap<_, Vec<Place>> =
        made.iter().filter_map(|group| Some((members(*group)?, Vec::new()))).collect();
    if alike.is_empty() {
        return Twins::default();
    }
    let present = graph.places(Family::Group).filter(|group| graph.after.is_present(*group));
    for group in present {
        if let Some(same) = members(group).and_then(|members| alike.get_mut(&members)) {
            same.push(group);
        }
    }
    let mut twins = Twins::default();
    for mut all in alike.into_values().filter(|all| all.len() >= 2) {
        all.sort_by_key(|group| graph.node(*group).map(|node| &node.address));
        let made: Vec<Place> = all.iter().copied().filter(|group| made.contains(group)).collect();
        twins.add(TwinSet { all, made });
    }
    twins
}
