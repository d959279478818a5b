//! Servers that lie, as a table: what each answers that an honest one would not, and how that
//! must end.

use muster::provider::scim::ReadErrorKind as Kind;
use serde_json::{Value, json};

use super::server::{self, Ask, Reply, status, text};

/// How many users the honest server has.
pub(crate) const USERS: usize = 150;
/// How many of them it puts on a page.
pub(crate) const PAGE: usize = 100;

pub(crate) fn user(n: usize) -> Value {
    json!({"id": format!("u{n}"), "userName": format!("user{n}@example.com")})
}

pub(crate) fn users(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(user).collect()
}

pub(crate) fn list(total: usize, rows: &[Value]) -> Reply {
    server::json(&json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total, "Resources": rows,
    }))
}

/// What an honest server answers: 150 users in pages of 100, one group.
pub(crate) fn honest(ask: &Ask) -> Reply {
    match ask.path() {
        "/scim/ServiceProviderConfig" => server::json(&json!({
            "patch": {"supported": true}, "filter": {"supported": true, "maxResults": PAGE},
        })),
        "/scim/Users" => {
            let from = ask.start() - 1;
            list(USERS, &users(from..USERS.min(from + PAGE)))
        }
        "/scim/Groups" => {
            let members = json!([{"value": "u0"}, {"value": "u149"}]);
            list(1, &[json!({"id": "g", "displayName": "Admins", "members": members})])
        }
        _ => status(404, "text/html", b"<h1>nothing here</h1>"),
    }
}

pub(crate) fn on_users(ask: &Ask, reply: impl FnOnce() -> Reply) -> Option<Reply> {
    (ask.path() == "/scim/Users").then(reply)
}

pub(crate) fn on_first(ask: &Ask, reply: impl FnOnce() -> Reply) -> Option<Reply> {
    if ask.start() == 1 { on_users(ask, reply) } else { None }
}

pub(crate) fn on_later(ask: &Ask, reply: impl FnOnce() -> Reply) -> Option<Reply> {
    if ask.start() > 1 { on_users(ask, reply) } else { None }
}

