//! Scope groups as live objects.

use futures::future::try_join_all;

use crate::config::Desired;
use crate::kind::Address;
use crate::live::{Listing, Object, Page, Partial, RemoteId, Seen};
use crate::provider::Transport;
use crate::provider::scim::ReadError;

use super::super::platform::Workspace;
use super::super::unread::of_workspace;
use super::group::{Group, KIND, Whole, resources, spelled};

/// The scope groups of all workspaces, with the resources in them, as one proved listing.
///
/// The groups of a workspace were listed before; the resources take one request a group.
///
/// # Errors
///
/// [`ReadError`] when the resources of a group cannot be read whole: what cannot be read is not
/// taken as empty.
pub(in crate::provider::greenlake) async fn listing<T: Transport + Sync>(
    desired: &Desired,
    workspaces: &[(&Workspace<'_, T>, Vec<Group>)],
) -> Result<Listing, ReadError> {
    let mut objects = Vec::new();
    for (workspace, groups) in workspaces {
        let read = groups.iter().map(|group| async move {
            let read = resources(workspace.transport, &group.id).await;
            let read = read.map_err(|error| of_workspace(&workspace.name, error.into()));
            read.map(|resources| Whole { group: group.clone(), resources })
        });
        let whole = try_join_all(read).await?;
        objects.extend(whole.iter().map(|one| object(desired, &workspace.name, one)));
    }
    let total = objects.len() as u64;
    Partial::new(KIND, vec![Page { start_index: 1, total, objects }])
        .prove()
        .map_err(|error| ReadError::inconsistent("scope-groups", error.to_string()))
}

fn object(desired: &Desired, workspace: &str, whole: &Whole) -> Object {
    let address = Address::in_workspace(KIND, workspace, &whole.group.name);
    let declared = desired.items.get(&address).or_else(|| {
        let mut all = desired.of_kind(KIND);
        all.find(|item| {
            let intent = desired.intents.get(&item.address);
            intent.is_some_and(|intent| intent.previously.contains(address.key()))
        })
    });
    Object {
        kind: KIND,
        id: RemoteId::new(&whole.group.id),
        key: address.key().clone(),
        fields: whole.fields(workspace, &spelled(declared)),
        version: None,
        members: None,
        hold: None,
        seen: Seen::default(),
    }
}
