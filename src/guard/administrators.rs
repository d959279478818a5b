//! `administrators`: enough of them remain, after the plan and after every step on the way.
//!
//! An administrator here is an active user in at least one group that
//! `administrators.groups` names. (Administrators by role come with targets that have roles.)

use std::collections::BTreeMap;

use globset::GlobSet;
use serde_json::Value;

use super::PolicyError;
use crate::config::{Administrators, compile_globs};
use crate::kind::{Address, Fields, Key, KindName};
use crate::plan::{Action, Change, Finding, Level, Plan, Standing};

/// What one change does to the set of administrators.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delta {
    /// The user exists from here on.
    Appear {
        /// Who.
        user: Key,
        /// Whether the account can be used.
        active: bool,
    },
    /// The user is gone.
    Vanish(Key),
    /// The account can be used, or no longer.
    Activate {
        /// Who.
        user: Key,
        /// Whether it can be used from here on.
        active: bool,
    },
    /// The user is in one more administrators' group.
    Join {
        /// Who.
        user: Key,
        /// Which group.
        group: Key,
    },
    /// The user is in one less.
    Leave {
        /// Who.
        user: Key,
        /// Which group.
        group: Key,
    },
    /// The group is gone, or its new name is no administrators' group's.
    Disband(Key),
}

impl Delta {
    /// Whether it can only lower the number of administrators. The order that keeps the most of
    /// them at every instant is: all others first, these last.
    #[must_use]
    pub const fn lowers(&self) -> bool {
        match self {
            Self::Appear { .. } | Self::Join { .. } => false,
            Self::Activate { active, .. } => !*active,
            Self::Vanish(_) | Self::Leave { .. } | Self::Disband(_) => true,
        }
    }
}

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

/// Which groups make administrators, and how many must remain.
#[derive(Clone, Debug)]
pub struct Rule {
    groups: GlobSet,
    at_least: usize,
}

fn name(fields: Option<&Fields>, field: &str) -> Option<Key> {
    fields?.get(field).and_then(Value::as_str).map(Key::new)
}

fn active(fields: Option<&Fields>) -> Option<bool> {
    fields?.get("active").and_then(Value::as_bool)
}

impl Rule {
    /// The rule that `muster.yaml` sets; `None` where it names no groups.
    ///
    /// # Errors
    ///
    /// A pattern that is no glob.
    pub fn new(administrators: &Administrators) -> Result<Option<Self>, PolicyError> {
        if administrators.groups.is_empty() {
            return Ok(None);
        }
        let groups = compile_globs(&administrators.groups)
            .map_err(|why| PolicyError::Pattern(format!("`administrators.groups`: {why}")))?;
        let at_least = usize::try_from(administrators.at_least).unwrap_or(usize::MAX);
        Ok(Some(Self { groups, at_least }))
    }

    /// What `change` does to the set of administrators; `None`: nothing.
    #[must_use]
    pub fn delta(&self, change: &Change) -> Option<Delta> {
        let key = || change.address.key().clone();
        match (change.kind(), change.action) {
            (KindName::User, Action::Create) => {
                let active = active(change.after.as_ref()).unwrap_or(true);
                Some(Delta::Appear { user: key(), active })
            }
            (KindName::User, Action::Delete) => Some(Delta::Vanish(key())),
            (KindName::User, Action::Update) => {
                // What the plan calls a removal is one, whatever the fields say.
                let said = active(change.after.as_ref());
                let active = if change.removes { false } else { said? };
                Some(Delta::Activate { user: key(), active })
            }
            (KindName::Membership, action) => {
                let group = key();
                let user = change.address.member()?.clone();
                if !self.groups.is_match(group.as_str()) && action == Action::Create {
                    return None;
                }
                match action {
                    Action::Create => Some(Delta::Join { user, group }),
                    Action::Delete => Some(Delta::Leave { user, group }),
                    Action::Update => None,
                }
            }
            (KindName::Group, Action::Delete) => Some(Delta::Disband(key())),
            (KindName::Group, Action::Update) => {
                let after = name(change.after.as_ref(), "displayName")?;
                (!self.groups.is_match(after.as_str())).then(|| Delta::Disband(key()))
            }
            _ => None,
        }
    }

