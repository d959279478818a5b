//! 3. Desired + Live → Plan: diff, order, access, plan file.

pub mod access;
mod administrators;
mod align;
mod builder;
mod change;
mod compare;
mod compute;
mod cost;
mod deactivation;
mod file;
mod finding;
mod hold;
mod holders;
mod jurisdiction;
mod links;
mod objects;
mod observe;
mod order;
mod own;
mod presence;
mod quota;
mod roles;

pub use administrators::{Administration, Realm, Standing, power, workspace_of};
pub use change::{Action, Change, Cost, Plan, Population, Summary, Unmanaged, Waiting};
pub use compare::{Comparison, is_unassigned};
pub use compute::{basis, plan};
pub use file::{Digests, PlanFile, PlannedChange, Stale};
pub use finding::{Finding, Level};
pub use jurisdiction::{Jurisdiction, Reach, globs};
pub use observe::{Moment, Observation, observe};
pub use presence::Presence;
