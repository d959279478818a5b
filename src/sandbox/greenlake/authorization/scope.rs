//! Where a role may be held: the rules for `scope`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::greenlake::id;
use crate::sandbox::greenlake::record::{Role, WorkspaceKind};
use crate::sandbox::greenlake::state::State;

/// Scopes of one assignment, at most.
const MOST: usize = 20;
/// Of these, scope groups, and tenant groups, at most.
const MOST_GROUPS: usize = 10;

/// What a scope's GRN names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named<'a> {
    Workspace,
    ScopeGroup(&'a str),
    TenantGroup(&'a str),
}

/// Reads `scope` of a body and checks it against the rules.
pub(super) fn read(
    state: &State,
    workspace: &str,
    role: &Role,
    body: &Map<String, Value>,
) -> Result<Vec<String>, Refusal> {
    let wrong = |message: String| Refusal::field("scope", message);
    let Some(Value::Array(elements)) = body.get("scope") else {
        return Err(wrong("`scope` is no list".into()));
    };
    if elements.is_empty() || elements.len() > MOST {
        let count = elements.len();
        return Err(wrong(format!("`scope` has {count} scopes; it needs from 1 to {MOST}")));
    }
    let mut grns = Vec::new();
    let mut seen = BTreeSet::new();
    let (mut whole, mut scope_groups, mut tenant_groups) = (0, 0, 0);
    for element in elements {
        let grn = element.as_str().ok_or_else(|| wrong("a scope is no string".into()))?;
        match named(grn, workspace).map_err(wrong)? {
            Named::Workspace => whole += 1,
            Named::ScopeGroup(id) => {
                scope_groups += 1;
                let found = state.scope_groups.find(id);
                if found.is_none_or(|row| row.workspace != workspace) {
                    return Err(wrong(format!("there is no scope group `{grn}`")));
                }
            }
            Named::TenantGroup(id) => {
                tenant_groups += 1;
                let found = state.tenant_groups.find(id);
                if found.is_none_or(|row| row.workspace != workspace) {
                    return Err(wrong(format!("there is no tenant group `{grn}`")));
                }
            }
        }
        if !seen.insert(compared(grn)) {
            return Err(wrong(format!("the scope `{grn}` occurs twice")));
        }
        grns.push(grn.to_string());
    }
    if whole > 1 || scope_groups > MOST_GROUPS || tenant_groups > MOST_GROUPS {
        return Err(wrong(format!(
            "at most one workspace, {MOST_GROUPS} scope groups and {MOST_GROUPS} tenant groups"
        )));
    }
    if whole > 0 && scope_groups > 0 {
        return Err(wrong("a workspace and a scope group cannot be combined".into()));
    }
    if scope_groups > 0 && !role.takes_scopes {
        let message = format!("service mismatch: `{}` takes no scope groups", role.grn);
        return Err(wrong(message));
    }
    let is_msp = state.workspaces.find(workspace).is_some_and(|row| row.kind == WorkspaceKind::Msp);
    if tenant_groups > 0 && !is_msp {
        return Err(wrong("only an MSP's workspace has tenant groups".into()));
    }
    Ok(grns)
}

/// What a GRN names, if it is of that workspace.
fn named<'a>(grn: &'a str, workspace: &str) -> Result<Named<'a>, String> {
    let unknown = || format!("`{grn}` is no workspace, scope group or tenant group");
    let rest = grn.strip_prefix("grn:glp/workspaces/").ok_or_else(unknown)?;
    let parts: Vec<&str> = rest.split('/').collect();
    let found = match parts.as_slice() {
        [of] => (of, Named::Workspace),
        [of, "regions", "default", "providers", "authorization", "scope-groups", id] => {
            (of, Named::ScopeGroup(id))
        }
        [of, "regions", "default", "providers", "msp", "tenant-groups", id] => {
            (of, Named::TenantGroup(id))
        }
        _ => return Err(unknown()),
    };
    if id::bare(found.0) != workspace {
        return Err(format!("`{grn}` is in another workspace"));
    }
    Ok(found.1)
}

/// The form by which GRNs are compared: ids in either form are the same.
pub(super) fn compared(grn: &str) -> String {
    let mut value = Value::from(grn);
    id::reform(&mut value, id::bare);
    value.as_str().unwrap_or_default().to_string()
}

/// The scopes as a set.
pub(super) fn set(scope: &[String]) -> BTreeSet<String> {
    scope.iter().map(|grn| compared(grn)).collect()
}
