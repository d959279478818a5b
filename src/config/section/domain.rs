//! `domains`: domain name → who answers for it.

use serde_json::Value;

use super::attributes::{value, yaml_names};
use super::{Declared, named};
use crate::config::decode::Mapping;
use crate::config::names::is_domain_name;
use crate::config::node::{Core, Node, Tag};
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::kind::{FieldName, Fields, Key, KindName, VERIFIED};

/// Reads the section.
pub(super) fn read<'t>(section: Node<'t>, out: &mut Vec<Declared<'t>>, sink: &mut Sink) {
    named(section, KindName::Domain, sink, |written, (key, body), sink| {
        if !is_domain_name(written) {
            sink.error(
                key.place(),
                "bad-domain",
                [
                    format_args!("`{}` is not a domain name", Excerpt(written)),
                    format_args!("a domain is two or more labels of letters, digits and hyphens"),
                    format_args!("write it as in `example.com`: no `@`, no `*`, no dot at the end"),
                ],
            );
            return;
        }
        let mut fields = Fields::new();
        fields.insert(FieldName::fixed("domain"), Value::from(written));
        fields.insert(FieldName::fixed("state"), Value::from(VERIFIED));
        let is_bare = body.tag() == Tag::Plain && body.core() == Core::Null;
        if !is_bare {
            let known: Vec<&str> = yaml_names(KindName::Domain).map(|spec| spec.name).collect();
            if let Some(mapping) = Mapping::of(body, written, &known, sink) {
                for spec in yaml_names(KindName::Domain) {
                    if let Some(value) =
                        mapping.get(spec.name).and_then(|node| value(node, spec, sink))
                    {
                        fields.insert(FieldName::fixed(spec.name), value);
                    }
                }
            }
        }
        let (key, place) = (Key::new(written), key.place());
        out.push(Declared { key, written, place, fields, previously: Vec::new() });
    });
}
