//! Roles that are written otherwise than they are: a role's name has its case.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kind::Family;
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
