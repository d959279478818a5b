//! The directory: `/identity/v2beta1/scim/v2`, the twelve operations that HPE publishes.

mod document;
mod filter;
mod group_patch;
mod groups;
mod list;
mod render;
mod user_body;
mod user_patch;
mod users;

use super::call::Call;
use super::error::Refusal;
use super::record::WorkspaceKind;
use super::twin::GreenLake;
use crate::sandbox::http::Response;

/// Answers a request of the directory.
pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    path: &[&str],
) -> Result<Response, Refusal> {
    let caller = call.caller()?;
    let workspace = twin.state.workspaces.find(&caller.workspace);
    if workspace.is_some_and(|row| row.kind == WorkspaceKind::Tenant) {
        let message = "the directory is the MSP's; a tenant's token does not open it";
        return Err(Refusal::new(403, message));
    }
    if matches!(path, ["Groups", ..] | ["extensions", ..]) && !twin.state.organization.active {
        let message = "user groups need an organization; this one is an organization at inactive \
                       state";
        return Err(Refusal::new(400, message).coded("HPE_GL_IDENTITY_INVALID_ORGANIZATION_STATE"));
    }
    match (call.request.method.as_str(), path) {
        ("GET", ["Users"]) => users::list(twin, call),
        ("POST", ["Users"]) => users::create(twin, call),
        ("GET", ["Users", id]) => users::get(twin, id),
        ("PATCH", ["Users", id]) => user_patch::patch(twin, call, id),
        ("DELETE", ["Users", id]) => users::delete(twin, call, id),
        ("GET", ["Groups"]) => groups::list(twin, call),
        ("POST", ["Groups"]) => groups::create(twin, call),
        ("GET", ["Groups", id]) => groups::get(twin, id),
        ("PATCH", ["Groups", id]) => group_patch::patch(twin, call, id),
        ("DELETE", ["Groups", id]) => groups::delete(twin, call, id),
        ("GET", ["extensions", "Groups", id, "users"]) => groups::members(twin, call, id),
        ("GET", ["extensions", "Users", id, "groups"]) => users::groups(twin, call, id),
        (method, ["Users" | "Groups"] | ["Users" | "Groups", _])
        | (method, ["extensions", "Groups", _, "users"] | ["extensions", "Users", _, "groups"]) => {
            Err(Refusal::wrong_method(method))
        }
        _ => Err(Refusal::no_route()),
    }
}
