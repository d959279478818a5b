//! One request with its circumstances.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::Refusal;
use super::fault::Fault;
use super::http::Request;

/// One request with its circumstances.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    /// RFC 3339.
    pub(super) now: Arc<str>,
    /// Seconds since the epoch.
    pub(super) second: i64,
    pub(super) fault: Option<Fault>,
    /// How often the fault struck before.
    pub(super) nth: i64,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        request: &'a Request,
        now: Timestamp,
        fault: Option<Fault>,
        nth: i64,
    ) -> Call<'a> {
        Call { request, now: instant(now), second: now.as_second(), fault, nth }
    }
}

/// An instant as SCIM writes it, in milliseconds.
pub(super) fn instant(now: Timestamp) -> Arc<str> {
    Arc::from(format!("{now:.3}"))
}

/// The tags of `If-Match` or `If-None-Match`.
pub(super) fn tags(header: &str) -> impl Iterator<Item = &str> {
    header.split(',').map(str::trim)
}

/// The body as a JSON object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Refusal::syntax("the body is not a JSON object")),
        Err(cause) => Err(Refusal::syntax(format!("the body is not JSON: {cause}"))),
    }
}
