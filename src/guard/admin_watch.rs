//! The administrators that a run may count on while it goes on, and which changes that lower their
//! number need not wait for those that raise it.
//!
//! Lowerings are judged in order, without any raise. A lowering is free when enough administrators
//! remain after it and all free ones before it, over all and in every workspace. Any subset of the
//! free ones leaves at least as many, so it does not matter which of them fail. All others are
//! asked about when their turn comes ([`AdminWatch::permits`]).

use std::collections::BTreeMap;

use super::administrators::{Delta, Rules};
use super::roll::{Least, Roll};
use crate::kind::{Address, Key};
use crate::plan::{Plan, Realm};

/// Counts the administrators of a run, over all and in every workspace that has some: those from
/// before it, without any whom it takes or may have taken, with those whom it was seen to add.
#[derive(Clone, Debug, Default)]
pub struct AdminWatch {
    rolls: Vec<Roll>,
    /// The number that must remain, by each demand.
    least: Vec<Least>,
}

/// What one change of a plan does to the administrators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminChange {
    /// The change, as each demand counts it.
    pub deltas: Vec<Delta>,
    /// Whether it lowers their number and may have to wait for changes that raise it.
    pub may_wait: bool,
}

/// The changes of a plan that concern administrators.
pub type AdminChanges<'a> = BTreeMap<&'a Address, AdminChange>;

impl AdminWatch {
    /// The count before the first step, with all free lowerings taken already; and the changes that
    /// it has to hear of. Nobody is counted where a rule cannot be understood: such a plan is
    /// refused.
    #[must_use]
    pub fn of(plan: &Plan) -> (Self, AdminChanges<'_>) {
        let Ok(rules) = Rules::of(plan) else { return Default::default() };
        let mut watch = Self::now(&plan.administration.realms, rules.least());
        let mut heard = BTreeMap::new();
        for change in &plan.changes {
            let named = rules.named_by(plan, change);
            if named.is_empty() {
                continue;
            }
            let principal = &change.address;
            for demand in &named {
                let (demand, principal) = (*demand, principal.clone());
                watch.take(&Delta::Revoke { demand, principal, workspace: None });
            }
            let grant =
                |demand| Delta::Grant { demand, principal: principal.clone(), workspace: None };
            let deltas = named.into_iter().map(grant).collect();
            heard.insert(principal, AdminChange { deltas, may_wait: false });
        }
        for change in &plan.changes {
            let deltas = rules.deltas(plan, change);
            if deltas.is_empty() {
                continue;
            }
            let lowers = deltas.iter().any(Delta::lowers);
            let is_free = lowers && watch.permits(&deltas);
            if is_free {
                deltas.iter().filter(|delta| delta.lowers()).for_each(|delta| watch.take(delta));
            }
            if !is_free || deltas.iter().any(|delta| concerns(plan, delta)) {
                let named = heard.remove(&change.address).map(|change| change.deltas);
                let deltas = named.into_iter().flatten().chain(deltas).collect();
                let may_wait = lowers && !is_free;
                heard.insert(&change.address, AdminChange { deltas, may_wait });
            }
        }
        (watch, heard)
    }

    /// The count by what was just read, and what must remain by each demand.
    #[must_use]
    pub fn now(realms: &[Realm], least: Vec<Least>) -> Self {
        Self { rolls: realms.iter().map(Roll::new).collect(), least }
    }

    /// How many administrators there are, over all and in each workspace.
    #[must_use]
    pub fn counts(&self) -> Vec<usize> {
        self.rolls.iter().map(Roll::count).collect()
    }

    /// Whether the user is an administrator, over all or in one workspace.
    #[must_use]
    pub fn is_one(&self, user: &Key) -> bool {
        self.rolls.iter().any(|roll| roll.is_one(user))
    }

    /// Whether enough administrators remain after a step that does this. One that lowers nothing,
    /// whatever others take away within the margin, is always permitted, so that an organization
    /// which starts with too few can be mended.
    #[must_use]
    pub fn permits(&mut self, step: &[Delta]) -> bool {
        let least = &self.least;
        self.rolls.iter_mut().all(|roll| {
            let nobody = Least { remain: usize::MAX, margin: 0 };
            let Least { remain, margin } = least.get(roll.demand()).copied().unwrap_or(nobody);
            let before = roll.count();
            let (after, is_bare) = roll.after(step, margin);
            after >= remain || (after >= before && !is_bare)
        })
    }

    /// The same where earlier steps failed and may have been made all the same: `self` is without
    /// those whom they took, and `sure` with them. A step that takes any way from one of these is
    /// permitted only where enough remain without all of them.
    #[must_use]
    pub fn permits_in_doubt(&mut self, sure: &mut Self, step: &[Delta]) -> bool {
        let least = &self.least;
        self.rolls.iter_mut().zip(&mut sure.rolls).all(|(roll, sure)| {
            let remain = least.get(roll.demand()).map_or(usize::MAX, |least| least.remain);
            !sure.touches(step) || roll.after(step, 0).0 >= remain
        })
    }

