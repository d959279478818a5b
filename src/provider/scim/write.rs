//! Writing: one step made true, and what became of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use crate::apply::{Op, Receipt, Report, Step, Writer};
use crate::kind::Address;
use crate::live::RemoteId;
use crate::provider::Transport;

use super::call::Trouble;
use super::create;
use super::delete;
use super::dialect::Dialect;
use super::error::{ReadError, ReadErrorKind};
use super::membership;
use super::update;
use super::verify;

/// Writes to a SCIM server. It decides nothing about *whether*: steps come from an approved
/// plan, and each is checked against the object as it is now.
pub struct ScimWriter<'a, T> {
    pub(super) transport: &'a T,
    pub(super) dialect: Dialect,
    created: Mutex<BTreeSet<RemoteId>>,
}

impl<'a, T: Transport + Sync> ScimWriter<'a, T> {
    /// A writer. `dialect` is the settled one, from [`super::ReadStats::dialect`].
    #[must_use]
    pub fn new(transport: &'a T, dialect: Dialect) -> Self {
        Self { transport, dialect, created: Mutex::default() }
    }

    /// Remembers that this run created the object: a 404 for it means "not yet".
    pub(super) fn remember(&self, id: &RemoteId) {
        self.created.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
    }

    /// Whether this run created the object.
    pub(super) fn is_new(&self, id: &RemoteId) -> bool {
        self.created.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}

impl<T: Transport + Sync> Writer for ScimWriter<'_, T> {
    async fn write(&self, step: &Step, ids: &BTreeMap<Address, RemoteId>) -> Report {
        let done = match &step.op {
            Op::Create { address, fields } => create::create(self, address, fields).await,
            Op::Update { address, remote, expect, after, changed, version: _ } => {
                let update = update::Update { address, remote, expect, after, changed };
                update::update(self, &update).await
            }
            Op::Delete { address, remote, expect, version: _ } => {
                delete::delete(self, address, remote, expect).await
            }
            Op::AddMembers { group, users } => {
                membership::change(self, membership::Verb::Add, group, users, ids).await
            }
            Op::RemoveMembers { group, users } => {
                membership::change(self, membership::Verb::Remove, group, users, ids).await
            }
            Op::VerifyMembers { group, present, absent } => {
                verify::verify(self, group, present, absent, ids).await
            }
        };
        done.map_or_else(Stop::report, Report::from)
    }
}

/// Why a step ended without what it wanted.
#[derive(Debug)]
pub(in crate::provider) enum Stop {
    /// It failed, for this reason.
    Failed(String),
    /// The object is not what the plan saw.
    Stale(String),
    /// The credential was refused: nothing more may be written.
    Halt(String),
}

impl Stop {
    pub(in crate::provider) fn report(self) -> Report {
        match self {
            Self::Failed(cause) => Receipt::Failed { cause }.into(),
            Self::Stale(cause) => Receipt::Stale { cause }.into(),
            Self::Halt(cause) => Report {
                halt: Some(format!("the credential was refused: {cause}")),
                receipt: Receipt::Failed { cause },
            },
        }
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        let words = trouble.words().to_owned();
        if trouble.is_refused_credential() { Self::Halt(words) } else { Self::Failed(words) }
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        match error.kind {
            ReadErrorKind::Unauthorized | ReadErrorKind::Forbidden => Self::Halt(error.said.what),
            _ => Self::Failed(error.to_string()),
        }
    }
}
