//! The part of a workspace that a role is held for.

use std::collections::BTreeSet;

use crate::plan::access::Hold;

/// The whole of a workspace, or the named parts of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Whole,
    Parts(BTreeSet<String>),
}

impl Default for Reach {
    fn default() -> Self {
        Self::Parts(BTreeSet::new())
    }
}

impl Reach {
    pub(super) fn of(hold: &Hold) -> Self {
        if hold.is_whole() {
            Self::Whole
        } else {
            Self::Parts(hold.parts().iter().cloned().collect())
        }
    }

    pub(super) const fn is_whole(&self) -> bool {
        matches!(self, Self::Whole)
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Whole, _) => true,
            (Self::Parts(_), Self::Whole) => false,
            (Self::Parts(wide), Self::Parts(narrow)) => narrow.is_subset(wide),
        }
    }

    /// The parts that both reach together.
    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Parts(mut one), Self::Parts(other)) => {
                one.extend(other);
                Self::Parts(one)
            }
            (Self::Whole, _) | (_, Self::Whole) => Self::Whole,
        }
    }

    /// The parts that each of both reaches.
    pub(super) fn common(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Whole, any) | (any, Self::Whole) => any.clone(),
            (Self::Parts(one), Self::Parts(other)) => {
                Self::Parts(one.intersection(other).cloned().collect())
            }
        }
    }
}
