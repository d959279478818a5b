//! Groups with exactly the same members.

use std::collections::BTreeMap;

use super::nodes::Place;

/// Groups that have exactly the same members in the end, two at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinSet {
    /// All of them, in the order of their names.
    pub all: Vec<Place>,
    /// Those that this plan makes, in the same order; one at least.
    pub made: Vec<Place>,
}

/// The groups that a plan makes although others have exactly their members. Each group stands in
/// one set, so that a thousand equal groups are a thousand entries, not a million.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Twins {
    sets: Vec<TwinSet>,
    /// The set of each group that is made.
    set_of: BTreeMap<Place, usize>,
}

impl Twins {
    /// The groups that have the members of `group`, itself among them; none where this plan does
    /// not make it.
    #[must_use]
    pub fn of(&self, group: Place) -> Option<&TwinSet> {
        self.set_of.get(&group).and_then(|at| self.sets.get(*at))
    }

    /// Adds a set.
    pub(super) fn add(&mut self, set: TwinSet) {
        let at = self.sets.len();
        self.set_of.extend(set.made.iter().map(|group| (*group, at)));
        self.sets.push(set);
    }
}
