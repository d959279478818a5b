//! Kinds that are a name and the attributes of their table: domains, scope groups.

use serde_json::Value;

use super::attributes::{value, yaml_names};
use super::{Declared, named, previously};
use crate::config::decode::Mapping;
use crate::config::names::is_domain_name;
use crate::config::node::{Core, Node, Tag};
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::kind::{Address, FieldName, Key, KeyForm, KindName};

/// The keys of one item.
pub(in crate::config) fn keys(kind: KindName) -> Vec<&'static str> {
    let renamed = kind.spec().can_rename.then_some("previously");
    yaml_names(kind).map(|spec| spec.name).chain(renamed).collect()
}

/// Reads the section.
pub(super) fn read<'t>(
    section: Node<'t>,
    kind: KindName,
    out: &mut Vec<Declared<'t>>,
    sink: &mut Sink,
) {
    named(section, kind, sink, |written, (key, body), sink| {
        let Some((folded, name)) = name_of(kind, written, key, sink) else { return };
        let mut declared = Declared::new(folded, written, key.place());
        let spec = kind.spec();
        let always = spec.name.map(|field| (field, name)).into_iter();
        for (field, value) in always.chain(spec.always.iter().copied()) {
            declared.fields.insert(FieldName::fixed(field), Value::from(value));
        }
        let is_bare = body.tag() == Tag::Plain && body.core() == Core::Null;
        if !is_bare && let Some(mapping) = Mapping::of(body, written, &keys(kind), sink) {
            for spec in yaml_names(kind) {
                if let Some(value) = mapping.get(spec.name).and_then(|node| value(node, spec, sink))
                {
                    declared.fields.insert(FieldName::fixed(spec.name), value);
                }
            }
            if let Some(node) = mapping.get("previously").filter(|_| spec.can_rename) {
                declared.previously = previously(node, (kind, &declared.key), sink);
            }
        }
        out.push(declared);
    });
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
