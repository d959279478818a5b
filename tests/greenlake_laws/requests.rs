//! What a plan of the largest organization asks, request by request.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use muster::sandbox::greenlake::{GreenLake, State};
use muster::sandbox::{self, Model as _};

use super::largest::LARGEST;

/// The twin, and how often each of its parts was asked.
struct Counted {
    twin: GreenLake,
    asked: BTreeMap<&'static str, usize>,
}

/// What a request is about.
fn part(method: &str, path: &str) -> &'static str {
    let scim = path.strip_prefix("/identity/v2beta1/scim/v2/");
    match (method, scim) {
        ("POST", None) if path.ends_with("/token") => "tokens",
        ("GET", Some("Users")) => "pages of users",
        ("GET", Some("Groups")) => "pages of groups",
        ("GET", Some(members)) if members.ends_with("/users") => "pages of members",
        ("GET", None) if path.ends_with("/role-assignments") => "pages of assignments",
        ("GET", None) if path.ends_with("/scope-groups") => "pages of scope groups",
        _ => "others",
    }
}

fn served(counted: &Mutex<Counted>, parts: &axum::http::request::Parts, body: &Bytes) -> Response {
    let path = parts.uri.path();
    let mut request = sandbox::Request::new(parts.method.as_str(), path);
    for pair in parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap();
        let value = percent_encoding::percent_decode_str(value).decode_utf8().unwrap();
        request = request.with(name, &value);
    }
    for (name, value) in &parts.headers {
        request = request.header(name.as_str(), value.to_str().unwrap());
    }
    request.body = body.to_vec();
    let mut counted = counted.lock().unwrap();
    *counted.asked.entry(part(parts.method.as_str(), path)).or_default() += 1;
    // The client's clock is the system's, and tokens live by it.
    let answer = counted.twin.handle(&request, jiff::Timestamp::now(), None);
    let mut response = Response::new(answer.body.into());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    for (name, value) in answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        response.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
    }
    response
}

#[test]
fn a_plan_of_the_largest_organization_asks_for_every_page_once() {
    let now = jiff::Timestamp::now();
    let twin = GreenLake::new(State::seed(&LARGEST.seed(false), now).unwrap());
    let counted = Arc::new(Mutex::new(Counted { twin, asked: BTreeMap::new() }));
    let shared = Arc::clone(&counted);
    let app = axum::Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        served(&shared, &parts, &body)
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, app).await });
    let folder = tempfile::tempdir().unwrap();
    LARGEST.write_project(folder.path(), &url);
    let output = Command::new(env!("CARGO_BIN_EXE_muster"))
        .args(["plan", "--detailed-exitcode"])
        .current_dir(folder.path())
        .env_clear()
        .envs(LARGEST.environment())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let asked = counted.lock().unwrap().asked.clone();
    let expected = BTreeMap::from([
        ("pages of users", 28),
        ("pages of groups", 1),
        ("pages of members", 200),
        ("pages of assignments", 25),
        ("tokens", 25),
    ]);
    let all: usize = asked.values().sum();
    let best: usize = expected.values().sum();
    assert!(all * 100 <= best * 105, "{all} requests, and {best} would do: {asked:?}");
    assert_eq!(asked, expected);
}
