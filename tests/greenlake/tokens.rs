//! An apply that is longer than its tokens live: everything that was sent is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use muster::sandbox::greenlake::{GreenLake, State};
use muster::sandbox::{self, Model as _};

use super::world::{FILE, Virtual, World, seed};

/// What HPE lets a token live, in seconds.
const LIFE: u64 = 900;
/// How long the platform takes for one answer, in milliseconds.
const ANSWER: u64 = 6_000;

/// One request that was answered.
struct Sent {
    /// When, in seconds.
    at: u64,
    is_write: bool,
    token: String,
    status: u16,
}

/// The platform, by the time of the test, and what was asked of it.
struct Platform {
    twin: GreenLake,
    time: Virtual,
    sent: Vec<Sent>,
    /// When each token was given, and the path it was asked for at.
    given: BTreeMap<String, (u64, String)>,
    /// How many ask for a token now, and at most, by the path.
    asking: BTreeMap<String, (usize, usize)>,
}

impl Platform {
    fn ask(&mut self, path: &str, change: isize) {
        let (now, most) = self.asking.entry(path.to_owned()).or_default();
        *now = now.checked_add_signed(change).unwrap();
        *most = (*most).max(*now);
    }

    fn answer(&mut self, parts: &axum::http::request::Parts, body: &Bytes) -> sandbox::Response {
        self.time.pass(ANSWER);
        let path = parts.uri.path();
        let mut request = sandbox::Request::new(parts.method.as_str(), path);
        for pair in parts.uri.query().unwrap_or_default().split('&').filter(|one| !one.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            let value = percent_encoding::percent_decode_str(value).decode_utf8().unwrap();
            request = request.with(name, &value);
        }
        for (name, value) in &parts.headers {
            request = request.header(name.as_str(), value.to_str().unwrap());
        }
        request.body = body.to_vec();
        let answer = self.twin.handle(&request, self.time.timestamp(), None);
        let at = self.time.seconds();
        if path.ends_with("/token") {
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            // An exchange is refused when the token that is shown for it has ended.
            if let Some(token) = body["access_token"].as_str() {
                self.given.insert(format!("Bearer {token}"), (at, path.to_owned()));
            }
        } else {
            let token = parts.headers["authorization"].to_str().unwrap().to_owned();
            let is_write = parts.method != axum::http::Method::GET;
            self.sent.push(Sent { at, is_write, token, status: answer.status });
        }
        answer
    }
}

/// Serves the platform; its URL.
async fn serve(platform: Arc<Mutex<Platform>>) -> String {
    let app = axum::Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        let path = parts.uri.path().to_owned();
        let asks = path.ends_with("/token");
        if asks {
            platform.lock().unwrap().ask(&path, 1);
            // Whoever else would ask has every chance to.
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
        }
        let mut platform = platform.lock().unwrap();
        let answer = platform.answer(&parts, &body);
        if asks {
            platform.ask(&path, -1);
        }
        let mut response = Response::new(axum::body::Body::from(answer.body));
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
        for (name, value) in answer.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            response.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
        }
        response
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test]
async fn an_apply_of_half_an_hour_outlives_its_tokens_unseen() {
    let world = World::new().await;
    let platform = Platform {
        twin: GreenLake::new(State::seed(&seed(), world.time.timestamp()).unwrap()),
        time: world.time.clone(),
        sent: Vec::new(),
        given: BTreeMap::new(),
        asking: BTreeMap::new(),
    };
    let platform = Arc::new(Mutex::new(platform));
    let url = serve(Arc::clone(&platform)).await;
    let world = {
        let own = world.twin.url();
        world.project(&own, &url)
    };
    let mut file = String::from(FILE);
    let names: Vec<String> = (0..300).map(|n| format!("u{n:03}@example.com")).collect();
    let people: String = names
        .iter()
        .map(|name| {
            format!("  {name}: {{ name: {{ givenName: G, familyName: F }}, countryCode: GB }}\n")
        })
        .collect();
    file = file.replace(
        "groups:\n",
        &format!("{people}groups:\n  all: {{ members: [{}] }}\n", names[..150].join(", ")),
    );
    let begun = Mutex::new(0);
    let turn = world
        .turn_with(&file, &|world| *begun.lock().unwrap() = world.time.seconds())
        .await
        .unwrap();
    turn.is_done();
    let begun = begun.into_inner().unwrap();
    let took = world.time.seconds() - begun;
    assert!(took > 2 * LIFE, "{took} s are no two lives of a token");
    let platform = platform.lock().unwrap();
    // No step failed, nothing was refused, and nothing went out with a token that had ended.
    for sent in &platform.sent {
        assert_ne!(sent.status, 401, "at {} s", sent.at);
        let (given, _) = platform.given[&sent.token];
        assert!(sent.at < given + LIFE, "sent at {} s with a token of {given} s", sent.at);
    }
    // What was written after each token's end carried the next.
    let written: BTreeSet<&str> = platform
        .sent
        .iter()
        .filter(|sent| sent.is_write && sent.at > begun)
        .map(|sent| sent.token.as_str())
        .collect();
    let of_main = |token: &&&str| platform.given[**token].1.contains(super::world::MAIN);
    assert!(written.iter().filter(of_main).count() >= 3, "{} tokens", written.len());
    // One renewal at a time, and no more of them than lives of a token less what is ahead.
    for (path, (now, most)) in &platform.asking {
        assert_eq!((*now, *most), (0, 1), "{path}");
        let given = platform.given.values().filter(|(_, of)| of == path).count() as u64;
        assert!(given <= 2 + world.time.seconds() / (LIFE - 240), "{given} at {path}");
    }
}