    /// The first delta, in the order given, that lowers the number of administrators below
    /// what must remain. Pure: the scheduler asks it of the order it means to run.
    ///
    /// A step that lowers nothing is never a breach, so an organization that starts with too few
    /// can be mended.
    #[must_use]
    pub fn first_breach<'a>(
        &self,
        start: &BTreeMap<Key, Standing>,
        deltas: impl IntoIterator<Item = &'a Delta>,
    ) -> Option<Breach> {
        let mut roll = Roll::new(start);
        for (position, delta) in deltas.into_iter().enumerate() {
            let before = roll.count;
            roll.take(delta);
            if roll.count < before && roll.count < self.at_least {
                return Some(Breach { position, remaining: roll.count, before });
            }
        }
        None
    }

    /// The finding on a plan, for the order that keeps the most administrators: what raises
    /// their number first, what lowers it last.
    pub(super) fn judge(&self, plan: &Plan) -> Vec<Finding> {
        let mut steps: Vec<(Delta, &Change)> =
            plan.changes.iter().filter_map(|c| self.delta(c).map(|d| (d, c))).collect();
        steps.sort_by_key(|(delta, _)| delta.lowers());
        let Some(breach) = self.first_breach(&plan.administrators, steps.iter().map(|s| &s.0))
        else {
            return self.too_few(plan, &steps);
        };
        let change = steps.get(breach.position).map(|step| step.1);
        let lowering: Vec<Address> = steps
            .iter()
            .filter(|(delta, _)| delta.lowers() && self.matters(plan, delta))
            .map(|(_, change)| change.address.clone())
            .collect();
        vec![Finding {
            level: Level::Deny,
            id: "administrators".to_owned(),
            message: format!(
                "too few administrators would remain: {} of at least {}",
                breach.remaining, self.at_least
            ),
            addresses: lowering,
            source: change.and_then(|change| change.source.clone()),
            remedy: "name more active members of the administrators' groups first, or lower \
                     `administrators.atLeast` in muster.yaml in a change of its own"
                .to_owned(),
        }]
    }

    /// Whether a delta is about somebody who is an administrator now.
    fn matters(&self, plan: &Plan, delta: &Delta) -> bool {
        let counts = |user: &Key| plan.administrators.get(user).is_some_and(is_one);
        match delta {
            Delta::Vanish(user) | Delta::Activate { user, .. } | Delta::Leave { user, .. } => {
                counts(user)
            }
            Delta::Disband(group) => {
                plan.administrators.values().any(|standing| standing.through.contains(group))
            }
            Delta::Appear { .. } | Delta::Join { .. } => false,
        }
    }

    /// What to say where there are too few, though not because of this plan: a plan that only
    /// gives may go on; one that takes anything away may not, because whom it takes it from
    /// may be the last administrator, whom this read does not show as one.
    fn too_few(&self, plan: &Plan, steps: &[(Delta, &Change)]) -> Vec<Finding> {
        let mut roll = Roll::new(&plan.administrators);
        steps.iter().for_each(|(delta, _)| roll.take(delta));
        if roll.count >= self.at_least {
            return Vec::new();
        }
        let taking: Vec<&Change> = plan.changes.iter().filter(|change| takes(change)).collect();
        let level = if taking.is_empty() { Level::Warn } else { Level::Deny };
        let but = if taking.is_empty() { "" } else { ", so nothing may be taken from anybody" };
        vec![Finding {
            level,
            id: "administrators".to_owned(),
            message: format!(
                "there are {} active administrators, and {} are asked for{but}",
                roll.count, self.at_least
            ),
            addresses: taking.iter().map(|change| change.address.clone()).collect(),
            source: taking.first().and_then(|change| change.source.clone()),
            remedy: "add active members to a group of `administrators.groups`".to_owned(),
        }]
    }
}

