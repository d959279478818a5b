//! Credentials: where the secret is, and how it becomes an `Authorization` header.
//!
//! A secret is held in [`SecretString`], which prints as nothing and is wiped when dropped. It
//! is in no error, no log and no argument of a command.

mod claims;
mod endpoint;
mod header;
mod open;
mod renewed;
mod secrets;
mod source;
mod views;

use std::sync::Arc;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

pub use super::clock::Clock;
use super::dates::Dates;
use super::http::Waits;
use crate::kind::Diagnostic;
pub use claims::Claims;
use header::header;
pub(super) use header::short;
pub use open::WorkspaceEndpoint;
use renewed::Renewed;
pub(super) use secrets::{SHORTEST, Secrets};
pub use source::Place;

/// What says who muster is.
pub struct Credential {
    proof: Proof,
    secrets: Arc<Secrets>,
    dates: Arc<Dates>,
}

/// How it is said.
enum Proof {
    /// Nothing: the server asks for nothing.
    None,
    /// A bearer token (RFC 6750).
    Bearer(HeaderValue),
    /// Tokens that are fetched and renewed (RFC 6749 section 4.4).
    Renewed(Box<Renewed>),
}

/// What a place holds.
pub(super) enum Secret {
    Token(SecretString),
    Client { id: String, secret: SecretString },
}

/// A secret as JSON says it.
struct Hidden(SecretString);

impl<'de> serde::Deserialize<'de> for Hidden {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

impl Credential {
    /// A bearer token.
    ///
    /// # Errors
    ///
    /// A diagnostic when it is empty or cannot be a header.
    pub fn bearer(token: &SecretString) -> Result<Self, Box<Diagnostic>> {
        let secrets = Arc::<Secrets>::default();
        secrets.add(token);
        Ok(Self { proof: Proof::Bearer(header(token)?), secrets, dates: Arc::default() })
    }

    /// No credential: the server asks for none.
    #[must_use]
    pub fn none() -> Self {
        Self { proof: Proof::None, secrets: Arc::default(), dates: Arc::default() }
    }

    /// The secrets to strike out of what comes back.
    pub(super) fn secrets(&self) -> &Arc<Secrets> {
        &self.secrets
    }

    /// The dates that the servers give to which it is shown.
    pub(super) fn dates(&self) -> &Dates {
        &self.dates
    }

    /// Whether its secret is too short to be told from ordinary text, and so could not be struck
    /// out of what a server echoes.
    pub(super) fn is_short(&self) -> bool {
        match &self.proof {
            Proof::None | Proof::Renewed(_) => false,
            Proof::Bearer(header) => header.len() < "Bearer ".len() + SHORTEST,
        }
    }

    /// The token that says who muster is, to be exchanged for another.
    async fn token(&self) -> Result<Option<SecretString>, Box<Diagnostic>> {
        let header = self.authorization().await?;
        let token = header.as_ref().and_then(|header| header.to_str().ok());
        Ok(token.and_then(|text| text.strip_prefix("Bearer ")).map(SecretString::from))
    }

    /// What the token says of itself; one is fetched where there is none yet.
    ///
    /// # Errors
    ///
    /// A diagnostic when there is no token to be had.
    pub async fn claims(&self) -> Result<Claims, Box<Diagnostic>> {
        let token = self.token().await?;
        Ok(token.map(|token| Claims::of(token.expose_secret())).unwrap_or_default())
    }

    /// The header that says who muster is.
    pub(super) async fn authorization(&self) -> Result<Option<HeaderValue>, Box<Diagnostic>> {
        match &self.proof {
            Proof::None => Ok(None),
            Proof::Bearer(header) => Ok(Some(header.clone())),
            Proof::Renewed(renewed) => renewed.token().await.map(Some),
        }
    }

    /// Takes the waits for its tokens out of what a run waits in all.
    pub(super) fn charge(&self, waits: &Arc<Waits>) {
        match &self.proof {
            Proof::None | Proof::Bearer(_) => {}
            Proof::Renewed(renewed) => renewed.charge(waits),
        }
    }

    /// Forgets a token that was refused, if it is still the one in use. Whether another may be
    /// had.
    pub(super) async fn expire(&self, refused: Option<&HeaderValue>) -> bool {
        match &self.proof {
            Proof::None | Proof::Bearer(_) => false,
            Proof::Renewed(renewed) => {
                renewed.forget(refused).await;
                true
            }
        }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.proof {
            Proof::None => "Credential::None",
            Proof::Bearer(_) => "Credential::Bearer(..)",
            Proof::Renewed(_) => "Credential::Renewed(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_nothing() {
        let credential = Credential::bearer(&SecretString::from("hunter2")).unwrap();
        let Proof::Bearer(value) = &credential.proof else { panic!("not a bearer") };
        assert!(!format!("{credential:?} {value:?}").contains("hunter2"));
        let error = Credential::bearer(&SecretString::from("hunter2\nX: y")).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        assert!(Credential::bearer(&SecretString::from(" ")).is_err());
    }
}
