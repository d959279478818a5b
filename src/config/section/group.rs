//! `groups`: name → description, owner, members.

use serde_json::Value;

use super::attributes::{value, yaml_names};
use super::declared::{Declared, MemberDecl, MembersDecl};
use super::entries::{grant, named, previously};
use crate::config::decode::{Mapping, list, one_of, text};
use crate::config::node::{Node, Tag};
use crate::config::sink::Sink;
use crate::kind::{FieldName, Key, KindName, composed};

/// The keys of a group.
pub(in crate::config) const KEYS: &[&str] = &[
    "externalId",
    "description",
    "owner",
    "baseline",
    "allows",
    "previously",
    "members",
    "memberMode",
];
/// The keys of a member written long.
pub(in crate::config) const MEMBER_KEYS: &[&str] =
    &["user", "from", "until", "reason", "reviewed", "reviewedBy"];

/// Reads the section.
pub(super) fn read<'t>(
    section: Node<'t>,
    kind: KindName,
    out: &mut Vec<Declared<'t>>,
    sink: &mut Sink,
) {
    named(section, kind, sink, |written, (key, body), sink| {
        let mut group = Declared::new(Key::new(written), written, key.place());
        group.fields.insert(FieldName::fixed("displayName"), Value::from(composed(written)));
        if let Some(mapping) = Mapping::of(body, written, KEYS, sink) {
            fill(mapping, kind, &mut group, sink);
        }
        out.push(group);
    });
}

fn fill<'t>(mapping: Mapping<'t>, kind: KindName, group: &mut Declared<'t>, sink: &mut Sink) {
    for spec in yaml_names(kind) {
        if let Some(value) = mapping.get(spec.name).and_then(|node| value(node, spec, sink)) {
            group.fields.insert(FieldName::fixed(spec.name), value);
        }
    }
    if let Some(node) = mapping.get("previously") {
        group.previously = previously(node, kind, &group.key, sink);
    }
    let written = mapping.get("members");
    let mut members = MembersDecl { mode: None, list: None };
    members.list = written.and_then(|node| read_members(node, sink));
    if let Some(mode) = mapping.get("memberMode") {
        members.mode = one_of(mode, "memberMode", crate::config::project_file::MEMBER_MODES, sink);
        if written.is_none() {
            report_mode_alone(mode, sink);
        }
    }
    group.members = Some(Box::new(members));
}

fn report_mode_alone(mode: Node<'_>, sink: &mut Sink) {
    sink.error(
        mode.place(),
        "mode-without-members",
        [
            format_args!("`memberMode` is written, but `members` is not"),
            format_args!("where `members` is left out, membership is not managed at all"),
            format_args!("list the members, or delete `memberMode`"),
        ],
    );
}

fn read_members<'t>(node: Node<'t>, sink: &mut Sink) -> Option<Vec<MemberDecl<'t>>> {
    let entries = list(node, "members", sink)?;
    let mut members = Vec::with_capacity(node.count() as usize);
    for entry in entries {
        if entry.tag() != Tag::Map {
            if let Some(user) = text(entry, "members", sink) {
                members.push(MemberDecl { user, place: entry.place(), grant: None });
            }
            continue;
        }
        let Some(mapping) = Mapping::of(entry, "members", MEMBER_KEYS, sink) else { continue };
        let user = mapping.required("user", "a member is a user", sink);
        let user = user.and_then(|node| text(node, "user", sink));
        let grant = grant(mapping, sink);
        if let Some(user) = user {
            members.push(MemberDecl { user, place: mapping.place(), grant });
        }
    }
    Some(members)
}
