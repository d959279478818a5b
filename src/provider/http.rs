//! HTTP as values: what is asked and what is answered. `edge` makes them real, and the seeded
//! simulation makes them calls into the sandbox's model.

use std::time::Duration;

use serde_json::Value;

/// The methods muster uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Read.
    Get,
    /// Create.
    Post,
    /// Replace.
    Put,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// The method as it is written on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it changes the world.
    #[must_use]
    pub const fn is_write(self) -> bool {
        !matches!(self, Self::Get)
    }
}

/// One request, relative to the target's base URL.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path segments, unencoded: an id is always one segment, whatever is in it.
    pub path: Vec<String>,
    /// Query parameters, unencoded, in order.
    pub query: Vec<(&'static str, String)>,
    /// The entity tag for `If-Match`, where the write is conditional.
    pub if_match: Option<String>,
    /// The JSON body.
    pub body: Option<Value>,
}

impl Request {
    /// A request without query or body.
    #[must_use]
    pub fn new(method: Method, path: &[&str]) -> Self {
        Self {
            method,
            path: path.iter().map(|&segment| segment.to_owned()).collect(),
            query: Vec::new(),
            if_match: None,
            body: None,
        }
    }

    /// The same request with a body.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Method and path, for people.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{} /{}", self.method.as_str(), self.path.join("/"))
    }
}

/// The requests that a provider counts together, under one credential, and how many of them it
/// says it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Which.
    pub key: BucketKey,
    /// Requests a minute.
    pub per_minute: f64,
}

/// Which requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketKey {
    /// Those to this endpoint.
    pub endpoint: &'static str,
    /// Those of this method; `None`: all methods together.
    pub method: Option<Method>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// `Content-Type`, without parameters, lower case; empty where there was none.
    pub content_type: String,
    /// `Location`, where there was one: where what was created is (RFC 7644 section 3.3).
    pub location: Option<String>,
    /// `ETag`, where there was one.
    pub etag: Option<String>,
    /// How long to wait before asking again (`Retry-After`, rate headers), where it said so.
    pub retry_after: Option<Duration>,
    /// The body, decompressed, within the transport's bound.
    pub body: Vec<u8>,
    /// How the body begins where it is quoted, if a success holds muster's own secret: what is
    /// read from the body is never altered.
    pub quoted: Option<Vec<u8>>,
}

impl Response {
    /// The body as messages may quote it.
    #[must_use]
    pub fn quotable(&self) -> &[u8] {
        self.quoted.as_deref().unwrap_or(&self.body)
    }
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing was sent: no connection could be made.
    #[error("no connection: {0}")]
    NotSent(String),
    /// It was sent, perhaps, and no whole answer came: the write may have been done.
    #[error("no whole answer: {0}")]
    Lost(String),
    /// Nothing was sent: there is no credential to send it with.
    #[error("{0}")]
    NoCredential(Advised),
    /// The answer is not one muster takes: too large, a redirect, an encoding nobody asked for.
    #[error("{0}")]
    Refused(String),
    /// Nothing was sent: the server wants a longer wait than the run has left for it.
    #[error("{0}")]
    TooLong(String),
    /// Nothing was sent: the certificate of whoever answers is not one that is trusted.
    #[error("{0}")]
    Untrusted(Advised),
    /// The answer is a redirect, which is not followed.
    #[error("{0}")]
    Redirected(Advised),
}

/// What went wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advised {
    /// What went wrong.
    pub said: String,
    /// What to do.
    pub remedy: String,
}

impl Advised {
    fn map(self, words: impl Fn(String) -> String) -> Self {
        Self { said: words(self.said), remedy: words(self.remedy) }
    }
}

impl std::fmt::Display for Advised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.said, self.remedy)
    }
}

impl TransportError {
    /// The same in other words.
    #[must_use]
    pub fn map(self, words: impl Fn(String) -> String) -> Self {
        match self {
            Self::NotSent(said) => Self::NotSent(words(said)),
            Self::Lost(said) => Self::Lost(words(said)),
            Self::NoCredential(advised) => Self::NoCredential(advised.map(words)),
            Self::Refused(said) => Self::Refused(words(said)),
            Self::TooLong(said) => Self::TooLong(words(said)),
            Self::Untrusted(advised) => Self::Untrusted(advised.map(words)),
            Self::Redirected(advised) => Self::Redirected(advised.map(words)),
        }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        match self {
            Self::NoCredential(advised) | Self::Untrusted(advised) | Self::Redirected(advised) => {
                Some(&advised.remedy)
            }
            Self::NotSent(_) | Self::Lost(_) | Self::Refused(_) | Self::TooLong(_) => None,
        }
    }
}

/// Sends requests. The only thing a target's protocol needs from the world.
pub trait Transport: Sync {
    /// Sends one request and reads the whole answer, once: retries are the caller's.
    fn send(
        &self,
        request: &Request,
    ) -> impl Future<Output = Result<Response, TransportError>> + Send;

    /// Waits, as a polite client does before it asks again.
    fn pause(&self, wait: Duration) -> impl Future<Output = ()> + Send;

    /// Waits because the server wants it: it said for how long, or it failed. What a run may wait
    /// so is bounded as a whole, by the transport; without one of its own, an hour is too long.
    ///
    /// # Errors
    ///
    /// [`TransportError::TooLong`], at once, where so much is not left.
    fn obey(&self, wait: Duration) -> impl Future<Output = Result<(), TransportError>> + Send {
        async move {
            if wait >= Duration::from_secs(3_600) {
                let words = format!("the server wants a wait of {} s", wait.as_secs());
                return Err(TransportError::TooLong(words));
            }
            self.pause(wait).await;
            Ok(())
        }
    }
}
