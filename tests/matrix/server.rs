//! A whole server in memory with the manners of one that exists, behind the transport the
//! network has. What it holds is looked at directly, never through the client.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use muster::sandbox::{self, Personality, Sandbox, State};
use muster::target::{Method, Request, Response, Transport, TransportError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The server, its clock, and what was written to it.
pub(crate) struct Server {
    inner: Mutex<Inner>,
}

struct Inner {
    sandbox: Sandbox,
    now: Timestamp,
    requests: Vec<String>,
}

/// The instant at which every story begins.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

impl Server {
    /// The server of that personality, which holds `live` already.
    pub(crate) fn new(live: &Value, personality: &str) -> Self {
        let personality = Personality::named(personality).unwrap();
        let state = State::seed_for(live, now(), &personality).unwrap();
        let sandbox = Sandbox::new(state, personality);
        Self { inner: Mutex::new(Inner { sandbox, now: now(), requests: vec![] }) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// What it holds.
    pub(crate) fn state(&self) -> State {
        self.lock().sandbox.state.clone()
    }

    /// Every request that would change something, since the last call.
    pub(crate) fn take_writes(&self) -> Vec<String> {
        let mut inner = self.lock();
        let requests = std::mem::take(&mut inner.requests);
        requests.into_iter().filter(|request| !request.starts_with("GET")).collect()
    }

    /// Somebody else takes `gone` out of a group and puts `new` into it, behind the client's back.
    /// A group that is not there is left alone.
    pub(crate) fn somebody_else(&self, group: &str, (gone, new): (&str, &str)) {
        let mut inner = self.lock();
        let state = &inner.sandbox.state;
        let id = |name: &str| Some(state.user_named(name)?.id().to_owned());
        let (gone, new) = (id(gone), id(new));
        let Some(group) = state.group_named(group).map(|group| group.id().to_owned()) else {
            return;
        };
        let mut whole = serde_json::to_value(state).unwrap();
        let groups = whole["groups"].as_array_mut().unwrap();
        let found = groups.iter_mut().find(|row| row["id"] == group.as_str()).unwrap();
        let mut members = found["members"].as_object().cloned().unwrap_or_default();
        gone.and_then(|id| members.remove(&id));
        members.extend(new.map(|id| (id, Value::from(1))));
        found["members"] = members.into();
        inner.sandbox.state = serde_json::from_value(whole).unwrap();
    }
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

impl Inner {
    fn answer(&mut self, request: &Request) -> Response {
        let body = request.body.as_ref().map_or(String::new(), Value::to_string);
        self.requests.push(format!("{} {body}", request.shown()));
        let answer = self.sandbox.handle(&translated(request), self.now);
        let content_type = answer.header("content-type").unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default().to_lowercase();
        let retry_after = answer.header("retry-after").and_then(|text| text.parse().ok());
        Response {
            status: answer.status,
            content_type,
            etag: answer.header("etag").map(str::to_owned),
            retry_after: retry_after.map(Duration::from_secs),
            body: answer.body,
        }
    }
}

impl Transport for Server {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        if request.method != Method::Get {
            // Lets the other steps under way go first, as a network would.
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
        Ok(self.lock().answer(request))
    }

    /// The server's clock goes on while the client waits.
    async fn pause(&self, wait: Duration) {
        let mut inner = self.lock();
        inner.now += jiff::SignedDuration::try_from(wait).unwrap();
    }
}
