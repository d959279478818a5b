//! Servers that lie, break off, flood or misunderstand. Each ends in the right live state or in
//! a refusal of the right kind with words in it; never in a shorter listing, a repeated create,
//! or a request to somewhere else.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "hostile/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use muster::apply::{Op, Receipt, Report, Step, Writer as _};
use muster::edge::credential::Credential;
use muster::edge::http::{HttpOptions, HttpTransport};
use muster::kind::{Address, FieldName, KindName};
use muster::live::{Live, Object, RemoteId};
use muster::target::scim::{
    Dialect, ReadError, ReadErrorKind as Kind, ReadOptions, ScimWriter, read,
};
use serde_json::{Value, json};

use server::{Ask, Reply, Server, status, text};

const USERS: usize = 150;
const PAGE: usize = 100;

fn user(n: usize) -> Value {
    json!({"id": format!("u{n}"), "userName": format!("user{n}@example.com")})
}

fn users(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(user).collect()
}

fn list(total: usize, rows: &[Value]) -> Reply {
    server::json(&json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total, "Resources": rows,
    }))
}

/// What an honest server answers: 150 users in pages of 100, one group.
fn honest(ask: &Ask) -> Reply {
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

fn transport(url: &str, options: &HttpOptions) -> HttpTransport {
    let credential = Credential::bearer(&"a-token".to_owned().into()).unwrap();
    HttpTransport::new(url, Arc::new(credential), options).unwrap()
}

async fn read_from(url: &str) -> Result<Live, ReadError> {
    let options = ReadOptions { target: url.to_owned() };
    let transport = transport(url, &HttpOptions::default());
    let read = read(&transport, &Dialect::default(), &options).await;
    read.map(|(live, _)| live)
}

/// Reads a server that is honest but for what `lie` answers.
async fn read_lies(
    lie: impl Fn(&Ask) -> Option<Reply> + Send + Sync + 'static,
) -> Result<Live, ReadError> {
    let server = Server::start(move |ask| lie(ask).unwrap_or_else(|| honest(ask))).await;
    let read = read_from(&server.url).await;
    assert_eq!(server.asked().iter().filter(|ask| ask.method != "GET").count(), 0);
    assert!(server.asked().len() < 60, "{} requests", server.asked().len());
    read
}

/// Declares one hostile server each: what it answers to what, and how that must end.
macro_rules! refused {
    ($($name:ident: |$ask:ident| $lie:expr => $kind:ident, $words:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            let lie = |$ask: &Ask| -> Option<Reply> { $lie };
            let error = read_lies(lie).await.map(|live| live.objects().len()).unwrap_err();
            assert_eq!(error.kind, Kind::$kind, "{error}");
            let shown = error.to_string();
            assert!(shown.contains($words), "{shown}");
            assert!(!shown.contains("a-token") && !shown.contains('\x1b'), "{shown}");
        })*
    };
}

fn on_users(ask: &Ask, reply: impl FnOnce() -> Reply) -> Option<Reply> {
    (ask.path() == "/scim/Users").then(reply)
}

fn on_first(ask: &Ask, reply: impl FnOnce() -> Reply) -> Option<Reply> {
    if ask.start() == 1 { on_users(ask, reply) } else { None }
}

fn on_later(ask: &Ask, reply: impl FnOnce() -> Reply) -> Option<Reply> {
    if ask.start() > 1 { on_users(ask, reply) } else { None }
}

