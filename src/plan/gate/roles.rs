//! Roles that are written otherwise than they are: a role's name has its case, and a pattern that
//! matches nothing looks after nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::config::{Project, is_glob};
use crate::kind::Family;
use crate::plan::access::{Graph, Privileged};
use crate::plan::inputs::Inputs;
use crate::plan::{Finding, Level};

/// A declared role that differs from a live one by case alone: it is none, and giving it would
/// take the real one away.
pub(super) fn check(inputs: Inputs<'_>) -> Vec<Finding> {
    let roles = &inputs.desired.project.roles;
    let grn = |role: &str| roles.grn_of(role).unwrap_or_else(|| role.to_owned());
    let said = |fields: &crate::kind::Fields| {
        fields.get("role").and_then(Value::as_str).map(str::to_owned)
    };
    let live: BTreeMap<String, String> = inputs
        .live
        .objects()
        .iter()
        .filter(|object| object.kind.family() == Family::Grant)
        .filter_map(|object| Some(grn(&said(&object.fields)?)))
        .map(|grn| (grn.to_lowercase(), grn))
        .collect();
    let finding = |item: &crate::kind::Item| {
        let role = said(&item.fields)?;
        let wanted = grn(&role);
        let real = live.get(&wanted.to_lowercase()).filter(|real| **real != wanted)?;
        let message = format!("`{role}` is `{wanted}`, and the live role is `{real}`");
        let remedy = "write the role with the case it has";
        Some(Finding::about(item, Level::Deny, "role-spelling", message, remedy))
    };
    inputs.desired.of_family(Family::Grant).filter_map(finding).collect()
}

/// Patterns of `privileged` that match no role anybody has or that has a name in the project: as
/// they are typed, they may be meant for one that is there. A whole name is not judged: the role
/// may be looked after before anybody has it.
pub(in crate::plan) fn unmatched(project: &Project, graph: &Graph) -> Vec<Finding> {
    let held = graph.roles.iter().map(|role| role.role.as_str());
    let known: BTreeSet<&str> = held.chain(project.roles.aliases()).collect();
    let is_unmatched = |pattern: &&String| {
        if !is_glob(pattern) || known.is_empty() {
            return false;
        }
        let one = Privileged::by(pattern, project);
        !known.iter().any(|role| one.contains(role))
    };
    let patterns = project.governance.privileged.iter();
    let finding = |pattern: &String| Finding {
        level: Level::Warn,
        id: "privileged-unmatched".to_owned(),
        message: format!("`{pattern}` of `privileged` matches no role that is held or named here"),
        addresses: vec![],
        source: project.governance.privileged_source.clone(),
        remedy: "see whether it is spelled as the roles are (`muster who-can`), or take it out"
            .to_owned(),
    };
    patterns.filter(is_unmatched).map(finding).collect()
}
