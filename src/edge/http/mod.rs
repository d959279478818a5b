//! HTTP over the network: the [`Transport`] that is real.
//!
//! - `https` only, unless the host is this machine; redirects are never followed, so that the
//!   credential goes nowhere but to `target.url`.
//! - Whatever may be quoted of an answer is stripped of muster's own secrets.
//! - Every URL is built from the base and encoded segments; nothing a server sends is a URL.
//! - Bodies are bounded after decompression, and time is bounded.
//! - The rates that a provider publishes are kept to. Beside that a window adapts to what the
//!   server takes, and closes as a whole when it says "later".

mod address;
mod client;
mod later;
pub(super) mod pace;
mod redirect;
mod trust;
mod waits;
mod window;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MATCH,
    LOCATION,
};

use tokio::time::Instant;

use crate::provider::{Advised, Method, Request, Response, Transport, TransportError};

use super::clock;
use super::credential::{Credential, Secrets, short};
use crate::kind::Diagnostic;
use crate::live::Skew;

pub use address::BaseUrl;
pub use client::{HttpError, HttpOptions, Media};
pub(super) use client::{chain, client};
pub(super) use later::retry_after;
use pace::Pace;
pub(super) use trust::distrust;
pub use waits::MAX_WAIT;
pub(super) use waits::Waits;
use window::{Outcome, Window};

/// The media type of SCIM (RFC 7644 section 8.1).
const SCIM_JSON: &str = "application/scim+json";
/// How much of a success may be quoted, with room to spare.
const QUOTED_BYTES: usize = 4 << 10;

/// Requests made so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestsMade {
    /// Requests that only read.
    pub reads: u64,
    /// Requests that may have changed something.
    pub writes: u64,
}

/// Sends requests to one server.
pub struct HttpTransport {
    client: reqwest::Client,
    base: BaseUrl,
    credential: Arc<Credential>,
    pace: Option<Arc<Pace>>,
    waits: Arc<Waits>,
    window: Window,
    max_body: usize,
    media: Media,
    reads: AtomicU64,
    writes: AtomicU64,
    /// Whether anything under the base was answered with a success.
    has_answered: AtomicBool,
}

impl HttpTransport {
    /// A transport to the server at `base`.
    ///
    /// # Errors
    ///
    /// [`HttpError`] when the address is not one that is spoken to.
    pub fn new(
        base: &str,
        credential: Arc<Credential>,
        options: &HttpOptions,
    ) -> Result<Self, HttpError> {
        let base = BaseUrl::parse(base)?;
        if credential.is_short() && !base.is_loopback() {
            return Err(HttpError::Credential(short("the token")));
        }
        Ok(Self {
            client: client(&base, options)?,
            base,
            credential,
            pace: None,
            waits: Arc::default(),
            window: Window::new(options.concurrency),
            max_body: options.max_body,
            media: options.media,
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            has_answered: AtomicBool::new(false),
        })
    }

    /// The same transport, no faster than that.
    pub(super) fn paced(self, pace: Arc<Pace>) -> Self {
        Self { pace: Some(pace), ..self }
    }

    /// The same transport, which waits for the server no longer than that, together with others.
    pub(super) fn waiting(self, waits: Arc<Waits>) -> Self {
        self.credential.charge(&waits);
        Self { waits, ..self }
    }

    /// Requests made so far.
    #[must_use]
    pub fn requests_made(&self) -> RequestsMade {
        RequestsMade {
            reads: self.reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
        }
    }

    /// The secrets to strike out of what is quoted of an answer.
    pub(super) fn secrets(&self) -> &Arc<Secrets> {
        self.credential.secrets()
    }

    /// The furthest disagreement between the clocks of those who answered and ours.
    pub(super) fn skew(&self) -> Option<Skew> {
        self.credential.dates().skew()
    }