pub(crate) fn failing(code: u16) -> Reply {
    status(code, "application/scim+json", br#"{"detail":"go \u001b[2Jaway"}"#)
}

fn cut(body: &str) -> Reply {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    Reply::Bytes(format!("{head}{body}").into_bytes())
}

/// One server that lies.
pub(crate) struct Lie {
    /// What it does, in a few words.
    pub(crate) name: &'static str,
    /// What it answers instead of the truth, if it lies about this request.
    pub(crate) tell: fn(&Ask) -> Option<Reply>,
    /// What kind of refusal it must end in.
    pub(crate) kind: Kind,
    /// Words that the refusal must hold.
    pub(crate) words: &'static str,
}

/// Writes the table: `name: |ask| answer => kind, words;`.
macro_rules! table {
    ($($name:ident: |$ask:ident| $lie:expr => $kind:ident, $words:expr;)*) => {
        /// All of them.
        pub(crate) const LIES: &[Lie] = &[
            $(Lie { name: stringify!($name), tell: |$ask| $lie, kind: Kind::$kind, words: $words },)*
        ];
    };
}

table! {
    html_with_200: |ask| on_users(ask, || status(200, "text/html", b"<html>\x1b[2J sign in</html>"))
        => NotScim, "<html>";
    html_called_json: |ask| on_users(ask, || text("<!DOCTYPE html>")) => NotScim, "answered 200";
    empty_with_200: |ask| on_users(ask, || text("")) => NotScim, "an empty body";
    no_content: |ask| on_users(ask, || Reply::Bytes(b"HTTP/1.1 204 No\r\n\r\n".to_vec()))
        => NotScim, "an empty body";
    truncated_json: |ask| on_users(ask, || text(r#"{"totalResults":1,"Resources":[{"id":"u"#))
        => NotScim, "EOF";
    truncated_json_later: |ask| on_later(ask, || text(r#"{"totalResults":150,"Resources":[{"#))
        => NotScim, "EOF";
    an_array: |ask| on_users(ask, || text(r#"[{"id":"u","userName":"a"}]"#)) => NotScim, "object";
    an_empty_object: |ask| on_users(ask, || text("{}")) => NotScim, "totalResults";
    null: |ask| on_users(ask, || text("null")) => NotScim, "`null`";
    an_error_with_200: |ask| on_users(ask, || text(
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"totalResults":0}"#))
        => NotScim, "`schemas`";
    no_resources: |ask| on_users(ask, || text(r#"{"totalResults":5}"#)) => NotScim, "no `Resources`";
    a_row_without_id: |ask| on_users(ask, || list(1, &[json!({"userName": "a"})])) => NotScim, "no `id`";
    a_row_without_name: |ask| on_users(ask, || list(1, &[json!({"id": "1"})])) => NotScim, "no `userName`";
    an_empty_id: |ask| on_users(ask, || list(1, &[json!({"id": "", "userName": "a"})])) => NotScim, "`id`";
    an_id_that_is_nan: |ask| on_users(ask, || text(
        r#"{"totalResults":1,"Resources":[{"id":NaN,"userName":"a"}]}"#)) => NotScim, "line 1";
    an_id_that_is_a_fraction: |ask| on_users(ask, || list(1, &[json!({"id": 1.5, "userName": "a"})]))
        => NotScim, "`id`";
    an_id_with_control_characters: |ask| on_users(ask, || list(1, &[json!({"id": "a\u{1b}[2J", "userName": "a"})]))
        => NotScim, "no usable `id`";
    a_total_below_zero: |ask| on_users(ask, || text(r#"{"totalResults":-1,"Resources":[]}"#))
        => NotScim, "-1";
    a_total_in_words: |ask| on_users(ask, || text(r#"{"totalResults":"all","Resources":[]}"#))
        => NotScim, "string";
    a_total_beyond_counting: |ask| on_users(ask, || text(r#"{"totalResults":1e300,"Resources":[]}"#))
        => NotScim, "floating";
    the_largest_total: |ask| on_users(ask, || text(
        r#"{"totalResults":18446744073709551615,"Resources":[{"id":"1","userName":"a"}]}"#))
        => Inconsistent, "requests";
    a_total_too_high: |ask| on_users(ask, || {
        let from = ask.start() - 1;
        list(USERS + 1, &users(from.min(USERS)..USERS.min(from + PAGE)))
    }) => Inconsistent, "`totalResults` is 151, but 150";
    a_total_too_low: |ask| on_users(ask, || list(2, &users(0..3))) => Inconsistent, "`totalResults` is 2, but 3";
    a_total_that_grows: |ask| on_users(ask, || {
        let from = ask.start() - 1;
        list(USERS + ask.nth, &users(from..USERS.min(from + PAGE)))
    }) => Inconsistent, "`totalResults`";
    a_total_that_shrinks: |ask| on_users(ask, || {
        let from = ask.start() - 1;
        list(USERS - ask.nth, &users(from..USERS.min(from + PAGE)))
    }) => Inconsistent, "`totalResults`";
    the_first_page_for_ever: |ask| on_users(ask, || list(USERS, &users(0..PAGE)))
        => Inconsistent, "150, but 100";
    one_row_twice: |ask| on_users(ask, || list(2, &[user(1), user(1)])) => Inconsistent, "2, but 1";
    a_gap_between_pages: |ask| on_later(ask, || list(USERS, &users(ask.start()..USERS)))
        => Inconsistent, "150, but 149";
    an_empty_page_in_between: |ask| on_later(ask, || list(USERS, &[])) => Inconsistent, "150, but 100";
    unauthorized: |ask| on_first(ask, || failing(401)) => Unauthorized, "credential";
    unauthorized_later: |ask| on_later(ask, || failing(401)) => Unauthorized, "startIndex=101";
    forbidden: |ask| on_first(ask, || failing(403)) => Forbidden, "may not read";
    forbidden_later: |ask| on_later(ask, || failing(403)) => Forbidden, "may not read";
    not_found: |ask| on_first(ask, || failing(404)) => NotFound, "not taken as an empty one";
    not_found_later: |ask| on_later(ask, || failing(404)) => NotFound, "404";
    throttled: |ask| on_first(ask, || failing(429)) => Throttled, "fewer requests";
    throttled_later: |ask| on_later(ask, || failing(429)) => Throttled, "429";
    throttled_for_a_day: |ask| on_first(ask, || Reply::Bytes(
        b"HTTP/1.1 429 X\r\nretry-after: 86400\r\ncontent-length: 0\r\n\r\n".to_vec()))
        => TooLong, "a wait of 24h";
    broken: |ask| on_first(ask, || failing(500)) => ServerFailed, "500";
    broken_later: |ask| on_later(ask, || failing(500)) => ServerFailed, "500";
    unavailable: |ask| on_first(ask, || failing(503)) => ServerFailed, "503";
    unavailable_later: |ask| on_later(ask, || failing(503)) => ServerFailed, "503";
    cut_in_the_first_page: |ask| on_first(ask, || cut(r#"{"totalResults":0,"Resources":[]}"#))
        => Unreachable, "no whole answer";
    cut_in_a_later_page: |ask| on_later(ask, || cut(r#"{"totalResults":150,"#))
        => Unreachable, "no whole answer";
    cut_before_a_word: |ask| on_users(ask, || Reply::Bytes(Vec::new())) => Unreachable, "GET /Users";
    not_http: |ask| on_users(ask, || Reply::Bytes(b"220 mail ready\r\n".to_vec())) => Unreachable, "GET /Users";
    headers_without_end: |ask| on_users(ask, || Reply::Endless(
        b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(100)))
        => Unreachable, "GET /Users";
    a_body_without_end: |ask| on_users(ask, || Reply::Endless(
        b"HTTP/1.1 200 OK\r\n\r\n{\"Resources\":[".to_vec(), vec![b' '; 1 << 20]))
        => Refused, "more than 32 MiB";
    a_body_said_to_be_large: |ask| on_users(ask, || Reply::Bytes(
        b"HTTP/1.1 200 OK\r\ncontent-length: 52428800\r\n\r\n{".to_vec()))
        => Refused, "more than 32 MiB";
    a_gzip_bomb: |ask| on_users(ask, || {
        let bomb = gzip_bomb();
        assert!(bomb.len() < 1 << 20);
        let head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n";
        Reply::Bytes([head.as_slice(), &bomb].concat())
    }) => Refused, "more than 32 MiB";
    an_encoding_nobody_asked_for: |ask| on_users(ask, || Reply::Bytes(
        b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 2\r\n\r\n{}".to_vec()))
        => Refused, "'br'";
    json_too_deep: |ask| on_users(ask, || text(&format!(
        r#"{{"totalResults":1,"Resources":[{{"id":"1","userName":"a","urn:x":{}"#, "[".repeat(1 << 20))))
        => NotScim, "recursion limit";
    json_that_unpacks: |ask| on_users(ask, || text(&format!(
        r#"{{"totalResults":1,"Resources":[{{"id":"1","userName":"a","emails":[{}{{}}]}}]}}"#,
        r#"{"value":""},"#.repeat(1 << 20)))) => NotScim, "unpacks";
    groups_that_fail: |ask| (ask.path() == "/scim/Groups").then(|| failing(403)) => Forbidden, "/Groups";
    members_that_are_no_list: |ask| (ask.path() == "/scim/Groups").then(|| list(1, &[
        json!({"id": "g", "displayName": "G", "members": "everybody"})])) => NotScim, "members";
    a_member_that_is_nobody: |ask| (ask.path() == "/scim/Groups").then(|| list(1, &[
        json!({"id": "g", "displayName": "G", "members": [{"display": "Ada"}]})])) => NotScim, "member";
    a_switch_that_is_no_switch: |ask| on_users(ask, || list(1, &[
        json!({"id": "1", "userName": "a", "active": "perhaps"})])) => NotScim, "`active`";
    a_configuration_refused: |ask| ask.path().ends_with("Config").then(|| failing(401))
        => Unauthorized, "ServiceProviderConfig";
    a_configuration_that_breaks: |ask| ask.path().ends_with("Config").then(|| failing(503))
        => ServerFailed, "ServiceProviderConfig";
}

/// A gzip stream of about 64 MiB of zeros: one literal, then matches of 258 bytes at distance 1,
/// with the fixed codes of RFC 1951 section 3.2.6.
fn gzip_bomb() -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut bits, mut held) = (0_u32, 0);
    let mut put = |code: u32, length: u32| {
        for at in (0..length).rev() {
            bits |= (code >> at & 1) << held;
            held += 1;
            if held == 8 {
                out.push(u8::try_from(bits).unwrap());
                (bits, held) = (0, 0);
            }
        }
    };
    put(1, 1); // the last block
    put(0b10, 2); // fixed codes, low bit first
    put(0b0011_0000, 8); // a zero
    for _ in 0..(64 << 20) / 258 {
        put(0b1100_0101, 8); // 258 bytes
        put(0, 5); // from one byte back
    }
    put(0, 7);
    put(0, 8);
    out
}
