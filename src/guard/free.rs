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

#[cfg(test)]
mod tests {
    use super::super::fixture::{administered, change, plan};
    use super::*;
    use crate::config::Administrators;
    use crate::plan::Action;

    /// Four administrators, of whom these leave.
    fn leaving(at_least: u32, leavers: &[&str]) -> Plan {
        let mut changes = vec![
            change("user/new", Action::Create),
            change("membership/admins/new", Action::Create),
        ];
        for leaver in leavers {
            changes.push(change(&format!("membership/admins/{leaver}"), Action::Delete));
            changes.push(change(&format!("user/{leaver}"), Action::Delete));
        }
        let mut plan = plan(changes);
        let admins: &[&str] = &["admins"];
        let users = ["a", "b", "c", "d"].map(|user| (user, admins));
        administered(&mut plan, &users);
        let groups = vec!["admins".to_owned()];
        plan.administration.rule = Some(Administrators { roles: vec![], groups, at_least });
        plan
    }

    fn free(at_least: u32, leavers: &[&str]) -> usize {
        free_lowerings(&leaving(at_least, leavers)).len()
    }

    #[test]
    fn what_leaves_enough_need_not_wait() {
        assert_eq!(free(1, &["a"]), 2);
        assert_eq!(free(1, &["a", "b", "c"]), 6);
        assert_eq!(free(3, &["a"]), 2);
    }

    #[test]
    fn what_leaves_too_few_waits() {
        assert_eq!(free(4, &["a"]), 0);
        // One may go at once; that the other is deleted as well lowers nothing more.
        assert_eq!(free(3, &["a", "b"]), 2);
        assert_eq!(free(1, &["a", "b", "c", "d"]), 6);
    }

    #[test]
    fn where_nothing_is_known_everything_waits() {
        let mut plan = leaving(1, &["a"]);
        plan.administration.rule = None;
        assert!(free_lowerings(&plan).is_empty());
    }
}
