//! Trouble: a request that got no useful answer, and what that says of what became of it.

use std::time::Duration;

use crate::provider::TransportError;

/// A request that got no useful answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Trouble {
    /// An answer that is no success.
    Status {
        /// Its status.
        status: u16,
        /// One line: method, path, status, the server's words.
        words: String,
        /// How long the server asked to wait, where it did.
        wait: Option<Duration>,
    },
    /// No answer.
    Transport {
        /// Why.
        error: TransportError,
        /// One line: method, path, why.
        words: String,
    },
}

impl Trouble {
    /// One line for people.
    pub(in crate::provider) fn words(&self) -> &str {
        match self {
            Self::Status { words, .. } | Self::Transport { words, .. } => words,
        }
    }

    /// The status, where there was an answer.
    pub(in crate::provider) const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::Transport { .. } => None,
        }
    }

    /// Whether the credential was refused, so that nothing more may be written.
    pub(in crate::provider) const fn is_refused_credential(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 401 | 403),
            Self::Transport { error, .. } => matches!(error, TransportError::NoCredential(_)),
        }
    }

    /// The same trouble, which is not waited for: the server wants a longer wait than there is.
    pub(super) fn not_waited_for(self, error: TransportError) -> Self {
        let words = format!("{}; {error}", self.words());
        Self::Transport { error, words }
    }

    /// Whether the server wants a longer wait than the run has left for it.
    pub(in crate::provider) const fn is_too_long(&self) -> bool {
        matches!(self, Self::Transport { error: TransportError::TooLong(_), .. })
    }

    /// Whether nobody knows if the request was carried out.
    pub(in crate::provider) const fn is_unknown_outcome(&self) -> bool {
        match self {
            Self::Status { status, .. } => *status == 408 || *status >= 500,
            Self::Transport { error, .. } => {
                use TransportError as Error;
                !matches!(
                    error,
                    Error::NotSent(_)
                        | Error::NoCredential(_)
                        | Error::TooLong(_)
                        | Error::Untrusted(_)
                )
            }
        }
    }

    /// Whether the same request may succeed a little later.
    pub(super) const fn is_passing(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
            Self::Transport { error, .. } => {
                use TransportError as Error;
                matches!(error, Error::NotSent(_) | Error::Lost(_))
            }
        }
    }

    /// How long the server asked to wait, where it did.
    pub(in crate::provider) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { wait, .. } => *wait,
            Self::Transport { .. } => None,
        }
    }

    /// Whether it was certainly not carried out, and may be sent again whatever it is.
    pub(in crate::provider) const fn is_untouched(&self) -> bool {
        match self {
            Self::Status { status, .. } => *status == 429,
            Self::Transport { error, .. } => matches!(error, TransportError::NotSent(_)),
        }
    }
}
