//! `administrators`: enough of them remain, after the plan and after every step on the way, over
//! all and in every workspace that has some.
//!
//! An administrator is an active user who is in a group that `administrators.groups` names, or
//! who holds, directly or through a group, a role that `administrators.roles` names.

use std::collections::BTreeSet;

use globset::GlobSet;

use super::PolicyError;
pub use super::delta::Delta;
use super::invariants::ADMINISTRATORS;
use super::roll::Roll;
use super::signing_in::Administering;
use crate::config::{Administrators, compile_names};
use crate::kind::{Address, Family, Key};
use crate::plan::{Action, Change, Finding, Level, Plan, Presence, Realm, power, workspace_of};

/// The step at which too few administrators remain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// The delta's place in the order that was given, from 0.
    pub position: usize,
    /// How many there are after it.
    pub remaining: usize,
    /// How many there were before it.
    pub before: usize,
}

/// What makes administrators, and how many must remain.
#[derive(Clone, Debug)]
pub struct Rule {
    groups: GlobSet,
    roles: Vec<String>,
    at_least: usize,
    /// How many must remain after a removal, with the margin.
    must_remain: usize,
}

impl Rule {
    /// The rule that `muster.yaml` sets; `None` where it names neither groups nor roles.
    ///
    /// # Errors
    ///
    /// A pattern that is no glob.
    pub fn new(administrators: &Administrators) -> Result<Option<Self>, PolicyError> {
        if administrators.groups.is_empty() && administrators.roles.is_empty() {
            return Ok(None);
        }
        let groups = compile_names(&administrators.groups)
            .map_err(|why| PolicyError::Pattern(format!("`administrators.groups`: {why}")))?;
        let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
        Ok(Some(Self {
            groups,
            roles: administrators.roles.clone(),
            at_least: number(administrators.at_least),
            must_remain: number(administrators.must_remain()),
        }))
    }

    /// How many administrators must remain after a removal.
    pub(super) const fn must_remain(&self) -> usize {
        self.must_remain
    }

    /// What `change` of `plan` does to the set of administrators; `None`: nothing.
    #[must_use]
    pub fn delta(&self, plan: &Plan, change: &Change) -> Option<Delta> {
        let key = || change.address.key().clone();
        match (change.family(), change.action) {
            (Family::Subject, action) => {
                let keeps_active = !plan.administration.newcomers_wait;
                let presence = Presence::after(change, keeps_active)?;
                let active = presence.can_sign_in();
                Some(match action {
                    Action::Create => Delta::Appear { user: key(), active },
                    Action::Update => Delta::Activate { user: key(), active },
                    Action::Delete => Delta::Vanish(key()),
                })
            }
            (Family::Membership, Action::Create) => {
                let (group, user) = (key(), change.address.member()?.clone());
                let counts = plan.administration.groups.contains(&group)
                    || self.groups.is_match(group.as_str());
                counts.then_some(Delta::Join { user, group })
            }
            (Family::Membership, Action::Delete) => {
                Some(Delta::Leave { user: change.address.member()?.clone(), group: key() })
            }
            (Family::Group, Action::Delete) => Some(Delta::Disband(key())),
            (Family::Group, Action::Update) => {
                let principal = change.address.clone();
                let ends = plan.administration.disbanded.contains(change.address.key());
                ends.then_some(Delta::Revoke { principal, workspace: None })
            }
            (Family::Grant, _) => {
                let principal = change.address.principal()?;
                let workspace = workspace_of(change).map(str::to_owned);
                Some(if power(change, &self.roles)? {
                    Delta::Grant { principal, workspace }
                } else {
                    Delta::Revoke { principal, workspace }
                })
            }
            (Family::Membership, Action::Update)
            | (Family::Group, Action::Create)
            | (Family::Scope | Family::Plain, _) => None,
        }
    }

