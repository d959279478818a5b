//! Refusals, and the three ways HPE writes them: SCIM's, the platform's, OAuth's.

use serde_json::{Value, json};

use super::family::Family;
use super::id;
use crate::sandbox::http::Response;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    /// HPE's code; none is the usual one of the API and the status.
    pub(super) code: Option<&'static str>,
    pub(super) message: String,
    pub(super) about: About,
}

/// What else the body says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum About {
    Nothing,
    /// `field`, `header` or `query.parameter`, and which.
    Part(&'static str, String),
    /// Seconds to wait.
    Retry(u32),
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Refusal {
        Refusal { status, code: None, message: message.into(), about: About::Nothing }
    }

    /// 400 for a field of the body.
    pub(super) fn field(name: &str, message: impl Into<String>) -> Refusal {
        let about = About::Part("field", name.to_string());
        Refusal { about, ..Refusal::new(400, message) }
    }

    /// 400 for a parameter of the query.
    pub(super) fn parameter(name: &str, message: impl Into<String>) -> Refusal {
        let about = About::Part("query.parameter", name.to_string());
        Refusal { about, ..Refusal::new(400, message) }
    }

    /// 400 for a filter.
    pub(super) fn filter(cause: impl std::fmt::Display) -> Refusal {
        Refusal::parameter("filter", format!("the filter: {cause}"))
    }

    pub(super) fn coded(self, code: &'static str) -> Refusal {
        Refusal { code: Some(code), ..self }
    }

    pub(super) fn missing(what: &str, id: &str) -> Refusal {
        Refusal::new(404, format!("{what} `{id}` does not exist"))
    }

    pub(super) fn wrong_method(method: &str) -> Refusal {
        Refusal::new(405, format!("the method {method} is not allowed here"))
    }

    pub(super) fn no_route() -> Refusal {
        Refusal::new(404, "no route matches the path")
    }
}

/// The answer that carries a refusal. `nth` tells apart the answers of one run.
pub(super) fn answer(refusal: &Refusal, family: Family, nth: u64) -> Response {
    let debug = id::derive(&format!("debug/{nth}"));
    let (media, body) = match family {
        Family::Scim => ("application/scim+json", scim(refusal, &debug)),
        Family::Token => ("application/json", oauth(refusal)),
        _ => ("application/json", platform(refusal, family, &debug)),
    };
    Response::json(refusal.status, media, &body)
}

fn scim(refusal: &Refusal, debug: &str) -> Value {
    let mut body = json!({
        "schemas": [
            "urn:ietf:params:scim:api:messages:2.0:Error",
            "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Error",
        ],
        "status": refusal.status.to_string(),
        "detail": refusal.message,
        "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Error": {
            "httpStatusCode": refusal.status,
            "errorCode": code(refusal, Family::Scim),
            "message": refusal.message,
            "debugId": debug,
        },
    });
    if let Some(kind) = scim_type(refusal) {
        body["scimType"] = kind.into();
    }
    body
}

fn scim_type(refusal: &Refusal) -> Option<&'static str> {
    match (refusal.status, &refusal.about) {
        (409, _) => Some("uniqueness"),
        (400, About::Part("query.parameter", name)) if name == "filter" => Some("invalidFilter"),
        (400, About::Part(..)) => Some("invalidValue"),
        _ => None,
    }
}

fn platform(refusal: &Refusal, family: Family, debug: &str) -> Value {
    let mut body = json!({
        "httpStatusCode": refusal.status,
        "errorCode": code(refusal, family),
        "message": refusal.message,
        "debugId": debug,
    });
    let details = match &refusal.about {
        About::Nothing => None,
        About::Part(source, subject) => {
            let kind = match refusal.status {
                412 => "hpe.greenlake.precondition_failed",
                _ => "hpe.greenlake.bad_request",
            };
            let issue =
                json!({ "source": source, "subject": subject, "description": refusal.message });
            Some(json!([{ "type": kind, "issues": [issue] }]))
        }
        About::Retry(seconds) => {
            Some(json!([{ "type": "hpe.greenlake.retry_info", "retryAfterSeconds": seconds }]))
        }
    };
    if let Some(details) = details {
        body["errorDetails"] = details;
    }
    body
}

/// RFC 6749 section 5.2; HPE documents no body of its own here.
fn oauth(refusal: &Refusal) -> Value {
    let word = refusal.code.unwrap_or(match refusal.status {
        401 => "invalid_client",
        400..500 => "invalid_request",
        _ => "server_error",
    });
    json!({ "error": word, "error_description": refusal.message })
}

fn code(refusal: &Refusal, family: Family) -> &'static str {
    let identity = matches!(family, Family::Scim | Family::Domains);
    refusal.code.unwrap_or(match (refusal.status, identity) {
        (400, true) => "HPE_GL_IDENTITY_BAD_REQUEST",
        (401, true) => "HPE_GL_IDENTITY_UNAUTHORIZED",
        (403, true) => "HPE_GL_IDENTITY_FORBIDDEN",
        (404, true) => "HPE_GL_IDENTITY_NOT_FOUND",
        (409, true) => "HPE_GL_IDENTITY_CONFLICT",
        (400, false) => "HPE_GL_ERROR_BAD_REQUEST",
        (401, false) => "HPE_GL_ERROR_UNAUTHORIZED",
        (403, false) => "HPE_GL_ERROR_FORBIDDEN",
        (404, false) => "HPE_GL_ERROR_NOT_FOUND",
        (409, false) => "HPE_GL_ERROR_CONFLICT",
        (405, _) => "HPE_GL_ERROR_METHOD_NOT_ALLOWED",
        (412, _) => "HPE_GL_ERROR_PRECONDITION_FAILED",
        (429, _) => "HPE_GL_ERROR_TOO_MANY_REQUESTS",
        (503, _) => "HPE_GL_ERROR_SERVICE_UNAVAILABLE",
        (500.., _) => "HPE_GL_ERROR_INTERNAL_SERVER_ERROR",
        _ => "HPE_GL_ERROR_REQUEST",
    })
}
