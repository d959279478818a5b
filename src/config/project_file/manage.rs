//! `manage`: the jurisdiction.

use super::values::{MEMBER_MODES, globs};
use crate::config::decode::{Mapping, one_of};
use crate::config::node::Node;
use crate::config::sink::Sink;
use crate::config::{Manage, ManagedKind, OnRemove, Selection};
use crate::kind::{Family, KindName};

/// The actions for a kind that can be deactivated.
const WITH_DEACTIVATE: &[(&str, OnRemove)] = &[
    ("report", OnRemove::Report),
    ("deactivate", OnRemove::Deactivate),
    ("delete", OnRemove::Delete),
];
/// The actions for every other kind.
const WITHOUT_DEACTIVATE: &[(&str, OnRemove)] =
    &[("report", OnRemove::Report), ("delete", OnRemove::Delete)];

/// The kinds that can be managed: all but memberships, which are managed with their group.
fn kinds() -> impl Iterator<Item = KindName> {
    KindName::ALL.iter().copied().filter(|kind| kind.family() != Family::Membership)
}

/// The keys of the section: the managed kinds, and how their members are managed.
pub(in crate::config) fn keys() -> Vec<&'static str> {
    kinds().map(KindName::plural).chain(["members"]).collect()
}

/// The keys under one kind, the required one first where there is one.
pub(in crate::config) const fn keys_of(family: Family) -> &'static [&'static str] {
    match family {
        Family::Subject => &["domains", "onRemove"],
        Family::Group | Family::Scope => &["names", "except", "onRemove"],
        Family::Membership | Family::Grant | Family::Plain => &["onRemove"],
    }
}

/// The actions that can be written for an item of `kind` that is no longer declared.
pub(in crate::config) const fn removals(kind: KindName) -> &'static [(&'static str, OnRemove)] {
    if kind.spec().can_deactivate { WITH_DEACTIVATE } else { WITHOUT_DEACTIVATE }
}

/// Reads the section.
pub(super) fn read(node: Node<'_>, sink: &mut Sink) -> Option<Manage> {
    let mapping = Mapping::of(node, "manage", &keys(), sink)?;
    let mut manage = Manage::default();
    for kind in kinds() {
        if let Some(managed) = mapping.get(kind.plural()).and_then(|node| one(node, kind, sink)) {
            manage.kinds.insert(kind, managed);
        }
    }
    let members = mapping.get("members");
    let members = members.and_then(|node| one_of(node, "members", MEMBER_MODES, sink));
    manage.members = members.unwrap_or_default();
    Some(manage)
}

fn one(node: Node<'_>, kind: KindName, sink: &mut Sink) -> Option<ManagedKind> {
    let keys = keys_of(kind.family());
    let required = match keys {
        [first, .., _] => Some(*first),
        _ => None,
    };
    let name = match required {
        Some(_) => format!("manage.{}", kind.plural()),
        None => kind.plural().to_owned(),
    };
    let mapping = Mapping::of(node, &name, keys, sink)?;
    if let Some(required) = required {
        let why = match kind.family() {
            Family::Subject => "the jurisdiction is always written; `[\"*\"]` is everybody",
            _ => "the jurisdiction is always written; `[\"*\"]` is every one",
        };
        mapping.required(required, why, sink);
    }
    let select = match kind.family() {
        Family::Subject => globs(mapping, "domains", sink).map(Selection::Domains),
        Family::Group | Family::Scope => {
            let names = globs(mapping, "names", sink);
            let except = globs(mapping, "except", sink).unwrap_or_default();
            names.map(|names| Selection::Names { names, except })
        }
        Family::Membership | Family::Grant | Family::Plain => Some(Selection::All),
    };
    let on_remove = on_remove(mapping, removals(kind), sink);
    Some(ManagedKind { select: select?, on_remove: on_remove? })
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
