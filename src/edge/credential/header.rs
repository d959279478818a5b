//! The `Authorization` header of a token, and why there is none.

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

/// Why there is no credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {remedy}")]
pub struct CredentialError {
    /// What is wrong. Never the secret.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl CredentialError {
    pub(super) fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

/// `Bearer TOKEN`, marked so that nothing prints it.
pub(super) fn header(token: &SecretString) -> Result<HeaderValue, CredentialError> {
    let token = token.expose_secret().trim();
    let unusable = || {
        CredentialError::new(
            "the token is empty or holds characters that no header can hold",
            "check that it is the token alone, in one line",
        )
    };
    if token.is_empty() {
        return Err(unusable());
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| unusable())?;
    value.set_sensitive(true);
    Ok(value)
}
