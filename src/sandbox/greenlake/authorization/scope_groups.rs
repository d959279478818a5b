//! Scope groups: names for sets of resources in a workspace.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{QUOTA, RESOURCE_CONFLICT, SCOPE_GROUPS, scope};
use crate::sandbox::Response;
use crate::sandbox::greenlake::call::{Call, bounded, required, text};
use crate::sandbox::greenlake::error::{About, Refusal};
use crate::sandbox::greenlake::page::{self, Size};
use crate::sandbox::greenlake::record::{ScopeGroup, named_in};
use crate::sandbox::greenlake::route::json as answer;
use crate::sandbox::greenlake::state::Kind;
use crate::sandbox::greenlake::{GreenLake, id, odata};
use crate::sandbox::record::fold;

const SIZE: Size = Size { default: None, most: 200, least: 1 };

fn document(row: &ScopeGroup) -> Value {
    json!({
        "id": id::dashed(&row.id),
        "type": "authorization/scope-group",
        "name": row.name,
        "description": row.description,
        "grn": row.grn(),
        "generation": row.generation,
        "createdAt": format!("{:.6}", row.created),
        "updatedAt": format!("{:.6}", row.updated),
    })
}

pub(super) fn list(twin: &GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let workspace = call.workspace()?;
    let filter = call.filter().map(wanted).transpose()?;
    let (offset, limit) = page::offset_and_limit(call, SIZE)?;
    let mut rows: Vec<Arc<ScopeGroup>> = (twin.state.scope_groups.iter())
        .filter(|row| row.workspace == workspace)
        .filter(|row| filter.as_ref().is_none_or(|filter| holds(filter, row)))
        .cloned()
        .collect();
    match call.parameter("sort") {
        None => {}
        Some("name" | "name asc") => rows.sort_by_key(|row| fold(&row.name)),
        Some("name desc") => {
            rows.sort_by_key(|row| fold(&row.name));
            rows.reverse();
        }
        Some(other) => {
            let message = format!("`sort` is `{other}`; it is `name`, `name asc` or `name desc`");
            return Err(Refusal::parameter("sort", message));
        }
    }
    let page = page::cut(rows, offset, limit, call);
    let items: Vec<Value> = page.rows.iter().map(|row| document(row)).collect();
    Ok(answer(
        200,
        &json!({
            "count": items.len(),
            "offset": offset,
            "total": page.total,
            "items": items,
        }),
    ))
}

/// The one attribute that a filter names, and its values.
type Wanted = (&'static str, Vec<String>);

fn wanted(text: &str) -> Result<Wanted, Refusal> {
    let wrong = |cause: String| Refusal::parameter("filter", format!("the filter: {cause}"));
    let mut found = odata::only_in(text, &["serviceMetadata/id", "name", "grn"]).map_err(wrong)?;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(wrong("only one attribute can be used at a time".into())),
    }
}

fn holds((name, values): &Wanted, row: &ScopeGroup) -> bool {
    match *name {
        "name" => values.contains(&row.name),
        "grn" => scope::set(values).contains(&scope::compared(&row.grn())),
        _ => false,
    }
}

/// The scope group of that id in the token's workspace.
pub(super) fn found<'a>(
    twin: &'a GreenLake,
    call: &Call<'_>,
    id: &str,
) -> Result<&'a Arc<ScopeGroup>, Refusal> {
    let workspace = call.workspace()?;
    let row = twin.state.scope_groups.find(id).filter(|row| row.workspace == workspace);
    row.ok_or_else(|| Refusal::missing("the scope group", id))
}

pub(super) fn get(twin: &GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    Ok(answer(200, &document(found(twin, call, id)?)))
}

/// Name and description of a body; the name is free but for the group of that number.
fn read(
    twin: &GreenLake,
    workspace: &str,
    body: &Map<String, Value>,
    own: Option<u64>,
) -> Result<(String, String), Refusal> {
    let name = required(body, "name", 150)?;
    if name.trim() != name || name.contains(['&', '<', '>', '|', ':', ',']) || !name.is_ascii() {
        let message = format!("`name` must not hold & < > | : , or begin or end so: `{name}`");
        return Err(Refusal::field("name", message));
    }
    let description = bounded("description", text(body, "description")?.unwrap_or_default(), 256)?;
    let holder = twin.state.scope_groups.keyed(&named_in(workspace, &name));
    if holder.is_some_and(|row| Some(row.serial) != own) {
        let message = format!("a scope group with the name `{name}` already exists");
        return Err(Refusal::new(409, message).coded(RESOURCE_CONFLICT));
    }
    Ok((name, description))
}

pub(super) fn create(twin: &mut GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let body = call.object()?;
    let workspace = call.workspace()?.to_string();
    let (name, description) = read(twin, &workspace, &body, None)?;
    let there = twin.state.scope_groups.iter().filter(|row| row.workspace == workspace).count();
    if there >= SCOPE_GROUPS {
        let message = format!("the workspace has {SCOPE_GROUPS} scope groups, which is the most");
        return Err(Refusal::new(400, message).coded(QUOTA));
    }
    let serial = twin.state.next();
    let row = ScopeGroup {
        serial,
        id: id::derive(&format!("scope-groups/#{serial}")),
        workspace,
        name,
        description,
        scopes: Vec::new(),
        generation: 1,
        created: call.now,
        updated: call.now,
    };
    let mut response = answer(201, &document(&row));
    let location = format!("/authorization/v1beta1/scope-groups/{}", id::dashed(&row.id));
    response.set("location", &location);
    let logged = format!("Scope group {} was created.", row.name);
    twin.put(row);
    twin.log(call, "Authorization", logged);
    Ok(response)
}

pub(super) fn put(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let mut row = found(twin, call, id)?.as_ref().clone();
    let body = call.object()?;
    if id::bare(&required(&body, "id", 64)?) != row.id {
        return Err(Refusal::field("id", "`id` cannot change"));
    }
    (row.name, row.description) = read(twin, &row.workspace, &body, Some(row.serial))?;
    row.generation += 1;
    row.updated = call.now;
    let response = answer(200, &document(&row));
    let logged = format!("Scope group {} was changed.", row.name);
    twin.put(row);
    twin.log(call, "Authorization", logged);
    Ok(response)
}

pub(super) fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let row = Arc::clone(found(twin, call, id)?);
    let grn = scope::compared(&row.grn());
    let used = twin.state.assignments.iter().any(|held| scope::set(&held.scope).contains(&grn));
    if used {
        let message = "the scope group is used in a role assignment";
        let about = About::Part("scope-group", id::dashed(&row.id));
        return Err(Refusal { about, ..Refusal::new(412, message) });
    }
    twin.delete(Kind::ScopeGroup, row.serial);
    twin.log(call, "Authorization", format!("Scope group {} was deleted.", row.name));
    Ok(Response::new(204))
}
