//! `users`: userName → attributes.

use serde_json::{Map, Value};

use super::attributes::{complex, spec_of, value, yaml_names};
use super::declared::Declared;
use super::entries::{named, previously};
use crate::config::decode::{is_scalar, json, open_map, text, unknown_key, wrong_type};
use crate::config::node::{Core, Node, Tag};
use crate::config::sink::Sink;
use crate::config::words::{DidYouMean, Excerpt};
use crate::kind::{
    EXTENSION_PREFIX, FieldName, Fields, GREENLAKE_POSIX_URN, GREENLAKE_USER_URN, Key, KindName,
    Shape, composed,
};

/// Reads the section.
pub(super) fn read<'t>(
    section: Node<'t>,
    kind: KindName,
    out: &mut Vec<Declared<'t>>,
    sink: &mut Sink,
) {
    out.reserve(section.count() as usize);
    named(section, kind, sink, |written, (key, body), sink| {
        let mut declared = Declared::new(Key::new(written), written, key.place());
        declared.fields.insert(FieldName::fixed("userName"), Value::from(composed(written)));
        let is_bare = body.tag() == Tag::Plain && body.core() == Core::Null;
        if !is_bare {
            attributes(body, &mut declared, sink);
        }
        out.push(declared);
    });
}

fn attributes<'t>(body: Node<'t>, user: &mut Declared<'t>, sink: &mut Sink) {
    let Some(entries) = open_map(body, user.written, sink) else { return };
    for (key, node) in entries {
        if !is_scalar(key) {
            continue;
        }
        if let Some(spec) = spec_of(KindName::User, key.text()) {
            if let Some(value) = value(node, spec, sink) {
                user.fields.insert(FieldName::fixed(spec.name), value);
            }
            continue;
        }
        match key.text() {
            "countryCode" => country_code(node, &mut user.fields, sink),
            "posix" => posix(node, &mut user.fields, sink),
            "extensions" => extensions(node, &mut user.fields, sink),
            "previously" => user.previously = previously(node, KindName::User, &user.key, sink),
            _ => refuse(key, sink),
        }
    }
}

fn country_code(node: Node<'_>, fields: &mut Fields, sink: &mut Sink) {
    let Some(code) = text(node, "countryCode", sink) else { return };
    if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
        sink.error(
            node.place(),
            "bad-country-code",
            [
                format_args!("`{}` is not a country code", Excerpt(code)),
                format_args!("country codes are the two capital letters of ISO 3166-1 alpha-2"),
                format_args!("write one, such as `NO`"),
            ],
        );
        return;
    }
    let mut extension = Map::new();
    extension.insert("countryCode".to_owned(), Value::from(code));
    fields.insert(FieldName::fixed(GREENLAKE_USER_URN), Value::Object(extension));
}

fn posix(node: Node<'_>, fields: &mut Fields, sink: &mut Sink) {
    let spec = KindName::User.spec().fields.iter().find(|spec| spec.name == GREENLAKE_POSIX_URN);
    let Some(Shape::Complex(parts)) = spec.map(|spec| spec.shape) else { return };
    if let Some(object) = complex(node, "posix", parts, sink) {
        fields.insert(FieldName::fixed(GREENLAKE_POSIX_URN), Value::Object(object));
    }
}

/// Whether a URN is that of a schema of SCIM itself, or a path into one (RFC 7643 section 10.3.1).
/// URNs are compared without regard to case (RFC 8141 section 3.1).
fn is_core(urn: &str) -> bool {
    const CORE: &str = "urn:ietf:params:scim:schemas:core:";
    urn.get(..CORE.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(CORE))
}

/// The short form of an extension of HPE GreenLake.
fn short_form(urn: &str) -> Option<&'static str> {
    let forms = [(GREENLAKE_USER_URN, "countryCode"), (GREENLAKE_POSIX_URN, "posix")];
    forms.into_iter().find(|(of, _)| of.eq_ignore_ascii_case(urn)).map(|(_, short)| short)
}

fn extensions(node: Node<'_>, fields: &mut Fields, sink: &mut Sink) {
    let Some(entries) = open_map(node, "extensions", sink) else { return };
    let mut found = Vec::new();
    for (key, body) in entries.filter(|(key, _)| is_scalar(*key)) {
        let urn = key.text();
        if is_core(urn) {
            sink.error(
                key.place(),
                "not-an-extension",
                [
                    format_args!("`{}` is no extension", Excerpt(urn)),
                    format_args!(
                        "the attributes of a core schema would be written unseen by the guardrails"
                    ),
                    format_args!("write the attribute itself: `title: …`, not its schema's URN"),
                ],
            );
            continue;
        }
        if let Some(short) = short_form(urn) {
            sink.error(
                key.place(),
                "long-form",
                [
                    format_args!("this extension is written `{short}`"),
                    format_args!("with two ways to write one thing, two lines could disagree"),
                    format_args!("write `{short}: …` among the user's attributes"),
                ],
            );
        } else if !urn.starts_with(EXTENSION_PREFIX) || !urn.bytes().all(|b| b.is_ascii_graphic()) {
            sink.error(
                key.place(),
                "not-a-urn",
                [
                    format_args!("`{}` is not the URN of an extension", Excerpt(urn)),
                    format_args!("SCIM names extensions by URN (RFC 7643 section 3.3)"),
                    format_args!("write the schema's URN, which begins with `urn:`"),
                ],
            );
        } else if body.tag() != Tag::Map || body.count() == 0 {
            let wanted = "a mapping with at least one attribute";
            let remedy = "write the extension's attributes, or leave it out";
            wrong_type(body, urn, wanted, remedy, sink);
            if body.tag() == Tag::Map {
                continue;
            }
        } else if let Some(value) = json(body, urn, sink) {
            found.push((FieldName::other(urn), value));
        }
    }
    fields.extend(found);
}

fn refuse(key: Node<'_>, sink: &mut Sink) {
    let refuse = |check, [what, why, remedy]: [&str; 3], sink: &mut Sink| {
        sink.error(
            key.place(),
            check,
            [format_args!("{what}"), format_args!("{why}"), format_args!("{remedy}")],
        );
    };
    match key.text() {
        "password" => refuse(
            "password",
            [
                "a user cannot have a `password` here",
                "what is in Git is read by everybody who can read the repository, for ever",
                "delete it, change the password if it was real, and let the user set a new one",
            ],
            sink,
        ),
        "userName" => refuse(
            "unknown-key",
            [
                "`userName` is not written inside the user",
                "it is the key the user is declared under",
                "delete it",
            ],
            sink,
        ),
        "from" | "until" => refuse(
            "unknown-key",
            [
                "a user has no `from` or `until`",
                "grants end; users are declared or not",
                "put the date on the memberships and bindings of the user",
            ],
            sink,
        ),
        "groups" => refuse(
            "unknown-key",
            [
                "a user's `groups` are not written inside the user",
                "membership is declared once, at the group",
                "list the user under `members` of the group",
            ],
            sink,
        ),
        name => {
            let others = ["countryCode", "posix", "extensions", "previously"];
            let known: Vec<&str> =
                yaml_names(KindName::User).map(|spec| spec.name).chain(others).collect();
            if key.tag() == Tag::Plain && (key.core() != Core::Text || name == "<<") {
                unknown_key(key, "a user", &known, sink);
                return;
            }
            sink.error(
                key.place(),
                "unknown-key",
                [
                    format_args!("unknown attribute `{}` of a user", Excerpt(name)),
                    format_args!("an attribute that is not understood would be ignored silently"),
                    format_args!("{}", DidYouMean(name, &known)),
                ],
            );
        }
    }
}