    /// Whether `change` gives a group a name that makes its members administrators. The plan counts
    /// them from the start; a run counts them when the group has the name.
    pub(super) fn names_administrators(&self, plan: &Plan, change: &Change) -> bool {
        let is_rename = change.family() == Family::Group && change.action == Action::Update;
        let Some(name) = change.kind().spec().name.filter(|_| is_rename) else { return false };
        let before = change.before.as_ref().and_then(|before| before.get(name)?.as_str());
        let had = before.is_none_or(|name| self.groups.is_match(Key::new(name).as_str()));
        let key = change.address.key();
        !had && self.groups.is_match(key.as_str()) && plan.administration.groups.contains(key)
    }

    /// The first delta, in the order given, that lowers the number of administrators below
    /// what must remain. Pure: the scheduler asks it of the order it means to run.
    ///
    /// A step that lowers nothing is never a breach, so an organization that starts with too few
    /// can be mended.
    #[must_use]
    pub fn first_breach<'a>(
        &self,
        start: &Realm,
        deltas: impl IntoIterator<Item = &'a Delta>,
    ) -> Option<Breach> {
        let mut roll = Roll::new(start);
        for (position, delta) in deltas.into_iter().enumerate() {
            let before = roll.count();
            roll.take(delta);
            let remaining = roll.count();
            if remaining < before && remaining < self.must_remain {
                return Some(Breach { position, remaining, before });
            }
        }
        None
    }

    /// The findings on a plan, for the order that keeps the most administrators: what raises
    /// their number first, what lowers it last.
    pub(super) fn judge(&self, plan: &Plan) -> Vec<Finding> {
        let mut steps: Vec<(Delta, &Change)> =
            plan.changes.iter().filter_map(|c| self.delta(plan, c).map(|d| (d, c))).collect();
        steps.sort_by_key(|(delta, _)| delta.lowers());
        let breaches: Vec<Finding> = plan
            .administration
            .realms
            .iter()
            .filter_map(|realm| self.breach(realm, &steps))
            .collect();
        if !breaches.is_empty() {
            return breaches;
        }
        let Some(all) = plan.administration.realms.first() else { return Vec::new() };
        let mut found = self.too_few(plan, all, &steps);
        let administering = Administering::of(plan, all, &steps);
        found.extend(administering.renamed(self.must_remain));
        found.extend(administering.routed());
        found
    }

    /// What there is to say of one realm.
    fn breach(&self, realm: &Realm, steps: &[(Delta, &Change)]) -> Option<Finding> {
        let breach = self.first_breach(realm, steps.iter().map(|step| &step.0))?;
        let change = steps.get(breach.position).map(|step| step.1);
        let lowering: BTreeSet<Address> = steps
            .iter()
            .filter(|(delta, _)| delta.lowers() && matters(realm, delta))
            .map(|(_, change)| change.address.clone())
            .collect();
        let place = realm.workspace.as_ref().map(|name| format!(" in workspace `{name}`"));
        Some(Finding {
            level: Level::Deny,
            id: ADMINISTRATORS.to_owned(),
            message: format!(
                "too few administrators would remain{}: {} of at least {}",
                place.unwrap_or_default(),
                breach.remaining,
                self.must_remain
            ),
            addresses: lowering.into_iter().collect(),
            source: change.and_then(|change| change.source.clone()),
            remedy: "name more active members of the administrators' groups first, or lower \
                     `administrators.atLeast` in muster.yaml in a change of its own"
                .to_owned(),
        })
    }

    /// What to say where there are too few, though not because of this plan: a plan that only
    /// gives may go on; one that takes anything away may not, because whom it takes it from
    /// may be the last administrator, whom this read does not show as one.
    fn too_few(&self, plan: &Plan, all: &Realm, steps: &[(Delta, &Change)]) -> Vec<Finding> {
        let before = Roll::new(all).count();
        let mut roll = Roll::new(all);
        steps.iter().for_each(|(delta, _)| roll.take(delta));
        let taking: Vec<&Change> = plan.changes.iter().filter(|change| takes(change)).collect();
        // What this plan would raise them to is a hope until it is done and seen.
        let count = if taking.is_empty() { roll.count() } else { before.min(roll.count()) };
        if count >= self.at_least {
            return Vec::new();
        }
        let level = if taking.is_empty() { Level::Warn } else { Level::Deny };
        let but = if taking.is_empty() { "" } else { ", so nothing may be taken from anybody" };
        vec![Finding {
            level,
            id: ADMINISTRATORS.to_owned(),
            message: format!(
                "there are {count} active administrators, and {} are asked for{but}",
                self.at_least
            ),
            addresses: taking.iter().map(|change| change.address.clone()).collect(),
            source: taking.first().and_then(|change| change.source.clone()),
            remedy: "add active members to a group of `administrators.groups`, or give a role of \
                     `administrators.roles` to more people"
                .to_owned(),
        }]
    }
}

