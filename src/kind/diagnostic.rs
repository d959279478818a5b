//! Diagnostics: what is wrong, why it matters, and what to do. The parser, the providers, the
//! edge and the commands all report by them.

use std::fmt;

use super::item::Source;

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be done until it is mended.
    Error,
    /// Worth a look.
    Warning,
}

/// One problem: where, what, why, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where it is; `None` only where there is no file to point into.
    pub source: Option<Source>,
    /// How bad it is.
    pub severity: Severity,
    /// A stable name, such as `unknown-key`.
    pub id: &'static str,
    /// What is wrong: lower case, no stop, the input in backticks.
    pub what: String,
    /// Why it matters; empty where that goes without saying.
    pub why: String,
    /// What to do; empty where nothing needs to be done.
    pub remedy: String,
    /// Another place that belongs to the problem, and what is there.
    pub also: Option<(Source, String)>,
}

impl Diagnostic {
    /// An error that is in no file.
    #[must_use]
    pub fn error(
        id: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            source: None,
            severity: Severity::Error,
            id,
            what: what.into(),
            why: why.into(),
            remedy: remedy.into(),
            also: None,
        }
    }

    /// The same, worth a look only.
    #[must_use]
    pub fn as_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same, at a place in a file.
    #[must_use]
    pub fn at(self, source: Option<Source>) -> Self {
        Self { source, ..self }
    }
}

/// One line, for logs and tests: `what: remedy`, or `what: why; remedy`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, why, remedy, .. } = self;
        if why.is_empty() {
            write!(f, "{what}: {remedy}")
        } else {
            write!(f, "{what}: {why}; {remedy}")
        }
    }
}

impl std::error::Error for Diagnostic {}

/// All problems found, sorted by place. Never empty when it is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No problem yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there are none at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problems in the order of their places, each once.
    #[must_use]
    pub fn sorted(&self) -> Vec<Diagnostic> {
        let mut all = self.0.clone();
        all.sort();
        all.dedup();
        all
    }
}
