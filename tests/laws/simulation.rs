//! A server in memory that can die at any write, and is looked at after each.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use muster::provider::{Method, Request, Response, Transport, TransportError};
use muster::sandbox::{Sandbox, State};
use serde_json::Value;

use super::ground::{Event, Stranger};
use super::memory::{answer, now, seeded, wait};
use super::rival::{Around, Rival};
use super::rng::Rng;
use super::watch::Watch;

/// The server, what was written to it, and when it dies.
pub(crate) struct Simulation {
    inner: Mutex<Inner>,
}

struct Inner {
    sandbox: Sandbox,
    writes: Vec<String>,
    reads: usize,
    /// The state is kept as it is at this read, from 1.
    kept_at: Option<u64>,
    kept: Option<State>,
    /// After so many writes nothing is sent any more: the process was killed.
    dies_after: Option<usize>,
    /// Whether the write it dies of still has its effect.
    last_is_done: bool,
    watch: Option<Watch>,
    /// What somebody else writes to an object right before we do.
    meddling: Option<Meddling>,
    rival: Option<Rival>,
    stranger: Option<Stranger>,
    /// The entries of the journal and the effects at the server, where somebody asks.
    events: Option<Vec<Event>>,
    /// How long requests and answers are under way.
    rng: Rng,
}

impl Simulation {
    pub(crate) fn new(live: &Value, personality: &str) -> Self {
        let sandbox = seeded(live, personality);
        let rng = Rng::new(live.to_string().len() as u64);
        let inner = Inner {
            rng,
            sandbox,
            writes: vec![],
            reads: 0,
            kept_at: None,
            kept: None,
            dies_after: None,
            last_is_done: false,
            watch: None,
            meddling: None,
            rival: None,
            stranger: None,
            events: None,
        };
        Self { inner: Mutex::new(inner) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Changes how the server behaves.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Sandbox)) {
        change(&mut self.lock().sandbox);
    }

    /// From now on the state is looked at after every write.
    pub(crate) fn watched(&self, watch: Watch) {
        self.lock().watch = Some(watch);
    }

    /// From now on somebody else writes to every object right before we do.
    pub(crate) fn meddled_with(&self, how: fn(&[String]) -> Option<Value>) {
        self.lock().meddling = Some(Meddling { how, done: BTreeMap::new() });
    }

    /// The objects that somebody else wrote, by path, and the body of what was written.
    pub(crate) fn meddled(&self) -> BTreeMap<Vec<String>, Value> {
        self.lock().meddling.as_ref().map(|meddling| meddling.done.clone()).unwrap_or_default()
    }

    /// What the object at a path says.
    pub(crate) fn says(&self, path: &[String]) -> Option<Value> {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let request = Request::new(Method::Get, &path);
        let answer = answer(&mut self.lock().sandbox, &request, now()).ok()?;
        serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200)
    }

    /// From now on somebody else takes administrators away.
    pub(crate) fn with_rival(&self, rival: Rival) {
        self.lock().rival = Some(rival);
    }

    /// From now on somebody else writes whatever comes to mind, and all that happens is kept.
    pub(crate) fn with_stranger(&self, stranger: Stranger) {
        let mut inner = self.lock();
        inner.stranger = Some(stranger);
        inner.events.get_or_insert_default();
    }

    /// Takes note of what the journal was told.
    pub(crate) fn tell(&self, event: Event) {
        if let Some(events) = &mut self.lock().events {
            events.push(event);
        }
    }

    /// All that happened since the last time.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.lock().events.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The administrators around each of our writes.
    pub(crate) fn rivalry(&self) -> Vec<Around> {
        self.lock().rival.as_ref().map(|rival| rival.writes.clone()).unwrap_or_default()
    }

    /// What the watch saw.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.lock().watch.as_ref().map(|watch| watch.violations.clone()).unwrap_or_default()
    }

    /// The process dies when so many writes were sent; the last may or may not have its effect.
    pub(crate) fn dies_after(&self, writes: usize, last_is_done: bool) {
        let mut inner = self.lock();
        inner.dies_after = Some(inner.writes.len() + writes);
        inner.last_is_done = last_is_done;
    }

    /// A new process.
    pub(crate) fn revive(&self) {
        self.lock().dies_after = None;
    }

    pub(crate) fn writes(&self) -> Vec<String> {
        self.lock().writes.clone()
    }

    pub(crate) fn reads(&self) -> usize {
        self.lock().reads
    }

    /// Keeps the state as it is when this read arrives, from 1.
    pub(crate) fn pictured_at(&self, read: u64) {
        self.lock().kept_at = Some(read);
    }

    /// The state that was kept.
    pub(crate) fn then(&self) -> Option<State> {
        self.lock().kept.clone()
    }

    /// Users and groups, by name, without ids and times: what the world looks like.
    pub(crate) fn picture(&self) -> BTreeMap<String, Value> {
        picture(&self.lock().sandbox.state)
    }

    pub(crate) fn state(&self) -> State {
        self.lock().sandbox.state.clone()
    }
}

