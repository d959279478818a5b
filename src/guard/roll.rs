//! The roll of administrators while the steps of a plan go by.

use std::collections::BTreeMap;

use super::delta::Delta;
use crate::kind::{Address, Key};
use crate::plan::{Realm, Standing};

/// Who stands how; the count is kept, so that each step is cheap.
#[derive(Clone, Debug)]
pub(super) struct Roll {
    demand: usize,
    workspace: Option<String>,
    standing: BTreeMap<Key, Standing>,
    powers: BTreeMap<Address, u32>,
    count: usize,
}

impl Roll {
    /// The roll before the first step.
    pub(super) fn new(start: &Realm) -> Self {
        let Realm { demand, workspace, standing, powers } = start.clone();
        let mut roll = Self { demand, workspace, standing, powers, count: 0 };
        roll.count = roll.ones().count();
        roll
    }

    /// The place of the demand that counts these.
    pub(super) const fn demand(&self) -> usize {
        self.demand
    }

    /// How many administrators there are.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// The administrators.
    pub(super) fn ones(&self) -> impl Iterator<Item = &Key> {
        self.standing.keys().filter(|user| self.is_one(user))
    }

    /// Whether this user is an administrator.
    pub(super) fn is_one(&self, user: &Key) -> bool {
        self.standing.get(user).is_some_and(|standing| self.counts(user, standing))
    }

    fn counts(&self, user: &Key, standing: &Standing) -> bool {
        let has = |holder: Address| self.powers.get(&holder).is_some_and(|ways| *ways > 0);
        standing.active
            && (has(Address::of_subject(user.clone()))
                || standing.through.iter().any(|group| has(Address::of_group(group.clone()))))
    }

    /// How many administrators there would be after `step`.
    pub(super) fn count_after(&mut self, step: &[Delta]) -> usize {
        let count = self.count;
        let kept: Vec<Kept> = step.iter().map(|delta| self.keep(delta)).collect();
        step.iter().for_each(|delta| self.take(delta));
        let after = self.count;
        kept.into_iter().rev().for_each(|kept| self.restore(kept));
        self.count = count;
        after
    }

    /// The entry that `delta` is about to change.
    fn keep(&self, delta: &Delta) -> Kept {
        match delta {
            Delta::Appear { user, .. }
            | Delta::Activate { user, .. }
            | Delta::Vanish(user)
            | Delta::Join { user, .. }
            | Delta::Leave { user, .. } => {
                Kept::Standing(user.clone(), self.standing.get(user).cloned())
            }
            Delta::Disband(group) => {
                let group = Address::of_group(group.clone());
                let ways = self.powers.get(&group).copied();
                Kept::Power(group, ways)
            }
            Delta::Grant { principal, .. } | Delta::Revoke { principal, .. } => {
                Kept::Power(principal.clone(), self.powers.get(principal).copied())
            }
        }
    }

    fn restore(&mut self, kept: Kept) {
        match kept {
            Kept::Standing(user, Some(standing)) => drop(self.standing.insert(user, standing)),
            Kept::Standing(user, None) => drop(self.standing.remove(&user)),
            Kept::Power(principal, Some(ways)) => drop(self.powers.insert(principal, ways)),
            Kept::Power(principal, None) => drop(self.powers.remove(&principal)),
        }
    }

    /// Makes one step.
    pub(super) fn take(&mut self, delta: &Delta) {
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
                let had = self.powers.remove(&Address::of_group(group.clone()));
                if had.is_some_and(|ways| ways > 0) {
                    self.count = self.ones().count();
                }
            }
            Delta::Grant { demand, principal, workspace } if *demand == self.demand => {
                self.power(principal, workspace.as_deref(), 1);
            }
            Delta::Revoke { demand, principal, workspace } if *demand == self.demand => {
                self.power(principal, workspace.as_deref(), -1);
            }
            Delta::Grant { .. } | Delta::Revoke { .. } => {}
        }
    }

    fn change(&mut self, user: &Key, edit: impl FnOnce(&mut Standing)) {
        let before = self.is_one(user);
        edit(self.standing.entry(user.clone()).or_default());
        match (before, self.is_one(user)) {
            (true, false) => self.count -= 1,
            (false, true) => self.count += 1,
            _ => {}
        }
    }

    /// One way more, or less, in which `principal` makes administrators. A realm that is one
    /// workspace does not hear of others.
    fn power(&mut self, principal: &Address, workspace: Option<&str>, by: i32) {
        if self.workspace.is_some() && self.workspace.as_deref() != workspace {
            return;
        }
        let ways = self.powers.entry(principal.clone()).or_default();
        let had = *ways > 0;
        *ways = ways.saturating_add_signed(by);
        if had != (*ways > 0) {
            self.count = self.ones().count();
        }
    }
}

/// An entry of a roll as it was.
enum Kept {
    Standing(Key, Option<Standing>),
    Power(Address, Option<u32>),
}
