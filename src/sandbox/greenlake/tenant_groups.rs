//! Groups of tenants, which role assignments of an MSP are scoped by: `/workspaces/v1beta1/groups`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call::{Call, bounded, required, text};
use super::collection::{self, Resource, answer as document, found, listing};
use super::error::Refusal;
use super::id;
use super::page::Size;
use super::record::{Tenancy, TenantGroup, WorkspaceKind, named_in};
use super::twin::GreenLake;
use crate::sandbox::http::Response;

const SIZE: Size = Size { default: Some(2000), most: 2000, least: 1 };
const TENANTS: Size = Size { default: Some(200), most: 500, least: 1 };

impl Resource for TenantGroup {
    const WHAT: &'static str = "the tenant group";
    const PATH: &'static str = "/workspaces/v1beta1/groups";
    const CATEGORY: &'static str = "Customer Management";

    fn workspace(&self) -> Option<&str> {
        Some(&self.workspace)
    }
}

/// Instants as this API writes them.
fn instant(at: jiff::Timestamp) -> String {
    let text = format!("{at:.6}").replace('T', " ");
    format!("{} +0000 UTC", text.trim_end_matches('Z'))
}

fn rendered(row: &TenantGroup) -> Value {
    json!({
        "id": id::dashed(&row.id),
        "type": "/workspaces/group",
        "name": row.name,
        "description": row.description,
        "groupType": "TenantGroup",
        "grn": row.grn(),
        "generation": row.generation,
        "createdAt": instant(row.created),
        "updatedAt": instant(row.updated),
    })
}

pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    path: &[&str],
) -> Result<Response, Refusal> {
    if !twin.state.is_msp(call.workspace()?) {
        return Err(Refusal::new(403, "the workspace is no MSP's"));
    }
    match (call.request.method.as_str(), path) {
        ("GET", ["groups"]) => list(twin, call),
        ("POST", ["groups"]) => create(twin, call),
        ("GET", ["groups", id]) => collection::get(twin, call, id, rendered),
        ("PUT", ["groups", id]) => put(twin, call, id),
        ("DELETE", ["groups", id]) => delete(twin, call, id),
        ("GET", ["groups", id, "group-workspaces"]) => tenants(twin, call, id),
        ("POST", ["groups", id, "group-workspaces"]) => join(twin, call, id),
        ("GET", ["groups", id, "group-workspaces", of]) => tenant(twin, call, id, of),
        ("DELETE", ["groups", id, "group-workspaces", of]) => leave(twin, call, id, of),
        (method, ["groups"] | ["groups", _])
        | (method, ["groups", _, "group-workspaces"] | ["groups", _, "group-workspaces", _]) => {
            Err(Refusal::wrong_method(method))
        }
        _ => Err(Refusal::no_route()),
    }
}

fn list(twin: &GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let rows = collection::open(twin, call)?.collect();
    listing(call, rows, SIZE, |row: &&Arc<TenantGroup>| {
        let mut body = rendered(row);
        body["totalWorkspaces"] = row.tenants.len().into();
        body
    })
}

/// Name and description of a body; the name is free but for the group of that number.
fn read(
    twin: &GreenLake,
    workspace: &str,
    body: &Map<String, Value>,
    own: Option<u64>,
) -> Result<(String, String), Refusal> {
    let name = required(body, "name", 64)?;
    let description = bounded("description", text(body, "description")?.unwrap_or_default(), 256)?;
    let holder = twin.state.tenant_groups.keyed(&named_in(workspace, &name));
    if holder.is_some_and(|row| Some(row.serial) != own) {
        let message = format!("a tenant group with the name `{name}` already exists");
        return Err(Refusal::new(409, message));
    }
    Ok((name, description))
}

fn create(twin: &mut GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let body = call.object()?;
    let workspace = call.workspace()?.to_string();
    if text(&body, "groupType")? != Some("TenantGroup") {
        return Err(Refusal::field("groupType", "`groupType` must be `TenantGroup`"));
    }
    let (name, description) = read(twin, &workspace, &body, None)?;
    let (serial, id) = collection::next(twin, "tenant-groups");
    let row = TenantGroup {
        serial,
        id,
        workspace,
        name,
        description,
        tenants: Vec::new(),
        generation: 1,
        created: call.now,
        updated: call.now,
    };
    let (body, logged) = (rendered(&row), format!("Tenant group {} was created.", row.name));
    Ok(collection::created(twin, call, row, &body, logged))
}

