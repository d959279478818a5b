//! The way by which muster's own account holds a role, which a plan ends, and those that stand in
//! for it.

use crate::kind::Address;

/// One way to hold a role: a binding, of the account itself or of a group it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnWay {
    /// The binding.
    pub binding: Address,
    /// The group.
    pub group: Option<Address>,
}

/// A way that a plan ends, or leaves less of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLoss {
    /// The account that muster signs in as.
    pub account: Address,
    /// The way.
    pub way: OwnWay,
    /// The ways that stand in for it and stay.
    pub others: Vec<OwnWay>,
    /// How many of these are as good as the way: any one of them, or all together.
    pub enough: usize,
    /// How many more must be there, because others may take as many away meanwhile.
    pub margin: usize,
}

impl OwnLoss {
    /// How many of the others must be there when the way is taken.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.enough.saturating_add(self.margin)
    }
}
