//! What is live, in the words of the files.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::kind::{
    EXTENSION_PREFIX, FieldName, GREENLAKE_POSIX_URN, GREENLAKE_USER_URN, Key, KeyForm,
    WHOLE_WORKSPACE,
};
use crate::live::Object;
use crate::plan::is_unassigned;

/// The object's own name, as the target writes it.
pub(super) fn name(object: &Object) -> &str {
    let field = object.kind.spec().name.and_then(|field| object.fields.get(field));
    field.and_then(Value::as_str).unwrap_or(object.key.as_str())
}

/// The object's key in YAML: its name, behind its workspace where the name is unique only there.
pub(super) fn written_key(object: &Object) -> String {
    match object.kind.spec().key {
        KeyForm::Name | KeyForm::Domain => name(object).to_owned(),
        KeyForm::InWorkspace => {
            let workspace = object.key.as_str().split('/').next().unwrap_or_default();
            format!("{workspace}/{}", name(object))
        }
    }
}

/// Whether an object has reached the state that every declared one is to have.
pub(super) fn is_settled(object: &Object) -> bool {
    let mut wanted = object.kind.spec().always.iter();
    wanted.all(|(field, value)| object.fields.get(*field).is_none_or(|state| state == value))
}

/// The value without texts of blanks alone, which the files refuse to declare; `None`: nothing else
/// is in it.
pub(super) fn said(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) if text.trim().is_empty() => None,
        Value::Object(parts) => {
            let parts = parts.iter().filter_map(|(name, part)| Some((name.clone(), said(part)?)));
            let parts: Map<String, Value> = parts.collect();
            (!parts.is_empty()).then_some(Value::Object(parts))
        }
        other => Some(other.clone()),
    }
}

/// Whether the only address is the user's own name.
pub(super) fn is_own_address(object: &Object, emails: &Value) -> bool {
    let own = name(object);
    let is_own = |one: &Value| {
        one.get("value")
            .and_then(Value::as_str)
            .is_some_and(|value| Key::new(value) == Key::new(own))
    };
    emails.as_array().is_some_and(|all| all.len() == 1 && all.iter().all(is_own))
}

/// Adds what one field says; several extensions share one name.
pub(super) fn merge(body: &mut Map<String, Value>, name: String, value: Value) {
    match (body.get_mut(&name), value) {
        (Some(Value::Object(there)), Value::Object(more)) => there.extend(more),
        (_, value) => {
            body.insert(name, value);
        }
    }
}

/// Writes a field under the name it has in YAML.
pub(super) fn put(body: &mut Map<String, Value>, field: &FieldName, value: Value) {
    match field.as_str() {
        GREENLAKE_USER_URN => {
            if let Some(country) = value.get("countryCode").filter(|code| !is_unassigned(code)) {
                body.insert("countryCode".to_owned(), country.clone());
            }
        }
        GREENLAKE_POSIX_URN => {
            body.insert("posix".to_owned(), value);
        }
        urn if urn.starts_with(EXTENSION_PREFIX) => {
            let extensions = body.entry("extensions").or_insert_with(|| json!({}));
            extensions[urn] = value;
        }
        plain => {
            body.insert(plain.to_owned(), value);
        }
    }
}

pub(super) fn binding(object: &Object, principal: &Object) -> Value {
    let mut body = Map::new();
    for field in ["role", "workspace"] {
        if let Some(value) = object.fields.get(field) {
            body.insert(field.to_owned(), value.clone());
        }
    }
    body.insert(principal.kind.as_str().to_owned(), Value::from(name(principal)));
    let scope = object.fields.get("scope").filter(|scope| **scope != json!([WHOLE_WORKSPACE]));
    if let Some(scope) = scope {
        let only = scope.as_array().filter(|scopes| scopes.len() == 1).and_then(|one| one.first());
        body.insert("scope".to_owned(), only.unwrap_or(scope).clone());
    }
    Value::Object(body)
}

/// A file for a group: its name in letters that every file system takes, and a number where two
/// names become one.
pub(super) fn path(group: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = group
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .take(100)
        .collect();
    let plain = plain.trim_matches(['-', '.']);
    let plain = if plain.is_empty() { "group" } else { plain };
    let numbered = (1..).map(|number: u32| match number {
        1 => format!("groups/{plain}.yaml"),
        _ => format!("groups/{plain}-{number}.yaml"),
    });
    for path in numbered {
        if taken.insert(path.clone()) {
            return path;
        }
    }
    String::new()
}
