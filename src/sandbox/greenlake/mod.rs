//! The twin of HPE GreenLake: tokens, directory, role assignments, workspaces, domains, log.
//!
//! It speaks what HPE publishes (OpenAPI and guides), and, below `/identity/v1alpha1` and
//! `/identity/v2alpha1`, what is known of the domain and sign-in endpoints that HPE publishes
//! nowhere. Where HPE's prose and its OpenAPI disagree or say nothing, the twin chooses, and
//! [`CHOICES`] lists what it chose. Time comes in with each request, and so does what DNS says.

mod audit;
mod authorization;
mod call;
mod choices;
mod control;
mod domains;
mod error;
mod id;
mod limit;
mod msp;
mod odata;
mod page;
mod policies;
mod quirk;
mod record;
mod route;
mod scim;
mod seed;
mod state;
mod table;
mod tenant_groups;
mod token;
mod workspaces;

use std::collections::VecDeque;

use jiff::Timestamp;

pub use self::call::Txt;
pub use self::choices::CHOICES;
pub use self::limit::{Limits, Rate, Spelling};
pub use self::state::{Effect, State};

use self::call::Call;
use self::error::Refusal;
use self::limit::Windows;
use self::record::{Entry, Name};
use self::route::Family;
use self::state::{Change, Kind, Object};
use super::{Counters, Fault, Faults, Request, Response};

/// Seconds that a token lives.
const TOKEN_SECONDS: u32 = 900;
/// Seconds that an authentication policy is `Configuring`.
const POLICY_SECONDS: u32 = 5;

/// The twin: its state, and what is wrong with it today.
#[derive(Clone, Debug)]
pub struct GreenLake {
    /// The organization and all it has.
    pub state: State,
    /// What goes wrong, and when.
    pub faults: Faults,
    /// How many requests it takes from one principal.
    pub limits: Limits,
    /// How long a token lives, in seconds.
    pub token_seconds: u32,
    /// How long an authentication policy is `Configuring` after it was made or changed, in seconds.
    pub policy_seconds: u32,
    /// What was asked so far.
    pub counters: Counters,
    effects: Vec<Effect>,
    /// Earlier states, the newest first, as many as a replica may lag.
    history: VecDeque<State>,
    windows: Windows,
}

impl GreenLake {
    /// A twin without faults, with the limits and lifetimes that HPE publishes.
    #[must_use]
    pub fn new(state: State) -> GreenLake {
        GreenLake {
            state,
            faults: Faults::default(),
            limits: Limits::default(),
            token_seconds: TOKEN_SECONDS,
            policy_seconds: POLICY_SECONDS,
            counters: Counters::default(),
            effects: Vec::new(),
            history: VecDeque::new(),
            windows: Windows::default(),
        }
    }

    /// The name whose TXT records the answer to this request depends on. Whoever serves the twin
    /// asks DNS for them and gives the answer to [`GreenLake::handle`].
    #[must_use]
    pub fn needs_txt(&self, request: &Request) -> Option<String> {
        domains::asks(&self.state, request)
    }

    /// Answers one request. `txt` is what DNS says of the name of [`GreenLake::needs_txt`]; none is
    /// "DNS could not be asked".
    pub fn handle(&mut self, request: &Request, now: Timestamp, txt: Option<&Txt>) -> Response {
        self.counters.requests += 1;
        if request.reads() {
            self.counters.reads += 1;
        } else {
            self.counters.writes += 1;
        }
        let response = self.faulted(request, now, txt);
        if response.status >= 400 {
            self.counters.refused += 1;
        }
        response
    }

    /// The changes since the last call, in order; for the state file.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Publishes TXT records at a name of the zone that the twin's DNS serves, instead of those
    /// that were there; no values take the name out of the zone.
    pub fn publish(&mut self, name: &str, values: &[String]) {
        let folded = name.trim_end_matches('.').to_lowercase();
        let serial = self.state.zone.keyed(&folded).map(|row| row.serial);
        match serial {
            Some(serial) if values.is_empty() => self.delete(Kind::Name, serial),
            None if values.is_empty() => {}
            _ => {
                let serial = serial.unwrap_or_else(|| self.state.next());
                self.put(Name { serial, name: folded, values: values.to_vec() });
            }
        }
    }

    fn faulted(&mut self, request: &Request, now: Timestamp, txt: Option<&Txt>) -> Response {
        let segments = route::segments(&request.path);
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let family = route::family(&segments);
        let (fault, nth) = match self.faults.decide(request) {
            Some((fault, nth)) => (Some(fault), nth),
            None => (None, 0),
        };
        let early = fault.as_ref().and_then(|fault| quirk::before(fault, family, self.nth()));
        if let Some(early) = early {
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
        let mut call = Call { request, now, fault, nth, txt, caller: None };
        let mut response = self.answer(&mut call, family, &segments);
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
            quirk::after(fault, (family, self.nth()), call.nth, &mut response);
        }
        response
    }

    /// The number of the request, for what must differ from answer to answer.
    fn nth(&self) -> u64 {
        self.counters.requests
    }

    /// Knows the caller, counts the request, and lets the API answer.
    fn answer(&mut self, call: &mut Call<'_>, family: Family, segments: &[&str]) -> Response {
        let nth = self.nth();
        let refused = |refusal: &Refusal| error::answer(refusal, family, nth);
        if family.needs_token() {
            match token::caller(self, call.request, call.now) {
                Ok(caller) => call.caller = Some(caller),
                Err(refusal) => return refused(&refusal),
            }
        }
        let endpoint = route::endpoint(&call.request.method, segments);
        let left = call.caller.as_ref().and_then(|caller| {
            let who = caller.client.principal.text();
            self.windows.count(self.limits.rate, (family, &endpoint), &who, call.now)
        });
        let over = left.is_some_and(|left| left.over);
        let answered = if over {
            Err(Refusal::new(429, "too many requests; wait for the next window"))
        } else {
            route::answer(self, call, family, segments)
        };
        let mut response = answered.unwrap_or_else(|refusal| refused(&refusal));
        if let Some(left) = left {
            self.limits.show(left, family, &mut response);
        }
        response
    }

    /// The state so many writes ago, or the oldest known; none if nothing is known.
    fn past(&self, writes: usize) -> Option<State> {
        let last = self.history.len().checked_sub(1)?;
        self.history.get(writes.checked_sub(1)?.min(last)).cloned()
    }

    fn put(&mut self, row: impl Into<Object>) {
        self.commit(Effect(Change::Put(row.into())));
    }

    fn delete(&mut self, kind: Kind, serial: u64) {
        self.commit(Effect(Change::Delete(kind, serial)));
    }

    fn commit(&mut self, effect: Effect) {
        self.state.apply(&effect);
        self.effects.push(effect);
    }

    /// Leaves a row in the log.
    fn log(&mut self, call: &Call<'_>, category: &str, description: String) {
        let Some(caller) = &call.caller else { return };
        let serial = self.state.next();
        let entry = Entry {
            serial,
            id: id::derive(&format!("log/{serial}")),
            workspace: caller.workspace.clone(),
            username: self.state.actor(&caller.client),
            category: category.to_string(),
            details: vec![format!("{} {}", call.request.method, call.request.path)],
            description,
            created: call.now,
        };
        self.put(entry);
    }
}
