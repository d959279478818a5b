//! Addresses: the base URL, and the URL of a request under it.

use std::fmt::Write as _;
use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::kind::Diagnostic;
use crate::provider::Request;

/// What is not encoded: the unreserved characters (RFC 3986 section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An address that is not spoken to.
fn refused(what: impl Into<String>, remedy: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("address", what, "", remedy))
}

/// The URL that every path is added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    /// Without a slash at its end.
    text: String,
    is_loopback: bool,
}

impl BaseUrl {
    /// Reads a base URL.
    ///
    /// # Errors
    ///
    /// A diagnostic when it is no URL, when it is not `https` and not on this machine, or
    /// when it holds a user name, a password, a query or a fragment.
    pub fn parse(written: &str) -> Result<Self, Box<Diagnostic>> {
        let wrong = |what: &str, remedy: &str| refused(format!("`{written}` {what}"), remedy);
        let url = reqwest::Url::parse(written).map_err(|error| {
            wrong(&format!("is not a URL ({error})"), "write one such as `https://host/scim/v2`")
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused(
                "the URL holds a user name or a password",
                "take it out; `target.credential` names where the secret is",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a query or a fragment", "end it with the path"));
        }
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if is_loopback => {}
            "http" => {
                return Err(wrong(
                    "is not encrypted, and the credential would go with it",
                    "write `https://`",
                ));
            }
            _ => return Err(wrong("is not an `https` URL", "write `https://host/path`")),
        }
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), is_loopback })
    }

    /// Whether it is this machine.
    #[must_use]
    pub const fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// The base URL as text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The URL of a request: every segment and value encoded, whatever is in it.
    ///
    /// # Errors
    ///
    /// A diagnostic when a segment is empty, `.` or `..`: encoded or not, these mean a place
    /// in the tree and not a name (RFC 3986 section 5.2.4).
    pub fn join(&self, request: &Request) -> Result<String, Box<Diagnostic>> {
        let mut url = self.text.clone();
        for segment in &request.path {
            if matches!(segment.as_str(), "" | "." | "..") {
                return Err(refused(
                    format!("`{segment}` cannot be a part of a path"),
                    "an object with such an id has to be mended at the server",
                ));
            }
            let _ = write!(url, "/{}", utf8_percent_encode(segment, ENCODED));
        }
        for (at, (name, value)) in request.query.iter().enumerate() {
            let sign = if at == 0 { '?' } else { '&' };
            let _ = write!(url, "{sign}{name}={}", utf8_percent_encode(value, ENCODED));
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Method;

    #[test]
    fn only_encrypted_or_local_addresses_are_spoken_to() {
        for fine in
            ["https://h/scim/v2/", "http://127.0.0.1:8", "http://[::1]:8", "http://localhost"]
        {
            assert!(BaseUrl::parse(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "http://example.com",
            "ftp://h",
            "file:///etc/passwd",
            "h",
            "",
            "https://u:p@h/",
            "https://h/?a=b",
            "https://h/#x",
            "http://127.0.0.1.example.com",
            "http://0.0.0.0",
        ] {
            assert!(BaseUrl::parse(wrong).is_err(), "{wrong}");
        }
        let secret = BaseUrl::parse("https://u:hunter2@h/").unwrap_err();
        assert!(!secret.to_string().contains("hunter2"));
    }

    #[test]
    fn an_id_stays_one_segment() {
        let base = BaseUrl::parse("https://h/scim/v2/").unwrap();
        let url = |id: &str| base.join(&Request::new(Method::Get, &["Users", id]));
        for (id, written) in [
            ("a/b", "a%2Fb"),
            ("../x", "..%2Fx"),
            ("%2e%2e", "%252e%252e"),
            ("é?#", "%C3%A9%3F%23"),
            ("a@b c\\", "a%40b%20c%5C"),
        ] {
            let url = url(id).unwrap();
            assert_eq!(url, format!("https://h/scim/v2/Users/{written}"));
            // What the client makes of it is what was written.
            assert_eq!(reqwest::Url::parse(&url).unwrap().as_str(), url);
        }
        for id in ["", ".", ".."] {
            assert!(url(id).is_err());
        }
    }
}
