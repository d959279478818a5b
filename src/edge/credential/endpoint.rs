//! Token endpoints: client credentials (RFC 6749 section 4.4), and the exchange of one token for
//! another (RFC 8693), which is how a managed service provider reaches its tenants.

use std::sync::Arc;

use futures::future::BoxFuture;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::super::clock;
use super::super::dates::Dates;
use super::super::http::{BaseUrl, HttpOptions, chain, client, distrust, retry_after};
use super::claims::Claims;
use super::header::{refused, short};
use super::renewed::{Asker, Granted, Refused};
use super::{Credential, Hidden, SHORTEST, Secrets};
use crate::kind::Diagnostic;
use crate::provider::Advised;

/// How large a token's answer may be.
const MOST_BYTES: usize = 64 << 10;
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What is shown for a token.
pub(super) enum Shown {
    /// The id and the secret of a client.
    Client { id: String, secret: SecretString },
    /// Another token.
    Token(Arc<Credential>),
}

/// One endpoint and what is shown there.
pub(super) struct Endpoint {
    client: reqwest::Client,
    url: BaseUrl,
    shown: Shown,
    /// The workspace that the token must be for, where there is one.
    workspace: Option<String>,
    /// What to look at when there is no token.
    remedy: String,
    /// What is shown, and every token that was given.
    secrets: Arc<Secrets>,
    /// The dates that it was seen to give.
    dates: Arc<Dates>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Hidden,
    expires_in: Option<u64>,
}

impl Endpoint {
    /// An endpoint at `url`, which `named` says where it comes from.
    pub(super) fn new(
        url: &str,
        named: &str,
        (shown, options): (Shown, &HttpOptions),
    ) -> Result<Self, Box<Diagnostic>> {
        let url = BaseUrl::parse(url)
            .map_err(|error| refused(format!("`{named}`: {}", error.what), error.remedy))?;
        let client = client(&url, options)
            .map_err(|error| refused(error.to_string(), "check the TLS set-up"))?;
        let remedy = format!("check `{named}`, the client id and its secret");
        let secrets = match &shown {
            Shown::Client { secret, .. } => {
                if secret.expose_secret().trim().len() < SHORTEST && !url.is_loopback() {
                    return Err(short("the client's secret"));
                }
                let secrets = Arc::<Secrets>::default();
                secrets.add(secret);
                secrets
            }
            Shown::Token(credential) => Arc::clone(credential.secrets()),
        };
        let dates = Arc::default();
        Ok(Self { client, url, shown, workspace: None, remedy, secrets, dates })
    }

    /// The secrets to strike out of what comes back.
    pub(super) const fn secrets(&self) -> &Arc<Secrets> {
        &self.secrets
    }

    /// The dates that it was seen to give.
    pub(super) const fn dates(&self) -> &Arc<Dates> {
        &self.dates
    }

    /// The same endpoint, whose tokens must be for this workspace.
    pub(super) fn of_workspace(self, name: &str, id: &str) -> Self {
        let remedy = match &self.shown {
            Shown::Client { .. } => format!(
                "check the id of the workspace `{name}`, and that its credential is a client of it"
            ),
            Shown::Token(_) => format!(
                "check the id of the workspace `{name}`, and that it is a tenant of the workspace \
                 that its `via` names"
            ),
        };
        Self { workspace: Some(id.to_owned()), remedy, ..self }
    }

    fn failed(&self, what: &str) -> Box<Diagnostic> {
        let what = format!("no token from `{}`: {what}", self.url.as_str());
        refused(self.secrets.strip(&what), &self.remedy)
    }

    fn refused(&self, what: &str, is_passing: bool) -> Refused {
        Refused { error: self.failed(what), is_passing, wait: None }
    }

    async fn form(&self) -> Result<SecretString, Refused> {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let form = match &self.shown {
            Shown::Client { id, secret } => format!(
                "grant_type=client_credentials&client_id={}&client_secret={}",
                encode(id),
                encode(secret.expose_secret())
            ),
            Shown::Token(credential) => {
                let shown = credential.token().await;
                let shown =
                    shown.map_err(|error| Refused { error, is_passing: false, wait: None })?;
                let token = shown.ok_or_else(|| {
                    self.refused("the workspace it is to be had through has no credential", false)
                })?;
                format!(
                    "grant_type={}&subject_token={}&subject_token_type={}",
                    encode(EXCHANGE),
                    encode(token.expose_secret()),
                    encode(ACCESS_TOKEN)
                )
            }
        };
        Ok(form.into())
    }

    async fn fetch(&self) -> Result<Granted, Refused> {
        let form = self.form().await?;
        let request = self
            .client
            .post(self.url.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.expose_secret().to_owned());
        let lost = |error: reqwest::Error| {
            if let Some(Advised { said, remedy }) = distrust(&error) {
                let what = format!("no token from `{}`: {said}", self.url.as_str());
                return Refused { error: refused(what, remedy), is_passing: false, wait: None };
            }
            let late = error.is_timeout().then(|| "it did not answer in time".to_owned());
            self.refused(&late.unwrap_or_else(|| chain(&error.without_url())), true)
        };
        let mut answer = request.send().await.map_err(lost)?;
        let header = |name: &str| answer.headers().get(name)?.to_str().ok();
        self.dates.note(clock::now(), &header);
        let status = answer.status();
        if !status.is_success() {
            // The body is not shown: token endpoints have been seen to echo what was sent.
            let is_passing = status.as_u16() == 429 || status.is_server_error();
            let wait = retry_after(&header).filter(|_| is_passing);
            let mut refused = self.refused(&format!("it answered {status}"), is_passing);
            if is_passing {
                // It did not even look at the client.
                "run it again when the token endpoint is well"
                    .clone_into(&mut refused.error.remedy);
            }
            return Err(Refused { wait, ..refused });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(lost)? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(self.refused("its answer is too large", false));
            }
            bytes.extend_from_slice(&chunk);
        }
        let answer: Answer = serde_json::from_slice(&bytes)
            .map_err(|_| self.refused("its answer holds no `access_token`", false))?;
        let token = answer.access_token.0;
        self.secrets.add(&token);
        if token.expose_secret().trim().len() < SHORTEST && !self.url.is_loopback() {
            return Err(Refused {
                error: short("the token that it gave"),
                is_passing: false,
                wait: None,
            });
        }
        if let Some(workspace) = &self.workspace {
            Claims::of(token.expose_secret())
                .is_for(workspace)
                .map_err(|other| self.refused(&other, false))?;
        }
        Ok(Granted { token, life: answer.expires_in })
    }
}

impl Asker for Endpoint {
    fn ask(&self) -> BoxFuture<'_, Result<Granted, Refused>> {
        Box::pin(self.fetch())
    }
}
