//! Capabilities: what a target can hold and do, as far as planning needs to know.

use std::collections::{BTreeMap, BTreeSet};

use super::Quota;
use crate::kind::{Address, KindName};

/// What a target can hold and do. Filled by the target's dialect, read by the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Capabilities {
    /// Who the target is: provider and base URL; bound into plans.
    pub target: String,
    /// Kinds the target cannot hold, with the reason in words.
    pub refused_kinds: BTreeMap<KindName, String>,
    /// Fields the target takes and forgets, or refuses: `(kind, field)`.
    pub unheld: BTreeSet<(KindName, String)>,
    /// Optional fields the target has an attribute for.
    pub held_optional: BTreeSet<(KindName, String)>,
    /// Fields that cannot change once the object exists.
    pub immutable: BTreeSet<(KindName, String)>,
    /// Whether and how members can be removed.
    pub member_removal: MemberRemoval,
    /// Whether a group's members can be read.
    pub members_readable: bool,
    /// How many members one request may add or remove.
    pub member_batch: usize,
    /// Whether a group can be created together with its first members.
    pub new_groups_have_members: bool,
    /// How many members a group may have, where there is a limit.
    pub max_group_members: Option<usize>,
    /// What the target takes at most, checked before anything is written.
    pub quotas: Vec<Quota>,
    /// The users that muster signs in as, by their names.
    pub own: BTreeSet<Address>,
    /// The predefined roles (`provider.name`) that let their holder do everything in a workspace.
    pub full_roles: &'static [&'static str],
    /// The predefined roles that let their holder read and nothing else. A role that is not named
    /// may be able to write.
    pub read_only_roles: &'static [&'static str],
    /// Domains whose users somebody else provisions, with who: none is created there.
    pub held_domains: BTreeMap<String, String>,
    /// Whether deleting a user only deactivates it, so that its name is taken for ever.
    pub delete_deactivates: bool,
    /// What a write costs, and how fast the target takes them.
    pub rates: Rates,
    /// The same of a binding, in each workspace.
    pub binding_rates: Rates,
}

/// Whether members can be removed one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberRemoval {
    /// They can.
    Possible,
    /// They cannot, for this reason: removals are refused in words, never done by replacing.
    Refused(String),
}

/// What the target's published limits are, and what our own requests cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Reads a minute.
    pub reads_per_minute: f64,
    /// Writes a minute.
    pub writes_per_minute: f64,
    /// Reads that go with one update or delete: the check before and the look after.
    pub reads_per_write: u32,
}

#[cfg(test)]
impl Capabilities {
    /// A target for tests, which can hold everything, shows it, and is quick.
    pub(crate) fn of_test() -> Self {
        let rates =
            Rates { reads_per_minute: 6_000.0, writes_per_minute: 1_000.0, reads_per_write: 1 };
        Self {
            target: "test".to_owned(),
            refused_kinds: BTreeMap::new(),
            unheld: BTreeSet::new(),
            held_optional: BTreeSet::new(),
            immutable: BTreeSet::new(),
            member_removal: MemberRemoval::Possible,
            members_readable: true,
            member_batch: 100,
            new_groups_have_members: false,
            max_group_members: None,
            quotas: Vec::new(),
            own: BTreeSet::new(),
            full_roles: &[],
            read_only_roles: &[],
            held_domains: BTreeMap::new(),
            delete_deactivates: false,
            rates,
            binding_rates: rates,
        }
    }
}
