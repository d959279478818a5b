//! A twin as a pure model, and what every model does around an answer: it counts requests, lets
//! faults strike, and remembers earlier states for replicas that lag.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::fault::{Fault, Faults};
use super::http::{Request, Response};
use super::kept::Kept;

/// What DNS says of the TXT records at a name: each record's text, or why nobody knows.
pub type Txt = Result<Vec<String>, String>;

/// A twin: `(state, request, now) → (state, response)`. A shell serves it and keeps its state.
pub trait Model {
    /// What it holds.
    type State: Kept;

    /// Answers one request. `txt` is what DNS says of the name of [`Model::needs_txt`]; none is
    /// "DNS could not be asked".
    fn handle(&mut self, request: &Request, now: Timestamp, txt: Option<&Txt>) -> Response;

    /// The changes since the last call, in order; for the state file.
    fn take_effects(&mut self) -> Vec<<Self::State as Kept>::Effect>;

    /// The name whose TXT records the answer to a request depends on.
    fn needs_txt(&self, _: &Request) -> Option<String> {
        None
    }

    /// The TXT records of the zone that the model holds itself, by name.
    fn zone(&self) -> Vec<(String, Vec<String>)> {
        Vec::new()
    }
}

/// What was asked of a model since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// All requests, those that a fault swallowed too.
    pub requests: u64,
    /// GET, and POST of a search.
    pub reads: u64,
    /// POST, PUT, PATCH, DELETE of resources, whatever became of them.
    pub writes: u64,
    /// Requests that changed the state.
    pub effective: u64,
    /// Answers with 400 or above.
    pub refused: u64,
}

/// The effects that no file has yet, and earlier states.
#[derive(Clone, Debug)]
pub(super) struct Past<S: Kept> {
    effects: Vec<S::Effect>,
    /// The newest first, as many as a replica may lag.
    states: VecDeque<S>,
}

impl<S: Kept> Default for Past<S> {
    fn default() -> Past<S> {
        Past { effects: Vec::new(), states: VecDeque::new() }
    }
}

impl<S: Kept + Clone> Past<S> {
    /// Changes the state, and remembers the change for the state file.
    pub(super) fn commit(&mut self, state: &mut S, effect: S::Effect) {
        Kept::apply(state, &effect);
        self.effects.push(effect);
    }

    /// The state so many writes ago, or the oldest known; none if nothing is known.
    fn state(&self, writes: usize) -> Option<S> {
        let last = self.states.len().checked_sub(1)?;
        self.states.get(writes.checked_sub(1)?.min(last)).cloned()
    }
}

/// What [`handle`] needs of a model.
pub(super) struct Parts<'a, S: Kept> {
    pub(super) state: &'a mut S,
    pub(super) faults: &'a mut Faults,
    pub(super) counters: &'a mut Counters,
    pub(super) past: &'a mut Past<S>,
}

/// A model of which [`handle`] can have the parts.
pub(super) trait Apart {
    type State: Kept + Clone;

    fn parts(&mut self) -> Parts<'_, Self::State>;
}

/// The changes since the last call, in order.
pub(super) fn take<M: Apart>(model: &mut M) -> Vec<<M::State as Kept>::Effect> {
    std::mem::take(&mut model.parts().past.effects)
}

/// The fault that strikes a request, and how often its rule struck before.
pub(super) type Struck = Option<(Fault, i64)>;

/// Answers one request by `answer`, from an earlier state where a fault says so.
pub(super) fn handle<M: Apart>(
    model: &mut M,
    request: &Request,
    answer: impl FnOnce(&mut M, Struck) -> Response,
) -> Response {
    let Parts { state, faults, counters, past } = model.parts();
    counters.requests += 1;
    if request.reads() {
        counters.reads += 1;
    } else {
        counters.writes += 1;
    }
    let struck = faults.decide(request);
    let lag = match &struck {
        Some((Fault::Stale(writes), _)) if request.reads() => past.state(*writes),
        _ => None,
    };
    let current = lag.map(|old| std::mem::replace(state, old));
    let lagging = faults.longest_lag();
    let before = (lagging > 0 && current.is_none()).then(|| state.clone());
    let done = past.effects.len();
    let response = answer(model, struck);
    let Parts { state, counters, past, .. } = model.parts();
    if let Some(current) = current {
        *state = current;
    }
    if past.effects.len() > done {
        counters.effective += 1;
        if let Some(before) = before {
            past.states.push_front(before);
            past.states.truncate(lagging);
        }
    }
    if response.status >= 400 {
        counters.refused += 1;
    }
    response
}
