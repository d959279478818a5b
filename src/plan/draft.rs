//! A plan in the making: what a pass returns, and how the results of several are joined.

use super::{Change, Finding, Unmanaged, Waiting};
use crate::kind::{Address, Source};

/// Changes, and what a pass has to say beside them.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub(super) changes: Vec<Change>,
    pub(super) unmanaged: Vec<Unmanaged>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) findings: Vec<Finding>,
    pub(super) held: Vec<HeldBack>,
}

/// A removal that is asked for and not planned, because of a protected member of a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct HeldBack {
    /// The address that stays as it is.
    pub(super) address: Address,
    /// The groups whose members have something by it.
    pub(super) holders: Vec<Address>,
    /// The access that they have by it.
    pub(super) what: String,
    /// Why it is to go.
    pub(super) reason: String,
    /// The line that asks for it.
    pub(super) source: Option<Source>,
    /// Whether the files declare it otherwise than it stays.
    pub(super) is_declared: bool,
}

impl Draft {
    /// Both drafts as one.
    pub(super) fn join(mut self, mut other: Self) -> Self {
        self.changes.append(&mut other.changes);
        self.unmanaged.append(&mut other.unmanaged);
        self.waiting.append(&mut other.waiting);
        self.findings.append(&mut other.findings);
        self.held.append(&mut other.held);
        self
    }

    /// The same in the order in which it is shown; what is said twice is said once.
    pub(super) fn in_order(mut self) -> Self {
        self.changes.sort_by(|a, b| (&a.address, a.action).cmp(&(&b.address, b.action)));
        self.unmanaged.sort();
        self.unmanaged.dedup();
        self.waiting.sort();
        self.held.sort();
        self.findings.sort();
        self.findings.dedup();
        self
    }
}

impl From<Vec<Finding>> for Draft {
    fn from(findings: Vec<Finding>) -> Self {
        Self { findings, ..Self::default() }
    }
}
