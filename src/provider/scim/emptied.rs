//! A group that a removal emptied, against all that was asked.
//!
//! A server that follows RFC 7644 section 3.5.2.2 to the letter takes a removal with the path
//! `members` for the removal of all, whatever its `value` lists. That form is sent only where the
//! dialect says so; where the dialect is wrong about the server, nobody is to lose access by it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::live::RemoteId;
use crate::provider::{Method, Request, Transport};

use super::call;
use super::fetch;
use super::membership::User;
use super::patch;
use super::write::{ScimWriter, Stop};

/// The members that are in the group now and are not among `users`.
pub(super) async fn those_who_stay<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    group: &RemoteId,
    users: &[User<'_>],
) -> Result<Vec<Box<str>>, Stop> {
    let dialect = &writer.dialect;
    let go: BTreeSet<_> = users.iter().map(|(_, id)| dialect.joined(id.as_str())).collect();
    let mut stay = members(writer, group).await?;
    stay.retain(|member| !go.contains(&dialect.joined(member)));
    Ok(stay)
}

/// Looks at the group after a removal. Where none of those who were to stay is left, they are
/// put back, and the step fails.
pub(super) async fn put_back<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    group: &RemoteId,
    stay: &[Box<str>],
) -> Result<(), Stop> {
    if stay.is_empty() {
        return Ok(());
    }
    let dialect = &writer.dialect;
    let left = members(writer, group).await?;
    let left: BTreeSet<_> = left.iter().map(|member| dialect.joined(member)).collect();
    if stay.iter().any(|member| left.contains(&dialect.joined(member))) {
        return Ok(());
    }
    let mut done = "they were put back";
    for some in stay.chunks(writer.dialect.member_batch.max(1)) {
        let values: Vec<Value> = some.iter().map(|id| patch::member(dialect, id, id)).collect();
        let add = json!({"op": "add", "path": "members", "value": values});
        let request =
            Request::new(Method::Patch, &["Groups", group.as_str()]).with_body(patch::body(&[add]));
        if call::write(writer.transport, &request).await.is_err() {
            done = "and putting them back failed: the next plan adds those that are declared";
        }
    }
    Err(Stop::Failed(format!(
        "this server took a removal by a list of values for the removal of all: {} members were \
         removed that were to stay, {done}; say `target.dialect.memberRemoval: filter`",
        stay.len()
    )))
}

/// What names the members of the group, as the server shows them.
async fn members<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    group: &RemoteId,
) -> Result<Vec<Box<str>>, Stop> {
    let found = fetch::members(writer.transport, &writer.dialect, group.as_str()).await?;
    Ok(found.map(|found| found.names).unwrap_or_default())
}
