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
use super::roll::{Least, Roll};
use super::signing_in::Administering;
use crate::config::compile_names;
use crate::kind::{Address, Family, Key};
use crate::plan::{
    Action, AskedBy, Change, Demand, Finding, Level, Plan, Presence, Realm, power, workspace_of,
};

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

/// One demand, ready to be asked.
#[derive(Clone, Debug)]
struct Rule {
    asked_by: AskedBy,
    groups: GlobSet,
    roles: Vec<String>,
    at_least: usize,
    /// How many must remain after a removal, with the margin.
    must_remain: usize,
    disbanded: BTreeSet<Key>,
}

/// The rules that make administrators by each demand of a plan, and how many must remain.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    each: Vec<Rule>,
}

impl Rules {
    /// The demands of a plan.
    ///
    /// # Errors
    ///
    /// A pattern that is no glob.
    pub fn of(plan: &Plan) -> Result<Self, PolicyError> {
        let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
        let rule = |demand: &Demand| {
            let Demand { asked_by, rule, disbanded } = demand;
            let groups = compile_names(&rule.groups)
                .map_err(|why| PolicyError::Pattern(format!("`administrators.groups`: {why}")))?;
            Ok(Rule {
                asked_by: *asked_by,
                groups,
                roles: rule.roles.clone(),
                at_least: number(rule.at_least),
                must_remain: number(rule.must_remain()),
                disbanded: disbanded.clone(),
            })
        };
        let each = plan.administration.demands.iter().map(rule).collect::<Result<_, _>>()?;
        Ok(Self { each })
    }

    /// The number of administrators that must remain after a removal, by each demand.
    pub(super) fn least(&self) -> Vec<Least> {
        self.each.iter().map(Rule::least).collect()
    }

    /// The effects of `change` of `plan` on the administrators of each demand.
    #[must_use]
    pub fn deltas(&self, plan: &Plan, change: &Change) -> Vec<Delta> {
        let rules = self.each.iter().enumerate();
        if self.each.is_empty() {
            return Vec::new();
        }
        match (change.family(), change.action) {
            (Family::Group, Action::Update) => rules
                .filter(|(_, rule)| rule.disbanded.contains(change.address.key()))
                .map(|(demand, _)| Delta::Revoke {
                    demand,
                    principal: change.address.clone(),
                    workspace: None,
                })
                .collect(),
            (Family::Grant, _) => {
                let Some(principal) = change.address.principal() else { return Vec::new() };
                let workspace = workspace_of(change).map(str::to_owned);
                let of = |(demand, rule): (usize, &Rule)| {
                    let (principal, workspace) = (principal.clone(), workspace.clone());
                    Some(match power(change, &rule.roles)? {
                        true => Delta::Grant { demand, principal, workspace },
                        false => Delta::Revoke { demand, principal, workspace },
                    })
                };
                rules.filter_map(of).collect()
            }
            (Family::Subject | Family::Membership | Family::Scope | Family::Plain, _)
            | (Family::Group, Action::Create | Action::Delete) => {
                self.of_people(plan, change).into_iter().collect()
            }
        }
    }

