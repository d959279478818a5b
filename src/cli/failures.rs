//! Failures that several commands can end with.

use super::exit::{Exit, Failure};
use crate::config::{Diagnostics, SourceText};
use crate::edge::terminal;
use crate::guard::PolicyError;
use crate::report;

/// Problems of files, as a failure.
pub(super) fn problems(found: &Diagnostics, texts: &[&SourceText]) -> Failure {
    let message = report::diagnostics(found, texts, terminal::stderr_style());
    Failure { exit: Exit::Error, message }
}

/// Policies that cannot be judged by are a refusal.
pub(super) fn unjudged(error: &PolicyError) -> Failure {
    let error = error.to_string();
    let what = "nothing was judged, so nothing is let through:";
    let problems: Vec<&str> = error.lines().collect();
    let remedy = "mend the policies; a guardrail that cannot run is a refusal";
    // Several problems are a list; one goes on in the same line.
    match problems.as_slice() {
        [one] => Failure::new(Exit::Denied, &format!("{what} {one}"), remedy),
        several => Failure::with_lines(Exit::Denied, &[&[what], several].concat(), remedy),
    }
}
