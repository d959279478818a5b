//! What the server holds, and the only two ways it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::record::{Held, Kind, Members, Place, Record, fold};

/// One change of the state. A state file is a snapshot followed by effects, and replaying them
/// gives the same state, because the server itself changes by [`State::apply`] only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// A resource is created, or replaces the one of its id.
    Put(Arc<Record>),
    /// A resource goes.
    Delete {
        /// Its type.
        kind: Kind,
        /// Its id.
        id: Arc<str>,
        /// If it also leaves its groups: the instant of that, RFC 3339.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detach: Option<Arc<str>>,
    },
}

/// All resources of one type, with their indexes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) rows: BTreeMap<u64, Arc<Record>>,
    pub(super) by_id: BTreeMap<Arc<str>, u64>,
    /// (folded name, serial).
    pub(super) by_name: BTreeSet<(String, u64)>,
    /// The last serial given.
    issued: u64,
}

/// Users and groups. `Default` is an empty server.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Snapshot", into = "Snapshot")]
pub struct State {
    users: Table,
    groups: Table,
    /// Member id to the serials of the groups that hold it; made when the first member is deleted,
    /// so that a million memberships load without it.
    containing: Option<Holders>,
}

type Holders = BTreeMap<Arc<str>, BTreeSet<u64>>;

impl PartialEq for State {
    fn eq(&self, other: &State) -> bool {
        self.users == other.users && self.groups == other.groups
    }
}

/// The form of a state in a file.
#[derive(Clone, Serialize, Deserialize)]
struct Snapshot {
    issued: (u64, u64),
    users: Vec<Arc<Record>>,
    groups: Vec<Arc<Record>>,
}

impl From<Snapshot> for State {
    fn from(snapshot: Snapshot) -> State {
        let mut state = State::default();
        for record in snapshot.users {
            state.put(record);
        }
        for mut record in snapshot.groups {
            // One allocation an id, not one a membership.
            let member = |(id, held): (&Arc<str>, &Held)| {
                let (id, place) = state.found(id);
                (id, Held { place, ..*held })
            };
            let members: Members = record.members.iter().map(member).collect();
            Arc::make_mut(&mut record).members = members;
            state.put(record);
        }
        state.users.issued = state.users.issued.max(snapshot.issued.0);
        state.groups.issued = state.groups.issued.max(snapshot.issued.1);
        state
    }
}

impl From<State> for Snapshot {
    fn from(state: State) -> Snapshot {
        Snapshot {
            issued: (state.users.issued, state.groups.issued),
            users: state.users.rows.into_values().collect(),
            groups: state.groups.rows.into_values().collect(),
        }
    }
}

impl Table {
    /// The resource of that id.
    pub(super) fn find(&self, id: &str) -> Option<&Arc<Record>> {
        self.rows.get(self.by_id.get(id)?)
    }

    /// All resources whose name folds to that text, oldest first.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Arc<Record>> {
        let folded = fold(name);
        self.by_name
            .range((folded.clone(), 0)..=(folded, u64::MAX))
            .filter_map(|(_, serial)| self.rows.get(serial))
    }

    fn insert(&mut self, record: Arc<Record>) -> Option<Arc<Record>> {
        let old = self.rows.insert(record.serial, Arc::clone(&record));
        if let Some(old) = &old {
            self.by_id.remove(&old.id);
            self.by_name.remove(&(fold(old.name()), old.serial));
        }
        self.by_id.insert(Arc::clone(&record.id), record.serial);
        self.by_name.insert((fold(record.name()), record.serial));
        self.issued = self.issued.max(record.serial);
        old
    }

    fn remove(&mut self, id: &str) -> Option<Arc<Record>> {
        let serial = self.by_id.remove(id)?;
        let old = self.rows.remove(&serial)?;
        self.by_name.remove(&(fold(old.name()), serial));
        Some(old)
    }
}

