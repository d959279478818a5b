//! A problem at a place of a rule file.

use regorus::unstable::Span;

use crate::guard::Problem;

/// A problem at `span`.
pub(super) fn at(span: &Span, what: String, remedy: &str) -> Problem {
    Problem {
        file: span.source.get_path().clone(),
        line: span.line,
        column: span.col,
        what,
        remedy: remedy.to_owned(),
    }
}