    async fn authorization(&self) -> Result<Option<HeaderValue>, TransportError> {
        let header = self.credential.authorization().await;
        header.map_err(|error| {
            let Diagnostic { what, why, remedy, .. } = *error;
            let said = if why.is_empty() { what } else { format!("{what}: {why}") };
            TransportError::NoCredential(Advised { said, remedy })
        })
    }

    /// Sends a request, and strips its answer of what must not be quoted.
    async fn once(
        &self,
        request: &Request,
        url: &str,
        authorization: Option<HeaderValue>,
    ) -> Result<Response, TransportError> {
        let answer = self.exchange(request, url, authorization).await;
        let secrets = self.secrets();
        match answer {
            Ok(answer) => Ok(stripped(answer, secrets)),
            Err(error) => Err(error.map(|words| secrets.strip(&words))),
        }
    }

    async fn exchange(
        &self,
        request: &Request,
        url: &str,
        authorization: Option<HeaderValue>,
    ) -> Result<Response, TransportError> {
        let mut answer = self.ask(request, url, authorization.clone()).await?;
        let status = answer.status().as_u16();
        if let Some(location) = text(answer.headers(), LOCATION.as_str()) {
            match redirect::other_slash(request.method, status, url, location) {
                Some(other) => answer = self.ask(request, &other, authorization).await?,
                None if (300..400).contains(&status) => {
                    let base = self.base.as_str();
                    let advice = if self.has_answered.load(Ordering::Relaxed) {
                        redirect::ELSEWHERE.to_owned()
                    } else {
                        redirect::advice(base, url, location)
                    };
                    return Err(redirected(status, location, &advice));
                }
                None => {}
            }
        }
        self.whole(answer).await
    }

    async fn ask(
        &self,
        request: &Request,
        url: &str,
        authorization: Option<HeaderValue>,
    ) -> Result<reqwest::Response, TransportError> {
        let (accept, content_type) = match self.media {
            Media::Scim => ("application/scim+json, application/json;q=0.9", SCIM_JSON),
            Media::Json => ("application/json", "application/json"),
        };
        let mut builder = self.client.request(method(request.method), url).header(ACCEPT, accept);
        if let Some(value) = authorization {
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(etag) = &request.if_match {
            builder = builder.header(IF_MATCH, etag);
        }
        if let Some(body) = &request.body {
            builder = builder.header(CONTENT_TYPE, content_type).body(body.to_string());
        }
        let counter = if request.method.is_write() { &self.writes } else { &self.reads };
        counter.fetch_add(1, Ordering::Relaxed);
        let answer = builder.send().await;
        if let Ok(answer) = &answer {
            self.credential.dates().note(clock::now(), &|name| text(answer.headers(), name));
        }
        answer.map_err(|error| unsent_or_lost(&error.without_url()))
    }

    /// Reads the whole answer, within the bound.
    async fn whole(&self, mut answer: reqwest::Response) -> Result<Response, TransportError> {
        let status = answer.status().as_u16();
        let headers = answer.headers();
        if let Some(coding) = text(headers, CONTENT_ENCODING.as_str())
            && !coding.eq_ignore_ascii_case("identity")
        {
            let words = format!("the answer is encoded as `{coding}`, which was not asked for");
            return Err(TransportError::Refused(words));
        }
        if (300..400).contains(&status) {
            let (to, advice) = match text(headers, LOCATION.as_str()) {
                Some(to) => (to, "the server redirects this path again and again"),
                None => ("nowhere", "the server does not say where this path is"),
            };
            return Err(redirected(status, to, advice));
        }
        let mut response = Response {
            status,
            content_type: text(headers, CONTENT_TYPE.as_str())
                .and_then(|value| value.split(';').next())
                .map(|value| value.trim().to_ascii_lowercase())
                .unwrap_or_default(),
            location: text(headers, LOCATION.as_str()).map(str::to_owned),
            etag: text(headers, ETAG.as_str()).map(str::to_owned),
            retry_after: later::retry_after(&|name| text(headers, name)),
            body: Vec::new(),
            quoted: None,
        };
        let too_large = || {
            let mib = self.max_body >> 20;
            TransportError::Refused(format!("{status} with a body of more than {mib} MiB"))
        };
        if answer.content_length().is_some_and(|length| length > self.max_body as u64) {
            return Err(too_large());
        }
        if (200..300).contains(&status) {
            self.has_answered.store(true, Ordering::Relaxed);
        }
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if response.body.len() + chunk.len() > self.max_body => {
                    return Err(too_large());
                }
                Ok(Some(chunk)) => response.body.extend_from_slice(&chunk),
                Ok(None) => return Ok(response),
                Err(error) => return Err(unsent_or_lost(&error.without_url())),
            }
        }
    }
}

