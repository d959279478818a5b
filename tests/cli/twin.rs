//! The sandbox's model behind a server of our own, which can hold writes back: so that a run is
//! killed or interrupted exactly between two of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use muster::sandbox::{Request, Sandbox, State};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::server::{Ask, Reply, Server};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(120);

/// What becomes of the writes that are held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// They are done, whether or not anybody waits for the answer.
    Done,
    /// They never arrive.
    Lost,
}

struct Held {
    sandbox: Sandbox,
    /// How many writes came so far.
    writes: usize,
    /// Writes after so many are held back.
    limit: usize,
    /// How many are held back now.
    waiting: usize,
    fate: Fate,
    /// Headers that every answer has beside its own.
    beside: String,
}

#[derive(Clone)]
struct Gate(Arc<(Mutex<Held>, Condvar)>);

/// A running twin; it ends when this is dropped.
pub(crate) struct Twin {
    gate: Gate,
    server: Server,
    /// Keeps the server running.
    _runtime: Runtime,
}

impl Gate {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.0.lock().unwrap()
    }

    /// Waits while it is so, but not for ever.
    #[track_caller]
    fn wait_while(&self, is_so: impl Fn(&Held) -> bool) -> MutexGuard<'_, Held> {
        let waited = self.0.1.wait_timeout_while(self.lock(), PATIENCE, |held| is_so(held));
        let (held, timeout) = waited.unwrap();
        if timeout.timed_out() {
            drop(held);
            panic!("waited in vain");
        }
        held
    }

    fn answer(&self, ask: &Ask) -> Reply {
        let mut held = self.lock();
        if ask.method != "GET" {
            held.writes += 1;
            let number = held.writes;
            if number > held.limit {
                held.waiting += 1;
                self.0.1.notify_all();
                drop(held);
                // What else this thread has to do, others do meanwhile.
                held = tokio::task::block_in_place(|| self.wait_while(|held| number > held.limit));
                held.waiting -= 1;
                self.0.1.notify_all();
                if held.fate == Fate::Lost {
                    return Reply::Bytes(Vec::new());
                }
            }
        }
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let response = held.sandbox.handle(&request(ask), now);
        let mut head = format!(
            "HTTP/1.1 {} X\r\ncontent-length: {}\r\nconnection: close\r\n",
            response.status,
            response.body.len()
        );
        for (name, value) in &response.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&held.beside);
        Reply::Bytes([head.as_bytes(), b"\r\n", &response.body].concat())
    }
}

fn request(ask: &Ask) -> Request {
    let path = ask.path().strip_prefix("/scim").unwrap();
    let query = ask.target.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let mut request = Request::new(&ask.method, path);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        request = request.with(name, &percent_decode_str(value).decode_utf8().unwrap());
    }
    request = request.header("content-type", "application/scim+json");
    request.body = ask.text.clone().into_bytes();
    request
}

impl Twin {
    /// An RFC 7644 server that holds these users and groups (a seed).
    pub(crate) fn start(seed: &Value) -> Self {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        let mut sandbox = Sandbox::default();
        sandbox.state = State::seed(seed, now).unwrap();
        let (limit, fate, beside) = (usize::MAX, Fate::Done, String::new());
        let held = Held { sandbox, writes: 0, limit, waiting: 0, fate, beside };
        let gate = Gate(Arc::new((Mutex::new(held), Condvar::new())));
        let runtime = Runtime::new().unwrap();
        let answers = gate.clone();
        let server = runtime.block_on(Server::start(move |ask| answers.answer(ask)));
        Self { gate, server, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> &str {
        &self.server.url
    }

    /// How many writes came so far.
    pub(crate) fn writes(&self) -> usize {
        self.gate.lock().writes
    }

    /// Gives every answer from now on these headers, each a line.
    pub(crate) fn says_beside(&self, headers: &str) {
        headers.clone_into(&mut self.gate.lock().beside);
    }

    /// Holds back every write after the next `count`.
    pub(crate) fn hold_after(&self, count: usize) {
        let mut held = self.gate.lock();
        held.limit = held.writes + count;
    }

    /// Waits until a write is held back.
    pub(crate) fn has_one_held(&self) {
        drop(self.gate.wait_while(|held| held.waiting == 0));
    }

    /// Lets go of what is held back, and of all that comes later.
    pub(crate) fn release(&self, fate: Fate) {
        let mut held = self.gate.lock();
        (held.fate, held.limit) = (fate, usize::MAX);
        drop(held);
        self.gate.0.1.notify_all();
        drop(self.gate.wait_while(|held| held.waiting > 0));
        self.gate.lock().fate = Fate::Done;
    }

    /// Users with their titles and groups with their members, by name.
    pub(crate) fn picture(&self) -> BTreeMap<String, Value> {
        let held = self.gate.lock();
        let state = &held.sandbox.state;
        let users = state.users().map(|user| {
            let title = user.attribute("title").cloned().unwrap_or_default();
            (format!("user {}", user.name()), title)
        });
        let groups = state.groups().map(|group| {
            let mut members = state.member_names(group.name());
            members.sort();
            (format!("group {}", group.name()), Value::from(members))
        });
        users.chain(groups).collect()
    }
}

impl Drop for Twin {
    /// Nothing is held back any more, or the server's threads would never end.
    fn drop(&mut self) {
        self.release(Fate::Lost);
    }
}
