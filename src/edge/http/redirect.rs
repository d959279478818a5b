//! Redirects: none is followed, because the credential would go where nobody sent it. One that
//! only adds or drops the slash at the end of the path is answered by asking there.

use reqwest::Url;

use crate::provider::Method;

/// The address to ask instead, where a redirect says that the path ends with a slash, or without
/// one.
///
/// This is safe: the address is the request's own, to which one slash is added or taken away, so
/// the credential stays at the same origin and nothing that the server sent becomes a URL. 301
/// and 302 leave open whether a write keeps its method, so only reads are asked again for those;
/// with 307 and 308 the server says that it did nothing and wants the same request (RFC 9110
/// section 15.4).
pub(super) fn other_slash(
    method: Method,
    status: u16,
    asked: &str,
    location: &str,
) -> Option<String> {
    match status {
        307 | 308 => {}
        301 | 302 if !method.is_write() => {}
        _ => return None,
    }
    let from = Url::parse(asked).ok()?;
    let to = from.join(location).ok()?;
    let has_user = !to.username().is_empty() || to.password().is_some();
    let query = |url: &Url| url.query().filter(|query| !query.is_empty()).map(str::to_owned);
    let is_other_query = query(&to).is_some() && query(&to) != query(&from);
    if to.origin() != from.origin() || has_user || is_other_query || to.fragment().is_some() {
        return None;
    }
    let (path, query) = asked.split_once('?').map_or((asked, None), |(path, q)| (path, Some(q)));
    let path = match (to.path().strip_prefix(from.path()), from.path().strip_prefix(to.path())) {
        (Some("/"), _) => format!("{path}/"),
        (_, Some("/")) => path.strip_suffix('/')?.to_owned(),
        _ => return None,
    };
    Some(query.map_or_else(|| path.clone(), |query| format!("{path}?{query}")))
}

/// What to do about a path that leads elsewhere, where `target.url` is not what is wrong.
pub(super) const ELSEWHERE: &str =
    "the server sends this path elsewhere, and only its administrator can tell why";

/// What to do about a redirect that is not followed, where the target has answered nothing yet.
/// `base` is the URL of the target, and `asked` the address under it.
pub(super) fn advice(base: &str, asked: &str, location: &str) -> String {
    let under = asked.strip_prefix(base).and_then(|rest| rest.split('?').next());
    let to = Url::parse(asked).and_then(|asked| asked.join(location)).ok();
    let moved = to.and_then(|mut to| {
        to.set_query(None);
        to.set_fragment(None);
        let other = to.as_str().strip_suffix(under?)?.to_owned();
        (other != base).then_some(other)
    });
    match moved {
        Some(other) => format!("set `target.url` to `{other}` if that is the target"),
        None => ELSEWHERE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = "https://h/scim/v2/Users?startIndex=1&count=9";

    fn asks(status: u16, location: &str) -> Option<String> {
        other_slash(Method::Get, status, ASKED, location)
    }

    #[test]
    fn a_slash_is_added_or_dropped_and_the_query_is_kept() {
        let with = "https://h/scim/v2/Users/?startIndex=1&count=9";
        for location in [
            with,
            "/scim/v2/Users/?",
            "/scim/v2/Users/",
            "Users/",
            "//h/scim/v2/Users/",
            "https://h:443/scim/v2/Users/",
        ] {
            for status in [301, 302, 307, 308] {
                assert_eq!(asks(status, location).as_deref(), Some(with), "{status} {location}");
            }
        }
        assert_eq!(other_slash(Method::Get, 308, with, ASKED).as_deref(), Some(ASKED));
        let encoded = "https://h/Users/a%2Fb";
        let to = other_slash(Method::Get, 308, encoded, "/Users/a%2Fb/");
        assert_eq!(to.as_deref(), Some("https://h/Users/a%2Fb/"));
    }

    #[test]
    fn nothing_else_is_asked() {
        for location in [
            "",
            "/",
            "/scim/v2/Users",
            "/scim/v2/Users//",
            "/scim/v2/users/",
            "/scim/v2/Users/?startIndex=2&count=9",
            "/scim/v2/Users/#x",
            "/scim/v2/Users/x/",
            "http://h/scim/v2/Users/",
            "https://other/scim/v2/Users/",
            "https://h:8443/scim/v2/Users/",
            "https://me@h/scim/v2/Users/",
            "https://h.evil/scim/v2/Users/",
            "javascript:alert(1)",
        ] {
            assert_eq!(asks(308, location), None, "{location}");
        }
        for status in [300, 303, 304, 200] {
            assert_eq!(asks(status, "/scim/v2/Users/"), None, "{status}");
        }
    }

    #[test]
    fn a_write_is_sent_again_only_where_its_method_is_kept() {
        let asked = "https://h/Users";
        for (status, is_sent) in [(301, false), (302, false), (307, true), (308, true)] {
            for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
                let to = other_slash(method, status, asked, "/Users/");
                assert_eq!(to.is_some(), is_sent, "{status} {method:?}");
            }
        }
    }

    #[test]
    fn the_advice_can_be_followed() {
        let says = |location| advice("https://h/v2", "https://h/v2/Users?count=1", location);
        assert!(says("https://h/scim/v2/Users").contains("`target.url` to `https://h/scim/v2`"));
        assert!(says("https://other/v2/Users?x=y").contains("to `https://other/v2`"));
        for elsewhere in ["/login", "/v2/Users//", "https://h/v2/Users", "nowhere", ""] {
            assert!(!says(elsewhere).contains("target.url"), "{elsewhere}");
        }
    }
}
