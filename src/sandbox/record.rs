//! One stored resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The two resource types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `/Users`.
    User,
    /// `/Groups`.
    Group,
}

impl Kind {
    /// The endpoint below the base, without slashes.
    #[must_use]
    pub fn endpoint(self) -> &'static str {
        match self {
            Kind::User => "Users",
            Kind::Group => "Groups",
        }
    }

    /// The name of the resource type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Group => "Group",
        }
    }

    /// The attribute people know it by.
    pub(super) fn key(self) -> &'static str {
        match self {
            Kind::User => "userName",
            Kind::Group => "displayName",
        }
    }
}

/// Members by id.
pub(super) type Members = BTreeMap<Arc<str>, Held>;

/// Where a resource is: its type and serial.
pub(super) type Place = (Kind, u64);

/// One member of a group. Equal if it is there as often: the place only saves a search by id.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub(super) struct Held {
    /// How often it is in the group: more than once on servers that let it be.
    pub(super) times: u32,
    pub(super) place: Option<Place>,
}

impl PartialEq for Held {
    fn eq(&self, other: &Held) -> bool {
        self.times == other.times
    }
}

impl From<u32> for Held {
    fn from(times: u32) -> Held {
        Held { times, place: None }
    }
}

impl From<Held> for u32 {
    fn from(held: Held) -> u32 {
        held.times
    }
}

/// One user or group as it is stored: attributes under their canonical names, members apart,
/// `meta` in fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub(super) kind: Kind,
    /// Counts up in order of creation, a kind.
    pub(super) serial: u64,
    pub(super) id: Arc<str>,
    /// Everything but `id`, `meta` and `members`.
    pub(super) attributes: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Members::is_empty")]
    pub(super) members: Members,
    pub(super) created: Arc<str>,
    pub(super) modified: Arc<str>,
    pub(super) version: u64,
    /// Every later write is answered 500 (one server does that after a conflict).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) broken: bool,
}

impl Record {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The `userName` of a user, the `displayName` of a group; empty if there is none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text(self.kind.key())
    }

    /// An attribute under its canonical name (`displayName`, or the URN of an extension).
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name)
    }

    /// The ids of the members, sorted, each once.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(AsRef::as_ref)
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn place(&self) -> Place {
        (self.kind, self.serial)
    }

    pub(super) fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }
}

/// How names are compared where case does not count.
pub(super) fn fold(text: &str) -> String {
    text.to_lowercase()
}
