//! A server in memory with the manners of one that exists. What it holds is looked at directly,
//! never through the client.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use muster::provider::{Method, Request, Response, Transport, TransportError};
use muster::sandbox::{Sandbox, State};
use serde_json::Value;

use super::memory::{answer, now, seeded, wait};

/// The server, its clock, and what was written to it.
pub(crate) struct Server {
    inner: Mutex<Inner>,
}

struct Inner {
    sandbox: Sandbox,
    now: Timestamp,
    requests: Vec<String>,
}

impl Server {
    /// The server of that personality, which holds `live` already.
    pub(crate) fn new(live: &Value, personality: &str) -> Self {
        let sandbox = seeded(live, personality);
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

impl Inner {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        let body = request.body.as_ref().map_or(String::new(), Value::to_string);
        self.requests.push(format!("{} {body}", request.shown()));
        answer(&mut self.sandbox, request, self.now)
    }
}

impl Transport for Server {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        if request.method != Method::Get {
            wait(1).await;
        }
        self.lock().send(request)
    }

    /// The server's clock goes on while the client waits.
    async fn pause(&self, wait: Duration) {
        let mut inner = self.lock();
        inner.now += jiff::SignedDuration::try_from(wait).unwrap();
    }
}
