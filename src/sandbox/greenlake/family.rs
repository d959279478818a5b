//! Which API a path belongs to.

use percent_encoding::percent_decode_str;

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
