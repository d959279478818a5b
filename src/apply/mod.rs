//! 5. Approved → Outcome: schedule, run, journal.

mod receipt;
mod step;
mod writer;

pub use receipt::{Outcome, Receipt, Report};
pub use step::{Op, Step, StepId};
pub use writer::Writer;
