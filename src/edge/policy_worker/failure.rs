//! The error of a worker that does not answer as it should.

use crate::guard::PolicyError;

/// The worker failed, and why.
pub(in crate::edge) fn failed(why: impl std::fmt::Display) -> PolicyError {
    PolicyError::Worker(why.to_string())
}
