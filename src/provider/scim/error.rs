//! Errors: what a server said, in one line that can be shown.
//!
//! Error bodies are SCIM errors (RFC 7644 section 3.12), `{"detail": …}`, web pages or nothing.
//! All of them are shown with status, method and path, and never more than 200 bytes of body.

use std::fmt::Write as _;

use serde_json::Value;

use super::trouble::Trouble;
use crate::kind::Diagnostic;
use crate::provider::greenlake::HpeError;
use crate::provider::{Request, TransportError};

/// How much of a body is shown.
const SHOWN_BYTES: usize = 200;

/// Why there is no live state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct ReadError {
    /// Which sort of trouble it is.
    pub kind: ReadErrorKind,
    /// What happened: method, path, status, and the server's words.
    pub said: Box<Diagnostic>,
}

/// Which sort of trouble a read ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadErrorKind {
    /// 401: the credential is not accepted.
    Unauthorized,
    /// 403: the credential may not read this.
    Forbidden,
    /// 404 on a collection: the base URL is wrong, or there is no such collection.
    NotFound,
    /// 429, until the patience ended.
    Throttled,
    /// The server wants a longer wait than the run has left for it.
    TooLong,
    /// 5xx, until the patience ended.
    ServerFailed,
    /// Any other status than a success.
    Unexpected,
    /// No connection, or no whole answer.
    Unreachable,
    /// An answer that muster does not take: too large, a redirect, an unknown encoding.
    Refused,
    /// A success that is no SCIM answer.
    NotScim,
    /// A listing that does not add up.
    Inconsistent,
    /// A part of the target that is not switched on for this organization or workspace.
    NotEnabled,
}

impl ReadError {
    /// What happened, why it matters, and what to do.
    pub(crate) fn new(
        kind: ReadErrorKind,
        what: impl Into<String>,
        why: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { kind, said: Box::new(Diagnostic::error("read", what, why, remedy)) }
    }

    /// A success that is no SCIM answer.
    pub(super) fn not_scim(request: &Request, status: u16, body: &[u8], why: &str) -> Self {
        Self::new(
            ReadErrorKind::NotScim,
            format!("`{}` answered {status} with {}", shown(request), sample(body)),
            why,
            "check that `target.url` is the base of a SCIM 2.0 API, such as `https://host/scim/v2`",
        )
    }

    /// What was read is of another session: a mistake of this program.
    pub(crate) fn of_another_session() -> Self {
        Self::new(
            ReadErrorKind::Unexpected,
            "what was read is of another session",
            "nothing can be said of this target by it",
            "please report it",
        )
    }

    /// A listing that does not add up.
    pub(in crate::provider) fn inconsistent(collection: &str, why: String) -> Self {
        Self::new(
            ReadErrorKind::Inconsistent,
            format!("the listing of `/{collection}` does not add up, read twice"),
            why,
            "run again when nobody else writes; if it stays, `muster doctor` says which \
             `target.profile` fits",
        )
    }

    /// Trouble of which the transport knows what to do.
    fn advised(trouble: &Trouble) -> Option<Self> {
        let Trouble::Transport { error, words } = trouble else { return None };
        let remedy = error.remedy()?;
        let (kind, why) = match error {
            TransportError::NoCredential(_) => {
                (ReadErrorKind::Unauthorized, "without a credential nothing can be read")
            }
            TransportError::Untrusted(_) => {
                (ReadErrorKind::Unreachable, "the credential is sent to nobody who is not trusted")
            }
            _ => (ReadErrorKind::Refused, "the credential goes nowhere but to `target.url`"),
        };
        let end = format!("; {}", escape(remedy));
        let what = words.strip_suffix(end.as_str()).unwrap_or(words);
        Some(Self::new(kind, what, why, remedy))
    }

    /// A request that got no useful answer.
    pub(in crate::provider) fn from_trouble(trouble: Trouble) -> Self {
        use ReadErrorKind as Kind;
        if let Some(advised) = Self::advised(&trouble) {
            return advised;
        }
        let is_unsent =
            matches!(&trouble, Trouble::Transport { error: TransportError::NotSent(_), .. });
        let (kind, what) = match trouble {
            Trouble::Status { status, words, .. } => (kind_of(status), words),
            Trouble::Transport { error: TransportError::Refused(_), words } => {
                (Kind::Refused, words)
            }
            Trouble::Transport { error: TransportError::TooLong(_), words } => {
                (Kind::TooLong, words)
            }
            Trouble::Transport { words, .. } => (Kind::Unreachable, words),
        };
        let (why, remedy) = match kind {
            Kind::Unauthorized => {
                ("the credential is not accepted", "check the token that `target.credential` names")
            }
            Kind::Forbidden => (
                "the credential may not read this, and what cannot be read is not taken as empty",
                "give the credential the right to read users and groups",
            ),
            Kind::NotFound => (
                "a collection that is not there is not taken as an empty one",
                "check `target.url`: it is the base, to which `/Users` and `/Groups` are added",
            ),
            Kind::TooLong => (
                "a run that waits for as long as a server likes may never end",
                "run it again later, or let it wait longer, as with `--max-wait 2h`",
            ),
            Kind::Throttled => ("the server wants fewer requests", "run again later"),
            Kind::Unreachable if is_unsent => (
                "without a connection nothing is known",
                "check the host in `target.url`, and that it is reached from here; if it is down, \
                 run again when it is up",
            ),
            Kind::ServerFailed | Kind::Unreachable => {
                ("without a whole answer nothing is known", "run again when the server is well")
            }
            _ => ("muster does not take such an answer", "check `target.url`"),
        };
        Self::new(kind, what, why, remedy)
    }
}

