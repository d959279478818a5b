//! A whole server in memory, behind the transport that the network has.

use std::time::Duration;

use jiff::Timestamp;
use muster::provider::{Request, Response, TransportError};
use muster::sandbox::{self, Personality, Sandbox, State};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The instant at which everything begins.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// The server of that personality, which holds `live` already.
pub(crate) fn seeded(live: &Value, personality: &str) -> Sandbox {
    let personality = Personality::named(personality).unwrap();
    let state = State::seed_for(live, now(), &personality).unwrap();
    Sandbox::new(state, personality)
}

fn translated(request: &Request) -> sandbox::Request {
    let encoded = |text: &String| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let path: String = request.path.iter().map(|part| format!("/{}", encoded(part))).collect();
    let mut asked = sandbox::Request::new(request.method.as_str(), &path);
    for (name, value) in &request.query {
        asked = asked.with(name, value);
    }
    if let Some(tag) = &request.if_match {
        asked = asked.header("if-match", tag);
    }
    match &request.body {
        Some(body) => asked.json(body),
        None => asked,
    }
}

/// What the client gets: the server's answer, or nothing where the connection was cut. The
/// request has had its effect either way.
pub(crate) fn answer(
    sandbox: &mut Sandbox,
    request: &Request,
    now: Timestamp,
) -> Result<Response, TransportError> {
    let answer = sandbox.handle(&translated(request), now);
    if answer.lost || answer.cut_after.is_some() {
        return Err(TransportError::Lost("the connection was cut".to_owned()));
    }
    let content_type = answer.header("content-type").unwrap_or_default();
    let content_type = content_type.split(';').next().unwrap_or_default().to_lowercase();
    let retry_after = answer.header("retry-after").and_then(|text| text.parse().ok());
    Ok(Response {
        status: answer.status,
        content_type,
        location: answer.header("location").map(str::to_owned),
        etag: answer.header("etag").map(str::to_owned),
        retry_after: retry_after.map(Duration::from_secs),
        body: answer.body,
        quoted: None,
    })
}

/// Lets the others that are under way go first, as a network does.
pub(crate) async fn wait(turns: usize) {
    for _ in 0..turns {
        let mut waited = false;
        std::future::poll_fn(|context| {
            if std::mem::replace(&mut waited, true) {
                return std::task::Poll::Ready(());
            }
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
    }
}
