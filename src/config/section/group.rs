//! `groups`: name → description, owner, members.

use serde_json::Value;

use super::attributes::{value, yaml_names};
use super::{Declared, grant, named, previously};
use crate::config::MembersDefault;
use crate::config::decode::{Mapping, list, one_of, text};
use crate::config::node::{Node, Place, Tag};
use crate::config::sink::Sink;
use crate::kind::{FieldName, Fields, Grant, Key, KindName};

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

/// A group as declared.
#[derive(Debug)]
pub(in crate::config) struct GroupDecl<'t> {
    /// Its name and attributes.
    pub(in crate::config) declared: Declared<'t>,
    /// How its members are managed, where it says so itself.
    pub(in crate::config) mode: Option<MembersDefault>,
    /// Its members; `None`: not managed.
    pub(in crate::config) members: Option<Vec<MemberDecl<'t>>>,
}

/// A member as declared.
#[derive(Debug)]
pub(in crate::config) struct MemberDecl<'t> {
    /// The user's name as written.
    pub(in crate::config) user: &'t str,
    /// Where it is written.
    pub(in crate::config) place: Place,
    /// When and why, where that is written.
    pub(in crate::config) grant: Option<Box<Grant>>,
}

/// Reads the section.
pub(super) fn read<'t>(section: Node<'t>, out: &mut Vec<GroupDecl<'t>>, sink: &mut Sink) {
    named(section, KindName::Group, sink, |written, (key, body), sink| {
        let mut fields = Fields::new();
        fields.insert(FieldName::fixed("displayName"), Value::from(written));
        let folded = Key::new(written);
        let mut group = GroupDecl {
            declared: Declared {
                key: folded,
                written,
                place: key.place(),
                fields,
                previously: Vec::new(),
            },
            mode: None,
            members: None,
        };
        if let Some(mapping) = Mapping::of(body, written, KEYS, sink) {
            fill(mapping, &mut group, sink);
        }
        out.push(group);
    });
}

fn fill<'t>(mapping: Mapping<'t>, group: &mut GroupDecl<'t>, sink: &mut Sink) {
    for spec in yaml_names(KindName::Group) {
        if let Some(value) = mapping.get(spec.name).and_then(|node| value(node, spec, sink)) {
            group.declared.fields.insert(FieldName::fixed(spec.name), value);
        }
    }
    if let Some(node) = mapping.get("previously") {
        group.declared.previously = previously(node, (KindName::Group, &group.declared.key), sink);
    }
    let members = mapping.get("members");
    group.members = members.and_then(|node| read_members(node, sink));
    let Some(mode) = mapping.get("memberMode") else { return };
    group.mode = one_of(mode, "memberMode", crate::config::project_file::MEMBER_MODES, sink);
    if members.is_none() {
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
