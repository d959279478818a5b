//! What all writes of one run share: the platform, what was read of it, and who was made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::lock::Mutex as Turn;

use crate::apply::{Op, Report};
use crate::kind::Address;
use crate::live::RemoteId;
use crate::provider::Transport;
use crate::provider::converge::{NOT_YET, Stop, backoff};
use crate::provider::scim::principal;

use super::platform::Platform;
use super::read::Found;

/// What all writes of one run share.
pub(super) struct Context<'a, T> {
    pub(super) platform: Platform<'a, T>,
    pub(super) found: &'a Found,
    /// The ids of users and groups: those of the plan, and those of what this run makes.
    ids: Mutex<BTreeMap<Address, RemoteId>>,
    made: Mutex<BTreeSet<Address>>,
    /// What role assignments call the users and groups that were asked for. Each is asked for
    /// once, however many roles it is given at a time.
    principals: Mutex<BTreeMap<Address, Arc<Turn<Option<String>>>>>,
    /// The GRNs of scope groups that this run made or renamed.
    scopes: Mutex<BTreeMap<Address, String>>,
}

impl<'a, T: Transport + Sync> Context<'a, T> {
    /// The context of a run that has made nothing yet.
    pub(super) fn new(
        platform: Platform<'a, T>,
        found: &'a Found,
        ids: BTreeMap<Address, RemoteId>,
    ) -> Self {
        Self {
            platform,
            found,
            ids: Mutex::new(ids),
            made: Mutex::default(),
            principals: Mutex::default(),
            scopes: Mutex::default(),
        }
    }

    /// Remembers the GRN of a scope group that this run made or renamed.
    pub(super) fn remember_scope(&self, address: &Address, grn: &str) {
        lock(&self.scopes).insert(address.clone(), grn.to_owned());
    }

    /// The GRN of the scope group that one of these addresses is, where this run made it.
    pub(super) fn scope(&self, addresses: &[Address]) -> Option<String> {
        let scopes = lock(&self.scopes);
        addresses.iter().find_map(|address| scopes.get(address).cloned())
    }

    /// What role assignments call a user or a group, and whether this run made it, so that not
    /// every part of the platform may know it yet.
    pub(super) async fn principal(&self, who: &Address) -> Result<(String, bool), Stop> {
        let is_new = lock(&self.made).contains(who);
        let turn = Arc::clone(lock(&self.principals).entry(who.clone()).or_default());
        let mut asked = turn.lock().await;
        if let Some(known) = &*asked {
            return Ok((known.clone(), is_new));
        }
        // One that was renamed in this run has its old name in what was read.
        let id = lock(&self.ids).get(who).cloned();
        let read = self.found.names.principals.verbatim(who);
        let principal = match (read, id) {
            (Some(known), _) if !is_new => known.to_owned(),
            (_, Some(id)) => self.ask(who, &id).await?,
            (_, None) => {
                return Err(Stop::Failed(format!("`{who}` is not there, so it can hold no role")));
            }
        };
        *asked = Some(principal.clone());
        Ok((principal, is_new))
    }

    /// Asks the directory for the principal of an object.
    async fn ask(&self, who: &Address, id: &RemoteId) -> Result<String, Stop> {
        let dialect = &self.found.dialect;
        for tries in 0..NOT_YET {
            if tries > 0 {
                self.platform.directory.pause(backoff(tries)).await;
            }
            let directory = self.platform.directory;
            if let Some(found) = principal(directory, dialect, who.kind(), id.as_str()).await? {
                return Ok(found);
            }
        }
        Err(Stop::Failed(format!(
            "the directory does not say what role assignments call `{who}` (`hpe_principal`)"
        )))
    }

    /// Remembers the id that a step wrote or made.
    pub(super) fn remember(&self, op: &Op, report: &Report) {
        match op {
            Op::Create { address, .. } => {
                if let Some(id) = report.receipt.id() {
                    lock(&self.made).insert(address.clone());
                    lock(&self.ids).insert(address.clone(), id.clone());
                }
            }
            Op::Update { address, remote, .. } => {
                lock(&self.ids).insert(address.clone(), remote.clone());
            }
            Op::Delete { .. }
            | Op::AddMembers { .. }
            | Op::RemoveMembers { .. }
            | Op::VerifyMembers { .. } => {}
        }
    }
}

fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
