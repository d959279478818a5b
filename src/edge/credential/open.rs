//! Opens a credential: from the place that holds it, or through another one.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use super::endpoint::{Endpoint, Shown};
use super::header::refused;
use super::renewed::Renewed;
use super::source::{self, Place};
use super::{Claims, Clock, Credential, Proof, Secret};
use crate::edge::http::HttpOptions;
use crate::kind::Diagnostic;
use crate::live::RemoteId;

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
    fn renewed(&self, shown: Shown) -> Result<Credential, Box<Diagnostic>> {
        // The id goes there without hyphens.
        let id = RemoteId::compare(self.id);
        let url = format!("{}/authorization/v2/oauth2/{id}/token", self.base.trim_end_matches('/'));
        let endpoint = Endpoint::new(&url, "target.url", (shown, &self.http))?;
        let endpoint = endpoint.of_workspace(self.name, self.id);
        Ok(Credential::renewed(endpoint, self.clock.clone()))
    }
}

impl Credential {
    /// The credential that a place holds. `token_url` is where a client's tokens come from.
    ///
    /// # Errors
    ///
    /// A diagnostic when there is none there, when others can read it, or when a client
    /// has no `target.tokenUrl`.
    pub async fn from_place(
        place: &Place<'_>,
        token_url: Option<&str>,
    ) -> Result<Self, Box<Diagnostic>> {
        match source::secret(place).await? {
            Secret::Token(token) => Self::bearer(&token),
            Secret::Client { id, secret } => {
                let url = token_url.ok_or_else(|| {
                    refused(
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
    ) -> Result<Self, Box<Diagnostic>> {
        match source::secret(place).await? {
            Secret::Token(token) => {
                Claims::of(token.expose_secret()).is_for(endpoint.id).map_err(|other| {
                    let what = format!("the credential of `{}`: {other}", endpoint.name);
                    refused(what, "check the workspace's id and its credential")
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
    ) -> Result<Self, Box<Diagnostic>> {
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
    ) -> Result<Self, Box<Diagnostic>> {
        endpoint.renewed(Shown::Token(through))
    }

    fn renewed(endpoint: Endpoint, clock: Clock) -> Self {
        let (secrets, dates) = (Arc::clone(endpoint.secrets()), Arc::clone(endpoint.dates()));
        let renewed = Renewed::new(Box::new(endpoint), clock);
        Self { proof: Proof::Renewed(Box::new(renewed)), secrets, dates }
    }
}
