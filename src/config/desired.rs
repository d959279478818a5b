//! Desired: what the YAML says, parsed and checked.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Items, MembersDefault, Project};
use crate::kind::{Address, Family, Item, Key, KindName, Source};

/// What the YAML says. Built by [`super::parse`]; every item knows where it was written.
#[derive(Clone, Debug)]
pub struct Desired {
    /// The project file.
    pub project: Project,
    /// Every declared item, whether its grant holds now or not.
    pub items: Items,
    /// What is said of a group or user beyond its fields.
    pub intents: BTreeMap<Address, Intent>,
    /// Reviewed, dated, counted exceptions.
    pub waivers: Vec<Waiver>,
    /// SHA-256 (hex) of every file read, by its name relative to the project.
    pub digests: BTreeMap<String, String>,
}

/// What is said of a thing that is not a field of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intent {
    /// Names it had before: a rename keeps the id, the members and the bindings.
    pub previously: Vec<Key>,
    /// Whether and how its members are managed. Absent, empty and unmanaged are three things.
    pub members: Members,
    /// Whether that is the project's default, and not said of this group.
    pub is_default: bool,
}

/// Whether and how a group's members are managed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Members {
    /// `members` was left out: membership is none of our business.
    #[default]
    Unmanaged,
    /// The list is the whole truth; what is not on it is removed.
    Exact,
    /// The list is what must be there; others may be there too.
    Additive,
}

impl From<MembersDefault> for Members {
    fn from(default: MembersDefault) -> Self {
        match default {
            MembersDefault::Exact => Self::Exact,
            MembersDefault::Additive => Self::Additive,
        }
    }
}

/// A reviewed exception to one rule or limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule or limit it waives.
    pub rule: String,
    /// A glob over addresses (`binding/user/bot@example.com/*`).
    pub applies_to: String,
    /// The last instant at which it holds.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// How many findings, or removals of a limit, it may waive at most; 1 unless written.
    pub at_most: u64,
    /// Where it was written.
    pub source: Source,
}

impl Desired {
    /// The items that are desired at `now`: those whose grant holds.
    pub fn in_force(&self, now: Timestamp) -> impl Iterator<Item = &Item> {
        self.items
            .values()
            .filter(move |item| item.grant.as_ref().is_none_or(|grant| grant.holds_at(now)))
    }

    /// The items of one kind, in order.
    pub fn of_kind(&self, kind: KindName) -> impl Iterator<Item = &Item> {
        self.items.of_kind(kind)
    }

    /// The items of one family, in order.
    pub fn of_family(&self, family: Family) -> impl Iterator<Item = &Item> {
        KindName::of_family(family).flat_map(|kind| self.of_kind(kind))
    }

    /// The declared links, in order, whether their grants hold or not.
    pub fn links(&self) -> impl Iterator<Item = &Item> {
        self.of_family(Family::Membership)
    }

    /// How the members of `group` are managed.
    #[must_use]
    pub fn members_of(&self, group: &Address) -> Members {
        self.intents.get(group).map_or(Members::Unmanaged, |intent| intent.members)
    }
}
