//! Quotas: how much a target takes of a thing, as its provider publishes it.

use crate::kind::KindName;

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// All live objects of a kind, managed or not.
    Objects(KindName),
    /// The groups that one user is in.
    GroupsOfUser,
    /// The roles that one principal holds in one workspace.
    BindingsOfPrincipal,
}

/// How much a target takes of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quota {
    /// What is counted.
    pub measure: Measure,
    /// How many there may be.
    pub most: u64,
    /// The limit in the provider's words: `users per organization`.
    pub name: &'static str,
}
