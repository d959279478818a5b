//! What faults do to HPE's answers.

use serde_json::Value;

use super::error::{self, About, Refusal};
use super::family::Family;
use super::id;
use crate::sandbox::fault::{self, Fault};
use crate::sandbox::http::Response;

/// The answer of faults that come before any effect.
pub(super) fn before(fault: &Fault, family: Family, nth: u64) -> Option<Response> {
    match fault {
        Fault::Status { code, retry_after } => Some(failure(*code, *retry_after, family, nth)),
        other => fault::before(other),
    }
}

/// A failure with HPE's body. HPE says how long to wait in the body of a 500 or 503, and in the
/// headers of a 429.
fn failure(code: u16, retry_after: Option<u32>, family: Family, nth: u64) -> Response {
    let mut refusal = Refusal::new(code, "injected fault");
    if let Some(seconds) = retry_after.filter(|_| code >= 500) {
        refusal.about = About::Retry(seconds);
    }
    let mut response = error::answer(&refusal, family, nth);
    if let Some(seconds) = retry_after.filter(|_| code == 429) {
        let prefix = if family == Family::Authorization { "x-ratelimit" } else { "ratelimit" };
        response.set(&format!("{prefix}-limit"), "1000");
        response.set(&format!("{prefix}-remaining"), "0");
        response.set(&format!("{prefix}-reset"), &seconds.to_string());
    }
    response
}

/// What faults do to an answer that is ready; `struck` is how often the rule struck before.
pub(super) fn after(fault: &Fault, family: Family, nth: u64, struck: i64, response: &mut Response) {
    let good = (200..300).contains(&response.status);
    match fault {
        Fault::Late(code @ 200..300) if good => accepted(*code, nth, response),
        Fault::Late(200..300) => {}
        Fault::Late(code) => *response = failure(*code, None, family, nth),
        Fault::AlternatingIds if struck % 2 == 1 => {
            rewrite(response, |body| id::reform(body, id::flipped));
            for (_, value) in response.headers.iter_mut().filter(|(name, _)| name == "location") {
                let mut location = Value::from(value.as_str());
                id::reform(&mut location, id::flipped);
                *value = location.as_str().unwrap_or_default().to_string();
            }
        }
        Fault::BarePrincipals => rewrite(response, bare_principals),
        Fault::BareSchemas => rewrite(response, bare_schemas),
        other => fault::after(other, response),
    }
}

/// Another good status than the one that is documented: 202 carries where to look, 204 nothing.
fn accepted(code: u16, nth: u64, response: &mut Response) {
    let location = response.header("location").map(str::to_string);
    *response = Response::new(code);
    if code == 204 {
        return;
    }
    let transaction = id::dashed(&id::derive(&format!("transaction/{nth}")));
    response.set("content-type", "application/json");
    if let Some(location) = location {
        response.set("location", &location);
    }
    response.body = serde_json::json!({ "transactionId": transaction }).to_string().into_bytes();
}

fn rewrite(response: &mut Response, change: impl FnOnce(&mut Value)) {
    if let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) {
        change(&mut body);
        response.body = body.to_string().into_bytes();
    }
}

fn bare_principals(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(bare_principals),
        Value::Object(map) => {
            for (name, value) in map {
                match name.as_str() {
                    "principal" | "hpe_principal" | "principalMetadata" => {
                        id::reform(value, id::bare);
                    }
                    _ => bare_principals(value),
                }
            }
        }
        _ => {}
    }
}

fn bare_schemas(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(bare_schemas),
        Value::Object(map) => {
            for (name, value) in map {
                if name == "schemas" {
                    if let Some(first) = value.get(0).cloned() {
                        *value = first;
                    }
                } else {
                    bare_schemas(value);
                }
            }
        }
        _ => {}
    }
}
