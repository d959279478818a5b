//! Which API a path belongs to.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::call::Call;
use super::error::Refusal;
use super::{GreenLake, audit, authorization, control, domains, msp, policies, scim};
use super::{tenant_groups, token, workspaces};
use crate::sandbox::Response;

/// An API of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Token,
    Scim,
    Authorization,
    Workspaces,
    TenantGroups,
    Audit,
    /// Domains and sign-in: published nowhere.
    Domains,
    /// The twin's own: its zone.
    Control,
    Unknown,
}

impl Family {
    pub(super) fn needs_token(self) -> bool {
        !matches!(self, Family::Token | Family::Control | Family::Unknown)
    }
}

/// The parts of a path, decoded.
pub(super) fn segments(path: &str) -> Vec<String> {
    let decode = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    path.split('/').filter(|part| !part.is_empty()).map(decode).collect()
}

pub(super) fn family(segments: &[&str]) -> Family {
    match segments {
        ["authorization", "v2", "oauth2", _, "token"] => Family::Token,
        ["identity", "v2beta1", "scim", "v2", ..] => Family::Scim,
        ["authorization", "v1beta1", ..] => Family::Authorization,
        ["workspaces", "v1", ..] => Family::Workspaces,
        ["workspaces", "v1beta1", ..] => Family::TenantGroups,
        ["audit-log", "v1" | "v2beta1", ..] => Family::Audit,
        ["identity", "v1alpha1" | "v2alpha1", ..] => Family::Domains,
        ["-", ..] => Family::Control,
        _ => Family::Unknown,
    }
}

/// The endpoint of a request, by which it is counted: what looks like an id does not matter.
pub(super) fn endpoint(method: &str, segments: &[&str]) -> String {
    let mut text = format!("{method} ");
    for segment in segments {
        let digits = segment.chars().any(|c| c.is_ascii_digit());
        let version = segment.starts_with('v') && segment.len() < 10;
        text.push('/');
        text.push_str(if digits && !version { "{id}" } else { segment });
    }
    text
}

/// Lets the API of the path answer.
pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    family: Family,
    segments: &[&str],
) -> Result<Response, Refusal> {
    policies::forget(twin, call.now);
    match (family, segments) {
        (Family::Token, [_, _, _, workspace, _]) => token::issue(twin, call, workspace),
        (Family::Scim, [_, _, _, _, rest @ ..]) => scim::answer(twin, call, rest),
        (Family::Authorization, [_, _, rest @ ..]) => authorization::answer(twin, call, rest),
        (Family::Workspaces, [_, _, "msp-tenants", rest @ ..]) => msp::answer(twin, call, rest),
        (Family::Workspaces, [_, _, rest @ ..]) => workspaces::answer(twin, call, rest),
        (Family::TenantGroups, [_, _, rest @ ..]) => tenant_groups::answer(twin, call, rest),
        (Family::Audit, [_, version, rest @ ..]) => audit::answer(twin, call, version, rest),
        (Family::Domains, [_, "v1alpha1", "domain-requests" | "domains", ..]) => {
            domains::answer(twin, call, segments)
        }
        (Family::Domains, [_, rest @ ..]) => policies::answer(twin, call, rest),
        (Family::Control, [_, rest @ ..]) => control::answer(twin, call, rest),
        _ => Err(Refusal::no_route()),
    }
}

/// A JSON answer of the platform.
pub(super) fn json(status: u16, body: &Value) -> Response {
    let mut response = Response::new(status);
    response.set("content-type", "application/json");
    response.body = body.to_string().into_bytes();
    response
}
