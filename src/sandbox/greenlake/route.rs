//! From a path to the API that answers it.

use super::call::Call;
use super::error::Refusal;
use super::family::Family;
use super::twin::GreenLake;
use super::{audit, authorization, control, domains, msp, policies, scim};
use super::{tenant_groups, token, workspaces};
use crate::sandbox::http::Response;

/// Lets the API of the path answer.
pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    family: Family,
    segments: &[&str],
) -> Result<Response, Refusal> {
    policies::forget(twin, call.now);
    match (family, segments) {
        (Family::Token, [_, _, _, workspace, _]) => token::issue(twin, call, workspace),
        (Family::Scim, [_, _, _, _, rest @ ..]) => scim::answer(twin, call, rest),
        (Family::Authorization, [_, _, rest @ ..]) => authorization::answer(twin, call, rest),
        (Family::Workspaces, [_, _, "msp-tenants", rest @ ..]) => msp::answer(twin, call, rest),
        (Family::Workspaces, [_, _, rest @ ..]) => workspaces::answer(twin, call, rest),
        (Family::TenantGroups, [_, _, rest @ ..]) => tenant_groups::answer(twin, call, rest),
        (Family::Audit, [_, version, rest @ ..]) => audit::answer(twin, call, version, rest),
        (Family::Domains, [_, "v1alpha1", "domain-requests" | "domains", ..]) => {
            domains::answer(twin, call, segments)
        }
        (Family::Domains, [_, rest @ ..]) => policies::answer(twin, call, rest),
        (Family::Control, [_, rest @ ..]) => control::answer(twin, call, rest),
        _ => Err(Refusal::no_route()),
    }
}
