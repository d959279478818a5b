//! Who administers, worked out from what a target holds and from nothing that muster says.

use std::collections::BTreeMap;

use super::case::{BY_GROUP, DIRECT, NAMED, Ways};

/// The ways that count over all, and those that count in the workspace.
pub(crate) const REALMS: [Ways; 2] = [NAMED | BY_GROUP | DIRECT, BY_GROUP | DIRECT];

/// One person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) active: bool,
    pub(crate) ways: Ways,
}

/// Every person, by name, with the ways that make an administrator of each at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sight(pub(crate) BTreeMap<String, Held>);

impl Sight {
    /// Takes note of an account.
    pub(crate) fn person(&mut self, name: &str, active: bool) {
        self.0.insert(name.to_owned(), Held { active, ways: 0 });
    }

    /// Takes note of a way, of an account that is there.
    pub(crate) fn add(&mut self, name: &str, way: Ways) {
        if let Some(held) = self.0.get_mut(name) {
            held.ways |= way;
        }
    }

    /// The number of administrators, by the ways of each of [`REALMS`].
    pub(crate) fn counts(&self) -> [usize; 2] {
        REALMS.map(|ways| self.ones(ways).count())
    }

    /// The number of people who can do less by some of these ways than they could before.
    pub(crate) fn fewer(&self, before: &Self, ways: Ways) -> usize {
        let had = before.0.iter().filter(|(_, held)| held.active && held.ways & ways != 0);
        let has = |name: &str| self.0.get(name).copied().unwrap_or_default();
        let is_less = |name: &str, held: &Held| {
            let now = has(name);
            !now.active || held.ways & ways & !now.ways != 0
        };
        had.filter(|(name, held)| is_less(name, held)).count()
    }

    /// The administrators by some of these ways.
    pub(crate) fn ones(&self, ways: Ways) -> impl Iterator<Item = &str> {
        let counts = move |held: &Held| held.active && held.ways & ways != 0;
        self.0.iter().filter(move |(_, held)| counts(held)).map(|(name, _)| name.as_str())
    }
}
