//! Writing: one step made true, by whichever API its kind belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use futures::lock::Mutex as Turn;

use crate::apply::{Op, Receipt, Report, Step, Writer};
use crate::kind::{Address, KindName};
use crate::live::RemoteId;
use crate::provider::Transport;
use crate::provider::scim::call::{NOT_YET, backoff};
use crate::provider::scim::{ScimWriter, Stop, principal};

use super::platform::Platform;
use super::read::Found;
use super::{grant, regrant, revoke};

/// Carries out a step about a domain, and says what became of it.
pub type DomainSteps<'a> = Box<dyn Fn(Step) -> BoxFuture<'a, Report> + Send + Sync + 'a>;

/// Writes to HPE GreenLake. It decides nothing about *whether*: steps come from an approved plan,
/// and each is checked against the object as it is now.
pub struct GreenlakeWriter<'a, T> {
    pub(super) platform: Platform<'a, T>,
    pub(super) found: &'a Found,
    directory: ScimWriter<'a, T>,
    domains: Option<DomainSteps<'a>>,
    /// The ids of users and groups: those of the plan, and those of what this run makes.
    ids: Mutex<BTreeMap<Address, RemoteId>>,
    made: Mutex<BTreeSet<Address>>,
    /// What role assignments call the users and groups that were asked for. Each is asked for
    /// once, however many roles it is given at a time.
    principals: Mutex<BTreeMap<Address, Arc<Turn<Option<String>>>>>,
}

impl<'a, T: Transport + Sync> GreenlakeWriter<'a, T> {
    /// A writer. `found` and `ids` are of the read and the plan whose steps it is given.
    #[must_use]
    pub fn new(
        platform: Platform<'a, T>,
        found: &'a Found,
        ids: BTreeMap<Address, RemoteId>,
    ) -> Self {
        Self {
            directory: ScimWriter::new(platform.directory, found.dialect.clone()),
            platform,
            found,
            domains: None,
            ids: Mutex::new(ids),
            made: Mutex::default(),
            principals: Mutex::default(),
        }
    }

    /// The same writer, with a way to carry out steps about domains.
    #[must_use]
    pub fn with_domains(mut self, steps: DomainSteps<'a>) -> Self {
        self.domains = Some(steps);
        self
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
    fn remember(&self, op: &Op, report: &Report) {
        match (op, &report.receipt) {
            (
                Op::Create { address, .. },
                Receipt::Done { id: Some(id) } | Receipt::AlreadySo { id: Some(id) },
            ) => {
                lock(&self.made).insert(address.clone());
                lock(&self.ids).insert(address.clone(), id.clone());
            }
            (Op::Update { address, remote, .. }, _) => {
                lock(&self.ids).insert(address.clone(), remote.clone());
            }
            _ => {}
        }
    }

    async fn binding(&self, op: &Op) -> Report {
        let done = match op {
            Op::Create { fields, .. } => grant::grant(self, fields).await,
            Op::Update { address, remote, expect, after, .. } => {
                let update = regrant::Update { address, remote, expect, after };
                regrant::regrant(self, &update).await
            }
            Op::Delete { address, remote, expect, .. } => {
                revoke::revoke(self, address, remote, expect).await
            }
            Op::AddMembers { .. } | Op::RemoveMembers { .. } | Op::VerifyMembers { .. } => {
                Err(Stop::Failed("a binding has no members".to_owned()))
            }
        };
        done.map_or_else(Stop::report, Report::from)
    }
}

impl<T: Transport + Sync> Writer for GreenlakeWriter<'_, T> {
    async fn write(&self, step: &Step, ids: &BTreeMap<Address, RemoteId>) -> Report {
        match (step.op.address().kind(), &self.domains) {
            (KindName::Binding, _) => self.binding(&step.op).await,
            (KindName::Domain, Some(steps)) => steps(step.clone()).await,
            (KindName::Domain, None) => Stop::Failed(
                "domain claims are written only with `target.experimental: [domains]`".to_owned(),
            )
            .report(),
            _ => {
                let report = self.directory.write(step, ids).await;
                self.remember(&step.op, &report);
                report
            }
        }
    }
}

fn lock<V>(mutex: &Mutex<V>) -> MutexGuard<'_, V> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
