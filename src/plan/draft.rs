//! A plan in the making: what a pass returns, and how the results of several are joined.

use super::{Change, Finding, Unmanaged, Waiting};

/// Changes, and what a pass has to say beside them.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub(super) changes: Vec<Change>,
    pub(super) unmanaged: Vec<Unmanaged>,
    pub(super) waiting: Vec<Waiting>,
    pub(super) findings: Vec<Finding>,
}

impl Draft {
    /// Both drafts as one.
    pub(super) fn join(mut self, mut other: Self) -> Self {
        self.changes.append(&mut other.changes);
        self.unmanaged.append(&mut other.unmanaged);
        self.waiting.append(&mut other.waiting);
        self.findings.append(&mut other.findings);
        self
    }

    /// The same in the order in which it is shown; what is said twice is said once.
    pub(super) fn in_order(mut self) -> Self {
        self.changes.sort_by(|a, b| (&a.address, a.action).cmp(&(&b.address, b.action)));
        self.unmanaged.sort();
        self.unmanaged.dedup();
        self.waiting.sort();
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
