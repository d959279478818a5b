//! The ways by which muster's own accounts hold a role that a plan ends, and those that stand in
//! for them: an apply looks at these again right before it takes one.

use super::loss::{OwnLoss, OwnWay};
use super::reach::Reach;
use super::{Account, RoleAt};
use crate::plan::access::{Path, Paths};

impl<'a> Account<'a> {
    /// The losses of an account; those of roles that only let it look are none.
    pub(super) fn losses(self) -> Vec<OwnLoss> {
        let before = Paths::of(&self.graph.before).all(self.place);
        let after = self.after();
        let stays: Vec<(&Path, Reach)> = before
            .iter()
            .filter_map(|path| {
                let same = after.iter().find(|other| is_same(other, path))?;
                Some((path, Reach::of(&path.hold).common(&Reach::of(&same.hold))))
            })
            .collect();
        let ends = before.iter().filter(|path| {
            let kept = stays.iter().find(|(other, _)| is_same(other, path));
            !kept.is_some_and(|(_, reach)| reach.covers(&Reach::of(&path.hold)))
        });
        ends.filter_map(|path| self.loss(path, &stays)).collect()
    }

    fn loss(self, path: &Path, stays: &[(&Path, Reach)]) -> Option<OwnLoss> {
        let at = self.role_at(path)?;
        if self.is_read_only(at.0) {
            return None;
        }
        let wanted = Reach::of(&path.hold);
        let stands_in = |(other, reach): &&(&Path, Reach)| {
            let is_full = |there: RoleAt<'a>| {
                let known = self.inputs.live.capabilities.full_roles;
                reach.is_whole() && there.1 == at.1 && self.is_one_of(there.0, known)
            };
            !is_same(other, path)
                && self.role_at(other).is_some_and(|there| there == at || is_full(there))
        };
        let others: Vec<&(&Path, Reach)> = stays.iter().filter(stands_in).collect();
        let alone: Vec<&(&Path, Reach)> =
            others.iter().copied().filter(|(_, reach)| reach.covers(&wanted)).collect();
        let margin = self.inputs.desired.project.administrators.margin;
        let margin = usize::try_from(margin).unwrap_or(usize::MAX);
        let ways = |some: &[&(&Path, Reach)]| {
            some.iter().filter_map(|(other, _)| self.own_way(other)).collect::<Vec<_>>()
        };
        let (others, enough) = match alone.is_empty() {
            false => (ways(&alone), 1),
            true => (ways(&others), others.len().max(1)),
        };
        Some(OwnLoss {
            account: self.address.clone(),
            way: self.own_way(path)?,
            others,
            enough,
            margin,
        })
    }

    fn own_way(self, path: &Path) -> Option<OwnWay> {
        let binding = self.graph.roles.get(path.hold.role)?.address.clone();
        let group = path.through.and_then(|place| self.graph.node(place));
        Some(OwnWay { binding, group: group.map(|node| node.address.clone()) })
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    (one.hold.role, one.via, one.through) == (other.hold.role, other.via, other.through)
}