impl State {
    /// Changes the state.
    pub fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::Put(record) => self.put(Arc::clone(record)),
            Effect::Delete { kind, id, detach } => self.delete(*kind, id, detach.as_ref()),
        }
    }

    /// All users, oldest first.
    pub fn users(&self) -> impl ExactSizeIterator<Item = &Record> {
        self.users.rows.values().map(AsRef::as_ref)
    }

    /// All groups, oldest first.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &Record> {
        self.groups.rows.values().map(AsRef::as_ref)
    }

    /// The oldest user whose `userName` is that, whatever its case.
    #[must_use]
    pub fn user_named(&self, name: &str) -> Option<&Record> {
        self.users.named(name).next().map(AsRef::as_ref)
    }

    /// The oldest group whose `displayName` is that, whatever its case.
    #[must_use]
    pub fn group_named(&self, name: &str) -> Option<&Record> {
        self.groups.named(name).next().map(AsRef::as_ref)
    }

    /// The `userName`s of a group's members, sorted; a member that is no user is shown by its id.
    #[must_use]
    pub fn member_names(&self, group: &str) -> Vec<String> {
        let Some(group) = self.group_named(group) else {
            return Vec::new();
        };
        let mut names: Vec<String> = group
            .members
            .iter()
            .flat_map(|(id, held)| std::iter::repeat_n(id, held.times as usize))
            .map(|id| self.users.find(id).map_or(id.to_string(), |user| user.name().to_string()))
            .collect();
        names.sort();
        names
    }

    /// All of it as a document that [`State::seed`] reads; `meta` is added for people.
    #[must_use]
    pub fn export(&self) -> Value {
        let users: Vec<Value> = self.users().map(exported).collect();
        let groups: Vec<Value> = self.groups().map(exported).collect();
        json!({ "users": users, "groups": groups })
    }

    pub(super) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
        }
    }

    /// The serial that the next resource gets.
    pub(super) fn next_serial(&self, kind: Kind) -> u64 {
        self.table(kind).issued + 1
    }

    /// The groups that hold a member, oldest first.
    pub(super) fn holding(&self, member: &str) -> Vec<&Arc<Record>> {
        match &self.containing {
            Some(holders) => holders
                .get(member)
                .into_iter()
                .flatten()
                .filter_map(|serial| self.groups.rows.get(serial))
                .collect(),
            None => {
                let rows = self.groups.rows.values();
                rows.filter(|group| group.members.contains_key(member)).collect()
            }
        }
    }

    /// The user, or else the group, of that id.
    pub(super) fn member(&self, id: &str) -> Option<&Arc<Record>> {
        self.users.find(id).or_else(|| self.groups.find(id))
    }

    /// The member at that place, or else of that id: a place is empty when its resource is gone.
    pub(super) fn member_at(&self, id: &str, place: Option<Place>) -> Option<&Arc<Record>> {
        let found = place.and_then(|(kind, serial)| self.table(kind).rows.get(&serial));
        found.or_else(|| self.member(id))
    }

    /// The id as it is stored already, or a new copy; and its place.
    pub(super) fn found(&self, id: &str) -> (Arc<str>, Option<Place>) {
        match self.member(id) {
            Some(found) => (Arc::clone(&found.id), Some(found.place())),
            None => (Arc::from(id), None),
        }
    }

    fn put(&mut self, record: Arc<Record>) {
        if record.kind == Kind::User {
            self.users.insert(record);
            return;
        }
        let old = self.groups.insert(Arc::clone(&record));
        let Some(holders) = &mut self.containing else {
            return;
        };
        let none = Members::new();
        let before = old.as_ref().map_or(&none, |old| &old.members);
        for id in before.keys().filter(|id| !record.members.contains_key(*id)) {
            forget(holders, id, record.serial);
        }
        for id in record.members.keys().filter(|id| !before.contains_key(*id)) {
            holders.entry(Arc::clone(id)).or_default().insert(record.serial);
        }
    }

    fn holders(&mut self) -> &mut Holders {
        let groups = &self.groups;
        self.containing.get_or_insert_with(|| {
            let mut holders = Holders::new();
            for group in groups.rows.values() {
                for id in group.members.keys() {
                    holders.entry(Arc::clone(id)).or_default().insert(group.serial);
                }
            }
            holders
        })
    }

    fn delete(&mut self, kind: Kind, id: &str, detach: Option<&Arc<str>>) {
        let holders = self.holders();
        let holding =
            if detach.is_some() { holders.remove(id).unwrap_or_default() } else { BTreeSet::new() };
        let removed = match kind {
            Kind::User => self.users.remove(id),
            Kind::Group => self.groups.remove(id),
        };
        if let Some(removed) = removed {
            let holders = self.holders();
            for member in removed.members.keys() {
                forget(holders, member, removed.serial);
            }
        }
        let Some(instant) = detach else {
            return;
        };
        for serial in holding {
            if let Some(group) = self.groups.rows.get_mut(&serial) {
                let group = Arc::make_mut(group);
                group.members.remove(id);
                group.version += 1;
                group.modified = Arc::clone(instant);
            }
        }
    }
}

fn forget(holders: &mut Holders, member: &str, group: u64) {
    if let Some(groups) = holders.get_mut(member) {
        groups.remove(&group);
        if groups.is_empty() {
            holders.remove(member);
        }
    }
}

fn exported(record: &Record) -> Value {
    let mut document = record.attributes.clone();
    document.insert("id".into(), json!(record.id));
    if record.kind == Kind::Group {
        let members: Vec<Value> = record
            .members
            .iter()
            .flat_map(|(id, held)| std::iter::repeat_n(id, held.times as usize))
            .map(|id| json!({ "value": id }))
            .collect();
        document.insert("members".into(), members.into());
    }
    document.insert(
        "meta".into(),
        json!({
            "resourceType": record.kind.name(),
            "created": record.created,
            "lastModified": record.modified,
            "version": record.etag(),
        }),
    );
    Value::Object(document)
}
