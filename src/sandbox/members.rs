//! The members a client sent, as ids.

use std::sync::Arc;

use serde_json::Value;

use super::Sandbox;
use super::error::Refusal;
use super::filter::eval::get;
use super::personality::Unknown;
use super::record::{Held, Members, Place, Record};

/// A member's id, and where it is if it exists.
pub(super) type Found = (Arc<str>, Option<Place>);

/// The ids of `[{"value": …}]`; members that do not exist are treated as `unknown` says.
pub(super) fn resolve(
    sandbox: &Sandbox,
    value: &Value,
    unknown: Unknown,
) -> Result<Vec<Found>, Refusal> {
    let Value::Array(elements) = value else {
        return Err(Refusal::value("`members` is not an array"));
    };
    let mut ids = Vec::with_capacity(elements.len());
    for element in elements {
        let sent = element
            .as_object()
            .and_then(|map| get(map, "value"))
            .and_then(Value::as_str)
            .ok_or_else(|| Refusal::value("a member has no `value`"))?;
        match (known(sandbox, sent), unknown) {
            (Some(found), _) => ids.push(found),
            (None, Unknown::Kept) => ids.push((Arc::from(sent), None)),
            (None, Unknown::Dropped) => {}
            (None, Unknown::Crash) => return Err(Refusal::crash()),
            (None, Unknown::Refused(scim_type)) => {
                return Err(Refusal::new(400, scim_type, format!("no member has the id `{sent}`")));
            }
        }
    }
    Ok(ids)
}

/// The id of an existing member as it was sent.
pub(super) fn known(sandbox: &Sandbox, sent: &str) -> Option<Found> {
    let as_found = |record: &Record| (Arc::clone(&record.id), Some(record.place()));
    if let Some(found) = sandbox.state.member(sent) {
        return Some(as_found(found));
    }
    if !sandbox.personality.echo.value_is_name {
        return None;
    }
    sandbox.state.user_named(sent).map(as_found)
}

/// Adds members; returns whether that changed anything.
pub(super) fn add(members: &mut Members, ids: Vec<Found>, duplicates: bool) -> bool {
    let mut changed = false;
    for (id, place) in ids {
        let held = members.entry(id).or_insert(Held { times: 0, place });
        if held.times == 0 || duplicates {
            held.times += 1;
            changed = true;
        }
    }
    changed
}

/// Refuses more members in one request than the server takes.
pub(super) fn within_request(sandbox: &Sandbox, sent: usize) -> Result<(), Refusal> {
    match sandbox.personality.storage.member_caps.0 {
        Some(cap) if sent > cap => Err(Refusal::value("One or more Group members are invalid")),
        _ => Ok(()),
    }
}

/// Refuses a group with more members than the server holds.
pub(super) fn within_group(sandbox: &Sandbox, members: &Members) -> Result<(), Refusal> {
    match sandbox.personality.storage.member_caps.1 {
        Some(cap) if members.len() > cap => Err(Refusal::plain(
            400,
            format!("Groups cannot contain more than {cap} direct members"),
        )),
        _ => Ok(()),
    }
}
