//! 4. Plan → Verdict → Approved: input document, Rego engine, limits, lock-out, waivers.

mod verdict;

pub use verdict::{Approved, Layer, Refusal, RuleRun, Verdict, approve};
