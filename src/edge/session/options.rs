//! How a session is opened, and why it is not.

use std::sync::Arc;
use std::time::Duration;

use crate::edge::credential::Clock;
use crate::edge::http::{HttpOptions, Waits};
use crate::kind::Diagnostic;

/// How to open a session. `Default` is by the system's clock.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// The time that tokens and rates live by.
    pub clock: Clock,
    /// How long one request may take, a token's among them; `None`: as long as usual.
    pub patience: Option<Duration>,
    /// The time that the session waits for its server, all waits together; `None`:
    /// [`MAX_WAIT`](crate::edge::http::MAX_WAIT).
    pub max_wait: Option<Duration>,
}

impl SessionOptions {
    pub(super) fn waits(&self) -> Arc<Waits> {
        Arc::new(self.max_wait.map_or_else(Waits::default, Waits::new))
    }

    pub(super) fn http(&self) -> HttpOptions {
        let usual = HttpOptions::default();
        HttpOptions { request_timeout: self.patience.unwrap_or(usual.request_timeout), ..usual }
    }
}

/// Why there is no session.
pub(super) fn no_session(what: impl std::fmt::Display, remedy: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("session", what.to_string(), "", remedy))
}