const fn kind_of(status: u16) -> ReadErrorKind {
    match status {
        401 => ReadErrorKind::Unauthorized,
        403 => ReadErrorKind::Forbidden,
        404 | 410 => ReadErrorKind::NotFound,
        429 => ReadErrorKind::Throttled,
        500..=599 => ReadErrorKind::ServerFailed,
        _ => ReadErrorKind::Unexpected,
    }
}

/// Method, path and query, for people.
pub(in crate::provider) fn shown(request: &Request) -> String {
    let mut text = request.shown();
    for (at, (name, value)) in request.query.iter().enumerate() {
        let _ = write!(text, "{}{name}={value}", if at == 0 { '?' } else { '&' });
    }
    escape(&text)
}

/// One line for an answer that is no success.
pub(in crate::provider) fn words(request: &Request, status: u16, body: &[u8]) -> String {
    let said = detail(body).unwrap_or_else(|| sample(body));
    format!("`{}` answered {status}: {said}", shown(request))
}

/// What an error body says of itself, where it is a JSON object that says something.
fn detail(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let object = value.as_object()?;
    let said = ["detail", "message", "error_description", "error"]
        .iter()
        .find_map(|name| object.get(*name))
        .map(|said| said.as_str().map_or_else(|| said.to_string(), str::to_owned))?;
    let kind = object.get("scimType").and_then(Value::as_str);
    let hpe = HpeError::within(object);
    let said = match (kind, &hpe) {
        (_, Some(hpe)) => format!("{} ({})", cut(&said), hpe.tail()),
        (Some(kind), None) => format!("{said} (scimType {kind})"),
        (None, None) => said,
    };
    let meaning = hpe.and_then(|hpe| hpe.meaning());
    let meaning = meaning.map_or_else(String::new, |meaning| format!(": {meaning}"));
    Some(sample(said.as_bytes()) + &meaning)
}

/// No more of a sentence than leaves room for its error code.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(SHOWN_BYTES / 2 - 10)).unwrap_or(text)
}

/// The first bytes of a body, in backticks, with nothing in them that moves a cursor.
pub(in crate::provider) fn sample(body: &[u8]) -> String {
    if body.is_empty() {
        return "an empty body".to_owned();
    }
    let cut = body.get(..SHOWN_BYTES);
    let text = String::from_utf8_lossy(cut.unwrap_or(body));
    format!("`{}{}`", escape(text.trim()), if cut.is_some() { "…" } else { "" })
}

/// The text with control, bidirectional and invisible characters written as escapes, and
/// backticks as quotes.
pub(in crate::provider) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '`' => out.push('\''),
            '\n' | '\r' | '\t' => out.push(' '),
            _ if c.is_control() || is_invisible(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Method;

    fn said(body: &str) -> String {
        words(&Request::new(Method::Get, &["Users"]), 400, body.as_bytes())
    }

    #[test]
    fn every_sort_of_error_body_becomes_one_line() {
        assert_eq!(
            said(r#"{"schemas":["e"],"scimType":"uniqueness","detail":"taken","status":"409"}"#),
            "`GET /Users` answered 400: `taken (scimType uniqueness)`"
        );
        assert_eq!(said(r#"{"detail":["a",1]}"#), r#"`GET /Users` answered 400: `["a",1]`"#);
        assert_eq!(
            said("<h1>no\x1b[2J</h1>"),
            "`GET /Users` answered 400: `<h1>no\\u{1b}[2J</h1>`"
        );
        let hpe = said(
            r#"{"errorCode":"HPE_GL_IDENTITY_INVALID_ORGANIZATION_STATE","message":"no","debugId":"7"}"#,
        );
        assert!(
            hpe.contains("`no (HPE_GL_IDENTITY_INVALID_ORGANIZATION_STATE, debugId 7)`: the org")
        );
        assert_eq!(said(""), "`GET /Users` answered 400: an empty body");
        assert_eq!(said("{}"), "`GET /Users` answered 400: `{}`");
    }

    #[test]
    fn no_more_than_200_bytes_of_a_body_are_shown() {
        let long = said(&"é".repeat(10_000));
        assert!(long.len() < 300, "{}", long.len());
        assert!(long.ends_with("…`"));
    }
}
