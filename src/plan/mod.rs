//! 3. Desired + Live → Plan: diff, order, access, plan file.

mod change;
mod finding;

pub use change::{Action, Basis, Change, Cost, Plan, Population, Standing, Summary, Unmanaged};
pub use finding::{Finding, Level};
