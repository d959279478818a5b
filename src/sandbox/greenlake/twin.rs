//! The twin's state, its settings, and how it changes.

use super::call::Call;
use super::id;
use super::limit::{Limits, Windows};
use super::record::{Entry, Name};
use super::state::{Change, Effect, Kind, Object, State};
use crate::sandbox::fault::Faults;
use crate::sandbox::model::{Apart, Counters, Parts, Past};

/// Seconds that a token lives.
const TOKEN_SECONDS: u32 = 900;
/// Seconds that an authentication policy is `Configuring`.
const POLICY_SECONDS: u32 = 5;

/// The twin: its state, and what is wrong with it today. It answers by
/// [`Model::handle`](crate::sandbox::Model::handle).
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
    past: Past<State>,
    pub(super) windows: Windows,
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
            past: Past::default(),
            windows: Windows::default(),
        }
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

    /// The number of the request, for what must differ from answer to answer.
    pub(super) fn nth(&self) -> u64 {
        self.counters.requests
    }

    pub(super) fn put(&mut self, row: impl Into<Object>) {
        self.past.commit(&mut self.state, Effect(Change::Put(row.into())));
    }

    pub(super) fn delete(&mut self, kind: Kind, serial: u64) {
        self.past.commit(&mut self.state, Effect(Change::Delete(kind, serial)));
    }

    /// Leaves a row in the log.
    pub(super) fn log(&mut self, call: &Call<'_>, category: &str, description: String) {
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

impl Apart for GreenLake {
    type State = State;

    fn parts(&mut self) -> Parts<'_, State> {
        let GreenLake { state, faults, counters, past, .. } = self;
        Parts { state, faults, counters, past }
    }
}
