//! How much a rule is shown at a time.

/// How much of the changes a rule is shown at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Some of them: the rule judges each change by itself.
    Change,
    /// All of them at once, in one evaluation.
    Plan,
}
