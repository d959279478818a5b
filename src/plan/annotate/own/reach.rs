//! The part of a workspace that a role is held for.

use std::collections::BTreeSet;

use crate::kind::{WHOLE_WORKSPACE, is_part_of_workspace};
use crate::plan::access::Hold;

/// The whole of a workspace, named parts of it, and groups of its tenants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reach {
    whole: bool,
    /// Those that the whole does not hold already.
    named: BTreeSet<String>,
}

impl Reach {
    fn new(whole: bool, named: impl Iterator<Item = String>) -> Self {
        let counts =
            |name: &String| name != WHOLE_WORKSPACE && !(whole && is_part_of_workspace(name));
        Self { whole, named: named.filter(counts).collect() }
    }

    pub(super) fn of(hold: &Hold) -> Self {
        Self::new(hold.is_whole(), hold.parts().iter().cloned())
    }

    pub(super) const fn is_whole(&self) -> bool {
        self.whole
    }

    fn holds(&self, name: &str) -> bool {
        self.named.contains(name) || (self.whole && is_part_of_workspace(name))
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        (self.whole || !other.whole) && other.named.iter().all(|name| self.holds(name))
    }

    /// All that both reach together.
    pub(super) fn join(self, other: Self) -> Self {
        Self::new(self.whole || other.whole, self.named.into_iter().chain(other.named))
    }

    /// All that each of both reaches.
    pub(super) fn common(&self, other: &Self) -> Self {
        let here = self.named.iter().filter(|name| other.holds(name));
        let there = other.named.iter().filter(|name| self.holds(name));
        Self::new(self.whole && other.whole, here.chain(there).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(names: &[&str]) -> Reach {
        let named = names.iter().map(|&name| name.to_owned());
        Reach::new(names.contains(&WHOLE_WORKSPACE), named)
    }

    #[test]
    fn the_whole_holds_its_parts_and_no_tenants() {
        let whole = reach(&["workspace"]);
        let tenants = reach(&["tenant-group/a"]);
        let both = reach(&["workspace", "tenant-group/a"]);
        assert!(whole.covers(&reach(&["east"])) && !reach(&["east"]).covers(&whole));
        assert!(!whole.covers(&tenants) && !tenants.covers(&whole));
        assert!(both.covers(&whole) && both.covers(&tenants) && !whole.covers(&both));
        assert_eq!(whole.clone().join(tenants.clone()), both);
        assert_eq!(whole.common(&reach(&["east", "tenant-group/a"])), reach(&["east"]));
        assert_eq!(both.common(&tenants), tenants);
        assert_eq!(whole.common(&tenants), Reach::default());
    }
}