    /// The effect of a change of an account, a member or a group, whoever asks.
    fn of_people(&self, plan: &Plan, change: &Change) -> Option<Delta> {
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
                    || self.each.iter().any(|rule| rule.groups.is_match(group.as_str()));
                counts.then_some(Delta::Join { user, group })
            }
            (Family::Membership, Action::Delete) => {
                Some(Delta::Leave { user: change.address.member()?.clone(), group: key() })
            }
            (Family::Group, Action::Delete) => Some(Delta::Disband(key())),
            (Family::Membership, Action::Update)
            | (Family::Group, Action::Create | Action::Update)
            | (Family::Grant | Family::Scope | Family::Plain, _) => None,
        }
    }

    /// The demands by which `change` gives a group a name that makes its members administrators.
    /// The plan counts them from the start; a run counts them when the group has the name.
    pub(super) fn named_by(&self, plan: &Plan, change: &Change) -> Vec<usize> {
        let is_rename = change.family() == Family::Group && change.action == Action::Update;
        let Some(name) = change.kind().spec().name.filter(|_| is_rename) else {
            return Vec::new();
        };
        let before = change.before.as_ref().and_then(|before| before.get(name)?.as_str());
        let Some(before) = before.map(Key::new) else { return Vec::new() };
        let key = change.address.key();
        let names = |rule: &Rule| {
            !rule.groups.is_match(before.as_str()) && rule.groups.is_match(key.as_str())
        };
        let naming = self.each.iter().enumerate().filter(|(_, rule)| names(rule));
        let counted = naming.filter(|_| plan.administration.groups.contains(key));
        counted.map(|(demand, _)| demand).collect()
    }

    /// The first delta, in the order given, that lowers the number of administrators below
    /// what must remain. Pure: the scheduler asks it of the order it means to run.
    ///
    /// A step that lowers nothing, whatever others take away within the margin, is never a breach,
    /// so an organization that starts with too few can be mended.
    #[must_use]
    pub fn first_breach<'a>(
        &self,
        start: &Realm,
        deltas: impl IntoIterator<Item = &'a Delta>,
    ) -> Option<Breach> {
        let Least { remain, margin } = self.each.get(start.demand)?.least();
        let mut roll = Roll::new(start);
        for (position, delta) in deltas.into_iter().enumerate() {
            let before = roll.count();
            let is_bare = roll.take_within(delta, margin);
            let remaining = roll.count();
            if (remaining < before || is_bare) && remaining < remain {
                return Some(Breach { position, remaining, before });
            }
        }
        None
    }

    /// The findings on a plan, for the order that keeps the most administrators: what raises
    /// their number first, what lowers it last.
    pub(super) fn judge(&self, plan: &Plan) -> Vec<Finding> {
        let of = |change| self.deltas(plan, change).into_iter().map(move |delta| (delta, change));
        let mut steps: Vec<(Delta, &Change)> = plan.changes.iter().flat_map(of).collect();
        steps.sort_by_key(|(delta, _)| delta.lowers());
        let of = |(demand, rule): (usize, &Rule)| self.judge_by(rule, demand, plan, &steps);
        self.each.iter().enumerate().flat_map(of).collect()
    }

    /// The findings by one demand.
    fn judge_by(
        &self,
        rule: &Rule,
        demand: usize,
        plan: &Plan,
        steps: &[(Delta, &Change)],
    ) -> Vec<Finding> {
        let realms = || plan.administration.realms.iter().filter(|one| one.demand == demand);
        let breaches: Vec<Finding> =
            realms().filter_map(|realm| self.breach(rule, realm, steps)).collect();
        let Some(all) = realms().next().filter(|_| breaches.is_empty()) else { return breaches };
        if rule.asked_by == AskedBy::Target {
            // Who else may do everything there is not for muster to say.
            return Vec::new();
        }
        let mut found = rule.too_few(plan, all, steps);
        let administering = Administering::of(plan, all, steps);
        found.extend(administering.renamed(rule.must_remain));
        found.extend(administering.routed());
        found
    }

    /// What there is to say of one realm.
    fn breach(&self, rule: &Rule, realm: &Realm, steps: &[(Delta, &Change)]) -> Option<Finding> {
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
                "too few {} would remain{}: {} of at least {}",
                rule.whom(),
                place.unwrap_or_default(),
                breach.remaining,
                rule.must_remain
            ),
            addresses: lowering.into_iter().collect(),
            source: change.and_then(|change| change.source.clone()),
            remedy: rule.remedy(),
        })
    }
}

impl Rule {
    const fn least(&self) -> Least {
        let margin = self.must_remain.saturating_sub(self.at_least);
        Least { remain: self.must_remain, margin }
    }

    /// Those whom the demand counts, in words.
    fn whom(&self) -> String {
        match self.asked_by {
            AskedBy::Project => "administrators".to_owned(),
            AskedBy::Base => "administrators of the base".to_owned(),
            AskedBy::Target => format!("holders of `{}`", self.roles.join("`, `")),
        }
    }

