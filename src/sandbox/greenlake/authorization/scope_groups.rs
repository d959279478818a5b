//! Scope groups: names for sets of resources in a workspace.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::limit::{QUOTA, RESOURCE_CONFLICT, SCOPE_GROUPS};
use super::scope;
use crate::sandbox::greenlake::call::{Call, bounded, required, text};
use crate::sandbox::greenlake::collection::{self, Resource, answer, found};
use crate::sandbox::greenlake::error::{About, Refusal};
use crate::sandbox::greenlake::page::Size;
use crate::sandbox::greenlake::record::{ScopeGroup, named_in};
use crate::sandbox::greenlake::twin::GreenLake;
use crate::sandbox::greenlake::{id, odata};
use crate::sandbox::http::Response;
use crate::sandbox::record::fold;

const SIZE: Size = Size { default: None, most: 200, least: 1 };

impl Resource for ScopeGroup {
    const WHAT: &'static str = "the scope group";
    const PATH: &'static str = "/authorization/v1beta1/scope-groups";
    const CATEGORY: &'static str = "Authorization";

    fn workspace(&self) -> Option<&str> {
        Some(&self.workspace)
    }
}

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
    let filter = call.filter().map(wanted).transpose()?;
    let mut rows: Vec<Arc<ScopeGroup>> = collection::open(twin, call)?
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
    collection::listing(call, rows, SIZE, |row| document(row))
}

/// The one attribute that a filter names, and its values.
type Wanted = (&'static str, Vec<String>);

fn wanted(text: &str) -> Result<Wanted, Refusal> {
    let mut found =
        odata::only_in(text, &["serviceMetadata/id", "name", "grn"]).map_err(Refusal::filter)?;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(Refusal::filter("only one attribute can be used at a time")),
    }
}

fn holds((name, values): &Wanted, row: &ScopeGroup) -> bool {
    match *name {
        "name" => values.contains(&row.name),
        "grn" => scope::set(values).contains(&scope::compared(&row.grn())),
        _ => false,
    }
}

pub(super) fn get(twin: &GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    collection::get(twin, call, id, document)
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
    let there = collection::open::<ScopeGroup>(twin, call)?.count();
    collection::room(there, SCOPE_GROUPS, "workspace", "scope groups")
        .map_err(|refusal| refusal.coded(QUOTA))?;
    let (serial, id) = collection::next(twin, "scope-groups");
    let row = ScopeGroup {
        serial,
        id,
        workspace,
        name,
        description,
        scopes: Vec::new(),
        generation: 1,
        created: call.now,
        updated: call.now,
    };
    let (body, logged) = (document(&row), format!("Scope group {} was created.", row.name));
    Ok(collection::created(twin, call, row, &body, logged))
}

pub(super) fn put(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let mut row = found::<ScopeGroup>(twin, call, id)?.as_ref().clone();
    let body = call.object()?;
    if id::bare(&required(&body, "id", 64)?) != row.id {
        return Err(Refusal::field("id", "`id` cannot change"));
    }
    (row.name, row.description) = read(twin, &row.workspace, &body, Some(row.serial))?;
    let logged = format!("Scope group {} was changed.", row.name);
    Ok(answer(200, &document(&changed(twin, call, row, logged))))
}

/// Puts a changed group back.
pub(super) fn changed(
    twin: &mut GreenLake,
    call: &Call<'_>,
    mut row: ScopeGroup,
    logged: String,
) -> ScopeGroup {
    row.generation += 1;
    row.updated = call.now;
    collection::put(twin, call, row.clone(), logged);
    row
}

pub(super) fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let row: Arc<ScopeGroup> = found(twin, call, id)?;
    let grn = scope::compared(&row.grn());
    let used = twin.state.assignments.iter().any(|held| scope::set(&held.scope).contains(&grn));
    if used {
        let message = "the scope group is used in a role assignment";
        let about = About::Part("scope-group", id::dashed(&row.id));
        return Err(Refusal { about, ..Refusal::new(412, message) });
    }
    let logged = format!("Scope group {} was deleted.", row.name);
    Ok(collection::deleted(twin, call, row.as_ref(), logged))
}
