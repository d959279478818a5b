//! 3. Desired + Live → Plan: diff, order, access, plan file.

mod align;
mod builder;
mod change;
mod compare;
mod compute;
mod file;
mod finding;
mod jurisdiction;
mod links;
mod objects;
mod order;

pub use change::{Action, Change, Cost, Plan, Population, Standing, Summary, Unmanaged};
pub use compare::{Comparison, is_unassigned};
pub use compute::{basis, plan};
pub use file::{Digests, PlanFile, PlannedChange, Stale};
pub use finding::{Finding, Level};
pub use jurisdiction::{Jurisdiction, Reach, globs};
