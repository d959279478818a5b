//! Refusals, and how each server writes them (RFC 7644 section 3.12).

use serde_json::{Map, Value, json};

use super::Response;
use super::personality::{ErrorBody, ErrorRules, StatusForm};

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) scim_type: Option<&'static str>,
    pub(super) detail: String,
    pub(super) cause: Cause,
}

/// What some servers answer out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Usual,
    /// The resource does not exist.
    Missing,
    UnknownPath,
    Unauthorized,
    /// Always as `{"detail"}`.
    Detail,
    /// The server fell over: HTML.
    Crash,
}

impl Refusal {
    pub(super) fn new(status: u16, scim_type: &'static str, detail: impl Into<String>) -> Refusal {
        Refusal { status, scim_type: Some(scim_type), detail: detail.into(), cause: Cause::Usual }
    }

    pub(super) fn plain(status: u16, detail: impl Into<String>) -> Refusal {
        Refusal { status, scim_type: None, detail: detail.into(), cause: Cause::Usual }
    }

    pub(super) fn because(self, cause: Cause) -> Refusal {
        Refusal { cause, ..self }
    }

    pub(super) fn crash() -> Refusal {
        Refusal::plain(500, "internal server error").because(Cause::Crash)
    }

    pub(super) fn syntax(detail: impl Into<String>) -> Refusal {
        Refusal::new(400, "invalidSyntax", detail)
    }

    pub(super) fn value(detail: impl Into<String>) -> Refusal {
        Refusal::new(400, "invalidValue", detail)
    }

    pub(super) fn path(detail: impl Into<String>) -> Refusal {
        Refusal::new(400, "invalidPath", detail)
    }

    pub(super) fn missing(id: &str) -> Refusal {
        Refusal::plain(404, format!("no resource has the id `{id}`")).because(Cause::Missing)
    }
}

/// The answer that carries a refusal; `writing` is true for all methods but GET.
pub(super) fn answer(refusal: &Refusal, rules: &ErrorRules, writing: bool) -> Response {
    let mut status = refusal.status;
    let form = match refusal.cause {
        Cause::Crash => ErrorBody::Html,
        Cause::Detail => ErrorBody::Detail,
        Cause::Unauthorized => rules.unauthorized,
        Cause::UnknownPath => rules.unknown_path,
        Cause::Missing => {
            if writing {
                status = rules.missing_on_write;
                rules.missing.1
            } else {
                rules.missing.0
            }
        }
        Cause::Usual => ErrorBody::Scim,
    };
    let (media, body) = match form {
        ErrorBody::Scim => (rules.media_type, scim(refusal, refusal.scim_type, status, rules)),
        ErrorBody::Typed(name) => (rules.media_type, scim(refusal, Some(name), status, rules)),
        ErrorBody::Empty => (rules.media_type, Vec::new()),
        ErrorBody::Detail => {
            ("application/json", json!({ "detail": refusal.detail }).to_string().into_bytes())
        }
        ErrorBody::Braces => ("application/json", b"{}".to_vec()),
        ErrorBody::Html | ErrorBody::HtmlOk => {
            if form == ErrorBody::HtmlOk {
                status = 200;
            }
            let media = if rules.html_as_scim { rules.media_type } else { "text/html" };
            (media, page(status))
        }
    };
    let mut response = Response::new(status);
    response.headers.push(("content-type".into(), media.into()));
    response.body = body;
    response
}

fn scim(
    refusal: &Refusal,
    scim_type: Option<&'static str>,
    status: u16,
    rules: &ErrorRules,
) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("schemas".into(), json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    body.insert("detail".into(), refusal.detail.clone().into());
    match rules.status {
        StatusForm::Text => drop(body.insert("status".into(), status.to_string().into())),
        StatusForm::Number => drop(body.insert("status".into(), status.into())),
        StatusForm::Absent => {}
    }
    let shown = match rules.one_type {
        Some(one) if status == 400 => Some(one),
        _ => scim_type,
    };
    if let Some(name) = shown.filter(|_| rules.types) {
        body.insert("scimType".into(), name.into());
    }
    Value::Object(body).to_string().into_bytes()
}

/// The page a web framework shows when its handler fell over (or for a path it takes for its own).
pub(super) fn page(status: u16) -> Vec<u8> {
    let title = match status {
        200 => "Welcome",
        404 => "Not Found",
        _ => "Internal Server Error",
    };
    format!("<!doctype html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n")
        .into_bytes()
}