/// Puts a changed group back.
fn changed(twin: &mut GreenLake, call: &Call<'_>, mut row: TenantGroup) -> TenantGroup {
    row.generation += 1;
    row.updated = call.now;
    let logged = format!("Tenant group {} was changed.", row.name);
    collection::put(twin, call, row.clone(), logged);
    row
}

fn put(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    // HPE documents no 404 here.
    let row = found::<TenantGroup>(twin, call, id)
        .map_err(|refusal| Refusal { status: 400, ..refusal })?;
    let mut row = row.as_ref().clone();
    (row.name, row.description) = read(twin, &row.workspace, &call.object()?, Some(row.serial))?;
    let row = changed(twin, call, row);
    let mut response = document(200, &rendered(&row));
    response.set("location", &row.location());
    Ok(response)
}

fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let row = found::<TenantGroup>(twin, call, id)?;
    let used = |scope: &String| scope.ends_with(&id::dashed(&row.id)) || scope.ends_with(&row.id);
    if twin.state.assignments.iter().any(|held| held.scope.iter().any(used)) {
        return Err(Refusal::new(400, "the tenant group is used in a role assignment"));
    }
    let logged = format!("Tenant group {} was deleted.", row.name);
    Ok(collection::deleted(twin, call, row.as_ref(), logged))
}

/// A tenant's place in a group.
fn place(twin: &GreenLake, group: &TenantGroup, tenancy: &Tenancy) -> Value {
    let workspace = twin.state.workspaces.find(&tenancy.workspace);
    let name = workspace.map(|row| row.name.as_str()).unwrap_or_default();
    let description = workspace.map(|row| row.description.as_str()).unwrap_or_default();
    json!({
        "id": id::dashed(&tenancy.id),
        "type": "/workspaces/group-workspace",
        "workspace": {
            "id": tenancy.workspace,
            "type": "/workspaces/workspace",
            "name": name,
            "description": description,
        },
        "grn": group.grn(),
        "generation": 1,
        "createdAt": instant(tenancy.created),
        "updatedAt": instant(tenancy.created),
    })
}

fn tenants(twin: &GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let group = found::<TenantGroup>(twin, call, id)?;
    let rows = group.tenants.iter().collect();
    listing(call, rows, TENANTS, |tenancy| place(twin, &group, tenancy))
}

fn tenancy<'a>(group: &'a TenantGroup, of: &str) -> Result<&'a Tenancy, Refusal> {
    let wanted = id::bare(of);
    let found = group.tenants.iter().find(|tenancy| tenancy.id == wanted);
    found.ok_or_else(|| Refusal::missing("the group's workspace", of))
}

fn tenant(twin: &GreenLake, call: &Call<'_>, id: &str, of: &str) -> Result<Response, Refusal> {
    let group = found::<TenantGroup>(twin, call, id)?;
    Ok(document(200, &place(twin, &group, tenancy(&group, of)?)))
}

fn join(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let mut group = found::<TenantGroup>(twin, call, id)?.as_ref().clone();
    let given = required(&call.object()?, "workspaceId", 64)?;
    let workspace = twin.state.workspaces.find(&given);
    let workspace = workspace.filter(|row| row.kind == WorkspaceKind::Tenant);
    let Some(workspace) = workspace.map(|row| row.id.clone()) else {
        return Err(Refusal::field("workspaceId", format!("there is no tenant `{given}`")));
    };
    if group.tenants.iter().any(|tenancy| tenancy.workspace == workspace) {
        let message = format!("the tenant `{given}` is in the group already");
        return Err(Refusal::field("workspaceId", message));
    }
    let id = id::derive(&format!("tenancies/#{}/{workspace}/{}", group.serial, twin.nth()));
    let joined = Tenancy { id, workspace, created: call.now };
    let mut response = document(201, &place(twin, &group, &joined));
    let at = format!("{}/group-workspaces/{}", group.location(), id::dashed(&joined.id));
    response.set("location", &at);
    group.tenants.push(joined);
    changed(twin, call, group);
    Ok(response)
}

fn leave(twin: &mut GreenLake, call: &Call<'_>, id: &str, of: &str) -> Result<Response, Refusal> {
    let mut group = found::<TenantGroup>(twin, call, id)?.as_ref().clone();
    let gone = tenancy(&group, of)?.id.clone();
    group.tenants.retain(|tenancy| tenancy.id != gone);
    changed(twin, call, group);
    Ok(Response::new(204))
}
