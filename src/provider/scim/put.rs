//! `PUT` (RFC 7644 section 3.5.1): what the server has, with the changed attributes put in.
//!
//! Built from a fresh read, because `PUT` drops what it leaves out. Of a group it carries the
//! members that were just read, so it is used for groups only where the dialect says that the
//! server ignores them.

use serde_json::{Map, Value};

use crate::kind::EXTENSION_PREFIX;

use super::patch::Wanted;

/// Attributes that are the server's own (RFC 7643 sections 3.1 and 4.1.2).
const READ_ONLY: [&str; 2] = ["meta", "groups"];

/// The body that makes it so.
pub(super) fn body(wanted: &Wanted<'_>, raw: &Value) -> Value {
    let mut whole = raw.as_object().cloned().unwrap_or_default();
    for name in READ_ONLY {
        remove(&mut whole, name);
    }
    for (name, value) in wanted.values() {
        let now = remove(&mut whole, name);
        if value.is_null() {
            continue;
        }
        if name.starts_with(EXTENSION_PREFIX) {
            declare(&mut whole, name);
        }
        let value = match (name.starts_with(EXTENSION_PREFIX), now, value) {
            (true, Some(Value::Object(mut now)), Value::Object(after)) => {
                now.extend(after);
                now.retain(|_, part| !part.is_null());
                Value::Object(now)
            }
            (_, _, value) => value,
        };
        whole.insert(name.to_owned(), value);
    }
    drop_empty_elements(&mut whole);
    Value::Object(whole)
}

/// Takes out elements of lists whose `value` is empty: some servers show one where there is none
/// (`emails: [{"value": ""}]`), and refuse it when it is sent back.
fn drop_empty_elements(whole: &mut Map<String, Value>) {
    let is_empty = |element: &Value| element.get("value").is_some_and(|value| value == "");
    whole.retain(|_, value| {
        let Some(list) = value.as_array_mut() else { return true };
        let had = list.len();
        list.retain(|element| !is_empty(element));
        had == 0 || !list.is_empty()
    });
}

/// Takes out an attribute, however the server spells it.
fn remove(whole: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let spelled = whole.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()?;
    whole.remove(&spelled)
}

/// Names an extension in `schemas`.
fn declare(whole: &mut Map<String, Value>, urn: &str) {
    let schemas = whole.entry("schemas").or_insert_with(|| Value::Array(Vec::new()));
    if let Some(schemas) = schemas.as_array_mut()
        && !schemas.iter().any(|schema| schema == urn)
    {
        schemas.push(Value::from(urn));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kind::{FieldName, KindName};
    use crate::provider::scim::dialect::Dialect;

    #[test]
    fn what_muster_does_not_know_stays() {
        let raw = json!({"schemas": ["core"], "id": "1", "username": "ada", "x": {"y": 1},
            "meta": {}, "groups": [], "title": "Dr", "emails": [{"value": ""}], "urn:x": {"a": 1, "b": 2}});
        let after = serde_json::from_value(json!({"userName": "eve", "urn:x": {"b": 3},
            "urn:z": {"c": 1}}))
        .unwrap();
        let changed: Vec<_> = ["userName", "title", "urn:x", "urn:z"].map(FieldName::other).into();
        let now = serde_json::from_value(json!({"userName": "ada"})).unwrap();
        let dialect = Dialect::default();
        let wanted = Wanted {
            kind: KindName::User,
            dialect: &dialect,
            after: &after,
            changed: &changed,
            now: &now,
            is_guarded: false,
        };
        assert_eq!(
            body(&wanted, &raw),
            json!({"schemas": ["core", "urn:x", "urn:z"], "id": "1", "userName": "eve",
                "x": {"y": 1}, "urn:x": {"a": 1, "b": 3}, "urn:z": {"c": 1}})
        );
    }
}
