//! Requests and answers, as values.

use super::personality::Versions;
use super::{Personality, identifier};

/// A request below the base URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, … in upper case.
    pub method: String,
    /// Below the base, percent-encoded, beginning with a slash.
    pub path: String,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without a body.
    #[must_use]
    pub fn new(method: &str, path: &str) -> Request {
        Request { method: method.into(), path: path.into(), ..Request::default() }
    }

    /// The same with a JSON body.
    #[must_use]
    pub fn json(mut self, body: &serde_json::Value) -> Request {
        self.headers.push(("content-type".into(), "application/scim+json".into()));
        self.body = body.to_string().into_bytes();
        self
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Request {
        self.query.push((name.into(), value.into()));
        self
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    pub(super) fn reads(&self) -> bool {
        self.method == "GET" || self.method == "HEAD" || self.path.ends_with("/.search")
    }

    pub(super) fn named(&self, header: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == header).map(|(_, value)| value.as_str())
    }
}

/// An answer, and how its transport fails.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The connection ends after so many bytes of the body.
    pub cut_after: Option<usize>,
    /// The effect is done and there is no answer at all.
    pub lost: bool,
    /// The answer leaves so many milliseconds late.
    pub delay: u32,
}

impl Response {
    pub(super) fn new(status: u16) -> Response {
        Response { status, ..Response::default() }
    }

    /// JSON in some media type.
    pub(super) fn json(status: u16, media: &str, body: &serde_json::Value) -> Response {
        let mut response = Response::new(status);
        response.set("content-type", media);
        response.body = body.to_string().into_bytes();
        response
    }

    /// JSON in the server's media type.
    pub(super) fn document(status: u16, body: Vec<u8>, personality: &Personality) -> Response {
        let mut response = Response::new(status);
        response.set("content-type", personality.errors.media_type);
        if personality.meta.versions == Versions::Hash {
            response.set("etag", &identifier::body_tag(&body));
        }
        response.body = body;
        response
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.into()));
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or(serde_json::Value::Null)
    }
}
