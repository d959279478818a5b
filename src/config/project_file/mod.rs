//! `muster.yaml` → [`Project`]: strict, every key of it known.

mod governance;
mod limits;
mod manage;
mod roles;
mod target;
mod values;

use self::values::{globs, path};
use super::decode::{Mapping, boolean, number, text, wrong_type};
use super::node::{Core, Node, Place, Tag};
use super::patterns::literal_glob;
use super::sink::Sink;
use super::words::Excerpt;
use super::{
    Administrators, Diagnostics, Governance, Manage, Project, Protected, SourceText, TargetConfig,
};

use crate::kind::Roles;

pub(super) use governance::{BREAK_GLASS_KEYS, SEVERITIES};
pub(super) use manage::{keys as manage_keys, keys_of as manage_keys_of, removals};
pub(super) use target::{EXPERIMENTS, KEYS as TARGET_KEYS, PROVIDERS, WORKSPACE_KEYS};
pub(super) use values::MEMBER_MODES;

/// The keys of the project file.
pub(super) const KEYS: &[&str] = &[
    "organization",
    "target",
    "manage",
    "protected",
    "administrators",
    "breakGlass",
    "privileged",
    "approvers",
    "rules",
    "roles",
    "dns",
    "schedule",
    "limits",
    "policies",
    "sources",
];
/// The keys of `schedule`.
pub(super) const SCHEDULE_KEYS: &[&str] = &["revocationsFirst"];
/// How many administrators must remain unless written.
pub(super) const DEFAULT_AT_LEAST: u32 = 2;

/// Reads the project file: the project, and warnings.
///
/// # Errors
///
/// Every problem found, each with its place.
pub fn parse_project(file: &SourceText) -> Result<(Project, Diagnostics), Diagnostics> {
    let mut sink = Sink::new(&file.name);
    let tree = super::parse::read(file, &mut sink);
    let project = tree.and_then(|tree| match tree.root() {
        Some(root) if !(root.tag() == Tag::Plain && root.core() == Core::Null) => {
            read(root, &mut sink)
        }
        _ => {
            report_empty(&mut sink);
            None
        }
    });
    let has_errors = sink.has_errors();
    let mut diagnostics = Diagnostics::new();
    sink.drain_into(&mut diagnostics);
    match project {
        Some(project) if !has_errors => Ok((project, diagnostics)),
        _ => Err(diagnostics),
    }
}

fn report_empty(sink: &mut Sink) {
    sink.error(
        Place::START,
        "empty-file",
        [
            format_args!("the project file is empty"),
            format_args!("it says which organization and which target are meant"),
            format_args!("begin with `organization: …` and `target: …`; `muster init` writes one"),
        ],
    );
}

fn read(root: Node<'_>, sink: &mut Sink) -> Option<Project> {
    if root.tag() != Tag::Map {
        let remedy = "begin with `organization: …` and `target: …`";
        wrong_type(root, "the project file", "a mapping", remedy, sink);
        return None;
    }
    let mapping = Mapping::of(root, "the project", KEYS, sink)?;
    let organization = mapping
        .required("organization", "every report and plan is bound to one", sink)
        .and_then(|node| text(node, "organization", sink))
        .map(str::to_owned);
    let target = mapping
        .required("target", "muster must know which system it writes to", sink)
        .and_then(|node| target::read(node, sink));
    let manage = mapping.get("manage").and_then(|node| manage::read(node, sink));
    let protected = mapping.get("protected").and_then(|node| protected(node, sink));
    let administrators = match mapping.get("administrators") {
        Some(node) => administrators(node, sink),
        None => Some(no_administrators()),
    };
    let roles = mapping.get("roles").map(|node| roles::roles(node, sink)).unwrap_or_default();
    let governance = governance::read(mapping, &roles, sink);
    if target.as_ref().is_some_and(TargetConfig::speaks_greenlake) {
        roles::check_names(mapping, &roles, sink);
    }
    let resolvers = mapping.get("dns").and_then(|node| roles::resolvers(node, sink));
    let schedule = mapping.get("schedule").and_then(|node| schedule(node, sink));
    let limits = limits::read(mapping.get("limits"), sink);
    let policies = mapping.get("policies").map(|node| paths(node, "policies", sink));
    let (policies, places): (Vec<_>, Vec<_>) = policies.unwrap_or_default().into_iter().unzip();
    let sources = mapping.get("sources").map(|node| sources(node, sink));
    Some(Project {
        organization: organization?,
        target: target?,
        manage_source: mapping.get("manage").map(|node| sink.source(node.place())),
        manage: manage.unwrap_or_else(Manage::default),
        protected: with_break_glass(protected.unwrap_or_default(), &governance),
        governance,
        administrators: named(administrators?, &roles),
        roles,
        revocations_first: schedule.unwrap_or_default(),
        resolvers: resolvers.unwrap_or_else(|| roles::DEFAULT_RESOLVERS.to_vec()),
        limits,
        policies,
        policy_sources: places.into_iter().map(|place| sink.source(place)).collect(),
        sources: sources
            .unwrap_or_default()
            .into_iter()
            .map(|(path, place)| (path, sink.source(place)))
            .collect(),
        file: sink.file().to_string(),
    })
}

