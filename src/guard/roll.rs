//! The roll of administrators while the steps of a plan go by.

use std::collections::BTreeMap;

use super::delta::Delta;
use crate::kind::{Address, Family, Key};
use crate::plan::{Realm, Standing};

/// How many administrators must remain after a removal by muster, and how many of them others may
/// take away meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Least {
    /// The number, with the margin.
    pub remain: usize,
    /// The margin.
    pub margin: usize,
}

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

    /// How many administrators there would be after `step`, and whether it bares one of them to
    /// so many removals by others. Without a margin nobody else takes anything.
    pub(super) fn after(&mut self, step: &[Delta], margin: usize) -> (usize, bool) {
        if margin == 0 {
            return (self.tried(step, |roll| roll.count), false);
        }
        let touched = self.touched(step);
        self.tried(step, |roll| (roll.count, roll.bares(&touched, margin)))
    }

    /// Whether `step` takes any way from an administrator.
    pub(super) fn touches(&mut self, step: &[Delta]) -> bool {
        let touched = self.touched(step);
        let mut touched = touched.iter();
        self.tried(step, |roll| {
            touched.any(|(user, before)| !roll.is_one(user) || roll.strength(user) < *before)
        })
    }

    /// Makes one step, and says whether it bares an administrator to so many removals by others.
    pub(super) fn take_within(&mut self, delta: &Delta, margin: usize) -> bool {
        let touched = (margin > 0).then(|| self.touched(std::slice::from_ref(delta)));
        self.take(delta);
        touched.is_some_and(|touched| self.bares(&touched, margin))
    }

    /// What there is to see after `step`; then all is as it was.
    fn tried<T>(&mut self, step: &[Delta], see: impl FnOnce(&Self) -> T) -> T {
        let count = self.count;
        let kept: Vec<Kept> = step.iter().map(|delta| self.keep(delta)).collect();
        step.iter().for_each(|delta| self.take(delta));
        let seen = see(self);
        kept.into_iter().rev().for_each(|kept| self.restore(kept));
        self.count = count;
        seen
    }

    /// The administrators whom the lowerings of `step` are about, with the number of their ways.
    fn touched(&self, step: &[Delta]) -> Touched {
        let mut touched = Touched::new();
        let mut note = |user: &Key| {
            if self.is_one(user) {
                touched.insert(user.clone(), self.strength(user));
            }
        };
        for delta in step.iter().filter(|delta| delta.lowers()) {
            let group = match delta {
                Delta::Leave { user, .. } | Delta::Vanish(user) | Delta::Activate { user, .. } => {
                    note(user);
                    continue;
                }
                Delta::Revoke { principal, .. } if principal.family() != Family::Group => {
                    note(principal.key());
                    continue;
                }
                Delta::Revoke { principal, .. } => principal.key(),
                Delta::Disband(group) => group,
                Delta::Appear { .. } | Delta::Join { .. } | Delta::Grant { .. } => continue,
            };
            let is_in = |standing: &Standing| standing.through.contains(group);
            let members = self.standing.iter().filter(|(_, standing)| is_in(standing));
            members.for_each(|(user, _)| note(user));
        }
        touched
    }

    /// Whether one of these has less ways than before and is still an administrator, who would be
    /// none after so many removals by others: it is the step that the organization would lack.
    fn bares(&self, touched: &Touched, margin: usize) -> bool {
        let is_bare = |(user, before): (&Key, &u32)| {
            // Whoever leaves a group loses all its ways at once; each role of one's own is taken
            // by itself.
            let groups = self.ways(user).skip(1).filter(|ways| *ways > 0).count();
            let own = self.ways(user).next().unwrap_or_default();
            let left = groups.saturating_add(usize::try_from(own).unwrap_or(usize::MAX));
            self.is_one(user) && self.strength(user) < *before && left <= margin
        };
        touched.iter().any(is_bare)
    }

    /// The number of ways in which the user is an administrator.
    fn strength(&self, user: &Key) -> u32 {
        self.ways(user).sum()
    }

    /// In how many ways each holder makes the user an administrator: the user first, then each
    /// group.
    fn ways(&self, user: &Key) -> impl Iterator<Item = u32> {
        let of = |holder: Address| self.powers.get(&holder).copied().unwrap_or_default();
        let through = self.standing.get(user).into_iter().flat_map(|standing| &standing.through);
        std::iter::once(of(Address::of_subject(user.clone())))
            .chain(through.map(move |group| of(Address::of_group(group.clone()))))
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

/// Administrators, and the number of the ways in which each is one.
type Touched = BTreeMap<Key, u32>;

/// An entry of a roll as it was.
enum Kept {
    Standing(Key, Option<Standing>),
    Power(Address, Option<u32>),
}
