//! Which changes that lower the number of administrators may be made at once, whatever becomes of
//! those that raise it.
//!
//! Lowerings are judged in order, without any raise. A lowering is free when enough administrators
//! remain after it and all free ones before it, over all and in every workspace. Any subset of the
//! free ones leaves at least as many, so it does not matter which of them fail.

use std::collections::BTreeSet;

use super::administrators::{Delta, Rule};
use super::roll::Roll;
use crate::kind::Address;
use crate::plan::{Plan, Realm};

/// The changes of a plan that may be made before the plan raises the number of administrators.
/// None where the rule cannot be understood.
#[must_use]
pub fn free_lowerings(plan: &Plan) -> BTreeSet<&Address> {
    let rule = plan.administration.rule.as_ref().map(Rule::new);
    let Some(Ok(Some(rule))) = rule else { return BTreeSet::new() };
    let lowerings = plan.changes.iter().filter_map(|change| {
        let delta = rule.delta(plan, change)?;
        delta.lowers().then_some((&change.address, delta))
    });
    free(&rule, &plan.administration.realms, lowerings)
}

fn free<'a>(
    rule: &Rule,
    realms: &[Realm],
    lowerings: impl Iterator<Item = (&'a Address, Delta)>,
) -> BTreeSet<&'a Address> {
    let mut rolls: Vec<Roll> = realms.iter().map(Roll::new).collect();
    let mut taken: Vec<Delta> = Vec::new();
    let mut free = BTreeSet::new();
    for (address, delta) in lowerings {
        let breaks = |roll: &mut Roll| {
            let before = roll.count();
            roll.take(&delta);
            roll.count() < before && roll.count() < rule.at_least()
        };
        // All of them take it, so that all of them can give it back.
        let broken = rolls.iter_mut().filter_map(|roll| breaks(roll).then_some(())).count();
        if broken == 0 {
            taken.push(delta);
            free.insert(address);
            continue;
        }
        rolls = realms.iter().map(Roll::new).collect();
        for roll in &mut rolls {
            taken.iter().for_each(|delta| roll.take(delta));
        }
    }
    free
}
