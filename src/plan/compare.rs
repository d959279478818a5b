//! Comparing one field: only what is written is managed.

use serde_json::{Map, Value};

use crate::kind::{FieldName, FieldSpec, Key, KindName, Level, Shape};
use crate::live::Capabilities;

/// The shape of a field; what the kind's table does not know is an extension.
#[must_use]
pub(super) fn shape_of(kind: KindName, name: &FieldName) -> Shape {
    spec_of(kind.spec().fields, name.as_str()).map_or(Shape::Open, |spec| spec.shape)
}

/// Whether the target keeps a field, so that comparing it means something.
#[must_use]
pub(super) fn is_held(kind: KindName, name: &FieldName, capabilities: &Capabilities) -> bool {
    let entry = (kind, name.as_str().to_owned());
    match spec_of(kind.spec().fields, name.as_str()).map(|spec| spec.level) {
        Some(Level::Context) => false,
        Some(Level::Optional) => capabilities.held_optional.contains(&entry),
        Some(Level::Core) | None => !capabilities.unheld.contains(&entry),
    }
}

fn spec_of<'a>(specs: &'a [FieldSpec], name: &str) -> Option<&'a FieldSpec> {
    specs.iter().find(|spec| spec.name == name)
}

/// Whether the live value already says what is desired.
#[must_use]
pub fn satisfied(shape: Shape, desired: &Value, live: Option<&Value>) -> bool {
    match (shape, desired, live) {
        // An attribute with an empty value is unassigned (RFC 7643 section 2.5).
        (_, Value::Null, None | Some(Value::Null)) => true,
        (_, Value::String(text), None | Some(Value::Null)) => text.is_empty(),
        (_, Value::Array(items), None | Some(Value::Null)) => items.is_empty(),
        (_, _, None) => false,
        (Shape::Name, Value::String(want), Some(Value::String(have))) => {
            want == have || Key::new(want) == Key::new(have)
        }
        (Shape::Complex(specs), Value::Object(want), Some(Value::Object(have))) => {
            object_satisfied(specs, want, have)
        }
        (Shape::Open, Value::Object(want), Some(Value::Object(have))) => {
            object_satisfied(&[], want, have)
        }
        (Shape::MultiValued(specs), Value::Array(want), Some(Value::Array(have))) => {
            want.len() == have.len()
                && pair(specs, want, have).iter().all(|(_, found)| found.is_some())
        }
        (_, want, Some(have)) => want == have,
    }
}

fn object_satisfied(
    specs: &[FieldSpec],
    want: &Map<String, Value>,
    have: &Map<String, Value>,
) -> bool {
    want.iter().all(|(name, value)| {
        let shape = spec_of(specs, name).map_or(Shape::Open, |spec| spec.shape);
        satisfied(shape, value, have.get(name))
    })
}

/// Finds for each desired element a live one that says the same, each live one once.
fn pair<'a>(
    specs: &[FieldSpec],
    want: &'a [Value],
    have: &'a [Value],
) -> Vec<(&'a Value, Option<&'a Value>)> {
    let mut free: Vec<&Value> = have.iter().collect();
    want.iter()
        .map(|desired| {
            let says_so = |live: &&Value| match (desired, live) {
                (Value::Object(want), Value::Object(have)) => object_satisfied(specs, want, have),
                (want, have) => want == *have,
            };
            let found = free.iter().position(says_so).map(|at| free.remove(at));
            (desired, found)
        })
        .collect()
}

/// What the field says once it is written: the desired value, with what nobody wrote about kept
/// from the live one.
#[must_use]
pub(super) fn merged(shape: Shape, desired: &Value, live: Option<&Value>) -> Value {
    match (shape, desired, live) {
        (Shape::Complex(_) | Shape::Open, Value::Object(want), Some(Value::Object(have))) => {
            let mut merged = have.clone();
            merged.extend(want.iter().map(|(name, value)| (name.clone(), value.clone())));
            Value::Object(merged)
        }
        (Shape::MultiValued(_), Value::Array(want), Some(Value::Array(have))) => {
            let same_value =
                |a: &Value, b: &Value| a.get("value").is_some() && a.get("value") == b.get("value");
            let merge = |item: &Value| {
                let twin = have.iter().find(|other| same_value(item, other));
                merged(Shape::Open, item, twin)
            };
            Value::Array(want.iter().map(merge).collect())
        }
        _ => desired.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(name: &'static str) -> Shape {
        shape_of(KindName::User, &FieldName::fixed(name))
    }

    #[test]
    fn only_what_is_written_is_managed() {
        let live = json!({"givenName": "Ada", "familyName": "King", "formatted": "Ada King"});
        assert!(satisfied(user("name"), &json!({"familyName": "King"}), Some(&live)));
        assert!(!satisfied(user("name"), &json!({"familyName": "Lovelace"}), Some(&live)));
        assert_eq!(
            merged(user("name"), &json!({"familyName": "Lovelace"}), Some(&live)),
            json!({"givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada King"})
        );
    }

    #[test]
    fn lists_compare_without_order_and_by_what_is_written() {
        let live =
            json!([{"value": "b@x.org", "type": "home"}, {"value": "a@x.org", "primary": true}]);
        let want = json!([{"value": "a@x.org"}, {"value": "b@x.org"}]);
        assert!(satisfied(user("emails"), &want, Some(&live)));
        assert!(!satisfied(user("emails"), &json!([{"value": "a@x.org"}]), Some(&live)));
        let twice = json!([{"value": "a@x.org"}, {"value": "a@x.org"}]);
        assert!(!satisfied(user("emails"), &twice, Some(&live)));
    }

    #[test]
    fn an_empty_value_is_an_unassigned_one() {
        assert!(satisfied(user("title"), &json!(""), None));
        assert!(satisfied(user("emails"), &json!([]), None));
        assert!(!satisfied(user("active"), &json!(false), None));
    }

    #[test]
    fn user_names_differ_by_more_than_case() {
        assert!(satisfied(user("userName"), &json!("Ada@X.org"), Some(&json!("ada@x.org"))));
        assert!(!satisfied(user("displayName"), &json!("Ada"), Some(&json!("ada"))));
    }
}
