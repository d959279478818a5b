//! One file of desired state → what it declares; a file for every section.
//!
//! Nothing here looks at another file: references and repeated names are judged when all files
//! are together, in `assemble`.

mod attributes;
mod binding;
mod declared;
mod entries;
mod group;
mod named;
mod user;
mod waiver;

use std::collections::BTreeMap;

use crate::kind::{Family, KindName};

use super::Waiver;
use super::decode::{is_scalar, unknown_key, wrong_type};
use super::node::{Core, Node, Place, Tag, Tree};
use super::sink::Sink;

pub(super) use attributes::yaml_names;
pub(super) use binding::{BindingDecl, KEYS as BINDING_KEYS};
pub(super) use declared::{Declared, MemberDecl, MembersDecl};
pub(super) use group::{KEYS as GROUP_KEYS, MEMBER_KEYS};
pub(super) use named::keys as named_keys;
pub(super) use waiver::KEYS as WAIVER_KEYS;

/// The keys that a file of desired state may have: every kind but memberships, which are written
/// with their group, and waivers.
pub(super) fn sections() -> Vec<&'static str> {
    let kinds = KindName::ALL.iter().filter(|kind| kind.family() != Family::Membership);
    kinds.map(|kind| kind.plural()).chain([WAIVERS]).collect()
}

const WAIVERS: &str = "waivers";

/// What one file declares.
#[derive(Debug, Default)]
pub(super) struct Part<'t> {
    /// Whether any section is written at all.
    pub(super) says_something: bool,
    /// Everything that is declared by its name.
    pub(super) named: BTreeMap<KindName, Vec<Declared<'t>>>,
    /// Bindings.
    pub(super) bindings: Vec<BindingDecl<'t>>,
    /// Waivers.
    pub(super) waivers: Vec<Waiver>,
}

impl<'t> Part<'t> {
    fn section(&mut self, name: &str, value: Node<'t>, sink: &mut Sink) {
        let Some(kind) = KindName::of_plural(name) else {
            return waiver::read(value, &mut self.waivers, sink);
        };
        match kind.family() {
            Family::Subject => user::read(value, kind, self.named.entry(kind).or_default(), sink),
            Family::Group => group::read(value, kind, self.named.entry(kind).or_default(), sink),
            Family::Scope | Family::Plain => {
                named::read(value, kind, self.named.entry(kind).or_default(), sink);
            }
            Family::Grant => binding::read(value, &mut self.bindings, sink),
            // Written with their group: `sections` does not name them.
            Family::Membership => {}
        }
    }
}

/// Reads all sections of one file.
pub(super) fn read<'t>(tree: &'t Tree<'t>, sink: &mut Sink) -> Part<'t> {
    let mut part = Part::default();
    let root = tree.root().filter(|root| !(root.tag() == Tag::Plain && root.core() == Core::Null));
    let Some(root) = root else {
        sink.error(
            Place::START,
            "empty-file",
            [
                format_args!("the file declares nothing"),
                format_args!("an empty file is how a failed checkout or a bad merge looks"),
                format_args!("delete the file, or write what is meant, such as `users: {{}}`"),
            ],
        );
        return part;
    };
    if root.tag() != Tag::Map {
        let wanted = format!("a mapping of `{}`", sections().join("`, `"));
        let remedy = "begin with one of these keys, and a colon";
        wrong_type(root, "the file", &wanted, remedy, sink);
        return part;
    }
    for (key, value) in root.entries() {
        if !is_scalar(key) {
            continue;
        }
        part.says_something = true;
        let sections = sections();
        if !sections.contains(&key.text()) {
            unknown_key(key, "the file", &sections, sink);
        } else if value.tag() == Tag::Plain && value.core() == Core::Null {
            report_empty_section(key, sink);
        } else {
            part.section(key.text(), value, sink);
        }
    }
    if !part.says_something && root.count() == 0 {
        sink.error(
            root.place(),
            "empty-file",
            [
                format_args!("the file declares nothing"),
                format_args!("an empty file is how a failed checkout or a bad merge looks"),
                format_args!("delete the file, or write what is meant, such as `users: {{}}`"),
            ],
        );
    }
    part
}

fn report_empty_section(key: Node<'_>, sink: &mut Sink) {
    let name = key.text();
    let is_list = KindName::of_plural(name).is_none_or(|kind| kind.family() == Family::Grant);
    let empty = if is_list { "[]" } else { "{}" };
    sink.error(
        key.place(),
        "empty-section",
        [
            format_args!("`{name}` is there, but nothing is under it"),
            format_args!("a section that lost its content must not read as `remove them all`"),
            format_args!("write `{name}: {empty}` if none are meant, or delete the key"),
        ],
    );
}
