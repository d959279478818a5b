//! What all writes of one run share: the way to the server, its dialect, and what this run made
//! and saw.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::kind::{Address, Family};
use crate::live::RemoteId;
use crate::provider::Transport;
use crate::provider::converge::Stop;

use super::dialect::{Dialect, MembersRead, Reads};
use super::fetch::{self, Fetched};
use super::roster::{Roster, User, name_of};

/// What all writes of one run share.
pub(super) struct Context<'a, T> {
    pub(super) transport: &'a T,
    pub(super) dialect: Dialect,
    created: Mutex<BTreeSet<RemoteId>>,
    /// Accounts that this run created, and that were to be inactive.
    inactive: Mutex<BTreeSet<RemoteId>>,
    /// Groups of this run whose members were not written or looked at yet, and whether they were
    /// created with some.
    untouched: Mutex<BTreeMap<RemoteId, bool>>,
    /// The last look at each group.
    rosters: Mutex<BTreeMap<RemoteId, Roster>>,
    /// The members of each group that steps of this run name, by what the server calls them: a read
    /// that lags may show them as they were.
    named: Mutex<BTreeMap<RemoteId, BTreeSet<Box<str>>>>,
}

impl<'a, T> Context<'a, T> {
    /// The context of a run that has made nothing yet.
    pub(super) const fn new(transport: &'a T, dialect: Dialect) -> Self {
        Self {
            transport,
            dialect,
            created: Mutex::new(BTreeSet::new()),
            inactive: Mutex::new(BTreeSet::new()),
            untouched: Mutex::new(BTreeMap::new()),
            rosters: Mutex::new(BTreeMap::new()),
            named: Mutex::new(BTreeMap::new()),
        }
    }

    /// Whether a read may lag behind a write.
    pub(super) fn is_lagging(&self) -> bool {
        self.dialect.habits.reads == Reads::Lagging
    }

    /// Remembers that this run created the object: a 404 for it means "not yet".
    pub(super) fn remember(&self, id: &RemoteId, has_members: bool) {
        lock(&self.created).insert(id.clone());
        lock(&self.untouched).insert(id.clone(), has_members);
    }

    /// Where this run created the group and did not ask for its members yet: whether it was
    /// created with members. Answers once.
    pub(super) fn untouched(&self, group: &RemoteId) -> Option<bool> {
        lock(&self.untouched).remove(group)
    }

    /// Takes note that the account was to be created inactive.
    pub(super) fn remember_inactive(&self, id: &RemoteId) {
        lock(&self.inactive).insert(id.clone());
    }

    /// Whether this run created the account, and it was to be inactive.
    pub(super) fn is_to_be_inactive(&self, id: &RemoteId) -> bool {
        lock(&self.inactive).contains(id)
    }

    /// Whether this run created the object.
    pub(super) fn is_new(&self, id: &RemoteId) -> bool {
        lock(&self.created).contains(id)
    }

    /// Takes note that a step names members of a group; all that were named so far.
    pub(super) fn name(&self, group: &RemoteId, users: &[User<'_>]) -> BTreeSet<Box<str>> {
        let mut named = lock(&self.named);
        let named = named.entry(group.clone()).or_default();
        named.extend(users.iter().map(|user| name_of(*user, &self.dialect)));
        named.clone()
    }

    /// Keeps what a look at a group showed, after its members were written.
    pub(super) fn keep(&self, group: &RemoteId, roster: Roster) {
        lock(&self.rosters).insert(group.clone(), roster);
    }

    /// What the last look at a group showed, once. Only its own lane writes its members.
    pub(super) fn last_seen(&self, group: &RemoteId) -> Option<Roster> {
        lock(&self.rosters).remove(group)
    }
}

impl<T: Transport + Sync> Context<'_, T> {
    /// Who is in an object that was just read, where it is a group and its members are shown.
    pub(super) async fn members_of(&self, now: &Fetched) -> Result<Option<Roster>, Stop> {
        if now.object.kind.family() != Family::Group {
            return Ok(None);
        }
        let found = match self.dialect.members {
            MembersRead::Never => None,
            MembersRead::Inline => Some(now.in_group()),
            MembersRead::Extension => {
                fetch::members(self.transport, &self.dialect, now.object.id.as_str()).await?
            }
        };
        Ok(found.map(|found| Roster::of(&found, &self.dialect)))
    }
}

/// The id of an object that a step refers to.
pub(super) fn id_of<'a>(
    address: &Address,
    ids: &'a BTreeMap<Address, RemoteId>,
) -> Result<&'a RemoteId, Stop> {
    ids.get(address).ok_or_else(|| Stop::Failed(format!("the id of `{address}` is not known")))
}

fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
