//! What several sections have in common: names, former names, grants.

use std::collections::BTreeSet;

use crate::config::decode::{Mapping, list, open_map, text};
use crate::config::names::{self, is_domain_name};
use crate::config::node::{Node, Place};
use crate::config::sink::Sink;
use crate::config::when;
use crate::config::words::Excerpt;
use crate::kind::{Address, Grant, Key, KeyForm, KindName};

/// How many users, groups or domains one file may declare.
const NAMES: u32 = 500_000;

/// Walks a section whose keys are names: `each` reads one value.
pub(super) fn named<'t>(
    section: Node<'t>,
    kind: KindName,
    sink: &mut Sink,
    mut each: impl FnMut(&'t str, (Node<'t>, Node<'t>), &mut Sink),
) {
    let Some(entries) = open_map(section, kind.plural(), sink) else { return };
    if section.count() > NAMES {
        sink.error(
            section.place(),
            "too-many-names",
            [
                format_args!("the file declares {} {}", section.count(), kind.plural()),
                format_args!("more than {NAMES} cannot be checked in bounded memory"),
                format_args!("split it into several files"),
            ],
        );
        return;
    }
    for (key, value) in entries {
        if let Some(written) = names::name(key, kind.as_str(), sink) {
            each(written, (key, value), sink);
        }
    }
}

/// `previously`: the names a thing had before.
pub(super) fn previously(
    node: Node<'_>,
    kind: KindName,
    key: &Key,
    sink: &mut Sink,
) -> Vec<(Key, Place)> {
    let mut former: Vec<(Key, Place)> = Vec::new();
    let mut seen: BTreeSet<Key> = BTreeSet::new();
    for entry in list(node, "previously", sink).into_iter().flatten() {
        if text(entry, "previously", sink).is_none() {
            continue;
        }
        let Some(name) = names::name(entry, kind.as_str(), sink) else { continue };
        let Some((old, _)) = name_of(kind, name, entry, sink) else { continue };
        if old == *key || !seen.insert(old.clone()) {
            let what = if old == *key { "its name still" } else { "listed already" };
            sink.error(
                entry.place(),
                "useless-previously",
                [
                    format_args!("`previously` names `{}`, which is {what}", Excerpt(name)),
                    format_args!("a rename leads from one name to another"),
                    format_args!("delete this entry"),
                ],
            );
            continue;
        }
        former.push((old, entry.place()));
    }
    former
}

/// A grant, where anything of one is written.
pub(super) fn grant(mapping: Mapping<'_>, sink: &mut Sink) -> Option<Box<Grant>> {
    let (from, until) = when::span(mapping, sink);
    let reason =
        mapping.get("reason").and_then(|node| text(node, "reason", sink)).map(str::to_owned);
    let by = mapping.get("reviewedBy");
    let reviewed_by = by.and_then(|node| text(node, "reviewedBy", sink));
    let reviewed = mapping.get("reviewed");
    let reviewed =
        reviewed.and_then(|node| when::instant(node, "reviewed", when::Edge::Start, sink));
    let reviewed_by = reviewed_by.map(str::to_owned);
    let grant = Grant { from, until, reason, reviewed, reviewed_by };
    (grant != Grant::default()).then(|| Box::new(grant))
}

/// The folded key and the name at the target of an item that is written `written`.
pub(super) fn name_of<'t>(
    kind: KindName,
    written: &'t str,
    key: Node<'t>,
    sink: &mut Sink,
) -> Option<(Key, &'t str)> {
    match kind.spec().key {
        KeyForm::Name => Some((Key::new(written), written)),
        KeyForm::Domain if is_domain_name(written) => Some((Key::new(written), written)),
        KeyForm::Domain => {
            sink.error(
                key.place(),
                "bad-domain",
                [
                    format_args!("`{}` is not a domain name", Excerpt(written)),
                    format_args!("a domain is two or more labels of letters, digits and hyphens"),
                    format_args!("write it as in `example.com`: no `@`, no `*`, no dot at the end"),
                ],
            );
            None
        }
        KeyForm::InWorkspace => match written.split_once('/') {
            Some((workspace, name)) if !workspace.is_empty() && !name.is_empty() => {
                Some((Address::in_workspace(kind, workspace, name).key().clone(), name))
            }
            _ => {
                sink.error(
                    key.place(),
                    "bad-name",
                    [
                        format_args!(
                            "`{}` does not say in which workspace it is",
                            Excerpt(written)
                        ),
                        format_args!("the name of a {kind} is unique in one workspace only"),
                        format_args!("write `WORKSPACE/{}`", Excerpt(written)),
                    ],
                );
                None
            }
        },
    }
}
