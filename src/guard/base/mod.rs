//! The base of a change: its guard judges the change as well, so that no change loosens the guard
//! that judges it. Every setting that differs is told first.

mod settings;
mod verdict;

pub use self::verdict::ByBase;

use std::collections::BTreeSet;
use std::fmt::Write;

use self::settings::{OF_THE_BASE, Settings, settings};
use super::rego::PolicyFile;
use crate::config::{Desired, Places, Project, SourceText, Waiver, sha256_hex};
use crate::kind::Source;
use crate::plan::{Finding, Level};

/// The rule of settings that differ from the base's.
pub const ID: &str = "guard-changed";

/// A guard as it is written: the project, its waivers, and its own policies.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    /// The project file.
    pub file: &'a SourceText,
    /// The project as its file says it.
    pub project: &'a Project,
    /// The waivers of its files.
    pub waivers: &'a [Waiver],
    /// Its own rules and data.
    pub policies: &'a [PolicyFile],
}

impl Written<'_> {
    /// SHA-256 of the guard by its meaning.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut text = String::new();
        for (keys, value) in self.settings() {
            let _ = writeln!(text, "{keys:?}: {value:?}");
        }
        sha256_hex(text.as_bytes())
    }

    fn settings(&self) -> Settings {
        let is_no_test = |file: &&PolicyFile| !file.path.ends_with("_test.rego");
        let policies: Vec<&PolicyFile> = self.policies.iter().filter(is_no_test).collect();
        settings(self.project, self.waivers, &policies)
    }
}

/// The differences between a change's own guard and that of its base.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GuardChanges {
    /// Every difference, as a finding.
    pub findings: Vec<Finding>,
    /// Whether the guard differs, and not only what the base alone decides.
    pub judges_otherwise: bool,
    /// Whether `manage` differs.
    pub manages_otherwise: bool,
}

/// Compares two guards by their meaning. A new alias of a role loosens nothing.
#[must_use]
pub fn changes(head: Written<'_>, base: Written<'_>, name: &str) -> GuardChanges {
    let (now, before) = (head.settings(), base.settings());
    let keys: BTreeSet<&Vec<String>> = now.keys().chain(before.keys()).collect();
    let mut changes = GuardChanges::default();
    // Most changes leave the guard as it is, and then the file is not read again.
    let mut places: Option<Places<'_>> = None;
    for keys in keys {
        let (old, new) = (before.get(keys), now.get(keys));
        let first = keys.first().map(String::as_str).unwrap_or_default();
        if old == new {
            continue;
        }
        if first == "roles" && (old.is_none() || new.is_none()) {
            // A pattern of the base may match the role by its name there.
            changes.judges_otherwise = true;
            continue;
        }
        let by_base = OF_THE_BASE.contains(&first);
        changes.judges_otherwise |= !by_base;
        changes.manages_otherwise |= first == "manage";
        let places = places.get_or_insert_with(|| Places::of(head.file));
        let source = place((head, places), base, keys);
        changes.findings.push(finding(keys, (old, new), name, source));
    }
    changes
}

fn finding(
    keys: &[String],
    (old, new): (Option<&String>, Option<&String>),
    name: &str,
    source: Source,
) -> Finding {
    let said = |value: Option<&String>| match value {
        Some(value) => format!("`{value}`"),
        None => "not set".to_owned(),
    };
    let first = keys.first().map(String::as_str).unwrap_or_default();
    let (then, remedy) = match first {
        _ if OF_THE_BASE.contains(&first) => (
            "; the value of the base is used",
            "merge this change of muster.yaml by itself first: where muster reads and writes is \
             decided by the base alone",
        ),
        "waivers" if old.is_none() => (
            "; it counts once it is merged",
            "merge this waiver first, then the change that needs it",
        ),
        _ => (
            "; both judge this plan",
            "merge the change of the guard by itself first, so that it is reviewed for what it is",
        ),
    };
    Finding {
        level: Level::Warn,
        id: ID.to_owned(),
        message: format!(
            "`{}` is {} in the base `{name}` and {} here{then}",
            keys.join("."),
            said(old),
            said(new)
        ),
        addresses: Vec::new(),
        source: Some(source),
        remedy: remedy.to_owned(),
    }
}

/// Where a setting is written: here, or in the base where nothing is left of it here.
fn place((head, places): (Written<'_>, &Places<'_>), base: Written<'_>, keys: &[String]) -> Source {
    let first = keys.first().map(String::as_str).unwrap_or_default();
    let second = keys.get(1).map(String::as_str).unwrap_or_default();
    let start = |path: &str| Source { file: path.into(), line: 1, column: 1 };
    match first {
        "policies" => start(second),
        "waivers" => {
            let all = head.waivers.iter().chain(base.waivers);
            let named =
                |waiver: &&Waiver| format!("{} for {}", waiver.rule, waiver.applies_to) == second;
            all.clone().find(named).map_or_else(|| start(&head.file.name), |one| one.source.clone())
        }
        _ => {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            places.find(&keys)
        }
    }
}

/// The findings where the base has no project of this target: nothing but the
/// change's own guard judges it, so it takes nothing away.
#[must_use]
pub fn first_adoption(name: &str, removals: Vec<crate::kind::Address>) -> Vec<Finding> {
    let finding = |level, message: String, addresses, remedy: &str| Finding {
        level,
        id: ID.to_owned(),
        message,
        addresses,
        source: None,
        remedy: remedy.to_owned(),
    };
    let warning = finding(
        Level::Warn,
        format!(
            "the base `{name}` has no project of this target: only the change's \
             own guard judges this plan"
        ),
        Vec::new(),
        "review muster.yaml as a whole: it decides who is protected and what may be removed",
    );
    if removals.is_empty() {
        return vec![warning];
    }
    let denial = finding(
        Level::Deny,
        format!("{} removals are planned, and a first adoption removes nothing", removals.len()),
        removals,
        "declare what is live first, such as with `muster import`, and merge that; removals are \
         planned once the base has the project",
    );
    vec![warning, denial]
}

/// The finding where a change is judged without a base.
#[must_use]
pub fn judged_by_itself() -> Finding {
    Finding {
        level: Level::Warn,
        id: ID.to_owned(),
        message: "no base is given: the guard that judges this plan comes with the change itself"
            .to_owned(),
        addresses: Vec::new(),
        source: None,
        remedy:
            "name the tip of the target branch, such as `--base origin/main`, or a checkout of \
                 it with `--base-dir DIR`"
                .to_owned(),
    }
}

/// Whether a waiver of the change would cover what its base refuses, and is not in the base yet.
fn is_unmerged<'a>(head: &'a Desired, base: &Desired, rule: &str) -> Option<&'a Waiver> {
    let terms = |waiver: &Waiver| {
        let Waiver { rule, applies_to, until, at_most, .. } = waiver.clone();
        (rule, applies_to, until, at_most)
    };
    let is_new = |waiver: &&Waiver| {
        let is_same = |other: &Waiver| terms(other) == terms(waiver);
        waiver.rule == rule && !base.waivers.iter().any(is_same)
    };
    head.waivers.iter().find(is_new)
}
