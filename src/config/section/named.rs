//! Kinds that are a name and the attributes of their table: domains, scope groups.

use serde_json::Value;

use super::attributes::{value, yaml_names};
use super::declared::Declared;
use super::entries::{name_of, named, previously};
use crate::config::decode::Mapping;
use crate::config::node::{Core, Node, Tag};
use crate::config::sink::Sink;
use crate::kind::{FieldName, KeyForm, KindName};

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
        let workspace = match spec.key {
            KeyForm::InWorkspace => written.split('/').next().map(|name| ("workspace", name)),
            KeyForm::Name | KeyForm::Domain => None,
        };
        let always = spec.name.map(|field| (field, name)).into_iter().chain(workspace);
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
                declared.previously = previously(node, kind, &declared.key, sink);
            }
        }
        out.push(declared);
    });
}