    /// Whether these changes would raise the number of administrators, over all or in a workspace.
    #[must_use]
    pub fn is_raised_by(&mut self, step: &[Delta]) -> bool {
        self.rolls.iter_mut().any(|roll| roll.after(step, 0).0 > roll.count())
    }

    /// Counts what a step did: a raise once it was seen, a lowering before it is tried.
    pub fn take(&mut self, delta: &Delta) {
        self.rolls.iter_mut().for_each(|roll| roll.take(delta));
    }

    /// The number that must remain, by the demand that asks for the most.
    #[must_use]
    pub fn at_least(&self) -> usize {
        self.least.iter().map(|least| least.remain).max().unwrap_or_default()
    }
}

/// Whether a change is about somebody who is an administrator, or was one a moment ago, or about
/// what makes them.
fn concerns(plan: &Plan, delta: &Delta) -> bool {
    let administration = &plan.administration;
    let stands =
        |user: &Key| administration.standing().is_some_and(|standing| standing.contains_key(user));
    match delta {
        Delta::Vanish(user) | Delta::Activate { user, .. } | Delta::Appear { user, .. } => {
            stands(user)
        }
        Delta::Join { group, .. } | Delta::Leave { group, .. } | Delta::Disband(group) => {
            administration.groups.contains(group)
        }
        Delta::Grant { .. } | Delta::Revoke { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{administered, change, demanded, plan};
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
        demanded(&mut plan, Administrators { roles: vec![], groups, at_least, margin: 0 });
        plan
    }

    fn free(at_least: u32, leavers: &[&str]) -> usize {
        let plan = leaving(at_least, leavers);
        let held = AdminWatch::of(&plan).1.values().filter(|change| change.may_wait).count();
        2 * leavers.len() - held
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
    fn a_lowering_that_waits_is_permitted_once_enough_were_added() {
        let plan = leaving(4, &["a", "b"]);
        let (mut watch, heard) = AdminWatch::of(&plan);
        let delta = |address: &str| heard[&address.parse::<Address>().unwrap()].deltas[0].clone();
        let leave = |user| [delta(&format!("membership/admins/{user}"))];
        assert!(!watch.permits(&leave("a")));
        watch.take(&delta("membership/admins/new"));
        assert!(!watch.permits(&leave("a")), "the account is not known to be there");
        watch.take(&delta("user/new"));
        assert!(watch.permits(&leave("a")) && watch.permits(&leave("b")));
        let both = [leave("a"), leave("b")].concat();
        assert!(!watch.permits(&both), "one was added");
        watch.take(&leave("a")[0]);
        assert!(!watch.permits(&leave("b")));
        assert!(watch.permits(&[delta("user/a")]), "whoever left lowers nothing more");
    }

    /// `a` is an administrator in two ways, `b` and `c` in one each.
    fn in_two_ways(margin: u32) -> (AdminWatch, Delta) {
        let mut plan = plan(vec![change("membership/old/a", Action::Delete)]);
        administered(&mut plan, &[("a", &["admins", "old"]), ("b", &["admins"]), ("c", &["old"])]);
        let groups = vec!["admins".to_owned(), "old".to_owned()];
        demanded(&mut plan, Administrators { roles: vec![], groups, at_least: 2, margin });
        let (watch, heard) = AdminWatch::of(&plan);
        let delta = heard.values().next().unwrap().deltas[0].clone();
        (watch, delta)
    }

    #[test]
    fn one_way_of_two_is_taken_where_others_may_take_the_other() {
        for (margin, is_permitted) in [(0, true), (1, true), (2, false)] {
            let (mut watch, leave) = in_two_ways(margin);
            assert_eq!(watch.permits(&[leave]), is_permitted, "margin {margin}");
        }
    }

    #[test]
    fn whoever_may_be_gone_already_may_be_taken_away_now() {
        let (mut sure, leave) = in_two_ways(0);
        let mut least = sure.clone();
        let other = Delta::Leave { user: Key::new("a"), group: Key::new("admins") };
        least.take(&other);
        least.take(&leave);
        let vanish = [Delta::Vanish(Key::new("a"))];
        assert!(least.permits(&vanish), "whoever is gone is not taken");
        assert!(least.permits_in_doubt(&mut sure, &vanish), "two remain without `a`");
        least.take(&Delta::Vanish(Key::new("b")));
        assert!(least.permits(&vanish) && !least.permits_in_doubt(&mut sure, &vanish));
        assert!(least.permits_in_doubt(&mut sure, &[Delta::Vanish(Key::new("n"))]));
    }
}