impl Transport for HttpTransport {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let url =
            self.base.join(request).map_err(|error| TransportError::Refused(error.to_string()))?;
        self.waits.are_left()?;
        if let Some(pace) = &self.pace {
            pace.wait(request, &self.waits).await?;
        }
        let permit = self.window.enter(&self.waits).await?;
        let authorization = self.authorization().await?;
        let mut answer = self.once(request, &url, authorization.clone()).await;
        // A token may have run out a moment early: it is renewed once. 401 means that nothing
        // was done, so even a write may be sent again.
        if matches!(&answer, Ok(Response { status: 401, .. }))
            && self.credential.expire(authorization.as_ref()).await
        {
            answer = self.once(request, &url, self.authorization().await?).await;
        }
        if let Ok(response) = &mut answer
            && response.status >= 429
            && response.retry_after.is_none()
        {
            response.retry_after = later::in_body(&response.body);
        }
        let (outcome, later) = match &answer {
            Ok(Response { status: 429 | 503, retry_after, .. }) => {
                (Outcome::Throttled, *retry_after)
            }
            Ok(Response { retry_after, .. }) => {
                let held = |wait: &Duration| {
                    self.pace.as_ref().is_some_and(|pace| pace.hold(request, *wait))
                };
                (Outcome::Answered, retry_after.filter(|wait| !held(wait)))
            }
            Err(TransportError::Lost(_)) => (Outcome::Throttled, None),
            Err(_) => (Outcome::Nothing, None),
        };
        permit.leave(outcome, later);
        answer
    }

    async fn pause(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    async fn obey(&self, wait: Duration) -> Result<(), TransportError> {
        self.waits.take(Instant::now(), wait)?;
        self.pause(wait).await;
        Ok(())
    }
}

/// The answer without secrets where it may be quoted: an error as a whole, of a success only what
/// messages quote of it.
fn stripped(answer: Response, secrets: &Secrets) -> Response {
    if (200..300).contains(&answer.status) {
        let head = answer.body.get(..QUOTED_BYTES).unwrap_or(&answer.body);
        let quoted = match secrets.struck(head) {
            Cow::Borrowed(_) => None,
            Cow::Owned(struck) => Some(struck),
        };
        return Response { quoted, ..answer };
    }
    let strip = |text: String| secrets.strip(&text);
    Response {
        content_type: strip(answer.content_type),
        location: answer.location.map(strip),
        etag: answer.etag.map(strip),
        body: secrets.strip_body(answer.body),
        ..answer
    }
}

fn redirected(status: u16, to: &str, advice: &str) -> TransportError {
    let said = format!(
        "{status}, a redirect to `{to}`: redirects are not followed, so that the credential goes \
         nowhere else"
    );
    TransportError::Redirected(Advised { said, remedy: advice.to_owned() })
}

const fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn unsent_or_lost(error: &reqwest::Error) -> TransportError {
    if let Some(advised) = trust::distrust(error) {
        TransportError::Untrusted(advised)
    } else if error.is_connect() {
        TransportError::NotSent(chain(error))
    } else if error.is_builder() {
        TransportError::Refused(chain(error))
    } else if error.is_timeout() {
        TransportError::Lost("the time ran out".to_owned())
    } else {
        TransportError::Lost(chain(error))
    }
}
