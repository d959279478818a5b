//! Globs, paths and URLs: the small languages inside strings.

use std::net::{Ipv4Addr, Ipv6Addr};

use globset::GlobBuilder;

use super::node::Node;
use super::sink::Sink;
use super::words::Excerpt;

/// Whether a pattern can match more than one name, or another than itself: what a glob has and a
/// plain name has not.
#[must_use]
pub fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', '{', '\\'])
}

/// The glob that matches exactly this name.
#[must_use]
pub fn literal_glob(name: &str) -> String {
    let special = |letter: char| "*?[]{}\\!".contains(letter);
    name.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// Reports a glob that cannot be understood.
pub(super) fn check_glob(node: Node<'_>, pattern: &str, sink: &mut Sink) -> bool {
    match GlobBuilder::new(pattern).build() {
        Ok(_) => true,
        Err(error) => {
            sink.error(
                node.place(),
                "bad-glob",
                [
                    format_args!("`{}` is not a pattern", Excerpt(pattern)),
                    format_args!("{}", Excerpt(&error.kind().to_string())),
                    format_args!(
                        "close every bracket; `*` stands for any text, `?` for a character"
                    ),
                ],
            );
            false
        }
    }
}

/// What is wrong with a path that must stay inside the project.
pub(super) fn path_problem(path: &str) -> Option<&'static str> {
    if path.chars().any(char::is_control) {
        Some("it holds a control character")
    } else if path.contains('\\') {
        Some("it holds a backslash; parts are separated by `/` on every system")
    } else if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        Some("it is absolute")
    } else if path.starts_with('~') {
        Some("it begins with `~`")
    } else if path.split('/').any(|part| part == "..") {
        Some("it holds `..`")
    } else if path.chars().any(super::words::is_invisible) {
        Some("it holds a character that cannot be seen")
    } else {
        None
    }
}

/// The path without `.` and empty parts, as file names are written: `./a//b/` is `a/b`.
pub(super) fn plain_path(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    parts.join("/")
}

/// What is wrong with a URL that muster is to send credentials to. The texts never repeat the URL.
pub(super) fn url_problem(url: &str) -> Option<&'static str> {
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\' || !c.is_ascii()) {
        return Some("it holds a blank, a backslash or a character outside ASCII");
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some("it does not begin with `https://`");
    };
    if rest.contains(['?', '#']) {
        return Some("it holds a query or a fragment");
    }
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') {
        return Some("it holds a user name or a password");
    }
    if path.split('/').any(|part| matches!(part, "." | ".." | "%2e%2e" | "%2E%2E")) {
        return Some("its path holds `.` or `..`");
    }
    let Some((host, port)) = host_and_port(authority) else {
        return Some("its host cannot be understood");
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Some("its port is not a number from 0 to 65535");
    }
    match scheme.to_ascii_lowercase().as_str() {
        "https" => None,
        "http" if is_loopback(host) => None,
        "http" => Some("it is not encrypted, and the host is another machine"),
        _ => Some("it does not begin with `https://`"),
    }
}

fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let holds = !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    holds.then_some((host, port))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_the_loopback_are_spoken_to() {
        for url in [
            "https://idp.example.com/scim/v2",
            "HTTPS://idp.example.com",
            "http://127.0.0.1:8080",
            "http://127.8.9.1/scim",
            "http://[::1]:80/",
            "http://localhost/v2",
        ] {
            assert_eq!(url_problem(url), None, "{url}");
        }
        for url in [
            "http://idp.example.com",
            "ftp://idp.example.com",
            "idp.example.com",
            "https://",
            "https://ada:secret@idp.example.com",
            "https://idp.example.com/?a=b",
            "https://idp.example.com/#a",
            "https://idp.example.com/../x",
            "https://a b",
            "http://127.0.0.1.evil.example.com",
            "https://idp.example.com:99999",
            "https://[::1",
            "http://localhost.evil.example.com",
            "https://idp.example.com\\@evil",
            "file:///etc",
        ] {
            assert!(url_problem(url).is_some(), "{url}");
        }
    }

    #[test]
    fn paths_stay_inside_the_project() {
        for path in ["policies", "a/b", "./a", "a..b/c"] {
            assert_eq!(path_problem(path), None, "{path}");
        }
        for path in
            ["/etc", "..", "a/../../b", "a\\b", "C:/x", "~/x", "a\0b", "..\\x", "a\u{202e}b"]
        {
            assert!(path_problem(path).is_some(), "{path}");
        }
        assert_eq!(plain_path("./a//b/"), "a/b");
    }
}
