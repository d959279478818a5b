//! Guesses at misspelt references, within a budget: a hostile file has many.

use super::words::{Excerpt, nearest};
use crate::kind::KindName;

/// How many names may be compared in all before guessing stops.
const BUDGET: usize = 200_000;

/// Guesses until its budget is used up.
pub(super) struct Suggester {
    left: usize,
}

impl Suggester {
    /// The full budget.
    pub(super) const fn new() -> Self {
        Self { left: BUDGET }
    }

    /// What to do about `written`, which is not declared as a `kind`.
    pub(super) fn unknown<'a>(
        &mut self,
        written: &str,
        kind: KindName,
        names: impl Iterator<Item = &'a str>,
    ) -> String {
        let mut compared = 0;
        let near = if self.left == 0 {
            None
        } else {
            nearest(written, names.take(self.left).inspect(|_| compared += 1))
        };
        self.left -= compared;
        let declare = match kind {
            KindName::User => format!("declare it under `users`: `{}: {{}}`", Excerpt(written)),
            _ => format!("declare it under `{}`", kind.plural()),
        };
        match near {
            Some(near) => format!("did you mean `{}`? otherwise {declare}", Excerpt(near)),
            None => declare,
        }
    }
}
