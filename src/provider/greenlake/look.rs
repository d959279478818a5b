//! Looks at role assignments, just before and just after one is written.

use crate::kind::{Address, Fields};
use crate::live::{Fingerprint, RemoteId};
use crate::provider::converge::Stop;
use crate::provider::scim::ReadError;
use crate::provider::scim::call;
use crate::provider::scim::error::sample;
use crate::provider::{Method, Transport};

use super::assignment::{self, Assignment};
use super::binding::text;
use super::context::Context;
use super::platform::Workspace;
use super::scope_group;
use super::unread::of_workspace;

/// The assignment that a binding is, now.
pub(super) struct Now {
    pub(super) assignment: Assignment,
    /// What the binding says.
    pub(super) fields: Fields,
    fingerprint: Fingerprint,
}

impl Now {
    /// Refuses an assignment that is not what the plan saw.
    pub(super) fn is_as(&self, expect: &Fingerprint) -> bool {
        self.fingerprint == *expect
    }
}

/// The workspace that a binding holds in.
pub(super) fn workspace<'w, 'a, T: Transport + Sync>(
    context: &'w Context<'a, T>,
    name: &str,
) -> Result<&'w Workspace<'a, T>, Stop> {
    context.platform.workspace(name).ok_or_else(|| {
        Stop::Failed(format!(
            "`{name}` is none of `target.workspaces`, so nothing can be sent there"
        ))
    })
}

/// The name of the workspace in a binding's address.
pub(super) fn workspace_in(address: &Address) -> String {
    let segment = address.key().as_str().split('/').nth(3).unwrap_or_default();
    segment.replace("%2f", "/").replace("%2F", "/").replace("%25", "%")
}

/// Reads an assignment; `None` where there is none of this id. One that is managed elsewhere is
/// never ours to write, whatever the plan saw.
pub(super) async fn now<T: Transport + Sync>(
    context: &Context<'_, T>,
    workspace: &Workspace<'_, T>,
    remote: &RemoteId,
) -> Result<Option<Now>, Stop> {
    let request = assignment::one(Method::Get, remote.as_str());
    let response = match call::read(workspace.transport, &request).await {
        Ok(response) => response,
        Err(trouble) if trouble.status() == Some(404) => return Ok(None),
        Err(trouble) => return Err(trouble.into()),
    };
    let found = decode(&response.body).ok_or_else(|| {
        let shown = sample(response.quotable());
        Stop::Failed(format!(
            "`{}` answered with {shown}, which is no role assignment",
            request.shown()
        ))
    })?;
    if RemoteId::compare(&found.id) != remote.compared() {
        let what = format!("`{}` answered with another role assignment", request.shown());
        return Err(Stop::Failed(what));
    }
    if found.is_external() {
        return Err(Stop::Stale(
            "the role assignment is managed in another workspace or organization now: nothing was \
             written"
                .to_owned(),
        ));
    }
    let (_, fields) = context.found.names.describe(&workspace.name, &found);
    let fingerprint = Fingerprint::of(&remote.compared(), &fields);
    Ok(Some(Now { assignment: found, fields, fingerprint }))
}

/// The assignment that an answer holds.
pub(super) fn decode(body: &[u8]) -> Option<Assignment> {
    serde_json::from_slice(body).ok()
}

/// Every assignment of one role to one principal in a workspace. A filter that finds nothing
/// proves nothing, so the whole collection is read then.
pub(super) async fn held<T: Transport + Sync>(
    workspace: &Workspace<'_, T>,
    principal: &str,
    role: &str,
) -> Result<Vec<Assignment>, Stop> {
    let is_meant = |one: &Assignment| one.is_of(principal, role);
    if let Some(filtered) = assignment::filtered(principal, role)
        && let Ok(mut found) = filtered.list::<Assignment, _>(workspace.transport).await
    {
        // Servers exist that ignore filters.
        found.retain(is_meant);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let all = assignment::all().list::<Assignment, _>(workspace.transport).await;
    let mut all = all.map_err(|refused| of_workspace(&workspace.name, ReadError::from(refused)))?;
    all.retain(is_meant);
    Ok(all)
}

/// The GRNs of a binding's scopes. Those that are there already are written as the target does.
pub(super) fn scope<T: Transport + Sync>(
    context: &Context<'_, T>,
    workspace: &str,
    fields: &Fields,
    now: &[String],
) -> Result<Vec<String>, Stop> {
    let scopes = context.found.names.scopes.get(workspace);
    let grn = |name: &str| {
        let found = scopes.and_then(|scopes| scopes.grn(name).ok());
        let found = found.or_else(|| context.scope(&scope_group::addresses(workspace, name)));
        let grn = found
            .ok_or_else(|| Stop::Failed(format!("`{name}` names no scope in `{workspace}`")))?;
        let same = now
            .iter()
            .find(|now| super::platform::compared(now) == super::platform::compared(&grn));
        Ok(same.cloned().unwrap_or(grn))
    };
    super::binding::scope_of(fields).into_iter().map(grn).collect()
}

/// The workspace that a binding's fields name, or its address does.
pub(super) fn named_in(address: &Address, fields: &Fields) -> String {
    match text(fields, "workspace") {
        "" => workspace_in(address),
        name => name.to_owned(),
    }
}
