//! Which scopes one binding may hold together, and which roles take a part of a workspace at all:
//! what HPE GreenLake refuses is said before anything is planned.

use std::collections::BTreeMap;

use crate::kind::PREDEFINED_ROLE_PREFIX;

use super::platform::compared;
use super::scope::{Scopes, Sort};

/// Scope groups, and tenant groups, that one assignment may have (developer documentation, role
/// assignments).
const MOST_GROUPS: usize = 10;
/// What the names of roles begin with that are given for whole workspaces only (HPECOMCmdlets).
const WHOLE_ONLY: [&str; 2] = ["ccs.", "identity."];

/// A problem of one binding: its id, the message and the remedy.
pub(super) type Problem = (&'static str, String, String);

/// What is wrong with these scopes, taken together. `role` is the role's GRN, if it has one.
pub(super) fn problems(role: Option<&str>, written: &[&str], scopes: &Scopes) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut sorts: BTreeMap<Sort, Vec<&str>> = BTreeMap::new();
    for name in written {
        let Some(sort) = scopes.sort(name) else { continue };
        sorts.entry(sort).or_default().push(name);
        let Ok(grn) = scopes.grn(name) else { continue };
        if let Some(first) = seen.insert(compared(&grn), name) {
            let message = format!("`{first}` and `{name}` are one scope");
            problems.push(("repeated-scope", message, "write it once".to_owned()));
        }
    }
    let of = |sort: Sort| sorts.get(&sort).map(Vec::as_slice).unwrap_or_default();
    let groups = of(Sort::ScopeGroup);
    if let (Some(_), Some(group)) = (of(Sort::Whole).first(), groups.first()) {
        problems.push((
            "scope-mix",
            format!("the binding names the whole workspace and the scope group `{group}`"),
            "leave `scope` out for the whole workspace, or take `workspace` out of it".to_owned(),
        ));
    }
    for (sort, noun) in [(Sort::ScopeGroup, "scope"), (Sort::TenantGroup, "tenant")] {
        let count = of(sort).len();
        if count > MOST_GROUPS {
            problems.push((
                "too-many-scopes",
                format!("the binding has {count} {noun} groups, and {MOST_GROUPS} is the most"),
                format!("put what belongs together into one {noun} group"),
            ));
        }
    }
    let role = role.and_then(|role| role.strip_prefix(PREDEFINED_ROLE_PREFIX));
    let is_whole_only = |role: &&str| WHOLE_ONLY.iter().any(|begin| role.starts_with(begin));
    if let (Some(role), Some(group)) = (role.filter(is_whole_only), groups.first()) {
        problems.push((
            "role-takes-no-scope",
            format!("`{role}` is a role for whole workspaces, and is given for `{group}`"),
            "leave `scope` out, or choose a role of the service that the resources belong to"
                .to_owned(),
        ));
    }
    problems
}
