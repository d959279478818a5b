//! Entries of `protected`, `breakGlass` and `administrators.groups` that cover nobody: a slip of
//! the pen there turns a guard off without a word.

use std::collections::BTreeSet;

use super::PolicyError;
use super::nearness::Meant;
use super::protection::touched_by;
use crate::config::{Desired, Project, compile_names, is_glob, literal_glob};
use crate::kind::{Address, Family, Key};
use crate::plan::{Action, Change, Finding, Level, Plan};

/// A list of names, and which of them no user or group has.
struct Listed<'a> {
    /// The rule that the names are for.
    id: &'static str,
    key: &'static str,
    family: Family,
    patterns: Vec<&'a str>,
}

/// The findings on entries that cover nobody.
///
/// # Errors
///
/// A pattern that is no glob.
pub(super) fn findings(plan: &Plan, project: &Project) -> Result<Vec<Finding>, PolicyError> {
    let mut found = Vec::new();
    for list in lists(project) {
        let idle = idle(plan, &list)?;
        if idle.is_empty() {
            continue;
        }
        let live = touched_live(plan, list.family);
        for pattern in idle {
            found.push(finding(&list, pattern, &live));
        }
    }
    Ok(found)
}

/// The entries that cover nobody and covered somebody whom the base declares and the change does
/// not: the change that takes them away leaves the entry without effect.
///
/// # Errors
///
/// A pattern that is no glob.
pub(super) fn lost(
    plan: &Plan,
    head: &Desired,
    base: &Desired,
) -> Result<Vec<Finding>, PolicyError> {
    let mut found = Vec::new();
    for (list, before) in lists(&head.project).into_iter().zip(lists(&base.project)) {
        for pattern in idle(plan, &list)? {
            if !before.patterns.contains(&pattern) {
                continue;
            }
            let names = compile_names(&[pattern.to_owned()])
                .map_err(|why| PolicyError::Pattern(format!("`{}`: {why}", list.key)))?;
            let stays = |address: &Address| {
                head.of_family(list.family).any(|item| item.address == *address)
            };
            let mut declared = base.of_family(list.family).map(|item| &item.address);
            let covered =
                declared.find(|address| names.is_match(address.key().as_str()) && !stays(address));
            found.extend(covered.map(|covered| Finding {
                level: Level::Deny,
                id: list.id.to_owned(),
                message: format!(
                    "`{pattern}` in `{}` covers nobody any more, and covers `{covered}` in the base",
                    list.key
                ),
                addresses: vec![covered.clone()],
                source: None,
                remedy: format!(
                    "keep `{covered}` declared, or take the entry out of `{}` in a change of its own",
                    list.key
                ),
            }));
        }
    }
    Ok(found)
}

fn lists(project: &Project) -> Vec<Listed<'_>> {
    let accounts = &project.governance.break_glass;
    let by_account: BTreeSet<String> =
        accounts.values().map(|account| literal_glob(&account.written)).collect();
    let (users, groups) = (&project.protected.users, &project.protected.groups);
    let users = users.iter().filter(|user| !by_account.contains(*user));
    let list = |id, key, family, patterns| Listed { id, key, family, patterns };
    let protected = super::invariants::PROTECTED;
    vec![
        list(protected, "protected.users", Family::Subject, users.map(String::as_str).collect()),
        list(
            protected,
            "protected.groups",
            Family::Group,
            groups.iter().map(String::as_str).collect(),
        ),
        list(
            protected,
            "breakGlass",
            Family::Subject,
            accounts.values().map(|account| account.written.as_str()).collect(),
        ),
        list(
            super::invariants::ADMINISTRATORS,
            "administrators.groups",
            Family::Group,
            project.administrators.groups.iter().map(String::as_str).collect(),
        ),
    ]
}

/// The entries that cover nobody who is there or declared.
fn idle<'a>(plan: &Plan, list: &Listed<'a>) -> Result<Vec<&'a str>, PolicyError> {
    let address = |pattern: &str| {
        let key = Key::new(pattern);
        let is_user = list.family == Family::Subject;
        if is_user { Address::of_subject(key) } else { Address::of_group(key) }
    };
    let unnamed = |pattern: &&&str| plan.graph.place(&address(pattern)).is_none();
    let idle: Vec<&str> = list.patterns.iter().filter(unnamed).copied().collect();
    if idle.is_empty() {
        return Ok(idle);
    }
    let patterns: Vec<String> = idle.iter().map(|&pattern| pattern.to_owned()).collect();
    let globs = compile_names(&patterns)
        .map_err(|why| PolicyError::Pattern(format!("`{}`: {why}", list.key)))?;
    let mut open: BTreeSet<usize> = (0..idle.len()).collect();
    let as_names = (0..idle.len()).filter(|at| idle.get(*at).is_some_and(|one| is_glob(one)));
    let places: Vec<usize> = (0..idle.len()).chain(as_names).collect();
    // A name of before a rename counts too: it is the one that the target has.
    let touched = plan.changes.iter().flat_map(touched_by);
    let touched = touched.filter(|address| address.family() == list.family);
    let known = plan.graph.nodes().iter().map(|node| &node.address);
    let mut take = |address: &Address| {
        for at in globs.matches(address.key().as_str()) {
            // Behind the patterns stand those among them that are globs, as plain names.
            open.remove(&places.get(at).copied().unwrap_or(at));
        }
    };
    known.filter(|address| address.family() == list.family).for_each(&mut take);
    touched.for_each(|address| take(&address));
    Ok(open.into_iter().filter_map(|at| idle.get(at).copied()).collect())
}

