//! A state that outlives its process.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A state that a shell can keep in a file: a snapshot, and effects after it.
pub trait Kept: Serialize + DeserializeOwned {
    /// The only way in which the state changes.
    type Effect: Serialize + DeserializeOwned;

    /// Changes the state.
    fn apply(&mut self, effect: &Self::Effect);
}

impl Kept for super::State {
    type Effect = super::Effect;

    fn apply(&mut self, effect: &Self::Effect) {
        super::State::apply(self, effect);
    }
}

impl Kept for super::greenlake::State {
    type Effect = super::greenlake::Effect;

    fn apply(&mut self, effect: &Self::Effect) {
        super::greenlake::State::apply(self, effect);
    }
}
