//! The twin of a target as a pure model: (state, request, now) → (state, response); faults too.
//!
//! SCIM 2.0 users and groups (RFC 7643, RFC 7644) with one engine and a table of
//! [personalities](Personality): what a dozen real servers were seen to do differently. The state
//! changes by [`Effect`]s only, which a shell writes to a file; ids, versions and orders follow
//! from the requests alone, so that the same requests give the same bytes.

mod bulk;
mod create;
mod delete;
mod discovery;
mod error;
pub mod fault;
mod filter;
pub mod greenlake;
mod http;
mod identifier;
mod kept;
mod list;
mod members;
mod normalise;
mod patch;
pub mod personality;
mod projection;
mod read;
mod record;
mod render;
mod replace;
mod route;
mod schema;
mod seed;
mod selection;
mod state;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

pub use self::fault::{Fault, Faults, Matcher, When};
pub use self::http::{Request, Response};
pub use self::kept::Kept;
pub use self::personality::Personality;
pub use self::record::{Kind, Record};
pub use self::state::{Effect, State};

/// What was asked of a sandbox since it was made.
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

/// A server: its state, its manners, and what is wrong with it today.
#[derive(Clone, Debug, Default)]
pub struct Sandbox {
    /// Users and groups.
    pub state: State,
    /// How it differs from RFC 7644.
    pub personality: Personality,
    /// What goes wrong, and when.
    pub faults: Faults,
    /// The bearer token that requests need; none is open to all.
    pub token: Option<String>,
    /// The base URL without a slash at its end, for `meta.location` and `$ref`; empty gives
    /// references that begin with a slash.
    pub base: String,
    /// What was asked so far.
    pub counters: Counters,
    effects: Vec<Effect>,
    /// Earlier states, the newest first, as many as a replica may lag.
    history: VecDeque<State>,
    /// The running minute, and the requests in it.
    window: (i64, u32),
    bad_tokens: u32,
}

impl Sandbox {
    /// A server without faults and without a token.
    #[must_use]
    pub fn new(state: State, personality: Personality) -> Sandbox {
        Sandbox { state, personality, ..Sandbox::default() }
    }

    /// Answers one request.
    pub fn handle(&mut self, request: &Request, now: jiff::Timestamp) -> Response {
        self.counters.requests += 1;
        if request.reads() {
            self.counters.reads += 1;
        } else {
            self.counters.writes += 1;
        }
        let response = self.faulted(request, now);
        if response.status >= 400 {
            self.counters.refused += 1;
        }
        response
    }

    /// The changes since the last call, in order; for the state file.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn faulted(&mut self, request: &Request, now: jiff::Timestamp) -> Response {
        let (fault, nth) = match self.faults.decide(request) {
            Some((fault, nth)) => (Some(fault), nth),
            None => (None, 0),
        };
        if let Some(early) = fault.as_ref().and_then(fault::before) {
            return early;
        }
        let lag = match &fault {
            Some(Fault::Stale(writes)) if request.reads() => self.past(*writes),
            _ => None,
        };
        let current = lag.map(|old| std::mem::replace(&mut self.state, old));
        let lagging = self.faults.longest_lag();
        let before = (lagging > 0 && current.is_none()).then(|| self.state.clone());
        let done = self.effects.len();
        let call = route::Call { request, now: instant(now), second: now.as_second(), fault, nth };
        let mut response = route::answer(self, &call);
        if let Some(current) = current {
            self.state = current;
        }
        if self.effects.len() > done {
            self.counters.effective += 1;
            if let Some(before) = before {
                self.history.push_front(before);
                self.history.truncate(lagging);
            }
        }
        if let Some(fault) = &call.fault {
            fault::after(fault, &mut response);
        }
        response
    }

    /// The state so many writes ago, or the oldest known; none if nothing is known.
    fn past(&self, writes: usize) -> Option<State> {
        let last = self.history.len().checked_sub(1)?;
        self.history.get(writes.checked_sub(1)?.min(last)).cloned()
    }

    fn commit(&mut self, effect: Effect) {
        self.state.apply(&effect);
        self.effects.push(effect);
    }
}

/// An instant as SCIM writes it, in milliseconds.
fn instant(now: jiff::Timestamp) -> Arc<str> {
    Arc::from(format!("{now:.3}"))
}
