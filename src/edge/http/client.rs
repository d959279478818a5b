//! The HTTP client, and the bounds it keeps.

use std::time::Duration;

use reqwest::redirect;

use super::address::BaseUrl;
use crate::kind::Diagnostic;

/// What bodies are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// `application/scim+json` (RFC 7644 section 8.1).
    #[default]
    Scim,
    /// `application/json`.
    Json,
}

/// The bounds of one transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long one request may take, its whole answer included.
    pub request_timeout: Duration,
    /// How many bytes an answer may have, decompressed.
    pub max_body: usize,
    /// Requests in flight at once, at most.
    pub concurrency: usize,
    /// What bodies are written in.
    pub media: Media,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            max_body: 32 << 20,
            concurrency: 16,
            media: Media::Scim,
        }
    }
}

/// Why there is no transport.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// `target.url` is not one that is spoken to.
    #[error(transparent)]
    Address(#[from] Box<Diagnostic>),
    /// The credential is not one that may leave this machine.
    #[error(transparent)]
    Credential(Box<Diagnostic>),
    /// The TLS library could not be set up.
    #[error("no HTTP client: {0}")]
    Client(String),
}

impl HttpError {
    /// The same as a diagnostic; `remedy` is for what says nothing of its own.
    pub(in crate::edge) fn told(self, remedy: &str) -> Box<Diagnostic> {
        match self {
            Self::Credential(said) => said,
            other => Box::new(Diagnostic::error("session", other.to_string(), "", remedy)),
        }
    }
}

/// An HTTP client with muster's manners, for `base` or a token endpoint.
///
/// # Errors
///
/// [`HttpError::Client`] when the TLS library cannot be set up.
pub(in crate::edge) fn client(
    base: &BaseUrl,
    options: &HttpOptions,
) -> Result<reqwest::Client, HttpError> {
    // The second time it is there already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
        .https_only(!base.is_loopback())
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .connect_timeout(options.connect_timeout)
        .timeout(options.request_timeout);
    if base.is_loopback() {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| HttpError::Client(chain(&error)))
}

/// The innermost cause, which says most.
pub(in crate::edge) fn chain(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
