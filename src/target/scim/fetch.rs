//! One object, read again just before or just after it is written.

use serde_json::Value;

use crate::kind::KindName;
use crate::live::Object;
use crate::target::{Method, Request, Response, Transport};

use super::call::{self, Trouble};
use super::decode::{Codec, collection};
use super::dialect::Dialect;
use super::error;

/// An object as it is now.
#[derive(Debug)]
pub(super) struct Fetched {
    /// The object.
    pub(super) object: Object,
    /// Which of its members are groups.
    pub(super) nested: Vec<Box<str>>,
    /// The whole answer, with what muster does not know: for a `PUT` that drops nothing.
    pub(super) raw: Value,
}

/// Reads one object; `None` when there is none of this id.
pub(super) async fn fetch<T: Transport>(
    transport: &T,
    dialect: &Dialect,
    kind: KindName,
    id: &str,
) -> Result<Option<Fetched>, Trouble> {
    let request = Request::new(Method::Get, &[collection(kind), id]);
    match call::read(transport, &request).await {
        Ok(response) => decode(dialect, kind, &request, &response, Some(id)).map(Some),
        Err(trouble) if matches!(trouble.status(), Some(404 | 410)) => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// The object that an answer holds. With `id`, it must be that one.
pub(super) fn decode(
    dialect: &Dialect,
    kind: KindName,
    request: &Request,
    response: &Response,
    id: Option<&str>,
) -> Result<Fetched, Trouble> {
    let refuse = |why: &str| Trouble::Status {
        status: response.status,
        words: format!(
            "`{}` answered {} with {}, which is no {kind}: {why}",
            error::shown(request),
            response.status,
            error::sample(&response.body)
        ),
    };
    let row = Codec::new(kind, dialect).decode(&response.body).map_err(|why| refuse(&why))?;
    if id.is_some_and(|id| id != row.object.id.as_str()) {
        return Err(refuse("it has another id than was asked for"));
    }
    let raw = serde_json::from_slice(&response.body).map_err(|error| refuse(&error.to_string()))?;
    Ok(Fetched { object: row.object, nested: row.nested, raw })
}
