//! The members a client sent, as ids.

use std::sync::Arc;

use serde_json::Value;

use super::Sandbox;
use super::error::Refusal;
use super::filter::eval::get;
use super::personality::Unknown;
use super::record::Members;

/// The ids of `[{"value": …}]`; members that do not exist are treated as `unknown` says.
pub(super) fn resolve(
    sandbox: &Sandbox,
    value: &Value,
    unknown: Unknown,
) -> Result<Vec<Arc<str>>, Refusal> {
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
            (Some(id), _) => ids.push(id),
            (None, Unknown::Kept) => ids.push(Arc::from(sent)),
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
pub(super) fn known(sandbox: &Sandbox, sent: &str) -> Option<Arc<str>> {
    if let Some(found) = sandbox.state.member(sent) {
        return Some(Arc::clone(&found.id));
    }
    if !sandbox.personality.echo.value_is_name {
        return None;
    }
    sandbox.state.user_named(sent).map(|user| Arc::clone(&user.id))
}

/// Adds members; returns whether that changed anything.
pub(super) fn add(members: &mut Members, ids: Vec<Arc<str>>, duplicates: bool) -> bool {
    let mut changed = false;
    for id in ids {
        let times = members.entry(id).or_insert(0);
        if *times == 0 || duplicates {
            *times += 1;
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