/// Whether a change takes something away, or gives a group another name.
fn takes(change: &Change) -> bool {
    change.removes
        || change.action == Action::Delete
        || (change.kind() == KindName::Group && change.action == Action::Update)
}

fn is_one(standing: &Standing) -> bool {
    standing.active && !standing.through.is_empty()
}

/// Who stands how while the steps go by; `count` is kept so that each step is cheap.
struct Roll {
    standing: BTreeMap<Key, Standing>,
    count: usize,
}

impl Roll {
    fn new(start: &BTreeMap<Key, Standing>) -> Self {
        let count = start.values().filter(|standing| is_one(standing)).count();
        Self { standing: start.clone(), count }
    }

    fn change(&mut self, user: &Key, edit: impl FnOnce(&mut Standing)) {
        let standing = self.standing.entry(user.clone()).or_default();
        let before = is_one(standing);
        edit(standing);
        match (before, is_one(standing)) {
            (true, false) => self.count -= 1,
            (false, true) => self.count += 1,
            _ => {}
        }
    }

    fn take(&mut self, delta: &Delta) {
        match delta {
            Delta::Appear { user, active } | Delta::Activate { user, active } => {
                self.change(user, |standing| standing.active = *active);
            }
            Delta::Vanish(user) => self.change(user, |standing| *standing = Standing::default()),
            Delta::Join { user, group } => self.change(user, |standing| {
                standing.through.insert(group.clone());
            }),
            Delta::Leave { user, group } => self.change(user, |standing| {
                standing.through.remove(group);
            }),
            Delta::Disband(group) => {
                let users: Vec<Key> = self
                    .standing
                    .iter()
                    .filter(|(_, standing)| standing.through.contains(group))
                    .map(|(user, _)| user.clone())
                    .collect();
                for user in users {
                    self.change(&user, |standing| {
                        standing.through.remove(group);
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{change, plan, rename};
    use super::*;
    use crate::kind::FieldName;

    fn rule(at_least: u32) -> Rule {
        let groups = vec!["Admins*".to_owned()];
        Rule::new(&Administrators { roles: vec![], groups, at_least }).unwrap().unwrap()
    }

    fn standing(through: &[&str]) -> Standing {
        Standing { active: true, through: through.iter().map(|g| Key::new(g)).collect() }
    }

    fn two(changes: Vec<Change>) -> Plan {
        let mut plan = plan(changes);
        plan.administrators = BTreeMap::from([
            (Key::new("ada"), standing(&["admins"])),
            (Key::new("raj"), standing(&["admins"])),
            (Key::new("eve"), standing(&[])),
        ]);
        plan
    }

    fn deactivate(address: &str) -> Change {
        let mut off = change(address, Action::Update);
        off.after = Some(Fields::from([(FieldName::fixed("active"), Value::from(false))]));
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
            if change.action == Action::Update && change.kind() == KindName::Group {
                let other = Fields::from([(FieldName::fixed("displayName"), "operators".into())]);
                change.after = Some(other);
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
        plan.administrators.insert(Key::new("raj"), standing(&["admins", "admins-two"]));
        assert!(rule(2).judge(&plan).is_empty());
    }

    #[test]
    fn an_inactive_or_unknown_newcomer_counts_for_nothing() {
        let leave = change("membership/admins/raj", Action::Delete);
        let unknown = change("membership/admins/nobody", Action::Create);
        assert!(denied(vec![unknown, leave.clone()]));
        let mut plan = two(vec![change("membership/admins/eve", Action::Create), leave]);
        plan.administrators.insert(Key::new("eve"), Standing::default());
        assert_eq!(rule(2).judge(&plan)[0].level, Level::Deny);
    }

    #[test]
    fn every_prefix_is_looked_at_not_only_the_end() {
        let start = two(vec![]).administrators;
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
}
