//! A SCIM server: its state, its personality and its faults.

use super::Personality;
use super::fault::Faults;
use super::model::{Apart, Counters, Parts, Past};
use super::state::{Effect, State};

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
    past: Past<State>,
    /// The running minute, and the requests in it.
    pub(super) window: (i64, u32),
    pub(super) bad_tokens: u32,
}

impl Sandbox {
    /// A server without faults and without a token.
    #[must_use]
    pub fn new(state: State, personality: Personality) -> Sandbox {
        Sandbox { state, personality, ..Sandbox::default() }
    }

    pub(super) fn commit(&mut self, effect: Effect) {
        self.past.commit(&mut self.state, effect);
    }
}

impl Apart for Sandbox {
    type State = State;

    fn parts(&mut self) -> Parts<'_, State> {
        let Sandbox { state, faults, counters, past, .. } = self;
        Parts { state, faults, counters, past }
    }
}
