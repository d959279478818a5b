//! 5. Approved → Outcome: schedule, run, journal.

mod receipt;
mod step;

pub use receipt::{Outcome, Receipt, Report};
pub use step::{Op, Step, StepId};
