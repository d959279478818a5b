//! OAuth 2.0 client credentials (RFC 6749 section 4.4): tokens fetched when they are needed,
//! renewed at 80 % of their life, one renewal at a time (incidents, family I).

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::super::http::{BaseUrl, HttpOptions, chain, client};
use super::{CredentialError, Hidden, header};

/// How large a token's answer may be.
const MOST_BYTES: usize = 64 << 10;
/// A token's life where the server does not say.
const DEFAULT_LIFE: u64 = 300;
/// How often a token is asked for, and how long between.
const TRIES: u32 = 4;

/// A client that fetches its tokens.
pub struct Oauth {
    client: reqwest::Client,
    url: BaseUrl,
    id: String,
    secret: SecretString,
    /// Held while a token is fetched, so that everybody waits for one fetch.
    token: Mutex<Option<Token>>,
}

struct Token {
    header: HeaderValue,
    renew_at: Instant,
}

#[derive(Deserialize)]
struct Granted {
    access_token: Hidden,
    expires_in: Option<u64>,
}

impl Oauth {
    pub(super) fn new(
        url: &str,
        id: String,
        secret: SecretString,
    ) -> Result<Self, CredentialError> {
        let url = BaseUrl::parse(url).map_err(|error| {
            CredentialError::new(format!("`target.tokenUrl`: {}", error.what), error.remedy)
        })?;
        let client = client(&url, &HttpOptions::default())
            .map_err(|error| CredentialError::new(error.to_string(), "check the TLS set-up"))?;
        Ok(Self { client, url, id, secret, token: Mutex::new(None) })
    }

    /// A token that will last a little.
    pub(super) async fn token(&self) -> Result<HeaderValue, CredentialError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| Instant::now() < token.renew_at) {
            return Ok(token.header.clone());
        }
        let token = self.fetch().await?;
        let header = token.header.clone();
        *held = Some(token);
        Ok(header)
    }

    /// Forgets the token: it was refused.
    pub(super) async fn forget(&self) {
        *self.token.lock().await = None;
    }

    async fn fetch(&self) -> Result<Token, CredentialError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let (error, is_passing) = match self.fetch_once().await {
                Ok(token) => return Ok(token),
                Err(failure) => failure,
            };
            if tries == TRIES || !is_passing {
                return Err(error);
            }
            tokio::time::sleep(Duration::from_millis(500) * 2_u32.pow(tries)).await;
        }
    }

    /// One try; with the error, whether another may help.
    async fn fetch_once(&self) -> Result<Token, (CredentialError, bool)> {
        let failed = |what: String| {
            CredentialError::new(
                format!("no token from `{}`: {what}", self.url.as_str()),
                "check `target.tokenUrl`, the client id and its secret",
            )
        };
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            encode(&self.id),
            encode(self.secret.expose_secret())
        );
        let request = self
            .client
            .post(self.url.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let asked = Instant::now();
        let mut answer =
            request.send().await.map_err(|error| (failed(chain(&error.without_url())), true))?;
        let status = answer.status();
        if !status.is_success() {
            // The body is not shown: token endpoints have been seen to echo what was sent.
            let is_passing = status.as_u16() == 429 || status.is_server_error();
            return Err((failed(format!("it answered {status}")), is_passing));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) =
            answer.chunk().await.map_err(|error| (failed(chain(&error.without_url())), true))?
        {
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err((failed("its answer is too large".to_owned()), false));
            }
            bytes.extend_from_slice(&chunk);
        }
        let granted: Granted = serde_json::from_slice(&bytes)
            .map_err(|_| (failed("its answer holds no `access_token`".to_owned()), false))?;
        let life = granted.expires_in.unwrap_or(DEFAULT_LIFE).min(86_400);
        let renew_at = asked + Duration::from_millis(life * 800);
        let header = header(&granted.access_token.0).map_err(|error| (error, false))?;
        Ok(Token { header, renew_at })
    }
}
