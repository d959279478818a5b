//! The writer: makes one step true at a target. Each target's protocol has one.

use std::collections::BTreeMap;

use crate::kind::Address;
use crate::live::{Object, RemoteId};

use super::{Proof, Report, Step};

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
