//! The population: how many live things are managed, which shares of a plan are of.

use std::collections::BTreeSet;

use crate::config::Members;
use crate::kind::{Address, Family, KindName};
use crate::live::Usability;
use crate::plan::inputs::Inputs;
use crate::plan::jurisdiction::Reach;
use crate::plan::{Change, Population};

/// How many live things of each kind are managed, how many of them are in use, and how many
/// members each group has whose members are managed or that the changes delete.
pub(super) fn population(inputs: Inputs<'_>, changes: &[Change]) -> Population {
    let mut population = Population::default();
    let removed = |change: &&Change| change.removes && !change.kind().spec().is_link();
    let removed: BTreeSet<&Address> =
        changes.iter().filter(removed).map(|change| &change.address).collect();
    for (object, address) in inputs.objects() {
        if inputs.jurisdiction.reach(address) != Reach::Managed {
            continue;
        }
        *population.by_kind.entry(object.kind).or_default() += 1;
        let usability = Usability::of(object, &inputs.live.capabilities);
        if usability.can_sign_in() || removed.contains(address) {
            *population.in_use.entry(object.kind).or_default() += 1;
        }
        // Deleting a group empties it.
        if let (true, Some(members)) = (removed.contains(address), &object.members) {
            population.members.insert(address.clone(), members.len() as u64);
        }
    }
    for (group, count) in member_counts(inputs) {
        for links in KindName::of_family(Family::Membership) {
            *population.by_kind.entry(links).or_default() += count;
            *population.in_use.entry(links).or_default() += count;
        }
        population.members.insert(group.clone(), count);
    }
    population
}

/// The declared groups whose members are managed, with how many each has now.
fn member_counts(inputs: Inputs<'_>) -> impl Iterator<Item = (&Address, u64)> {
    let intents = inputs.desired.intents.iter();
    let managed = intents.filter(|(address, intent)| {
        address.family() == Family::Group && intent.members != Members::Unmanaged
    });
    managed.filter_map(move |(address, _)| {
        let live = inputs.matched(address);
        let members = live.and_then(|group| group.members.as_ref()).map_or(0, Vec::len);
        let is_planned = live.is_some() || inputs.aligned.missing.contains(address);
        is_planned.then_some((address, members as u64))
    })
}
