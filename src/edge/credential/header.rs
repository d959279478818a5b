//! The `Authorization` header of a token, and why there is none.

use super::SHORTEST;
use crate::kind::Diagnostic;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

/// Why there is no credential. `what` never holds the secret.
pub(super) fn refused(what: impl Into<String>, remedy: impl Into<String>) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("credential", what, "", remedy))
}

/// Why a secret of a few characters is not sent anywhere but to this machine.
pub(in crate::edge) fn short(what: &str) -> Box<Diagnostic> {
    refused(
        format!(
            "{what} has fewer than {SHORTEST} characters, and could not be told from ordinary \
             text where a server echoes it"
        ),
        "have a longer one issued; on this machine (`localhost`) any length will do",
    )
}

/// `Bearer TOKEN`, marked so that nothing prints it.
pub(super) fn header(token: &SecretString) -> Result<HeaderValue, Box<Diagnostic>> {
    let token = token.expose_secret().trim();
    let unusable = || {
        refused(
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
