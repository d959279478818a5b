//! Credentials: where the secret is, and how it becomes an `Authorization` header.
//!
//! A secret is held in [`SecretString`], which prints as nothing and is wiped when dropped. It
//! is in no error, no log and no argument of a command.

mod claims;
mod endpoint;
mod renewed;
mod source;

use std::sync::Arc;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use super::http::HttpOptions;
use crate::live::RemoteId;

pub use super::clock::Clock;
pub use claims::Claims;
use endpoint::{Endpoint, Shown};
use renewed::Renewed;
pub use source::Place;

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
    fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

/// What says who muster is.
pub enum Credential {
    /// Nothing: the server asks for nothing.
    None,
    /// A bearer token (RFC 6750).
    Bearer(HeaderValue),
    /// Tokens that are fetched and renewed (RFC 6749 section 4.4).
    Renewed(Box<Renewed>),
}

/// Where the tokens of one workspace of HPE GreenLake come from.
#[derive(Clone, Debug)]
pub struct WorkspaceEndpoint<'a> {
    /// The base URL of the platform (`target.url`).
    pub base: &'a str,
    /// The workspace's name in `muster.yaml`.
    pub name: &'a str,
    /// Its id.
    pub id: &'a str,
    /// The time.
    pub clock: Clock,
    /// The bounds of one request.
    pub http: HttpOptions,
}

impl WorkspaceEndpoint<'_> {
    fn renewed(&self, shown: Shown) -> Result<Credential, CredentialError> {
        // The id goes there without hyphens.
        let id = RemoteId::compare(self.id);
        let url = format!("{}/authorization/v2/oauth2/{id}/token", self.base.trim_end_matches('/'));
        let endpoint = Endpoint::new(&url, "target.url", (shown, &self.http))?;
        let endpoint = endpoint.of_workspace(self.name, self.id);
        Ok(Credential::renewed(endpoint, self.clock.clone()))
    }
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
    /// [`CredentialError`] when it is empty or cannot be a header.
    pub fn bearer(token: &SecretString) -> Result<Self, CredentialError> {
        header(token).map(Self::Bearer)
    }

    /// The credential that a place holds. `token_url` is where a client's tokens come from.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] when there is none there, when others can read it, or when a client
    /// has no `target.tokenUrl`.
    pub async fn from_place(
        place: &Place<'_>,
        token_url: Option<&str>,
    ) -> Result<Self, CredentialError> {
        match source::secret(place).await? {
            Secret::Token(token) => Self::bearer(&token),
            Secret::Client { id, secret } => {
                let url = token_url.ok_or_else(|| {
                    CredentialError::new(
                        "the credential is a client id and a secret, and nothing says where its \
                         tokens come from",
                        "set `target.tokenUrl`",
                    )
                })?;
                let shown = Shown::Client { id, secret };
                let http = HttpOptions::default();
                let endpoint = Endpoint::new(url, "target.tokenUrl", (shown, &http))?;
                Ok(Self::renewed(endpoint, Clock::default()))
            }
        }
    }

    /// The credential of one workspace of HPE GreenLake: a bearer token that is there already, or
    /// a client whose tokens come from the workspace's own endpoint.
    ///
    /// # Errors
    ///
    /// As [`Credential::from_place`].
    pub async fn of_workspace(
        place: &Place<'_>,
        endpoint: &WorkspaceEndpoint<'_>,
    ) -> Result<Self, CredentialError> {
        match source::secret(place).await? {
            Secret::Token(token) => {
                Claims::of(token.expose_secret()).is_for(endpoint.id).map_err(|other| {
                    let what = format!("the credential of `{}`: {other}", endpoint.name);
                    CredentialError::new(what, "check the workspace's id and its credential")
                })?;
                Self::bearer(&token)
            }
            Secret::Client { id, secret } => endpoint.renewed(Shown::Client { id, secret }),
        }
    }

    /// A client of one workspace of HPE GreenLake whose id and secret are known: the embedded
    /// sandbox's own.
    ///
    /// # Errors
    ///
    /// As [`Credential::from_place`].
    pub fn client_of_workspace(
        id: &str,
        secret: SecretString,
        endpoint: &WorkspaceEndpoint<'_>,
    ) -> Result<Self, CredentialError> {
        endpoint.renewed(Shown::Client { id: id.to_owned(), secret })
    }

    /// The credential of a tenant's workspace: its tokens are exchanged for those of the managed
    /// service provider's (RFC 8693).
    ///
    /// # Errors
    ///
    /// As [`Credential::from_place`].
    pub fn exchanged(
        through: Arc<Self>,
        endpoint: &WorkspaceEndpoint<'_>,
    ) -> Result<Self, CredentialError> {
        endpoint.renewed(Shown::Token(through))
    }

    fn renewed(endpoint: Endpoint, clock: Clock) -> Self {
        Self::Renewed(Box::new(Renewed::new(Box::new(endpoint), clock)))
    }

    /// The token that says who muster is, to be exchanged for another.
    async fn token(&self) -> Result<Option<SecretString>, CredentialError> {
        let header = self.authorization().await?;
        let token = header.as_ref().and_then(|header| header.to_str().ok());
        Ok(token.and_then(|text| text.strip_prefix("Bearer ")).map(SecretString::from))
    }

    /// What the token says of itself; one is fetched where there is none yet.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] when there is no token to be had.
    pub async fn claims(&self) -> Result<Claims, CredentialError> {
        let token = self.token().await?;
        Ok(token.map(|token| Claims::of(token.expose_secret())).unwrap_or_default())
    }

    /// The header that says who muster is.
    pub(super) async fn authorization(&self) -> Result<Option<HeaderValue>, CredentialError> {
        match self {
            Self::None => Ok(None),
            Self::Bearer(header) => Ok(Some(header.clone())),
            Self::Renewed(renewed) => renewed.token().await.map(Some),
        }
    }

    /// Forgets a token that was refused, if it is still the one in use. Whether another may be
    /// had.
    pub(super) async fn expire(&self, refused: Option<&HeaderValue>) -> bool {
        match self {
            Self::None | Self::Bearer(_) => false,
            Self::Renewed(renewed) => {
                renewed.forget(refused).await;
                true
            }
        }
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "Credential::None",
            Self::Bearer(_) => "Credential::Bearer(..)",
            Self::Renewed(_) => "Credential::Renewed(..)",
        })
    }
}

/// `Bearer TOKEN`, marked so that nothing prints it.
fn header(token: &SecretString) -> Result<HeaderValue, CredentialError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_nothing() {
        let credential = Credential::bearer(&SecretString::from("hunter2")).unwrap();
        let Credential::Bearer(value) = &credential else { panic!("not a bearer") };
        assert!(!format!("{credential:?} {value:?}").contains("hunter2"));
        let error = Credential::bearer(&SecretString::from("hunter2\nX: y")).unwrap_err();
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        assert!(Credential::bearer(&SecretString::from(" ")).is_err());
    }
}
