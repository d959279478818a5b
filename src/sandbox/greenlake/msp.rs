//! Tenants of an MSP: `/workspaces/v1/msp-tenants`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call::{Call, required, text};
use super::collection::{self, Cut, Resource, answer as document};
use super::error::Refusal;
use super::page::{self, Size};
use super::record::{TenantGroup, Workspace, WorkspaceKind};
use super::twin::GreenLake;
use super::{id, odata};
use crate::sandbox::http::Response;
use crate::sandbox::record::fold;

const SIZE: Size = Size { default: Some(300), most: 300, least: 1 };

/// Only tenants are made, changed and deleted; every other workspace is only shown.
impl Resource for Workspace {
    const WHAT: &'static str = "the tenant";
    const PATH: &'static str = "/workspaces/v1/msp-tenants";
    const CATEGORY: &'static str = "Customer Management";
}

fn rendered(row: &Workspace) -> Value {
    let id = id::dashed(&row.id);
    json!({
        "id": id,
        "type": "/workspaces/msp-tenant",
        "workspaceName": row.name,
        "inventoryOwnership": ownership(row.customer_owned),
        "resourceUri": format!("/workspaces/v1/msp-tenants/{id}"),
        "generation": row.generation,
        "createdAt": format!("{:.6}", row.created),
        "updatedAt": format!("{:.6}", row.updated),
    })
}

fn ownership(customer: bool) -> &'static str {
    if customer { "CUSTOMER_OWNED_INVENTORY" } else { "MSP_OWNED_INVENTORY" }
}

/// Answers a request about tenants; only an MSP's token may ask.
pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    path: &[&str],
) -> Result<Response, Refusal> {
    if !twin.state.is_msp(call.workspace()?) {
        return Err(Refusal::new(403, "the workspace is no MSP's"));
    }
    match (call.request.method.as_str(), path) {
        ("GET", []) => list(twin, call),
        ("POST", []) => create(twin, call),
        ("PUT", [id]) => put(twin, call, id),
        ("DELETE", [id]) => delete(twin, call, id),
        (method, [] | [_]) => Err(Refusal::wrong_method(method)),
        _ => Err(Refusal::no_route()),
    }
    // What other APIs answer with 400 is 422 here, where HPE documents no 400.
    .map_err(|refusal| match (refusal.status, call.request.method.as_str()) {
        (400, "GET" | "PUT") => Refusal { status: 422, ..refusal },
        _ => refusal,
    })
}

fn list(twin: &GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let terms = call.filter().filter(|text| !text.is_empty());
    let terms = terms.map(odata::parse).transpose().map_err(Refusal::filter)?.unwrap_or_default();
    for term in &terms {
        let known = ["id", "workspaceName", "inventoryOwnership"];
        if !known.contains(&term.attribute.as_str()) || term.operator != "eq" {
            let (attribute, operator) = (&term.attribute, term.operator);
            return Err(Refusal::filter(format!("`{attribute} {operator}` is not supported")));
        }
    }
    let passes = |row: &Workspace| {
        terms.iter().all(|term| {
            let value = term.values.first().map(String::as_str).unwrap_or_default();
            match term.attribute.as_str() {
                "id" => id::bare(value) == row.id,
                "workspaceName" => value == row.name,
                _ => value == ownership(row.customer_owned),
            }
        })
    };
    let (offset, limit) = page::offset_and_limit(call, SIZE)?;
    let rows: Vec<Arc<Workspace>> = tenants(twin).filter(|row| passes(row)).cloned().collect();
    // HPE's words: the offset counts pages here, not rows.
    let skip = offset.saturating_mul(limit);
    Ok(collection::cut(call, rows, Cut { offset, skip, limit }, |row| rendered(row)))
}

fn tenants(twin: &GreenLake) -> impl Iterator<Item = &Arc<Workspace>> {
    twin.state.workspaces.iter().filter(|row| row.kind == WorkspaceKind::Tenant)
}

/// Name, description and ownership of a body; the name is free but for the tenant of that number.
fn read(
    twin: &GreenLake,
    body: &Map<String, Value>,
    own: Option<u64>,
) -> Result<(String, String, bool), Refusal> {
    let name = required(body, "workspaceName", 256)?;
    let customer = match text(body, "inventoryOwnership")? {
        None | Some("MSP_OWNED_INVENTORY") => false,
        Some("CUSTOMER_OWNED_INVENTORY") => true,
        Some(other) => {
            let message = format!("`inventoryOwnership` is `{other}`");
            return Err(Refusal::field("inventoryOwnership", message));
        }
    };
    let taken = tenants(twin).any(|row| fold(&row.name) == fold(&name) && Some(row.serial) != own);
    if taken {
        return Err(Refusal::new(409, format!("a tenant with the name `{name}` already exists")));
    }
    Ok((name, text(body, "description")?.unwrap_or_default().to_string(), customer))
}

fn create(twin: &mut GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let (name, description, customer_owned) = read(twin, &call.object()?, None)?;
    let (serial, id) = collection::next(twin, "workspaces");
    let row = Workspace {
        serial,
        id,
        name,
        kind: WorkspaceKind::Tenant,
        enhanced_iam: true,
        customer_owned,
        description,
        generation: 1,
        created: call.now,
        updated: call.now,
    };
    let body = json!({ "message": "The tenant was created." });
    let logged = format!("Tenant {} was created.", row.name);
    Ok(collection::created(twin, call, row, &body, logged))
}

/// The tenant of that id; HPE documents no 404, and 412 for what cannot be.
fn found(twin: &GreenLake, id: &str) -> Result<Workspace, Refusal> {
    let row = twin.state.workspaces.find(id).filter(|row| row.kind == WorkspaceKind::Tenant);
    row.map(|row| row.as_ref().clone())
        .ok_or_else(|| Refusal::new(412, format!("there is no tenant `{id}`")))
}

fn put(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let mut row = found(twin, id)?;
    (row.name, row.description, row.customer_owned) =
        read(twin, &call.object()?, Some(row.serial))?;
    row.generation += 1;
    row.updated = call.now;
    let logged = format!("Tenant {} was changed.", row.name);
    collection::put(twin, call, row, logged);
    Ok(document(200, &json!({ "message": "The tenant was changed." })))
}

fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let row = found(twin, id)?;
    let holds = |group: &Arc<TenantGroup>| group.tenants.iter().any(|of| of.workspace == row.id);
    if twin.state.tenant_groups.iter().any(holds) {
        return Err(Refusal::new(409, "the tenant is in a tenant group"));
    }
    let logged = format!("Tenant {} was deleted.", row.name);
    Ok(collection::deleted(twin, call, &row, logged))
}