/// Whoever is live and written or removed by the plan, with the change.
fn touched_live(plan: &Plan, family: Family) -> Vec<(Address, &Change)> {
    let is_live = |change: &Change, address: &Address| {
        let is_its_own = change.family() == family && change.action != Action::Create;
        let place = plan.graph.place(address);
        is_its_own || place.is_some_and(|place| plan.graph.before.is_present(place))
    };
    let of = |change| {
        let touched = touched_by(change).into_iter();
        touched.map(move |address| (address, change))
    };
    let all = plan.changes.iter().flat_map(of);
    let mut seen = BTreeSet::new();
    all.filter(|(address, change)| address.family() == family && is_live(change, address))
        .filter(|(address, _)| seen.insert(address.clone()))
        .collect()
}

fn finding(list: &Listed<'_>, pattern: &str, live: &[(Address, &Change)]) -> Finding {
    let meant = Meant::by(pattern);
    let near = live.iter().find(|(address, _)| meant.is_near(address.key().as_str()));
    let kind = if list.family == Family::Subject { "user" } else { "group" };
    let key = list.key;
    let what = format!("`{pattern}` in `{key}` covers no {kind}, live or declared");
    let (level, message, remedy) = match near {
        None => {
            let remedy = format!("correct the entry in muster.yaml, or take it out of `{key}`");
            (Level::Warn, what, remedy)
        }
        Some((address, _)) => (
            Level::Deny,
            format!("{what}, and this plan would write `{address}`, which has nearly that name"),
            format!(
                "write the name in muster.yaml as the target spells it; if another {kind} is meant, take the entry out of `{key}` in a change of its own"
            ),
        ),
    };
    Finding {
        level,
        id: list.id.to_owned(),
        message,
        addresses: near.map(|(_, change)| change.address.clone()).into_iter().collect(),
        source: None,
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{change, desired, plan, rename};
    use super::*;

    fn said(users: &[&str], groups: &[&str], changes: Vec<Change>) -> Vec<(Level, String)> {
        let mut project = desired().project;
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        project.protected.users = owned(users);
        project.administrators.groups = owned(groups);
        let found = findings(&plan(changes), &project).unwrap();
        found.into_iter().map(|finding| (finding.level, finding.id)).collect()
    }

    #[test]
    fn an_entry_that_covers_nobody_is_said() {
        assert_eq!(said(&["rescue@x.org"], &[], vec![]), [(Level::Warn, "protected".into())]);
        assert_eq!(said(&[], &["admins-*"], vec![]), [(Level::Warn, "administrators".into())]);
        assert_eq!(said(&[], &[], vec![]), []);
    }

    #[test]
    fn an_entry_that_covers_somebody_is_not() {
        let create = || vec![change("user/rescue@x.org", Action::Create)];
        assert_eq!(said(&["Rescue@x.org"], &[], create()), []);
        assert_eq!(said(&["*@x.org"], &[], create()), []);
        let odd = vec![change("user/{a,b}@x.org", Action::Update)];
        assert_eq!(said(&["{a,b}@x.org"], &[], odd), []);
        let renamed = vec![rename("group/operators", "displayName", "admins")];
        assert_eq!(said(&[], &["admins"], renamed), []);
    }

    #[test]
    fn nobody_of_nearly_that_name_is_written_meanwhile() {
        for action in [Action::Update, Action::Delete] {
            let near = vec![change("user/rescue@x.org", action)];
            assert_eq!(said(&["recsue@x.org"], &[], near), [(Level::Deny, "protected".into())]);
        }
        let group = vec![change("group/admins", Action::Delete)];
        assert_eq!(said(&[], &["admin"], group), [(Level::Deny, "administrators".into())]);
        // Whoever is new was never protected.
        let new = vec![change("user/rescue@x.org", Action::Create)];
        assert_eq!(said(&["recsue@x.org"], &[], new), [(Level::Warn, "protected".into())]);
    }
}
