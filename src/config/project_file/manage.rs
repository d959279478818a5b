//! `manage`: the jurisdiction.

use super::{MEMBER_MODES, globs};
use crate::config::decode::{Mapping, one_of};
use crate::config::node::Node;
use crate::config::sink::Sink;
use crate::config::{Manage, ManageGroups, ManageUsers, OnRemove};

/// What may become of a user that nobody declares any more.
pub(in crate::config) const USER_REMOVALS: &[(&str, OnRemove)] = &[
    ("report", OnRemove::Report),
    ("deactivate", OnRemove::Deactivate),
    ("delete", OnRemove::Delete),
];
/// What may become of a group or binding that nobody declares any more.
pub(in crate::config) const GROUP_REMOVALS: &[(&str, OnRemove)] =
    &[("report", OnRemove::Report), ("delete", OnRemove::Delete)];

/// The keys of the section.
pub(in crate::config) const KEYS: &[&str] = &["users", "groups", "members", "bindings", "domains"];

/// Reads the section.
pub(super) fn read(node: Node<'_>, sink: &mut Sink) -> Option<Manage> {
    let mapping = Mapping::of(node, "manage", KEYS, sink)?;
    let users = mapping.get("users").and_then(|node| users(node, sink));
    let groups = mapping.get("groups").and_then(|node| groups(node, sink));
    let members = mapping.get("members");
    let members = members.and_then(|node| one_of(node, "members", MEMBER_MODES, sink));
    let mut only_removal = |key: &str| {
        let mapping = Mapping::of(mapping.get(key)?, key, &["onRemove"], sink)?;
        on_remove(mapping, GROUP_REMOVALS, sink)
    };
    let (bindings, domains) = (only_removal("bindings"), only_removal("domains"));
    Some(Manage { users, groups, members: members.unwrap_or_default(), bindings, domains })
}

fn users(node: Node<'_>, sink: &mut Sink) -> Option<ManageUsers> {
    let mapping = Mapping::of(node, "manage.users", &["domains", "onRemove"], sink)?;
    let why = "the jurisdiction is always written; `[\"*\"]` is everybody";
    mapping.required("domains", why, sink);
    let domains = globs(mapping, "domains", sink);
    let on_remove = on_remove(mapping, USER_REMOVALS, sink);
    Some(ManageUsers { domains: domains?, on_remove: on_remove? })
}

fn groups(node: Node<'_>, sink: &mut Sink) -> Option<ManageGroups> {
    let mapping = Mapping::of(node, "manage.groups", &["names", "except", "onRemove"], sink)?;
    let why = "the jurisdiction is always written; `[\"*\"]` is every group";
    mapping.required("names", why, sink);
    let names = globs(mapping, "names", sink);
    let except = globs(mapping, "except", sink).unwrap_or_default();
    let on_remove = on_remove(mapping, GROUP_REMOVALS, sink);
    Some(ManageGroups { names: names?, except, on_remove: on_remove? })
}

fn on_remove(
    mapping: Mapping<'_>,
    choices: &[(&str, OnRemove)],
    sink: &mut Sink,
) -> Option<OnRemove> {
    match mapping.get("onRemove") {
        Some(node) => one_of(node, "onRemove", choices, sink),
        None => Some(OnRemove::default()),
    }
}
