//! Role assignments and scope groups of the token's workspace: `/authorization/v1beta1`.

mod assignments;
mod limit;
mod scope;
mod scope_groups;
mod scopes;

use super::call::Call;
use super::error::Refusal;
use super::twin::GreenLake;
use crate::sandbox::http::Response;

/// Answers a request of the authorization API. Where enhanced IAM is off there is no such API.
pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    path: &[&str],
) -> Result<Response, Refusal> {
    let workspace = call.workspace()?;
    let enhanced = twin.state.workspaces.find(workspace).is_some_and(|row| row.enhanced_iam);
    if !enhanced {
        return Err(Refusal::no_route());
    }
    match (call.request.method.as_str(), path) {
        ("GET", ["role-assignments"]) => assignments::list(twin, call),
        ("POST", ["role-assignments"]) => assignments::create(twin, call),
        ("GET", ["role-assignments", id]) => assignments::get(twin, call, id),
        ("PUT", ["role-assignments", id]) => assignments::put(twin, call, id),
        ("DELETE", ["role-assignments", id]) => assignments::delete(twin, call, id),
        ("GET", ["scope-groups"]) => scope_groups::list(twin, call),
        ("POST", ["scope-groups"]) => scope_groups::create(twin, call),
        ("GET", ["scope-groups", id]) => scope_groups::get(twin, call, id),
        ("PUT", ["scope-groups", id]) => scope_groups::put(twin, call, id),
        ("DELETE", ["scope-groups", id]) => scope_groups::delete(twin, call, id),
        ("GET", ["scope-groups", id, "scopes"]) => scopes::list(twin, call, id),
        ("POST", ["scope-groups", id, "scopes", "batch"]) => scopes::add(twin, call, id),
        ("DELETE", ["scope-groups", id, "scopes", "bulk"]) => scopes::delete(twin, call, id),
        // HPE took the listing of roles away in February 2026; its path answers 405 since.
        (method, ["roles", ..])
        | (method, ["role-assignments" | "scope-groups"])
        | (method, ["role-assignments" | "scope-groups", _])
        | (method, ["scope-groups", _, "scopes"] | ["scope-groups", _, "scopes", _]) => {
            Err(Refusal::wrong_method(method))
        }
        _ => Err(Refusal::no_route()),
    }
}
