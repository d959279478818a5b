//! The schema of a file of desired state.

use serde_json::{Map, Value, json};

use super::parts::{closed, named, properties, string, strings, words};
use crate::config::project_file::MEMBER_MODES;
use crate::config::section::{
    BINDING_KEYS, GROUP_KEYS, MEMBER_KEYS, WAIVER_KEYS, named_keys, yaml_names,
};
use crate::kind::{Family, FieldSpec, GREATEST_INTEGER, GREENLAKE_POSIX_URN, KindName, Shape};

/// The schema of a file with `sections`.
pub(super) fn schema(sections: &[&str]) -> Value {
    let properties = properties(sections, |section| match KindName::of_plural(section) {
        Some(kind) => of_kind(kind),
        None => Some(json!({ "type": "array", "items": waiver() })),
    });
    let mut schema = closed("what should exist", properties, &[]);
    schema["minProperties"] = json!(1);
    schema
}

fn of_kind(kind: KindName) -> Option<Value> {
    let plural = kind.plural();
    match kind.family() {
        Family::Subject => Some(named(&format!("{plural}, by userName"), &user(kind))),
        Family::Group => Some(named(&format!("{plural}, by name"), &group(kind))),
        Family::Scope | Family::Plain => Some(named(&format!("{plural}, by name"), &plain(kind))),
        Family::Grant => Some(json!({ "type": "array", "items": binding() })),
        Family::Membership => None,
    }
}

fn attributes(kind: KindName) -> Map<String, Value> {
    yaml_names(kind).map(|spec| (spec.name.to_owned(), of_shape(spec.shape, spec.about))).collect()
}

fn of_shape(shape: Shape, about: &str) -> Value {
    match shape {
        Shape::Text | Shape::Name => string(about),
        Shape::Boolean => json!({ "type": "boolean", "description": about }),
        Shape::Integer => json!({
            "type": "integer", "minimum": 0, "maximum": GREATEST_INTEGER, "description": about,
        }),
        Shape::Texts => strings(about),
        Shape::Open => json!({ "type": "object", "description": about }),
        Shape::Complex(parts) => object(parts, about, &[]),
        Shape::MultiValued(parts) => {
            let has_value = parts.iter().any(|part| part.name == "value");
            let required: &[&str] = if has_value { &["value"] } else { &[] };
            let items = object(parts, "one entry", required);
            json!({ "type": "array", "items": items, "description": about })
        }
    }
}

fn object(parts: &[FieldSpec], about: &str, required: &[&str]) -> Value {
    let inside = parts.iter().map(|part| (part.name.to_owned(), of_shape(part.shape, part.about)));
    let mut schema = closed(about, inside.collect(), required);
    schema["minProperties"] = json!(1);
    schema
}

/// A user or domain about whom nothing more is said is written with nothing after the colon.
fn or_nothing(mut schema: Value) -> Value {
    schema["type"] = json!(["object", "null"]);
    schema
}

fn user(kind: KindName) -> Value {
    let mut keys = attributes(kind);
    let country = json!({
        "type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2 code",
    });
    keys.insert("countryCode".to_owned(), country);
    let posix = kind.spec().field(GREENLAKE_POSIX_URN);
    if let Some(spec) = posix {
        keys.insert("posix".to_owned(), of_shape(spec.shape, "the posix account"));
    }
    let extension = json!({ "type": "object", "minProperties": 1 });
    let mut extensions = named("any other extension, by its URN", &extension);
    extensions["propertyNames"] = json!({ "pattern": "^urn:" });
    keys.insert("extensions".to_owned(), extensions);
    keys.insert("previously".to_owned(), strings("userNames it had before"));
    or_nothing(closed("a user: only attributes that are written are managed", keys, &[]))
}

fn group(kind: KindName) -> Value {
    let attributes = attributes(kind);
    let keys = properties(GROUP_KEYS, |key| match key {
        "previously" => Some(strings("names it had before: a rename keeps id, members, bindings")),
        "memberMode" => Some(words(MEMBER_MODES, "whether others may be members too")),
        "members" => Some(json!({
            "type": "array",
            "items": { "oneOf": [string("a declared user"), member()] },
            "description": "left out: not managed; `[]`: managed and empty",
        })),
        _ => attributes.get(key).cloned(),
    });
    closed("a group", keys, &[])
}

fn grant(key: &str) -> Option<Value> {
    match key {
        "from" => Some(string("the first day (UTC), or an RFC 3339 instant")),
        "until" => Some(string("the last day (UTC), or an RFC 3339 instant")),
        "reason" => Some(string("why")),
        "reviewed" => Some(string("the day somebody last looked whether it is still needed")),
        "reviewedBy" => Some(string("who looked")),
        _ => None,
    }
}

fn member() -> Value {
    let keys = properties(MEMBER_KEYS, |key| match key {
        "user" => Some(string("a declared user")),
        _ => grant(key),
    });
    closed("a member, with when and why", keys, &["user"])
}

fn plain(kind: KindName) -> Value {
    let attributes = attributes(kind);
    let keys = properties(&named_keys(kind), |key| match key {
        "previously" => Some(strings("names it had before: a rename keeps the id")),
        _ => attributes.get(key).cloned(),
    });
    or_nothing(closed(&format!("a {kind}"), keys, &[]))
}

fn binding() -> Value {
    let keys = properties(BINDING_KEYS, |key| match key {
        "role" => Some(string("the role")),
        "group" => Some(string("the declared group that holds it")),
        "user" => Some(string("the declared user who holds it")),
        "workspace" => Some(string("the workspace, by its name under `target.workspaces`")),
        "scope" => Some(json!({
            "anyOf": [string("one scope"), { "type": "array", "minItems": 1, "items": { "type": "string" } }],
            "description": "the parts of the workspace it holds for; left out: all of it",
        })),
        "owner" => Some(string("who answers for it")),
        _ => grant(key),
    });
    let mut schema = closed("one role, one holder, one place", keys, &["role"]);
    schema["oneOf"] = json!([{ "required": ["group"] }, { "required": ["user"] }]);
    schema
}

fn waiver() -> Value {
    let keys = properties(WAIVER_KEYS, |key| match key {
        "rule" => Some(string("the rule or limit it waives")),
        "for" => Some(string("a glob over addresses, such as `user/bot@example.com`")),
        "approvedBy" => Some(string("who approved it")),
        "atMost" => {
            Some(json!({ "type": "integer", "minimum": 1, "description": "how many at most" }))
        }
        _ => grant(key),
    });
    let required = ["rule", "for", "until", "reason", "approvedBy"];
    closed("a reviewed, dated, counted exception", keys, &required)
}
