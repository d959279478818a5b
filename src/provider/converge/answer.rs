//! Answers: what a server says of a write, reduced to what the loop needs. None of them is proof
//! of anything but that the server had no part in it.

use std::time::Duration;

use crate::provider::scim::Trouble;

/// What a server said of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Answer {
    /// A success.
    Done,
    /// A success that is only promised (202, RFC 9110 section 15.3.3).
    Accepted,
    /// No answer, or one that does not say whether the request was carried out: 408, 5xx.
    Lost(String),
    /// No room for it now (429): it was not carried out. The wait that was asked for, if any.
    Throttled {
        /// The server's words.
        words: String,
        /// How long to wait.
        wait: Option<Duration>,
    },
    /// A precondition failed or is demanded (412, 428): it was not carried out.
    Precondition(String),
    /// Something is not there (404, 410).
    Missing(String),
    /// Something is there already (409).
    Taken(String),
    /// Refused for another reason: it was not carried out.
    Refused(String),
}

/// What the status, or the lack of one, means for a write.
pub(in crate::provider) fn answer(trouble: &Trouble) -> Answer {
    let words = trouble.words().to_owned();
    match trouble.status() {
        Some(404 | 410) => Answer::Missing(words),
        Some(409) => Answer::Taken(words),
        Some(412 | 428) => Answer::Precondition(words),
        Some(501) => Answer::Refused(words),
        _ if trouble.is_untouched() => Answer::Throttled { words, wait: trouble.retry_after() },
        _ if trouble.is_unknown_outcome() => Answer::Lost(words),
        _ => Answer::Refused(words),
    }
}
