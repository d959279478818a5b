//! Servers that lie, break off, flood or misunderstand. Each ends in the right live state or in
//! a refusal of the right kind with words in it; never in a shorter listing, a repeated create,
//! or a request to somewhere else.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use muster::apply::{Op, Receipt, Report, Step, Writer as _};
use muster::edge::credential::Credential;
use muster::edge::http::{HttpOptions, HttpTransport};
use muster::kind::{Address, FieldName, KindName};
use muster::live::{Live, Object, RemoteId, Seen};
use muster::provider::scim::{
    Dialect, ReadError, ReadErrorKind as Kind, ReadOptions, ScimWriter, read,
};
use serde_json::{Value, json};

use super::support::{lies, server};
use lies::{LIES, PAGE, USERS, failing, honest, list, on_first, on_later, on_users, users};
use server::{Ask, Reply, Server, status};

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

#[tokio::test]
async fn every_lie_is_refused_for_what_it_is() {
    assert!(LIES.len() >= 59, "{}", LIES.len());
    let ends = LIES.iter().map(async |lie| {
        let read = read_lies(lie.tell).await;
        let Err(error) = read else { return Some(format!("{}: believed", lie.name)) };
        let shown = error.to_string();
        let is_right = error.kind == lie.kind
            && shown.contains(lie.words)
            && !shown.contains("a-token")
            && !shown.contains('\x1b');
        let wanted = (lie.kind, lie.words);
        (!is_right)
            .then(|| format!("{}: wanted {wanted:?}, got {:?}: {shown}", lie.name, error.kind))
    });
    let wrong: Vec<String> = futures::future::join_all(ends).await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
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
    Step {
        id: 0,
        op,
        covers: Vec::new(),
        phase,
        makes_administrators: false,
        administrators: Vec::new(),
        may_wait: false,
        before: None,
        after: Vec::new(),
        ends: Vec::new(),
    }
}

fn create(name: &str) -> Step {
    let fields = serde_json::from_value(json!({"userName": name, "title": "Dr"})).unwrap();
    step(Op::Create { address: Address::user(name), fields, members: Vec::new() })
}

async fn write(server: &Server, step: &Step) -> Report {
    let transport = transport(&server.url, &HttpOptions::default());
    let ids = BTreeMap::from([
        (Address::group("g"), RemoteId::new("g")),
        (Address::user("a"), RemoteId::new("1")),
        (Address::user("b"), RemoteId::new("2")),
    ]);
    ScimWriter::new(&transport, Dialect::default())
        .write(step, &ids, &muster::apply::NothingTaken)
        .await
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
    let Receipt::Differs { id, cause, unkept, named: None } = report.receipt else {
        panic!("{report:?}");
    };
    assert_eq!(id, Some(RemoteId::new("1")));
    assert!(cause.contains("did not keep `title`"), "{cause}");
    assert_eq!(unkept.len(), 1);
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
        hold: None,
        seen: Seen::default(),
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
    assert_eq!((server.count("PATCH"), server.count("PUT")), (1, 0));
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
    assert_eq!(error.kind, Kind::Unauthorized);
    let shown = error.to_string();
    assert!(shown.contains("no token from") && !shown.contains("hunter2"), "{shown}");
}
