//! Errors of reads, with the workspace in which they happened.

use crate::kind::Diagnostic;
use crate::provider::scim::{ReadError, ReadErrorKind};

/// The same error, with the workspace that was meant: the path does not say it.
pub(super) fn of_workspace(name: &str, error: ReadError) -> ReadError {
    let Diagnostic { what, why, remedy, .. } = *error.said;
    let remedy = match error.kind {
        ReadErrorKind::Forbidden => format!(
            "give the credential of `{name}` the permission `ccs.authorization.view` there (and \
             `ccs.authorization.edit` and `.delete` to apply)"
        ),
        _ => remedy,
    };
    ReadError::new(error.kind, format!("workspace `{name}`: {what}"), why, remedy)
}