    fn remedy(&self) -> String {
        match self.asked_by {
            AskedBy::Project => {
                "name more active members of the administrators' groups first, or lower \
                 `administrators.atLeast` in muster.yaml in a change of its own"
            }
            AskedBy::Base => {
                "merge the change of `administrators` first, then make this one; until then those \
                 whom the base names must stay"
            }
            AskedBy::Target => {
                "give the role to more people first: whatever `administrators` names, it is the one \
                 that may do everything in its workspace"
            }
        }
        .to_owned()
    }

    /// Whether a change takes something away, or gives an administrators' group a name that makes
    /// nobody one. The names of other groups give nobody anything.
    fn takes(&self, change: &Change) -> bool {
        let is_renamed = change.family() == Family::Group && change.action == Action::Update;
        change.takes_away() || (is_renamed && self.disbanded.contains(change.address.key()))
    }

    /// What to say where there are too few, though not because of this plan: a plan that only
    /// gives may go on; one that takes anything away may not, because whom it takes it from
    /// may be the last administrator, whom this read does not show as one.
    fn too_few(&self, plan: &Plan, all: &Realm, steps: &[(Delta, &Change)]) -> Vec<Finding> {
        let before = Roll::new(all).count();
        let mut roll = Roll::new(all);
        steps.iter().for_each(|(delta, _)| roll.take(delta));
        let taking: Vec<&Change> =
            plan.changes.iter().filter(|change| self.takes(change)).collect();
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
                "there are {count} active administrators, and {} are asked for \
                 (`administrators.atLeast`){but}",
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{Asking, administered, change, fields_of, plan, rename};
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;
    use crate::config::Administrators;
    use crate::kind::{FieldName, Fields};
    use crate::plan::Standing;

    fn rule(at_least: u32) -> Asking {
        let groups = vec!["Admins*".to_owned()];
        Asking(Administrators { roles: vec![], groups, at_least, margin: 0 })
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
                plan.administration.demands[0].disbanded.insert(Key::new("admins"));
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
            let expected: Vec<Delta> = expected.into_iter().collect();
            assert_eq!(rule(2).rules(&plan).deltas(&plan, &change), expected);
            plan.administration.newcomers_wait = true;
            assert_eq!(rule(2).rules(&plan).deltas(&plan, &change), []);
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
        let plan = two(vec![]);
        let (start, rules) = (&plan.administration.realms[0], rule(2).rules(&plan));
        let leave = Delta::Leave { user: Key::new("raj"), group: Key::new("admins") };
        let join = Delta::Join { user: Key::new("eve"), group: Key::new("admins") };
        assert_eq!(rules.first_breach(start, [&join, &leave]), None);
        let breach = Breach { position: 0, remaining: 1, before: 2 };
        assert_eq!(rules.first_breach(start, [&leave, &join]), Some(breach));
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

    #[test]
    fn where_there_are_too_few_other_groups_are_still_renamed() {
        for (group, field) in [
            ("group/crew", "displayName"),
            ("group/crew", "description"),
            ("group/admins", "description"),
            ("group/admins", "displayName"),
        ] {
            let plan = two(vec![rename(group, field, "keepers of the keys")]);
            let found = rule(3).judge(&plan);
            assert_eq!((found.len(), found[0].level), (1, Level::Warn), "{group} {field}");
        }
        let mut plan = two(vec![rename("group/admins", "displayName", "keepers of the keys")]);
        administered(&mut plan, &[("ada", &["admins-two"]), ("raj", &["admins-two"])]);
        plan.administration.demands[0].disbanded.insert(Key::new("admins"));
        let found = rule(3).judge(&plan);
        assert!(found.iter().any(|one| one.level == Level::Deny), "{found:?}");
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

    fn role_rule(at_least: u32) -> Asking {
        let roles = vec!["root".to_owned()];
        Asking(Administrators { roles, groups: vec![], at_least, margin: 0 })
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
