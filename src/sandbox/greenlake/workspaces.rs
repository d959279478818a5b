//! Workspaces: `/workspaces/v1/workspaces`. Nothing lists them.

use serde_json::{Value, json};

use super::call::Call;
use super::collection::answer as document;
use super::error::Refusal;
use super::id;
use super::record::{Workspace, WorkspaceKind};
use super::twin::GreenLake;
use crate::sandbox::http::Response;

impl WorkspaceKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            WorkspaceKind::Standard => "STANDARD_ENTERPRISE",
            WorkspaceKind::Msp => "MSP",
            WorkspaceKind::Tenant => "MSP_TENANT",
        }
    }
}

pub(super) fn rendered(row: &Workspace) -> Value {
    let id = id::dashed(&row.id);
    json!({
        "id": id,
        "type": "/workspaces/workspace",
        "workspaceName": row.name,
        "workspaceType": row.kind.name(),
        "resourceUri": format!("/workspaces/v1/workspaces/{id}"),
        "generation": row.generation,
        "createdAt": format!("{:.6}", row.created),
        "updatedAt": format!("{:.6}", row.updated),
    })
}

pub(super) fn answer(
    twin: &GreenLake,
    call: &Call<'_>,
    path: &[&str],
) -> Result<Response, Refusal> {
    match (call.request.method.as_str(), path) {
        ("GET", ["workspaces", id]) => Ok(document(200, &rendered(found(twin, call, id)?))),
        ("GET", ["workspaces", id, "contact"]) => {
            let row = found(twin, call, id)?;
            let uri = format!("/workspaces/v1/workspaces/{}/contact", id::dashed(&row.id));
            Ok(document(200, &json!({ "resourceUri": uri })))
        }
        (method, ["workspaces", _] | ["workspaces", _, "contact"]) => {
            Err(Refusal::wrong_method(method))
        }
        _ => Err(Refusal::no_route()),
    }
}

/// A token opens its own workspace, and an MSP's token those of its tenants. What it does not open
/// it does not know: HPE documents 403 and no 404.
fn found<'a>(twin: &'a GreenLake, call: &Call<'_>, id: &str) -> Result<&'a Workspace, Refusal> {
    let own = call.workspace()?;
    let row = twin.state.workspaces.find(id).filter(|row| {
        row.id == own || (twin.state.is_msp(own) && row.kind == WorkspaceKind::Tenant)
    });
    row.map(AsRef::as_ref)
        .ok_or_else(|| Refusal::new(403, format!("the token does not open the workspace `{id}`")))
}
