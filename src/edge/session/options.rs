//! How a session is opened, and why it is not.

use std::time::Duration;

use crate::edge::credential::Clock;
use crate::edge::http::HttpOptions;

/// How to open a session. `Default` is by the system's clock.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// The time that tokens and rates live by.
    pub clock: Clock,
    /// How long one request may take, a token's among them; `None`: as long as usual.
    pub patience: Option<Duration>,
}

impl SessionOptions {
    pub(super) fn http(&self) -> HttpOptions {
        let usual = HttpOptions::default();
        HttpOptions { request_timeout: self.patience.unwrap_or(usual.request_timeout), ..usual }
    }
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionError {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl SessionError {
    pub(super) fn new(what: impl std::fmt::Display, remedy: &str) -> Self {
        Self { what: what.to_string(), remedy: remedy.to_owned() }
    }
}
