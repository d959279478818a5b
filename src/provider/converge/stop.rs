//! Why a step ends without what it wanted.

use crate::apply::{Receipt, Report, Unproved};
use crate::provider::scim::Trouble;
use crate::provider::scim::{ReadError, ReadErrorKind};

/// Why a step ended without what it wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Stop {
    /// It failed, for this reason.
    Failed(String),
    /// The object is not what the plan saw.
    Stale(String),
    /// Something vanished that no step takes away: nothing more may be written.
    Damaged(String),
    /// The credential was refused: nothing more may be written.
    Halt(String),
}

impl Stop {
    /// The reason, in words.
    pub(in crate::provider) fn into_words(self) -> String {
        match self {
            Self::Failed(words) | Self::Stale(words) | Self::Damaged(words) | Self::Halt(words) => {
                words
            }
        }
    }

    /// The receipt, and whether all writing stops.
    pub(in crate::provider) fn report(self) -> Report {
        match self {
            Self::Failed(cause) => Receipt::Failed { cause }.into(),
            Self::Stale(cause) => Receipt::Stale { cause }.into(),
            Self::Damaged(cause) => Report {
                halt: Some(format!("something vanished that no step takes away: {cause}")),
                receipt: Receipt::Damaged { cause },
                made: None,
            },
            Self::Halt(cause) => Report {
                halt: Some(format!("the credential was refused: {cause}")),
                receipt: Receipt::Failed { cause },
                made: None,
            },
        }
    }
}

impl From<Unproved> for Stop {
    fn from(unproved: Unproved) -> Self {
        match unproved {
            Unproved::Moved(cause) => Self::Stale(cause),
            Unproved::Unread(cause) => {
                Self::Failed(format!("not sent, because it could not be proved again: {cause}"))
            }
        }
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        let words = trouble.words().to_owned();
        if trouble.is_refused_credential() { Self::Halt(words) } else { Self::Failed(words) }
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        match error.kind {
            ReadErrorKind::Unauthorized | ReadErrorKind::Forbidden => Self::Halt(error.said.what),
            _ => Self::Failed(error.to_string()),
        }
    }
}
