//! The writer: what apply needs of a target.

use std::collections::BTreeMap;

use super::{Report, Step};
use crate::kind::Address;
use crate::live::RemoteId;

/// Makes one step true at the target. Planning is never handed one.
pub trait Writer {
    /// Makes `step` true and says what became of it. `ids` holds the ids of every object the
    /// step refers to, those created earlier in this run included.
    fn write(
        &self,
        step: &Step,
        ids: &BTreeMap<Address, RemoteId>,
    ) -> impl Future<Output = Report> + Send;
}
