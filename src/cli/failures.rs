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
    // Several problems are a list; one goes on in the same line.
    let lead = if error.contains('\n') { "\n  " } else { " " };
    let error = error.replace('\n', "\n  ");
    let what = format!("nothing was judged, so nothing is let through:{lead}{error}");
    Failure::new(Exit::Denied, &what, "mend the policies; a guardrail that cannot run is a refusal")
}
