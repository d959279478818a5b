//! `bindings`: who holds which role, where.

use super::entries::grant;
use crate::config::decode::{Mapping, list, text, texts};
use crate::config::node::{Node, Place, Tag};
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::kind::{Grant, KindName};

/// The keys of a binding.
pub(in crate::config) const KEYS: &[&str] = &[
    "role",
    "group",
    "user",
    "workspace",
    "scope",
    "from",
    "until",
    "reason",
    "owner",
    "reviewed",
    "reviewedBy",
];

/// A binding as declared.
#[derive(Debug)]
pub(in crate::config) struct BindingDecl<'t> {
    /// Where it is written.
    pub(in crate::config) place: Place,
    /// The role.
    pub(in crate::config) role: &'t str,
    /// The kind and written name of who holds it, and where that is written.
    pub(in crate::config) principal: (KindName, &'t str, Place),
    /// The workspace, and where it is written.
    pub(in crate::config) workspace: Option<(&'t str, Place)>,
    /// The names of its scopes, where they are written.
    pub(in crate::config) scope: Option<Vec<&'t str>>,
    /// Who answers for it, and where that is written.
    pub(in crate::config) owner: Option<(&'t str, Place)>,
    /// When and why.
    pub(in crate::config) grant: Option<Box<Grant>>,
}

/// Reads the section.
pub(super) fn read<'t>(section: Node<'t>, out: &mut Vec<BindingDecl<'t>>, sink: &mut Sink) {
    for entry in list(section, "bindings", sink).into_iter().flatten() {
        let Some(mapping) = Mapping::of(entry, "bindings", KEYS, sink) else { continue };
        let role = mapping
            .required("role", "a binding grants one role", sink)
            .and_then(|node| text(node, "role", sink));
        let principal = principal(mapping, sink);
        let mut placed = |key: &str| {
            let node = mapping.get(key)?;
            Some((text(node, key, sink)?, node.place()))
        };
        let (workspace, owner) = (placed("workspace"), placed("owner"));
        let scope = mapping.get("scope").map(|node| scope(node, sink));
        let grant = grant(mapping, sink);
        if let (Some(role), Some(principal)) = (role, principal) {
            let place = mapping.place();
            out.push(BindingDecl { place, role, principal, workspace, scope, owner, grant });
        }
    }
}

/// One scope by name, or a list of them.
fn scope<'t>(node: Node<'t>, sink: &mut Sink) -> Vec<&'t str> {
    if node.tag() != Tag::List {
        return text(node, "scope", sink).into_iter().collect();
    }
    if node.count() == 0 {
        sink.error(
            node.place(),
            "empty-scope",
            [
                format_args!("`scope` is empty"),
                format_args!("a binding that holds nowhere grants nothing"),
                format_args!("name a scope, or leave `scope` out for the whole workspace"),
            ],
        );
    }
    let names = texts(node, "scope", sink).unwrap_or_default();
    names.into_iter().map(|(name, _)| name).collect()
}

fn principal<'t>(mapping: Mapping<'t>, sink: &mut Sink) -> Option<(KindName, &'t str, Place)> {
    match (mapping.get("group"), mapping.get("user")) {
        (Some(group), None) => Some((KindName::Group, text(group, "group", sink)?, group.place())),
        (None, Some(user)) => Some((KindName::User, text(user, "user", sink)?, user.place())),
        (None, None) => {
            sink.error(
                mapping.place(),
                "missing-key",
                [
                    format_args!("the binding names neither a `group` nor a `user`"),
                    format_args!("somebody must hold the role"),
                    format_args!("add `group: …`"),
                ],
            );
            None
        }
        (Some(group), Some(user)) => {
            let other = sink.source(group.place());
            sink.error_also(
                user.place(),
                "two-principals",
                [
                    format_args!(
                        "the binding names a `group` and the user `{}`",
                        Excerpt(user.text())
                    ),
                    format_args!("a binding has one holder, so that it can be removed alone"),
                    format_args!("write two bindings"),
                ],
                (other, "the group"),
            );
            None
        }
    }
}
