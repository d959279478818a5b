//! Attributes by the table of the kind: what `kind` says of a field is what is accepted here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::config::decode::{
    Mapping, boolean, found, integer, json, list, text, texts, wrong_type,
};
use crate::config::node::{Node, Tag};
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::kind::{EXTENSION_PREFIX, FieldSpec, GREATEST_INTEGER, KindName, Level, Shape};

/// The attributes of a kind by the names they have in YAML; the key in YAML (`userName`) and the
/// extensions, which are written in other ways, are left out.
pub(in crate::config) fn yaml_names(kind: KindName) -> impl Iterator<Item = &'static FieldSpec> {
    let spec = kind.spec();
    spec.fields.iter().filter(|field| {
        Some(field.name) != spec.name
            && !field.name.starts_with(EXTENSION_PREFIX)
            && !matches!(field.level, Level::State | Level::Identity)
    })
}

/// The attribute of `kind` that is written `name`.
pub(super) fn spec_of(kind: KindName, name: &str) -> Option<&'static FieldSpec> {
    yaml_names(kind).find(|spec| spec.name == name)
}

/// The value at `node`, as `spec` wants it.
pub(super) fn value(node: Node<'_>, spec: &FieldSpec, sink: &mut Sink) -> Option<Value> {
    match spec.shape {
        Shape::Text | Shape::Name => text(node, spec.name, sink).map(Value::from),
        Shape::Boolean => boolean(node, spec.name, sink).map(Value::Bool),
        Shape::Integer => number_id(node, spec.name, sink).map(Value::from),
        Shape::Complex(parts) => complex(node, spec.name, parts, sink).map(Value::Object),
        Shape::MultiValued(parts) => multi_valued(node, spec.name, parts, sink),
        Shape::Texts => sorted_texts(node, spec.name, sink),
        Shape::Open => json(node, spec.name, sink),
    }
}

/// A numeric id, such as a `uid`: -1 stands for nobody, and larger ones fit into no server.
fn number_id(node: Node<'_>, name: &str, sink: &mut Sink) -> Option<u32> {
    let written = integer(node, name, sink)?;
    let number = u32::try_from(written).ok().filter(|number| *number <= GREATEST_INTEGER);
    if number.is_none() {
        sink.error(
            node.place(),
            "out-of-range",
            [
                format_args!("`{name}` is {written}"),
                format_args!("it is a number from 0 to {GREATEST_INTEGER}"),
                format_args!("write the number that the account has on its systems"),
            ],
        );
    }
    number
}

/// A list of texts in order, each once.
fn sorted_texts(node: Node<'_>, name: &str, sink: &mut Sink) -> Option<Value> {
    let mut texts: Vec<&str> = texts(node, name, sink)?.into_iter().map(|(text, _)| text).collect();
    texts.sort_unstable();
    texts.dedup();
    Some(Value::from(texts))
}

/// An object with known sub-attributes, at least one of them written.
pub(super) fn complex(
    node: Node<'_>,
    name: &str,
    parts: &[FieldSpec],
    sink: &mut Sink,
) -> Option<Map<String, Value>> {
    if node.tag() == Tag::Map && node.count() == 0 {
        sink.error(
            node.place(),
            "empty-value",
            [
                format_args!("`{}` says nothing", Excerpt(name)),
                format_args!("only attributes that are written are managed, and here are none"),
                format_args!("leave `{}` out", Excerpt(name)),
            ],
        );
        return None;
    }
    if node.tag() != Tag::Map {
        wrong_type(node, name, "a mapping", &example(name, parts), sink);
        return None;
    }
    let known: Vec<&str> = parts.iter().map(|part| part.name).collect();
    let mapping = Mapping::of(node, name, &known, sink)?;
    let mut object = Map::new();
    for part in parts {
        if let Some(written) = mapping.get(part.name)
            && let Some(value) = value(written, part, sink)
        {
            object.insert(part.name.to_owned(), value);
        }
    }
    Some(object)
}

fn example(name: &str, parts: &[FieldSpec]) -> String {
    let first = parts.first().map_or("…", |part| part.name);
    format!("write `{}: {{ {first}: … }}`", Excerpt(name))
}

/// A list of objects; an empty one is managed and empty.
fn multi_valued(node: Node<'_>, name: &str, parts: &[FieldSpec], sink: &mut Sink) -> Option<Value> {
    let has_value = parts.first().is_some_and(|part| part.name == "value");
    let mut objects: Vec<Value> = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut primary = None;
    for entry in list(node, name, sink)? {
        if matches!(entry.tag(), Tag::Plain | Tag::Quoted) && has_value {
            let remedy = format!("write `{{ value: {}, type: work }}`", Excerpt(entry.text()));
            wrong_type_of_entry(entry, name, "a list of mappings", &remedy, sink);
            continue;
        }
        let Some(object) = complex(entry, name, parts, sink) else { continue };
        if has_value && !object.contains_key("value") {
            report_no_value(entry, name, sink);
            continue;
        }
        if object.get("primary") == Some(&Value::Bool(true))
            && let Some(first) = primary.replace(entry.place())
        {
            let first = sink.source(first);
            sink.error_also(
                entry.place(),
                "two-primaries",
                [
                    format_args!("`{name}` has two primary entries"),
                    format_args!("RFC 7643 section 2.4 allows one at most"),
                    format_args!("keep `primary: true` on one of them"),
                ],
                (first, "the other one"),
            );
        }
        let object = Value::Object(object);
        if !seen.insert(object.to_string()) {
            sink.error(
                entry.place(),
                "repeated-value",
                [
                    format_args!("`{name}` has the same entry twice"),
                    format_args!("servers drop or refuse one of them"),
                    format_args!("delete this entry"),
                ],
            );
            continue;
        }
        objects.push(object);
    }
    Some(Value::Array(objects))
}

fn wrong_type_of_entry(entry: Node<'_>, name: &str, wanted: &str, remedy: &str, sink: &mut Sink) {
    sink.error(
        entry.place(),
        "wrong-type",
        [
            format_args!("`{name}` must be {wanted}, but this entry is {}", found(entry)),
            format_args!("each entry can have a type, and one of them is the primary one"),
            format_args!("{remedy}"),
        ],
    );
}

fn report_no_value(entry: Node<'_>, name: &str, sink: &mut Sink) {
    sink.error(
        entry.place(),
        "missing-key",
        [
            format_args!("`value` is missing in an entry of `{name}`"),
            format_args!("an entry without a value says nothing"),
            format_args!("add `value: …` here"),
        ],
    );
}
