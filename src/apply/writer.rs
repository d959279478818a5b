//! The writer: makes one step true at a target. Each target's protocol has one.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::BoxFuture;

use crate::kind::Address;
use crate::live::{Object, RemoteId};

use super::{Report, Step};

/// Makes steps true, one at a time each; several may be in flight at once.
pub trait Writer {
    /// Makes the step true, or says why it is not. `ids` holds the target's id of every object
    /// the step refers to. A write is sent again only when it is idempotent, or when a look
    /// proved that it was not done.
    ///
    /// Right before each request leaves, `proof` is asked whether the step still may take away what
    /// it takes.
    fn write(
        &self,
        step: &Step,
        ids: &BTreeMap<Address, RemoteId>,
        proof: &dyn Proof,
    ) -> impl Future<Output = Report> + Send;

    /// Reads one object again; of a group with its members, by what the target calls them
    /// ([`Member::Unknown`](crate::live::Member::Unknown)). `None`: there is none of this id.
    ///
    /// # Errors
    ///
    /// In words, when it cannot be read: that proves nothing.
    fn look(
        &self,
        address: &Address,
        id: &RemoteId,
    ) -> impl Future<Output = Result<Option<Object>, String>> + Send;
}

/// Members of a group, by what the target calls them.
pub type MemberNames = BTreeSet<Box<str>>;

/// Proves a step again.
pub trait Proof: Sync {
    /// Proves it. `members` are those of the group that is written, as they were just seen.
    fn prove<'a>(&'a self, members: Option<&'a MemberNames>)
    -> BoxFuture<'a, Result<(), Unproved>>;
}

/// Why a step must not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unproved {
    /// The target moved since the plan was made.
    Moved(String),
    /// What the step depends on could not be read.
    Unread(String),
}

/// The proof of a step that takes nothing away.
pub struct NothingTaken;

impl Proof for NothingTaken {
    fn prove<'a>(
        &'a self,
        _members: Option<&'a MemberNames>,
    ) -> BoxFuture<'a, Result<(), Unproved>> {
        Box::pin(async { Ok(()) })
    }
}
