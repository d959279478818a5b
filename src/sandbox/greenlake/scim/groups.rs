//! Groups: read, create, delete.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::document::{GROUP, GROUP_EXTENSION, GROUPS, QUOTA, created, document};
use super::{filter, list, render, users};
use crate::sandbox::greenlake::call::{Call, required, text};
use crate::sandbox::greenlake::collection::{next, room};
use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::greenlake::record::{Group, Principal, Source, User};
use crate::sandbox::greenlake::state::Kind;
use crate::sandbox::greenlake::twin::GreenLake;
use crate::sandbox::http::Response;
use crate::sandbox::record::fold;

const SOURCE: &str = "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:group:source";
const FILTERABLE: [filter::Attribute; 2] = [("displayname", false), (SOURCE, true)];

pub(super) fn list(twin: &GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let terms = call.filter().map(|text| filter::read(text, &FILTERABLE)).transpose()?;
    let passes = |group: &Group| {
        terms.as_ref().is_none_or(|terms| {
            terms.iter().any(|term| match term.attribute.as_str() {
                SOURCE => term.holds(group.source.name()),
                _ => term.holds(&group.display_name),
            })
        })
    };
    let rows = twin.state.groups.iter().filter(|group| passes(group)).cloned().collect();
    list::listing(call, rows, render::group)
}

pub(super) fn get(twin: &GreenLake, id: &str) -> Result<Response, Refusal> {
    Ok(document(200, &render::group(found(twin, id)?)))
}

/// The group of that id.
pub(super) fn found<'a>(twin: &'a GreenLake, id: &str) -> Result<&'a Arc<Group>, Refusal> {
    twin.state.groups.find(id).ok_or_else(|| Refusal::missing("the user group", id))
}

pub(super) fn create(twin: &mut GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let body = call.object()?;
    let known = [GROUP, GROUP_EXTENSION];
    let schemas = body.get("schemas").and_then(Value::as_array);
    let schemas = schemas.ok_or_else(|| Refusal::field("schemas", "`schemas` is no array"))?;
    if let Some(other) = schemas.iter().find(|name| !known.iter().any(|known| *name == known)) {
        return Err(Refusal::field("schemas", format!("{other} is no schema of a group")));
    }
    if !schemas.iter().any(|name| name == GROUP) {
        return Err(Refusal::field("schemas", format!("`schemas` needs `{GROUP}`")));
    }
    if body.contains_key("members") {
        let message = "members cannot be given with a new group; add them with PATCH";
        return Err(Refusal::field("members", message));
    }
    let display_name = name(&required(&body, "displayName", 201)?)?;
    let description = match body.get(GROUP_EXTENSION) {
        None | Some(Value::Null) => None,
        Some(Value::Object(extension)) => text(extension, "groupDescription")?.map(str::to_string),
        Some(_) => return Err(Refusal::field(GROUP_EXTENSION, "the extension is no object")),
    };
    if twin.state.groups.keyed(&fold(&display_name)).is_some() {
        let message = format!("a group with the name `{display_name}` already exists");
        return Err(Refusal::new(409, message));
    }
    room(twin.state.groups.len(), GROUPS, "organization", "groups")
        .map_err(|refusal| refusal.coded(QUOTA))?;
    let (serial, id) = next(twin, "groups");
    let group = Group {
        serial,
        id,
        display_name,
        description,
        source: Source::Local,
        source_instance: twin.state.organization.id.clone(),
        members: BTreeSet::new(),
        created: call.now,
        modified: call.now,
    };
    let answer = created(&render::group(&group));
    let logged = format!("User group {} was created.", group.display_name);
    twin.put(group);
    twin.log(call, "Groups", logged);
    Ok(answer)
}

/// A name of the characters that HPE allows.
pub(super) fn name(text: &str) -> Result<String, Refusal> {
    let allowed = |c: char| c.is_alphanumeric() || " -/_.!()[]<>".contains(c);
    match text.chars().find(|c| !allowed(*c)) {
        None => Ok(text.to_string()),
        Some(other) => {
            let message = format!("`displayName` must not contain `{other}`: `{text}`");
            Err(Refusal::field("displayName", message))
        }
    }
}

/// Whether a group may be changed here.
pub(super) fn writable(group: &Group) -> Result<(), Refusal> {
    let by = match group.source {
        Source::Local => return Ok(()),
        Source::Scim => "a SCIM integration",
        Source::External => "another organization",
    };
    Err(Refusal::new(403, format!("the group `{}` is managed by {by}", group.display_name)))
}

pub(super) fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let group = Arc::clone(found(twin, id)?);
    writable(&group)?;
    users::drop_assignments(twin, &Principal::group(&group.id));
    twin.delete(Kind::Group, group.serial);
    twin.log(call, "Groups", format!("User group {} was deleted.", group.display_name));
    Ok(Response::new(204))
}

/// The members of a group, in the order in which the users were made.
pub(super) fn members(twin: &GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let group = found(twin, id)?;
    let users = group.members.iter().filter_map(|id| twin.state.users.find(id));
    let mut rows: Vec<Arc<User>> = users.cloned().collect();
    rows.sort_by_key(|user| user.serial);
    list::listing(call, rows, render::user)
}
