//! 4. Plan → Verdict → Approved: input document, Rego engine, limits, lock-out, waivers.
//!
//! Three layers, all of which must pass: invariants in code, limits in code with numbers from
//! the project, and guardrails in Rego. A rule that could not be evaluated is a refusal.

mod admin_watch;
pub mod administrators;
pub mod base;
mod beneficiary;
mod breadth;
pub mod builtin;
pub mod data;
mod delta;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
pub mod input;
mod invariants;
mod judge;
mod limits;
mod nearness;
mod protection;
mod regime;
pub mod rego;
mod roll;
mod signing_in;
mod text;
mod unmatched;
mod unnamed;
mod verdict;
mod waiver;

pub use admin_watch::{AdminChange, AdminChanges, AdminWatch};
pub use error::{PolicyError, Problem};
pub use judge::{PolicyResults, judge, judge_by_base, judge_declared};
pub use limits::allowed;
pub use protection::Protection;
pub use regime::Regime;
pub use roll::Least;
pub use verdict::{Approved, Layer, Refusal, RuleRun, TurnedOff, Verdict, Waived, approve};
