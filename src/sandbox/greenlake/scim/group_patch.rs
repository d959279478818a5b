//! PATCH of a group: members are added and removed, name and description replaced. All of it or
//! nothing.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::document::{GROUP_EXTENSION, GROUPS_OF_USER, MEMBERS, QUOTA, document};
use super::user_patch::{Verb, operations, verb};
use super::{groups, render};
use crate::sandbox::greenlake::call::{Call, bounded};
use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::greenlake::id;
use crate::sandbox::greenlake::record::Group;
use crate::sandbox::greenlake::twin::GreenLake;
use crate::sandbox::http::Response;
use crate::sandbox::record::fold;

pub(super) fn patch(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let body = call.object()?;
    let operations = operations(&body)?;
    let old = Arc::clone(groups::found(twin, id)?);
    groups::writable(&old)?;
    let mut group = old.as_ref().clone();
    for operation in operations {
        apply(twin, &mut group, operation)?;
    }
    if group != *old {
        group.modified = call.now;
        twin.put(group.clone());
        let (joined, left) = (
            group.members.difference(&old.members).count(),
            old.members.difference(&group.members).count(),
        );
        let name = &group.display_name;
        let description =
            format!("User group {name} was updated; {joined} joined and {left} left.");
        twin.log(call, "Groups", description);
    }
    Ok(document(200, &render::group(&group)))
}

fn apply(
    twin: &GreenLake,
    group: &mut Group,
    operation: &Map<String, Value>,
) -> Result<(), Refusal> {
    let verb = verb(operation)?;
    let path = operation.get("path").and_then(Value::as_str);
    let path = path.ok_or_else(|| Refusal::field("path", "`path` is missing"))?;
    let value = operation.get("value");
    let value = value.ok_or_else(|| Refusal::field("value", "`value` is missing"))?;
    let text =
        || value.as_str().ok_or_else(|| Refusal::field("value", format!("`{path}` is a string")));
    let extension = path.strip_prefix(GROUP_EXTENSION).and_then(|rest| rest.strip_prefix(':'));
    match (path, extension, verb) {
        ("members", _, Verb::Replace) => {
            let message = "the replace operation is not supported for group members";
            Err(Refusal::field("op", message))
        }
        ("members", _, verb) => members(twin, group, verb, value),
        (_, _, Verb::Add | Verb::Remove) => {
            Err(Refusal::field("op", format!("`{path}` can only be replaced")))
        }
        ("displayName", ..) => {
            let name = groups::name(&bounded("displayName", text()?, 201)?)?;
            let holder = twin.state.groups.keyed(&fold(&name));
            if name.is_empty() || holder.is_some_and(|other| other.serial != group.serial) {
                // HPE documents no 409 here.
                let message = format!("a group with the name `{name}` already exists");
                return Err(Refusal::field("displayName", message));
            }
            group.display_name = name;
            Ok(())
        }
        (_, Some("groupDescription"), _) => {
            group.description = Some(text()?.to_string());
            Ok(())
        }
        _ => Err(Refusal::field("path", format!("`{path}` is no path of a group"))),
    }
}

fn members(twin: &GreenLake, group: &mut Group, verb: Verb, value: &Value) -> Result<(), Refusal> {
    let wrong = |message: String| Refusal::field("members", message);
    let elements = value.as_array();
    let elements = elements.ok_or_else(|| wrong("`members` needs a list".into()))?;
    for element in elements {
        let given = element.get("value").and_then(Value::as_str);
        let given = given.ok_or_else(|| wrong("a member has no `value`".into()))?;
        let user = id::bare(given);
        if verb == Verb::Remove {
            group.members.remove(&user);
            continue;
        }
        let Some(found) = twin.state.users.find(&user) else {
            return Err(wrong(format!("there is no user `{given}`")));
        };
        if group.members.contains(&user) {
            continue;
        }
        if twin.state.groups_of(&user).count() >= GROUPS_OF_USER {
            let name = &found.user_name;
            let message = format!("`{name}` is in {GROUPS_OF_USER} groups, which is the most");
            return Err(wrong(message).coded(QUOTA));
        }
        group.members.insert(user);
    }
    if group.members.len() > MEMBERS {
        let (name, members) = (&group.display_name, group.members.len());
        let message = format!("`{name}` would have {members} members; {MEMBERS} is the most");
        return Err(wrong(message).coded(QUOTA));
    }
    Ok(())
}
