//! 3. Desired + Live → Plan, in five passes: align, diff, gate, order, annotate.

pub mod access;
mod administrators;
mod align;
mod annotate;
mod approvers;
mod basis;
mod change;
mod compare;
mod compute;
mod diff;
mod draft;
mod file;
mod finding;
mod gate;
mod grant;
mod inputs;
mod jurisdiction;
mod live_names;
mod observe;
mod order;
mod pairs;
mod presence;
mod remembered;
mod result;
mod revocations;
#[cfg(test)]
mod tests;

pub use administrators::{
    Administration, AskedBy, Demand, Realm, Standing, administers, power, workspace_of,
};
pub use annotate::{OwnLoss, OwnWay};
pub use approvers::{Approver, Approvers};
pub use basis::basis;
pub use change::{Action, Change, Cost, Population, Unmanaged, Waiting};
pub use compare::{Comparison, is_unassigned};
pub use compute::{plan, plan_of, plan_under};
pub use file::{Digests, PlanFile, PlannedChange, Stale};
pub use finding::{Finding, Level};
pub use jurisdiction::{Jurisdiction, Reach, globs, names};
pub use live_names::LiveNames;
pub use observe::{Moment, Observation, observe};
pub use presence::Presence;
pub use result::{Plan, Summary};
pub use revocations::revocations;
