//! The writer: makes one step true at a target. Each target's protocol has one.

use std::collections::BTreeMap;

use crate::kind::Address;
use crate::live::RemoteId;

use super::{Report, Step};

/// Makes steps true, one at a time each; several may be in flight at once.
pub trait Writer {
    /// Makes the step true, or says why it is not. `ids` holds the target's id of every object
    /// the step refers to. A write is sent again only when it is idempotent, or when a look
    /// proved that it was not done.
    fn write(
        &self,
        step: &Step,
        ids: &BTreeMap<Address, RemoteId>,
    ) -> impl Future<Output = Report> + Send;
}