/// Users and groups by name; members as sorted names.
pub(crate) fn picture(state: &State) -> BTreeMap<String, Value> {
    let mut picture = BTreeMap::new();
    for user in state.users() {
        let mut fields = serde_json::Map::new();
        for name in ["userName", "externalId", "title", "active", "name"] {
            if let Some(value) = user.attribute(name) {
                fields.insert(name.to_owned(), value.clone());
            }
        }
        picture.insert(format!("user {}", user.name()), Value::Object(fields));
    }
    for group in state.groups() {
        let mut members = state.member_names(group.name());
        members.sort();
        picture.insert(format!("group {}", group.name()), Value::from(members));
    }
    picture
}

struct Meddling {
    /// The patch of the object at a path.
    how: fn(&[String]) -> Option<Value>,
    done: BTreeMap<Vec<String>, Value>,
}

impl Inner {
    fn meddle(&mut self, path: &[String]) {
        let Some(meddling) = &mut self.meddling else { return };
        let Some(body) = (meddling.how)(path) else { return };
        let shown: Vec<&str> = path.iter().map(String::as_str).collect();
        let request = Request::new(Method::Patch, &shown).with_body(body.clone());
        let answered = answer(&mut self.sandbox, &request, now());
        assert!(answered.is_ok_and(|answer| answer.status < 300), "{body}");
        meddling.done.insert(path.to_vec(), body);
    }

    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        let dead = self.dies_after.is_some_and(|most| self.writes.len() >= most);
        if dead {
            return Err(TransportError::NotSent("the process is dead".to_owned()));
        }
        let is_write = request.method != Method::Get;
        if is_write {
            if request.path.len() == 2 {
                self.meddle(&request.path);
            }
            self.writes.push(format!("{} {:?}", request.shown(), request.body));
        } else {
            self.reads += 1;
            if self.kept_at == Some(self.reads as u64) {
                self.kept = Some(self.sandbox.state.clone());
            }
        }
        let dying = is_write && self.dies_after == Some(self.writes.len());
        if dying && !self.last_is_done {
            return Err(TransportError::Lost("the process died".to_owned()));
        }
        let before = self.rival.as_mut().map(|rival| rival.before(&mut self.sandbox, is_write));
        if let Some(stranger) = &mut self.stranger {
            let events = stranger.act(&mut self.sandbox);
            self.events.iter_mut().for_each(|all| all.extend(events.clone()));
        }
        let state = self.events.as_ref().filter(|_| is_write);
        let state = state.map(|_| self.sandbox.state.clone());
        let answer = answer(&mut self.sandbox, request, now());
        if let (Some(state), Some(events)) = (state, &mut self.events) {
            events.extend(Event::of(request, &state, &self.sandbox.state));
        }
        if let (true, Some(before), Some(rival)) = (is_write, before, &mut self.rival) {
            rival.after(&self.sandbox, before);
        }
        if is_write && let Some(watch) = &mut self.watch {
            watch.look(&self.sandbox.state, &request.shown());
        }
        if dying { Err(TransportError::Lost("the process died".to_owned())) } else { answer }
    }
}

impl Transport for Simulation {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let (before, after) = {
            let rng = &mut self.lock().rng;
            (rng.below(4), rng.below(4))
        };
        wait(before).await;
        let answer = self.lock().send(request);
        wait(after).await;
        answer
    }

    async fn pause(&self, _wait: Duration) {}
}
