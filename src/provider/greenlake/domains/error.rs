//! Errors of the interface for claims, by what a caller can do about them.

use crate::kind::Diagnostic;
use crate::provider::scim::Trouble;
use crate::provider::scim::error::{sample, shown};
use crate::provider::{Request, Response, TransportError};

/// Why something was not read or not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct ApiError {
    /// Which sort of trouble it is.
    pub kind: ApiErrorKind,
    /// What happened: method, path, status, and HPE's words.
    pub said: Box<Diagnostic>,
}

/// Which sort of trouble it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiErrorKind {
    /// 401 or 403: the credential may not do this. Nothing more may be written.
    Credential,
    /// 409 for a claim: another organization has the domain.
    ClaimedElsewhere,
    /// 404: there is no such interface or object.
    NotFound,
    /// 429, until the patience ended.
    Throttled,
    /// 400, 409, 412 or 422: HPE refuses what was asked.
    Refused,
    /// Nobody knows whether it was done: 5xx, or no whole answer to a write.
    UnknownOutcome,
    /// No answer to a read, until the patience ended.
    Unreachable,
    /// A success that is not what such an answer looks like.
    Malformed,
    /// A list that does not add up, read twice.
    Inconsistent,
}

impl ApiError {
    pub(super) fn new(kind: ApiErrorKind, what: String) -> Self {
        use ApiErrorKind as Kind;
        let (why, remedy) = match kind {
            Kind::Credential => (
                "the credential may not do this, and what cannot be read is not taken as empty",
                "give its user the role `Identity domain and SSO administrator`",
            ),
            Kind::ClaimedElsewhere => (
                "a domain belongs to one organization at a time, in all of GreenLake",
                "find out who in your company claimed it, or ask HPE support",
            ),
            Kind::NotFound => (
                "the interface for claims is published nowhere, and may have moved",
                "check `target.experimentalUrl`, or take `domains` out of `target.experimental`",
            ),
            Kind::Throttled => ("the server wants fewer requests", "run again later"),
            Kind::Refused => ("HPE does not take this", "look at the domain in GreenLake"),
            Kind::UnknownOutcome => (
                "nobody knows whether it was done",
                "run again: what is there is looked at before anything is sent",
            ),
            Kind::Unreachable => {
                ("without a whole answer nothing is known", "run again when the server is well")
            }
            Kind::Malformed => (
                "the interface for claims is published nowhere, and may have changed",
                "take `domains` and `sso` out of `target.experimental` until muster knows it",
            ),
            Kind::Inconsistent => (
                "a list that is not whole is not taken for one",
                "run again when nobody else changes domains",
            ),
        };
        Self { kind, said: Box::new(Diagnostic::error("claims", what, why, remedy)) }
    }

    /// A success that is not what such an answer looks like.
    pub(super) fn malformed(request: &Request, response: &Response, why: &str) -> Self {
        // A body may hold secrets of a connection: of those nothing is shown.
        let body = if request.path.iter().any(|part| part == "sso-profiles") {
            format!("{} bytes", response.body.len())
        } else {
            sample(response.quotable())
        };
        let what = format!("`{}` answered {} with {body}", shown(request), response.status);
        Self::new(ApiErrorKind::Malformed, format!("{what}, and {why}"))
    }

    /// A request that got no useful answer.
    pub(super) fn from_trouble(request: &Request, trouble: &Trouble) -> Self {
        use ApiErrorKind as Kind;
        let kind = match trouble {
            Trouble::Status { status: 401 | 403, .. } => Kind::Credential,
            Trouble::Status { status: 404 | 405 | 410, .. } => Kind::NotFound,
            Trouble::Status { status: 429, .. } => Kind::Throttled,
            _ if trouble.is_too_long() => Kind::Throttled,
            _ if request.method.is_write() && trouble.is_unknown_outcome() => Kind::UnknownOutcome,
            Trouble::Status { status: 500..=599, .. } => Kind::Unreachable,
            Trouble::Status { .. }
            | Trouble::Transport {
                error: TransportError::Refused(_) | TransportError::Redirected(_),
                ..
            } => Kind::Refused,
            Trouble::Transport { .. } => Kind::Unreachable,
        };
        Self::new(kind, trouble.words().to_owned())
    }

    /// Whether nothing more may be written with this credential.
    #[must_use]
    pub fn is_refused_credential(&self) -> bool {
        self.kind == ApiErrorKind::Credential
    }
}
