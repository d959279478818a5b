//! Who holds what: the roles of every person, by every path, before the plan and after it.
//!
//! What a plan does to objects is half of what it does. The other half is who gains and who loses
//! which role in which workspace, through which group: the access delta.

mod alike;
mod build;
mod declared;
mod delta;
mod domains;
mod facts;
mod graph;
mod inverse;
mod nodes;
mod paths;
mod privileged;
mod resources;
mod twins;

pub use declared::{When, declared};
pub use delta::{AccessDelta, Holding, holders_for, holdings};
pub use facts::DomainFacts;
pub use graph::{Graph, Hold, Role, Side};
pub use nodes::{Node, Place};
pub use paths::{Path, Paths};
pub use privileged::Privileged;
pub(super) use resources::scopes_of;
pub use twins::{TwinSet, Twins};

pub(super) use build::build;
