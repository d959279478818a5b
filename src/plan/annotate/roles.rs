//! Patterns of `privileged` that match no role.

use std::collections::BTreeSet;

use crate::config::{Project, is_glob};
use crate::plan::access::{Graph, Privileged};
use crate::plan::{Finding, Level};

/// Patterns of `privileged` that match no role anybody has or that has a name in the project: as
/// they are typed, they may be meant for one that is there. A whole name is not judged: the role
/// may be looked after before anybody has it.
pub(super) fn unmatched(project: &Project, graph: &Graph) -> Vec<Finding> {
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
