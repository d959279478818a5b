//! Credentials: where the secret is, and how it becomes an `Authorization` header.
//!
//! A secret is held in [`SecretString`], which prints as nothing and is wiped when dropped. It
//! is in no error, no log and no argument of a command.

mod oauth;
mod source;

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};

use oauth::Oauth;
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
    Oauth(Box<Oauth>),
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
                Oauth::new(url, id, secret).map(|oauth| Self::Oauth(Box::new(oauth)))
            }
        }
    }

    /// The header that says who muster is.
    pub(super) async fn authorization(&self) -> Result<Option<HeaderValue>, CredentialError> {
        match self {
            Self::None => Ok(None),
            Self::Bearer(header) => Ok(Some(header.clone())),
            Self::Oauth(oauth) => oauth.token().await.map(Some),
        }
    }

    /// Forgets a token that was refused. Whether another may be had.
    pub(super) async fn expire(&self) -> bool {
        match self {
            Self::None | Self::Bearer(_) => false,
            Self::Oauth(oauth) => {
                oauth.forget().await;
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
            Self::Oauth(_) => "Credential::Oauth(..)",
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
