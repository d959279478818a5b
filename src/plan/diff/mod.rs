//! The second pass: the changes that would make live equal to what is declared, before anything
//! stands in their way.

mod leftovers;
mod links;
mod objects;
mod unkept;
mod write;

pub(super) use leftovers::{Leftover, Removal};
pub(super) use links::{GroupDiff, Link};
pub(super) use objects::{Found, Wanted, narrows};

use super::inputs::Inputs;

/// What differs between what is declared and what is live.
pub(super) struct Diff<'a> {
    /// Everything declared and in force that has an id of its own.
    pub(super) wanted: Vec<Wanted<'a>>,
    /// Live objects that no declaration in force is about.
    pub(super) leftovers: Vec<Leftover<'a>>,
    /// The groups whose members are declared.
    pub(super) groups: Vec<GroupDiff<'a>>,
}

/// Compares what is declared with what is live: memberships, of which there can be a million, on a
/// thread of their own.
pub(super) fn diff(inputs: Inputs<'_>) -> Diff<'_> {
    std::thread::scope(|scope| {
        let groups = scope.spawn(|| links::groups(inputs));
        let wanted = objects::wanted(inputs);
        let leftovers = leftovers::leftovers(inputs);
        match groups.join() {
            Ok(groups) => Diff { wanted, leftovers, groups },
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
