//! Groups of tenants, which role assignments of an MSP are scoped by: `/workspaces/v1beta1/groups`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call::{Call, bounded, required, text};
use super::error::Refusal;
use super::page::{self, Size};
use super::record::{Tenancy, TenantGroup, WorkspaceKind, named_in};
use super::route::json as document;
use super::state::Kind;
use super::{GreenLake, id};
use crate::sandbox::Response;

const SIZE: Size = Size { default: Some(2000), most: 2000, least: 1 };
const TENANTS: Size = Size { default: Some(200), most: 500, least: 1 };

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
        ("GET", ["groups", id]) => Ok(document(200, &rendered(&found(twin, call, id)?))),
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
    let workspace = call.workspace()?;
    let (offset, limit) = page::offset_and_limit(call, SIZE)?;
    let rows: Vec<Arc<TenantGroup>> = (twin.state.tenant_groups.iter())
        .filter(|row| row.workspace == workspace)
        .cloned()
        .collect();
    let page = page::cut(rows, offset, limit, call);
    let counted = |row: &Arc<TenantGroup>| {
        let mut body = rendered(row);
        body["totalWorkspaces"] = row.tenants.len().into();
        body
    };
    let items: Vec<Value> = page.rows.iter().map(counted).collect();
    Ok(document(200, &listing(items, offset, page.total)))
}

fn listing(items: Vec<Value>, offset: usize, total: i64) -> Value {
    json!({ "count": items.len(), "offset": offset, "total": total, "items": items })
}

/// The group of that id in the token's workspace.
fn found(twin: &GreenLake, call: &Call<'_>, id: &str) -> Result<TenantGroup, Refusal> {
    let workspace = call.workspace()?;
    let row = twin.state.tenant_groups.find(id).filter(|row| row.workspace == workspace);
    let row = row.ok_or_else(|| Refusal::missing("the tenant group", id))?;
    Ok(row.as_ref().clone())
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
    let serial = twin.state.next();
    let row = TenantGroup {
        serial,
        id: id::derive(&format!("tenant-groups/#{serial}")),
        workspace,
        name,
        description,
        tenants: Vec::new(),
        generation: 1,
        created: call.now,
        updated: call.now,
    };
    let mut response = document(201, &rendered(&row));
    response.set("location", &location(&row));
    let logged = format!("Tenant group {} was created.", row.name);
    twin.put(row);
    twin.log(call, "Customer Management", logged);
    Ok(response)
}

fn location(row: &TenantGroup) -> String {
    format!("/workspaces/v1beta1/groups/{}", id::dashed(&row.id))
}

/// Puts a changed group back.
fn changed(twin: &mut GreenLake, call: &Call<'_>, mut row: TenantGroup) {
    row.generation += 1;
    row.updated = call.now;
    let logged = format!("Tenant group {} was changed.", row.name);
    twin.put(row);
    twin.log(call, "Customer Management", logged);
}

fn put(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    // HPE documents no 404 here.
    let mut row = found(twin, call, id).map_err(|refusal| Refusal { status: 400, ..refusal })?;
    (row.name, row.description) = read(twin, &row.workspace, &call.object()?, Some(row.serial))?;
    let after = TenantGroup { generation: row.generation + 1, updated: call.now, ..row.clone() };
    let mut response = document(200, &rendered(&after));
    response.set("location", &location(&row));
    changed(twin, call, row);
    Ok(response)
}

fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let row = found(twin, call, id)?;
    let used = |scope: &String| scope.ends_with(&id::dashed(&row.id)) || scope.ends_with(&row.id);
    if twin.state.assignments.iter().any(|held| held.scope.iter().any(used)) {
        return Err(Refusal::new(400, "the tenant group is used in a role assignment"));
    }
    twin.delete(Kind::TenantGroup, row.serial);
    twin.log(call, "Customer Management", format!("Tenant group {} was deleted.", row.name));
    Ok(Response::new(204))
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
    let group = found(twin, call, id)?;
    let (offset, limit) = page::offset_and_limit(call, TENANTS)?;
    let page = page::cut(group.tenants.clone(), offset, limit, call);
    let items = page.rows.iter().map(|tenancy| place(twin, &group, tenancy)).collect();
    Ok(document(200, &listing(items, offset, page.total)))
}

fn tenancy<'a>(group: &'a TenantGroup, of: &str) -> Result<&'a Tenancy, Refusal> {
    let wanted = id::bare(of);
    let found = group.tenants.iter().find(|tenancy| tenancy.id == wanted);
    found.ok_or_else(|| Refusal::missing("the group's workspace", of))
}

fn tenant(twin: &GreenLake, call: &Call<'_>, id: &str, of: &str) -> Result<Response, Refusal> {
    let group = found(twin, call, id)?;
    Ok(document(200, &place(twin, &group, tenancy(&group, of)?)))
}

fn join(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let mut group = found(twin, call, id)?;
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
    let at = format!("{}/group-workspaces/{}", location(&group), id::dashed(&joined.id));
    response.set("location", &at);
    group.tenants.push(joined);
    changed(twin, call, group);
    Ok(response)
}

fn leave(twin: &mut GreenLake, call: &Call<'_>, id: &str, of: &str) -> Result<Response, Refusal> {
    let mut group = found(twin, call, id)?;
    let gone = tenancy(&group, of)?.id.clone();
    group.tenants.retain(|tenancy| tenancy.id != gone);
    changed(twin, call, group);
    Ok(Response::new(204))
}
