//! Declared scope groups that the API would refuse, found before anything is planned.

use serde_json::Value;

use crate::config::Desired;
use crate::kind::{Item, KindName};
use crate::plan::{Finding, Level};

use super::super::binding::text;
use super::super::platform::{Platform, grn_of, workspace_of};
use super::group::{KIND, MOST_RESOURCES, is_wanted, workspace_in};

/// The longest name (OpenAPI, `ScopeGroupCommonV1beta1.name`).
const LONGEST_NAME: usize = 150;
/// Characters that a name must not have (the same place).
const FORBIDDEN: [char; 6] = ['&', '<', '>', '|', ':', ','];

/// The findings on the declared scope groups.
pub(in crate::provider::greenlake) fn of_groups<T>(
    desired: &Desired,
    platform: &Platform<'_, T>,
) -> Vec<Finding> {
    let groups = desired.of_kind(KIND).flat_map(|item| of_group(item, platform));
    let grants = desired.of_kind(KindName::Binding).filter(|_| is_wanted(desired));
    groups.chain(grants.filter_map(by_grn)).collect()
}

/// A grant that names a scope group by its GRN: a change of the group would not be seen to be one
/// of the grant's.
fn by_grn(grant: &Item) -> Option<Finding> {
    let scope = grant.fields.get("scope")?.as_array()?.iter().filter_map(Value::as_str);
    let grn = scope.into_iter().find(|name| name.contains("/scope-groups/"))?;
    Some(Finding {
        level: Level::Deny,
        id: "scope-by-grn".to_owned(),
        message: format!("`{}` names the scope group `{grn}` by its GRN", grant.address),
        addresses: vec![grant.address.clone()],
        source: grant.source.clone(),
        remedy: "write the name of the scope group".to_owned(),
    })
}

fn of_group<T>(item: &Item, platform: &Platform<'_, T>) -> Vec<Finding> {
    let name = text(&item.fields, "name");
    let mut found = Vec::new();
    let mut deny = |id: &str, message: String, remedy: &str| {
        found.push(Finding {
            level: Level::Deny,
            id: id.to_owned(),
            message,
            addresses: vec![item.address.clone()],
            source: item.source.clone(),
            remedy: remedy.to_owned(),
        });
    };
    let workspace = platform.workspace(&workspace_in(&item.address));
    if workspace.is_none() {
        let message =
            format!("`{}` is in a workspace that the project does not name", item.address);
        deny("unknown-workspace", message, "write one of `target.workspaces` before the `/`");
    }
    if !name.is_ascii() || name.contains(FORBIDDEN) || name.len() > LONGEST_NAME {
        let message = format!(
            "`{}` cannot be the name of a scope group: at most {LONGEST_NAME} ASCII characters, and \
             none of & < > | : ,",
            item.address
        );
        deny("bad-name", message, "choose another name");
    }
    let scopes = item.fields.get("scopes").and_then(Value::as_array).into_iter().flatten();
    let scopes: Vec<&str> = scopes.filter_map(Value::as_str).collect();
    if scopes.len() > MOST_RESOURCES {
        let message = format!(
            "`{}` has {} resources, and {MOST_RESOURCES} is the most",
            item.address,
            scopes.len()
        );
        deny("too-many-resources", message, "split it into several scope groups");
    }
    for grn in scopes {
        let own = workspace.map(|workspace| grn_of(&workspace.id));
        let lies_in = workspace_of(grn).map(|id| grn_of(&id));
        let is_elsewhere = own.is_some() && lies_in.is_some() && own != lies_in;
        if !grn.starts_with("grn:") || grn.contains("/scope-groups/") || is_elsewhere {
            let message = format!("`{grn}` is not a resource of this workspace");
            deny("unknown-resource", message, "write the GRN of a resource in the workspace");
        }
    }
    found
}
