//! Changes, and what else a plan says about single addresses.

use std::collections::BTreeMap;

use crate::kind::{Address, Family, FieldName, Fields, KindName, Source};
use crate::live::{Fingerprint, RemoteId, Version};

/// What is to be done with one address.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Make it.
    Create,
    /// Change it.
    Update,
    /// Remove it.
    Delete,
}

/// One action on one address.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it is about.
    pub address: Address,
    /// What is done.
    pub action: Action,
    /// What there is; `None` for a create.
    pub before: Option<Fields>,
    /// What there will be; `None` for a delete.
    pub after: Option<Fields>,
    /// The fields that differ, in order.
    pub fields: Vec<FieldName>,
    /// For people; never branched on.
    pub reason: String,
    /// Which line asked for it; `None` where nothing asks (a removal of what nobody declares).
    pub source: Option<Source>,
    /// The object's id at the target; `None` for a create, and for links.
    pub remote: Option<RemoteId>,
    /// What the object looked like; re-checked just before it is written.
    pub expect: Option<Fingerprint>,
    /// Its entity tag.
    pub version: Option<Version>,
    /// Whether the change takes something away from a person: a delete, a deactivation, a
    /// membership or binding removed. What limits count, and what runs early.
    pub removes: bool,
    /// Changes that must be done before this one, beside those its references imply: a name
    /// that another change frees.
    pub after_these: Vec<Address>,
}

impl Change {
    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> KindName {
        self.address.kind()
    }

    /// Whether the change takes something away: said by the plan, and true of every delete.
    #[must_use]
    pub fn takes_away(&self) -> bool {
        self.removes || self.action == Action::Delete
    }

    /// The family of the kind.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.address.family()
    }
}

/// Something live that the plan leaves alone because it is outside the jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmanaged {
    /// What.
    pub address: Address,
    /// Why it is left alone.
    pub why: String,
}

/// How many items of each kind are managed and live: what percentages are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// Managed live items by kind: what a share of updates is of.
    pub by_kind: BTreeMap<KindName, u64>,
    /// Those of them that are in use, or that the plan removes: what a share of removals is of.
    /// A thousand accounts closed long ago do not make it safe to close a hundred more.
    pub in_use: BTreeMap<KindName, u64>,
    /// Live members of each group whose members are managed, by the group's address, before
    /// the plan; unknown members included.
    pub members: BTreeMap<Address, u64>,
}

/// What applying the plan costs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Requests that apply will make, reads before and after each write included.
    pub requests: u64,
    /// Seconds they take at the target's published limits.
    pub seconds: f64,
}

/// Something declared that cannot be done yet, because of something outside: a record in DNS, or
/// a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Waiting {
    /// What.
    pub address: Address,
    /// What it waits for, and what to do about it.
    pub why: String,
    /// The line that asks for it.
    pub source: Option<Source>,
}