/// Whether a delta is about somebody who is an administrator now.
fn matters(realm: &Realm, delta: &Delta) -> bool {
    let roll = Roll::new(realm);
    match delta {
        Delta::Vanish(user) | Delta::Activate { user, .. } | Delta::Leave { user, .. } => {
            roll.is_one(user)
        }
        Delta::Disband(group) => {
            realm.standing.values().any(|standing| standing.through.contains(group))
        }
        Delta::Revoke { principal, .. } => realm.powers.contains_key(principal),
        Delta::Appear { .. } | Delta::Join { .. } | Delta::Grant { .. } => false,
    }
}

/// Whether a change takes something away, or gives a group another name.
fn takes(change: &Change) -> bool {
    change.removes
        || change.action == Action::Delete
        || (change.family() == Family::Group && change.action == Action::Update)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{administered, change, fields_of, plan, rename};
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;
    use crate::kind::{FieldName, Fields};
    use crate::plan::Standing;

    fn rule(at_least: u32) -> Rule {
        let groups = vec!["Admins*".to_owned()];
        Rule::new(&Administrators { roles: vec![], groups, at_least, margin: 0 }).unwrap().unwrap()
    }

    fn two(changes: Vec<Change>) -> Plan {
        let mut plan = plan(changes);
        administered(&mut plan, &[("ada", &["admins"]), ("raj", &["admins"]), ("eve", &[])]);
        plan
    }

    fn deactivate(address: &str) -> Change {
        let mut off = change(address, Action::Update);
        off.after = Some(Fields::from_iter([(FieldName::fixed("active"), Value::from(false))]));
        off.removes = true;
        off
    }

    fn denied(changes: Vec<Change>) -> bool {
        rule(2).judge(&two(changes)).iter().any(|finding| finding.level == Level::Deny)
    }

    #[test]
    fn every_way_to_lose_an_administrator_is_seen() {
        for change in [
            change("user/raj", Action::Delete),
            deactivate("user/Raj"),
            change("membership/admins/raj", Action::Delete),
            change("group/admins", Action::Delete),
            rename("group/admins", "displayName", "Admins"),
        ] {
            // The rename ends in a name that is none: the address is the plan's, the name new.
            let mut change = change;
            if change.action == Action::Update && change.family() == Family::Group {
                let other =
                    Fields::from_iter([(FieldName::fixed("displayName"), "operators".into())]);
                change.after = Some(other);
                let mut plan = two(vec![change]);
                plan.administration.disbanded.insert(Key::new("admins"));
                assert_eq!(rule(2).judge(&plan)[0].level, Level::Deny);
                continue;
            }
            assert!(denied(vec![change.clone()]), "{}", change.address);
        }
    }

    #[test]
    fn what_the_plan_calls_a_removal_is_one_whatever_the_fields_say() {
        let mut off = change("user/raj", Action::Update);
        assert!(!denied(vec![off.clone()]));
        off.removes = true;
        assert!(denied(vec![off]));
    }

    #[test]
    fn only_an_edit_of_active_switches_an_account_and_only_where_the_target_keeps_it() {
        let edit = |before: Value, after: Value| {
            let fields = |value| Some(Fields::from_iter([(FieldName::fixed("active"), value)]));
            let mut edit = change("user/raj", Action::Update);
            (edit.before, edit.after) = (fields(before), fields(after));
            edit
        };
        let table = [
            (edit(true.into(), false.into()), Some(false)),
            (edit(false.into(), true.into()), Some(true)),
            (edit(false.into(), false.into()), None),
            (rename("user/raj", "displayName", "Raj"), None),
        ];
        for (change, expected) in table {
            let user = Key::new("raj");
            let expected = expected.map(|active| Delta::Activate { user, active });
            let mut plan = two(vec![change.clone()]);
            assert_eq!(rule(2).delta(&plan, &change), expected);
            plan.administration.newcomers_wait = true;
            assert_eq!(rule(2).delta(&plan, &change), None);
        }
    }

    #[test]
    fn what_keeps_enough_is_allowed() {
        assert!(!denied(vec![]));
        assert!(!denied(vec![change("membership/other/raj", Action::Delete)]));
        assert!(!denied(vec![rename("group/admins-two", "displayName", "admins")]));
        let swap = vec![
            change("membership/admins/raj", Action::Delete),
            change("membership/admins/eve", Action::Create),
        ];
        assert!(!denied(swap));
        let fresh = vec![
            change("user/new", Action::Create),
            change("membership/admins/new", Action::Create),
            change("user/raj", Action::Delete),
        ];
        assert!(!denied(fresh));
    }

    #[test]
    fn a_second_group_keeps_an_administrator() {
        let mut plan = two(vec![change("membership/admins/raj", Action::Delete)]);
        administered(&mut plan, &[("ada", &["admins"]), ("raj", &["admins", "admins-two"])]);
        assert!(rule(2).judge(&plan).is_empty());
    }

    #[test]
    fn an_inactive_or_unknown_newcomer_counts_for_nothing() {
        let leave = change("membership/admins/raj", Action::Delete);
        let unknown = change("membership/admins/nobody", Action::Create);
        assert!(denied(vec![unknown, leave.clone()]));
        let mut plan = two(vec![change("membership/admins/eve", Action::Create), leave]);
        plan.administration.realms[0].standing.insert(Key::new("eve"), Standing::default());
        assert_eq!(rule(2).judge(&plan)[0].level, Level::Deny);
    }

    #[test]
    fn every_prefix_is_looked_at_not_only_the_end() {
        let start = two(vec![]).administration.realms.remove(0);
        let leave = Delta::Leave { user: Key::new("raj"), group: Key::new("admins") };
        let join = Delta::Join { user: Key::new("eve"), group: Key::new("admins") };
        assert_eq!(rule(2).first_breach(&start, [&join, &leave]), None);
        let breach = Breach { position: 0, remaining: 1, before: 2 };
        assert_eq!(rule(2).first_breach(&start, [&leave, &join]), Some(breach));
    }

    #[test]
    fn too_few_from_the_start_is_a_warning_and_can_be_mended() {
        let mut plan = two(vec![change("membership/admins/eve", Action::Create)]);
        assert!(rule(3).judge(&plan).is_empty());
        assert_eq!(rule(4).judge(&plan)[0].level, Level::Warn);
        plan.changes.clear();
        assert_eq!(rule(3).judge(&plan)[0].level, Level::Warn);
        plan.changes.push(change("user/raj", Action::Delete));
        assert_eq!(rule(3).judge(&plan)[0].level, Level::Deny);
    }

    /// Two administrators by a role that a group holds in `prod`, and one directly in `dev`.
    fn by_role(changes: Vec<Change>) -> Plan {
        let mut plan = two(changes);
        let all = &mut plan.administration.realms[0];
        all.powers = BTreeMap::from([(Address::group("admins"), 1), (Address::user("eve"), 1)]);
        let mut prod = all.clone();
        prod.workspace = Some("prod".to_owned());
        prod.powers.remove(&Address::user("eve"));
        let mut dev = all.clone();
        dev.workspace = Some("dev".to_owned());
        dev.powers.remove(&Address::group("admins"));
        plan.administration.realms.extend([prod, dev]);
        plan
    }

    fn binding(address: &str, action: Action) -> Change {
        let mut change = change(address, action);
        let fields = fields_of(&change.address);
        let workspace = address.rsplit('/').next().unwrap_or_default();
        let mut fields = fields;
        fields.insert(FieldName::fixed("role"), "root".into());
        fields.insert(FieldName::fixed("workspace"), workspace.into());
        match action {
            Action::Delete => change.before = Some(fields),
            Action::Create | Action::Update => change.after = Some(fields),
        }
        change
    }

    fn role_rule(at_least: u32) -> Rule {
        let roles = vec!["root".to_owned()];
        Rule::new(&Administrators { roles, groups: vec![], at_least, margin: 0 }).unwrap().unwrap()
    }

    fn role_denied(at_least: u32, changes: Vec<Change>) -> bool {
        let found = role_rule(at_least).judge(&by_role(changes));
        found.iter().any(|finding| finding.level == Level::Deny)
    }

    #[test]
    fn a_role_that_is_taken_takes_its_holders_with_it() {
        let taken = binding("binding/group/admins/root/prod", Action::Delete);
        assert!(role_denied(1, vec![taken.clone()]), "prod would have nobody");
        let given = binding("binding/user/ada/root/prod", Action::Create);
        assert!(!role_denied(1, vec![taken.clone(), given]));
        let elsewhere = binding("binding/user/ada/root/dev", Action::Create);
        assert!(role_denied(1, vec![taken, elsewhere]), "a role elsewhere is none here");
        assert!(role_denied(1, vec![change("group/admins", Action::Delete)]));
        assert!(role_denied(1, vec![change("user/eve", Action::Delete)]), "dev would have nobody");
        assert!(!role_denied(1, vec![change("membership/admins/raj", Action::Delete)]));
        assert!(role_denied(2, vec![change("membership/admins/raj", Action::Delete)]));
    }

    #[test]
    fn somebody_can_still_sign_in_when_a_connection_is_edited() {
        let edit = |domain: &str| {
            let mut edit = change(&format!("domain/{domain}"), Action::Update);
            edit.after = Some(Fields::from_iter([(FieldName::fixed("sso"), "corp".into())]));
            edit
        };
        let of = |users: &[(&str, &[&str])], domain: &str| {
            let mut plan = plan(vec![edit(domain)]);
            administered(&mut plan, users);
            rule(1).judge(&plan).iter().any(|finding| finding.level == Level::Deny)
        };
        assert!(of(&[("ada@x.org", &["admins"])], "x.org"));
        assert!(!of(&[("ada@x.org", &["admins"])], "y.org"));
        assert!(!of(&[("ada@x.org", &["admins"]), ("bg@z.org", &["admins"])], "x.org"));
        assert!(of(&[("ada@x.org", &["admins"]), ("bg@z.org", &[])], "x.org"));
    }

    #[test]
    fn what_this_plan_would_raise_them_to_lets_it_take_nothing() {
        let mut plan = two(vec![
            change("membership/admins/eve", Action::Create),
            change("user/zoe", Action::Delete),
        ]);
        plan.administration.realms[0].powers.clear();
        plan.administration.realms[0].powers.insert(Address::group("nobody"), 1);
        assert_eq!(rule(2).judge(&plan)[0].level, Level::Deny);
    }

    #[test]
    fn an_account_that_waits_for_its_person_is_no_administrator_yet() {
        let swap = vec![
            change("user/new", Action::Create),
            change("membership/admins/new", Action::Create),
            change("membership/admins/raj", Action::Delete),
        ];
        let mut plan = two(swap);
        assert!(rule(2).judge(&plan).is_empty());
        plan.administration.newcomers_wait = true;
        assert_eq!(rule(2).judge(&plan)[0].level, Level::Deny);
    }

    #[test]
    fn editing_a_group_that_has_its_power_by_a_role_takes_nothing() {
        let edit = rename("group/admins", "description", "Who keeps the keys");
        assert!(!role_denied(2, vec![edit]));
    }
}