fn failing(code: u16) -> Reply {
    status(code, "application/scim+json", br#"{"detail":"go \u001b[2Jaway"}"#)
}

fn cut(body: &str) -> Reply {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";
    Reply::Bytes(format!("{head}{body}").into_bytes())
}

refused! {
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
        => Throttled, "429";
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
        => Refused, "`br`".replace('`', "'").as_str();
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

#[tokio::test]
async fn an_honest_server_is_read_whole() {
    let live = read_lies(|_| None).await.unwrap();
    assert_eq!(live.objects().len(), USERS + 1);
    assert!(live.is_proved(KindName::User) && live.is_proved(KindName::Group));
}

#[tokio::test]
async fn pages_of_changing_length_are_read_one_by_one() {
    let lie = |ask: &Ask| {
        on_users(ask, || {
            let from = ask.start() - 1;
            let length = if from == 0 { 40 } else { 7 };
            list(USERS, &users(from.min(USERS)..USERS.min(from + length)))
        })
    };
    assert_eq!(read_lies(lie).await.unwrap().objects().len(), USERS + 1);
}

#[tokio::test]
async fn overlapping_pages_still_add_up() {
    let lie = |ask: &Ask| {
        on_users(ask, || {
            let from = (ask.start() - 1).saturating_sub(1);
            list(USERS, &users(from..USERS.min(from + PAGE)))
        })
    };
    let live = read_lies(lie).await.unwrap();
    assert_eq!(live.objects().len(), USERS + 1);
    assert!(live.is_proved(KindName::User));
}

#[tokio::test]
async fn a_failure_that_passes_is_waited_out() {
    for code in [429, 500, 503] {
        let lie =
            move |ask: &Ask| if ask.nth == 1 { on_users(ask, || failing(code)) } else { None };
        assert_eq!(read_lies(lie).await.unwrap().objects().len(), USERS + 1);
    }
}

#[tokio::test]
async fn a_configuration_that_is_a_web_page_is_none() {
    let lie = |ask: &Ask| match ask.path() {
        path if path.ends_with("Config") => Some(status(200, "text/html", b"<html>")),
        "/scim/Users" if ask.start() > USERS => Some(list(USERS, &[])),
        "/scim/Groups" if ask.start() > 1 => Some(list(1, &[])),
        _ => None,
    };
    assert_eq!(read_lies(lie).await.unwrap().objects().len(), USERS + 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for code in [301, 302, 303, 307, 308] {
        for later in [false, true] {
            let elsewhere = Server::start(honest).await;
            let to = format!("{}/Users", elsewhere.url);
            let lie = move |ask: &Ask| {
                let head =
                    format!("HTTP/1.1 {code} X\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
                let reply = || Reply::Bytes(head.into_bytes());
                if later { on_later(ask, reply) } else { on_first(ask, reply) }
            };
            let error = read_lies(lie).await.map(|live| live.objects().len()).unwrap_err();
            assert_eq!(error.kind, Kind::Refused, "{error}");
            assert!(error.to_string().contains("redirects are not followed"), "{error}");
            assert_eq!(elsewhere.asked().len(), 0);
        }
    }
}

#[tokio::test]
async fn a_drip_runs_out_of_time() {
    let server = Server::start(|ask| match ask.path() {
        "/scim/Users" => Reply::Drip(b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
        _ => honest(ask),
    })
    .await;
    let short =
        HttpOptions { request_timeout: Duration::from_millis(300), ..HttpOptions::default() };
    let options = ReadOptions { target: server.url.clone() };
    let transport = transport(&server.url, &short);
    let error = read(&transport, &Dialect::default(), &options).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable, "{error}");
    assert!(error.to_string().contains("the time ran out"), "{error}");
}

#[tokio::test]
async fn nobody_listening_is_said_so() {
    let server = Server::start(honest).await;
    let url = server.url.clone();
    drop(server);
    // The port may be given to somebody else at once, but not as a SCIM server.
    let error = read_from(&url).await.map(|live| live.objects().len()).unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable, "{error}");
}

/// A server with a little memory, and one way to misbehave.
#[derive(Default)]
struct Memory {
    users: Vec<Value>,
    members: Vec<Value>,
}

fn step(op: Op) -> Step {
    let phase = muster::apply::Phase::Main;
    Step { id: 0, op, covers: Vec::new(), phase, after: Vec::new(), ends: Vec::new() }
}

fn create(name: &str) -> Step {
    let fields = serde_json::from_value(json!({"userName": name, "title": "Dr"})).unwrap();
    step(Op::Create { address: Address::user(name), fields })
}

async fn write(server: &Server, step: &Step) -> Report {
    let transport = transport(&server.url, &HttpOptions::default());
    let ids = BTreeMap::from([
        (Address::group("g"), RemoteId::new("g")),
        (Address::user("a"), RemoteId::new("1")),
        (Address::user("b"), RemoteId::new("2")),
    ]);
    ScimWriter::new(&transport, Dialect::default()).write(step, &ids).await
}

fn failed(report: &Report) -> &str {
    match &report.receipt {
        Receipt::Failed { cause } => cause,
        other => panic!("{other:?}"),
    }
}

/// A server that keeps users; `answer` sees every request first.
async fn keeping(
    answer: impl Fn(&Ask, &mut Memory) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    let memory = Mutex::new(Memory::default());
    Server::start(move |ask| {
        let mut memory = memory.lock().unwrap();
        if let Some(reply) = answer(ask, &mut memory) {
            return reply;
        }
        match (ask.method.as_str(), ask.path()) {
            ("GET", "/scim/Users") => list(memory.users.len(), &memory.users),
            ("POST", _) => {
                let kept = keep(ask, &mut memory);
                status(201, "application/scim+json", kept.to_string().as_bytes())
            }
            _ => status(404, "application/scim+json", b"{}"),
        }
    })
    .await
}

fn keep(ask: &Ask, memory: &mut Memory) -> Value {
    let mut kept = ask.body.clone();
    kept["id"] = json!((memory.users.len() + 1).to_string());
    memory.users.push(kept.clone());
    kept
}

#[tokio::test]
async fn a_lost_create_that_was_done_is_not_sent_again() {
    // Whatever the server does to the filter: honours it, ignores it, finds nothing, fails.
    for filter in ["honoured", "ignored", "finds nothing", "fails"] {
        let server = keeping(move |ask, memory| {
            if ask.method == "POST" {
                memory.users.push(json!({"id": "0", "userName": "other"}));
                keep(ask, memory);
                return Some(Reply::Bytes(Vec::new()));
            }
            ask.query("filter")?;
            match filter {
                "honoured" => Some(list(1, &memory.users[1..])),
                "ignored" => None,
                "finds nothing" => Some(list(0, &[])),
                _ => Some(status(500, "text/html", b"<h1>oh</h1>")),
            }
        })
        .await;
        let report = write(&server, &create("ada")).await;
        assert_eq!(report.receipt, Receipt::Done { id: Some(RemoteId::new("2")) }, "{filter}");
        assert_eq!(server.count("POST"), 1, "{filter}");
    }
}

#[tokio::test]
async fn a_lost_create_that_was_not_done_is_sent_once_more() {
    let server = keeping(|ask, _| {
        (ask.method == "POST" && ask.nth == 1)
            .then(|| status(502, "text/html", b"<h1>gateway</h1>"))
    })
    .await;
    assert!(write(&server, &create("ada")).await.receipt.is_so());
    assert_eq!(server.count("POST"), 2);
    let never = keeping(|ask, _| (ask.method == "POST").then(|| failing(500))).await;
    assert!(failed(&write(&never, &create("ada")).await).contains("sent twice"));
    assert_eq!(never.count("POST"), 2);
}

#[tokio::test]
async fn a_lost_create_whose_look_fails_is_not_sent_again() {
    let server = keeping(|ask, _| match ask.method.as_str() {
        "POST" => Some(Reply::Bytes(Vec::new())),
        _ => Some(status(500, "text/html", b"")),
    })
    .await;
    let report = write(&server, &create("ada")).await;
    assert!(failed(&report).contains("500"), "{report:?}");
    assert_eq!(server.count("POST"), 1);
}

#[tokio::test]
async fn a_taken_name_is_looked_at_and_never_overwritten() {
    for (title, others, expected) in
        [("Dr", 0, "so"), ("Prof", 0, "says something else"), ("Dr", 1, "2 objects are named")]
    {
        let server = keeping(move |ask, memory| {
            if ask.method != "POST" {
                return None;
            }
            for n in 0..=others {
                let name = ["ada", "ADA"][n];
                memory.users.push(json!({"id": n.to_string(), "userName": name, "title": title}));
            }
            Some(status(409, "application/json", br#"{"detail":"taken"}"#))
        })
        .await;
        let report = write(&server, &create("ada")).await;
        if expected == "so" {
            assert_eq!(report.receipt, Receipt::AlreadySo { id: Some(RemoteId::new("0")) });
        } else {
            assert!(failed(&report).contains(expected), "{report:?}");
        }
        assert_eq!(server.asked().iter().filter(|ask| ask.method != "GET").count(), 1);
    }
}

#[tokio::test]
async fn a_create_that_is_not_kept_is_said_so() {
    let server = keeping(|ask, memory| match (ask.method.as_str(), ask.path()) {
        ("POST", _) => {
            keep(ask, memory);
            memory.users[0].as_object_mut().unwrap().remove("title");
            Some(status(201, "application/json", memory.users[0].to_string().as_bytes()))
        }
        ("GET", "/scim/Users/1") => Some(server::json(&memory.users[0])),
        _ => None,
    })
    .await;
    let report = write(&server, &create("ada")).await;
    assert!(failed(&report).contains("did not keep `title`"), "{report:?}");
}

#[tokio::test]
async fn a_web_page_for_a_created_user_is_looked_behind() {
    let server = keeping(|ask, memory| {
        (ask.method == "POST").then(|| {
            keep(ask, memory);
            status(201, "application/scim+json", b"<html>created</html>")
        })
    })
    .await;
    let report = write(&server, &create("ada")).await;
    assert_eq!(report.receipt, Receipt::Done { id: Some(RemoteId::new("1")) });
}

#[tokio::test]
async fn a_refused_credential_stops_all_writing() {
    for code in [401, 403] {
        let server = keeping(move |ask, _| (ask.method == "POST").then(|| failing(code))).await;
        let report = write(&server, &create("ada")).await;
        assert!(report.halt.is_some() && !report.receipt.is_so(), "{report:?}");
        assert_eq!(server.asked().len(), 1);
    }
}

fn object(id: &str) -> Object {
    let fields = serde_json::from_value(json!({"userName": "ada", "title": "Dr"})).unwrap();
    Object {
        kind: KindName::User,
        id: RemoteId::new(id),
        key: muster::kind::Key::new("ada"),
        fields,
        version: None,
        members: None,
    }
}

fn retitle(object: &Object) -> Step {
    let mut after = object.fields.clone();
    after.insert(FieldName::fixed("title"), json!("Prof"));
    step(Op::Update {
        address: Address::user("ada"),
        remote: object.id.clone(),
        expect: object.fingerprint(),
        version: None,
        after,
        changed: vec![FieldName::fixed("title")],
    })
}

#[tokio::test]
async fn a_success_that_changed_nothing_is_no_success() {
    let server =
        Server::start(|_| server::json(&json!({"id": "1", "userName": "ada", "title": "Dr"})))
            .await;
    let report = write(&server, &retitle(&object("1"))).await;
    assert!(failed(&report).contains("did not keep `title`"), "{report:?}");
    assert!(failed(&report).contains("user.title"), "{report:?}");
    assert_eq!((server.count("PATCH"), server.count("PUT")), (1, 1));
}

#[tokio::test]
async fn another_object_than_the_one_asked_for_is_not_written() {
    let server =
        Server::start(|_| server::json(&json!({"id": "2", "userName": "ada", "title": "Dr"})))
            .await;
    let report = write(&server, &retitle(&object("1"))).await;
    assert!(failed(&report).contains("another id"), "{report:?}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn an_id_is_one_segment_whatever_is_in_it() {
    for (id, segment) in [
        ("a/../../admin", "a%2F..%2F..%2Fadmin"),
        ("%2e%2e", "%252e%252e"),
        ("x?y=1#z", "x%3Fy%3D1%23z"),
    ] {
        let server = Server::start(|_| failing(404)).await;
        let report = write(&server, &retitle(&object(id))).await;
        assert!(matches!(report.receipt, Receipt::Stale { .. }), "{report:?}");
        let paths: Vec<_> = server.asked().iter().map(|ask| ask.target.clone()).collect();
        assert_eq!(paths, [format!("/scim/Users/{segment}")]);
    }
    let server = Server::start(honest).await;
    let report = write(&server, &retitle(&object(".."))).await;
    assert!(failed(&report).contains("cannot be a part of a path"), "{report:?}");
    assert_eq!(server.asked().len(), 0);
}

#[tokio::test]
async fn a_lost_membership_is_read_back_before_it_is_sent_again() {
    let server = keeping(|ask, memory| match (ask.method.as_str(), ask.path()) {
        ("PATCH", _) if ask.nth == 1 => {
            // Half of it is done, and the answer is lost.
            memory.members.push(json!({"value": "1"}));
            Some(Reply::Bytes(Vec::new()))
        }
        ("PATCH", _) => {
            for value in ask.body["Operations"][0]["value"].as_array().unwrap() {
                memory.members.push(value.clone());
            }
            Some(Reply::Bytes(b"HTTP/1.1 204 X\r\n\r\n".to_vec()))
        }
        ("GET", "/scim/Groups/g") => {
            Some(server::json(&json!({"id": "g", "displayName": "g", "members": memory.members})))
        }
        _ => None,
    })
    .await;
    let users = vec![Address::user("a"), Address::user("b")];
    let add = step(Op::AddMembers { group: Address::group("g"), users: users.clone() });
    assert!(write(&server, &add).await.receipt.is_so());
    let second = server.asked().iter().rfind(|ask| ask.method == "PATCH").unwrap().body.clone();
    assert_eq!(second["Operations"][0]["value"], json!([{"value": "2"}]));
    let verify =
        step(Op::VerifyMembers { group: Address::group("g"), present: users, absent: Vec::new() });
    assert!(write(&server, &verify).await.receipt.is_so());
}

/// A token endpoint and a SCIM server in one. Tokens are numbered, and only the last is good,
/// unless they live so short that several are in flight.
fn token_server(life: u64) -> impl Fn(&Ask) -> Reply + Send + Sync {
    let last = std::sync::atomic::AtomicU64::new(0);
    move |ask| {
        use std::sync::atomic::Ordering::SeqCst;
        if ask.path() == "/scim/token" {
            let number = last.fetch_add(1, SeqCst) + 1;
            return server::json(
                &json!({"access_token": format!("t{number}"), "expires_in": life}),
            );
        }
        let number = ask.authorization.strip_prefix("Bearer t").and_then(|n| n.parse().ok());
        let last = last.load(SeqCst);
        let is_good = number.is_some_and(|n: u64| n == last || (life == 0 && n < last));
        if is_good { honest(ask) } else { failing(401) }
    }
}

#[expect(clippy::disallowed_methods, reason = "a credential file for a test")]
async fn oauth(server: &Server, folder: &std::path::Path) -> HttpTransport {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("client.json");
    std::fs::write(&path, r#"{"clientId":"an id","clientSecret":"hunter2&x"}"#).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let reference = muster::config::CredentialRef::File("client.json".to_owned());
    let place = muster::edge::credential::Place { reference: &reference, project: folder };
    let url = format!("{}/token", server.url);
    let credential = Credential::from_place(&place, Some(&url)).await.unwrap();
    HttpTransport::new(&server.url, Arc::new(credential), &HttpOptions::default()).unwrap()
}

#[tokio::test]
async fn a_token_is_fetched_once_for_all_who_wait_and_renewed_when_refused() {
    let folder = tempfile::tempdir().unwrap();
    // A life of nothing: every request asks for a new token.
    for (life, most) in [(3600, 1), (0, 99)] {
        let server = Server::start(token_server(life)).await;
        let transport = oauth(&server, folder.path()).await;
        let options = ReadOptions { target: String::new() };
        let (live, _) = read(&transport, &Dialect::default(), &options).await.unwrap();
        assert_eq!(live.objects().len(), USERS + 1);
        let tokens = server.asked().iter().filter(|ask| ask.path() == "/scim/token").count();
        assert!((1..=most).contains(&tokens), "{tokens} tokens");
    }
    let server = Server::start(token_server(3600)).await;
    let transport = oauth(&server, folder.path()).await;
    let options = ReadOptions { target: String::new() };
    read(&transport, &Dialect::default(), &options).await.unwrap();
    // Somebody else takes a token, and ours is no longer good.
    let other = oauth(&server, folder.path()).await;
    read(&other, &Dialect::default(), &options).await.unwrap();
    read(&transport, &Dialect::default(), &options).await.unwrap();
    let body = server.asked()[0].text.clone();
    assert_eq!(body, "grant_type=client_credentials&client_id=an%20id&client_secret=hunter2%26x");
}

#[tokio::test]
async fn a_token_endpoint_that_refuses_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|ask| status(400, "text/plain", ask.text.as_bytes())).await;
    let transport = oauth(&server, folder.path()).await;
    let options = ReadOptions { target: String::new() };
    let error = read(&transport, &Dialect::default(), &options).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind, Kind::Refused);
    let shown = error.to_string();
    assert!(shown.contains("no token from") && !shown.contains("hunter2"), "{shown}");
}
