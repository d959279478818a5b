//! 5. Approved → Outcome: schedule, run, journal.

mod abreast;
mod administrators;
#[cfg(test)]
mod administrators_tests;
mod journal;
mod known;
mod lane;
mod own;
mod proof;
mod receipt;
mod run;
mod schedule;
mod sending;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod writer;

pub use journal::{Chain, Entry, Journal, NoJournal, recorded};
pub use known::Known;
pub use receipt::{Outcome, Receipt, Report};
pub use run::{RunOptions, run};
pub use schedule::schedule;
pub use step::{Op, Phase, Step, StepId};
pub use writer::{MemberNames, NothingTaken, Proof, Unproved, Writer};
