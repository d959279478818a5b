//! The journal: written ahead of every write, hash-chained, and never trusted over the world.
//!
//! It is for people and for audits. The next run reads the target, not the journal, to decide
//! what is left.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Receipt;
use crate::kind::{Address, hex};

/// One line of the journal.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub enum Entry {
    /// An apply begins.
    Begin {
        /// The organization.
        organization: String,
        /// The target.
        target: String,
        /// The plan's digest.
        plan: String,
        /// How many steps it has.
        steps: usize,
    },
    /// A step is about to be made: written before anything is sent.
    Step {
        /// Its place in the schedule.
        step: usize,
        /// What it does.
        verb: &'static str,
        /// To what.
        address: Address,
        /// The changes it carries out.
        covers: Vec<Address>,
    },
    /// What became of a step.
    Receipt {
        /// Its place in the schedule.
        step: usize,
        /// What became of it.
        receipt: Receipt,
    },
    /// The apply ended.
    End {
        /// Whether everything is as it was wanted.
        complete: bool,
    },
}

/// Keeps what it is given before it returns. An error stops all writing: what cannot be recorded
/// is not done.
pub trait Journal {
    /// Records one entry.
    ///
    /// # Errors
    ///
    /// Why it could not be kept, in words.
    fn record(&self, entry: &Entry) -> Result<(), String>;
}

/// A journal that keeps nothing: for simulations.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn record(&self, _entry: &Entry) -> Result<(), String> {
        Ok(())
    }
}

/// Chains lines: each holds the SHA-256 of the line before it, so that a line that was changed or
/// taken out is seen.
#[derive(Clone, Debug)]
pub struct Chain {
    previous: String,
}

#[derive(Serialize)]
struct Line<'a> {
    time: &'a str,
    previous: &'a str,
    #[serde(flatten)]
    entry: &'a Entry,
}

impl Chain {
    /// A chain that goes on after `last_line`, or begins where there is none.
    #[must_use]
    pub fn after(last_line: Option<&str>) -> Self {
        let previous = last_line.map_or_else(|| "0".repeat(64), digest);
        Self { previous }
    }

    /// The next line, without its newline.
    ///
    /// # Errors
    ///
    /// When the entry cannot be written as JSON.
    pub fn line(&mut self, entry: &Entry, time: &str) -> Result<String, String> {
        let line = Line { time, previous: &self.previous, entry };
        let text = serde_json::to_string(&line).map_err(|error| error.to_string())?;
        self.previous = digest(&text);
        Ok(text)
    }

    /// The digest of the last line: printed at the end of an apply, as the anchor that makes a
    /// journal cut short visible.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.previous
    }
}

fn digest(line: &str) -> String {
    hex(&Sha256::digest(line.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_holds_the_digest_of_the_one_before() {
        let mut chain = Chain::after(None);
        let first = chain.line(&Entry::End { complete: true }, "2026-01-01T00:00:00Z").unwrap();
        let second = chain.line(&Entry::End { complete: true }, "2026-01-01T00:00:01Z").unwrap();
        assert!(second.contains(&digest(&first)));
        assert_eq!(Chain::after(Some(&second)).head(), chain.head());
    }
}