/// The same, with the one name of every role.
fn named(mut administrators: Administrators, roles: &Roles) -> Administrators {
    for role in &mut administrators.roles {
        *role = roles.canonical(role);
    }
    administrators
}

/// The same, with every break-glass account: what is kept for the worst day is touched by nobody.
fn with_break_glass(mut protected: Protected, governance: &Governance) -> Protected {
    protected.users.extend(governance.break_glass.values().map(|one| literal_glob(&one.written)));
    protected
}

const fn no_administrators() -> Administrators {
    Administrators { roles: Vec::new(), groups: Vec::new(), at_least: DEFAULT_AT_LEAST, margin: 0 }
}

fn protected(node: Node<'_>, sink: &mut Sink) -> Option<Protected> {
    let mapping = Mapping::of(node, "protected", &["users", "groups"], sink)?;
    Some(Protected {
        users: globs(mapping, "users", sink).unwrap_or_default(),
        groups: globs(mapping, "groups", sink).unwrap_or_default(),
    })
}

fn administrators(node: Node<'_>, sink: &mut Sink) -> Option<Administrators> {
    let known = &["roles", "groups", "atLeast", "margin"];
    let mapping = Mapping::of(node, "administrators", known, sink)?;
    let roles = mapping.get("roles").map(|node| roles::administrators(node, sink));
    let at_least = match mapping.get("atLeast") {
        Some(node) => number(node, "atLeast", 1, sink)?,
        None => DEFAULT_AT_LEAST,
    };
    let margin = match mapping.get("margin") {
        Some(node) => number(node, "margin", 0, sink)?,
        None => 0,
    };
    Some(Administrators {
        roles: roles.unwrap_or_default(),
        groups: globs(mapping, "groups", sink).unwrap_or_default(),
        at_least,
        margin,
    })
}

/// Reads `schedule`: whether revocations go first.
fn schedule(node: Node<'_>, sink: &mut Sink) -> Option<bool> {
    let mapping = Mapping::of(node, "schedule", SCHEDULE_KEYS, sink)?;
    boolean(mapping.get("revocationsFirst")?, "revocationsFirst", sink)
}

fn paths(node: Node<'_>, key: &str, sink: &mut Sink) -> Vec<(String, Place)> {
    let mut paths: Vec<(String, Place)> = Vec::new();
    for entry in super::decode::list(node, key, sink).into_iter().flatten() {
        let Some(path) = path(entry, key, sink) else { continue };
        if let Some((_, first)) = paths.iter().find(|(other, _)| *other == path) {
            let first = sink.source(*first);
            sink.error_also(
                entry.place(),
                "repeated-value",
                [
                    format_args!("`{}` is listed twice under `{key}`", Excerpt(&path)),
                    format_args!("it would be read twice"),
                    format_args!("delete this entry"),
                ],
                (first, "first listed here"),
            );
            continue;
        }
        paths.push((path, entry.place()));
    }
    paths
}

fn sources(node: Node<'_>, sink: &mut Sink) -> Vec<(String, Place)> {
    let paths = paths(node, "sources", sink);
    if node.tag() == Tag::List && node.count() == 0 {
        sink.error(
            node.place(),
            "empty-sources",
            [
                format_args!("`sources` is empty"),
                format_args!("a project without desired state would read as `remove everything`"),
                format_args!("list folders or files, or leave `sources` out to read them all"),
            ],
        );
    }
    paths
}
