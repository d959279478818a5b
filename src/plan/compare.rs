//! Comparing one field: only what is written is managed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::pairs::Pairing;
use crate::kind::{FieldName, FieldSpec, Key, KindName, Level, Shape, composed};
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
        Some(Level::Context | Level::Identity) => false,
        Some(Level::Optional) => capabilities.held_optional.contains(&entry),
        Some(Level::Core | Level::State) | None => !capabilities.unheld.contains(&entry),
    }
}

/// Whether the field is written when the object is made.
#[must_use]
pub(super) fn is_written(kind: KindName, name: &FieldName, capabilities: &Capabilities) -> bool {
    let level = spec_of(kind.spec().fields, name.as_str()).map(|spec| spec.level);
    level == Some(Level::Identity) || is_held(kind, name, capabilities)
}

/// The parts of a field's value that the target does not keep.
pub(super) fn unheld_parts<'a>(
    kind: KindName,
    name: &FieldName,
    value: &Value,
    capabilities: &'a Capabilities,
) -> impl Iterator<Item = &'a str> {
    let has = |part: &str| match value {
        Value::Object(parts) => parts.contains_key(part),
        Value::Array(list) => list.iter().any(|one| one.get(part).is_some()),
        _ => false,
    };
    let of_kind = capabilities.unheld.iter().filter(move |(of, _)| *of == kind);
    of_kind
        .filter_map(|(_, entry)| entry.strip_prefix(name.as_str())?.strip_prefix('.'))
        .filter(move |part| has(part))
}

fn spec_of<'a>(specs: &'a [FieldSpec], name: &str) -> Option<&'a FieldSpec> {
    specs.iter().find(|spec| spec.name == name)
}

/// Whether a value is unassigned: an attribute that is null or empty is as good as absent
/// (RFC 7643 section 2.5).
#[must_use]
pub fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_unassigned),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// How one field is compared: what was asked against what a target says it holds. Only what was
/// asked is compared, and nothing that the target does not keep.
#[derive(Clone, Copy)]
pub struct Comparison<'a> {
    /// The field's name.
    pub field: &'a str,
    /// Whether the target forgets the part of a field with this dotted name (`emails.type`).
    pub unheld: &'a dyn Fn(&str) -> bool,
}

impl Comparison<'_> {
    /// Whether `found` says what was `asked`.
    #[must_use]
    pub fn says(self, shape: Shape, asked: &Value, found: Option<&Value>) -> bool {
        if is_unassigned(asked) {
            return found.is_none_or(is_unassigned);
        }
        let Some(found) = found else {
            // Of what is asked the target may keep no part at all.
            let is_forgotten = |(part, asked): (&String, &Value)| {
                is_unassigned(asked) || (self.unheld)(&format!("{}.{part}", self.field))
            };
            return asked.as_object().is_some_and(|parts| parts.iter().all(is_forgotten));
        };
        match (shape, asked, found) {
            (Shape::Name, Value::String(asked), Value::String(found)) => {
                asked == found || Key::new(asked) == Key::new(found)
            }
            (Shape::Complex(parts), Value::Object(asked), Value::Object(found)) => {
                self.says_parts(parts, asked, found)
            }
            (Shape::MultiValued(parts), Value::Array(asked), Value::Array(found)) => {
                let one = |asked: &Value, found: &Value| match (asked, found) {
                    (Value::Object(asked), Value::Object(found)) => {
                        self.says_parts(parts, asked, found)
                    }
                    _ => asked == found,
                };
                let facts = |value: &Value| self.facts_of_parts(parts, value);
                Pairing { same: &one, facts: &facts }.pair_off(asked, found)
            }
            (Shape::Open, Value::Object(asked), Value::Object(found)) => {
                asked.iter().all(|(name, asked)| self.says(Shape::Open, asked, found.get(name)))
            }
            (Shape::Open, Value::Array(asked), Value::Array(found)) => {
                let one = |asked: &Value, found: &Value| self.says(Shape::Open, asked, Some(found));
                Pairing { same: &one, facts: &facts_of }.pair_off(asked, found)
            }
            (_, Value::String(asked), Value::String(found)) => {
                asked == found || composed(asked) == composed(found)
            }
            _ => asked == found,
        }
    }

    /// The facts of one value of a list: its parts that are compared exactly.
    fn facts_of_parts(self, parts: &[FieldSpec], value: &Value) -> Vec<String> {
        let Value::Object(map) = value else { return facts_of(value) };
        let mut facts = Vec::new();
        for (name, part) in map {
            let shape = spec_of(parts, name).map_or(Shape::Open, |part| part.shape);
            let is_default = name == "primary" && *part == Value::Bool(false);
            let is_exact = matches!(shape, Shape::Text | Shape::Boolean | Shape::Integer);
            if is_exact && !is_default && !(self.unheld)(&format!("{}.{name}", self.field)) {
                add_facts(name, part, &mut facts);
            }
        }
        facts
    }

    fn says_parts(
        self,
        parts: &[FieldSpec],
        asked: &Map<String, Value>,
        found: &Map<String, Value>,
    ) -> bool {
        asked.iter().all(|(name, asked)| {
            let shape = spec_of(parts, name).map_or(Shape::Open, |part| part.shape);
            let found = found.get(name);
            // Not primary and silent about it are the same thing (RFC 7643 section 2.4).
            let is_default = name == "primary" && *asked == Value::Bool(false) && found.is_none();
            is_default
                || (self.unheld)(&format!("{}.{name}", self.field))
                || self.says(shape, asked, found)
        })
    }
}

fn facts_of(value: &Value) -> Vec<String> {
    let mut facts = Vec::new();
    add_facts("", value, &mut facts);
    facts
}

/// Adds the facts of what `value` says under `path`: whatever says the same has them all. An
/// unassigned value says nothing that another must have.
fn add_facts(path: &str, value: &Value, facts: &mut Vec<String>) {
    match value {
        Value::Object(parts) => {
            parts.iter().for_each(|(name, part)| add_facts(&format!("{path}.{name}"), part, facts));
        }
        Value::Array(list) => {
            list.iter().for_each(|one| add_facts(&format!("{path}[]"), one, facts));
        }
        scalar if is_unassigned(scalar) => {}
        scalar => facts.push(format!("{path}={scalar}")),
    }
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
            let mut by_value: BTreeMap<String, &Value> = BTreeMap::new();
            for other in have {
                if let Some(value) = other.get("value") {
                    by_value.entry(value.to_string()).or_insert(other);
                }
            }
            let merge = |item: &Value| {
                let twin = item.get("value").and_then(|value| by_value.get(&value.to_string()));
                merged(Shape::Open, item, twin.copied())
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

    fn satisfied(shape: Shape, asked: &Value, found: Option<&Value>) -> bool {
        Comparison { field: "emails", unheld: &|part| part == "emails.display" }
            .says(shape, asked, found)
    }

    #[test]
    fn what_the_target_forgets_is_not_compared() {
        let want = json!([{"value": "a@x.org", "display": "A", "primary": false}]);
        assert!(satisfied(user("emails"), &want, Some(&json!([{"value": "a@x.org"}]))));
        let other = json!([{"value": "a@x.org", "type": "work"}]);
        assert!(!satisfied(user("emails"), &other, Some(&json!([{"value": "a@x.org"}]))));
        let name = Comparison { field: "name", unheld: &|part| part == "name.middleName" };
        assert!(name.says(user("name"), &json!({"middleName": "B"}), None));
        assert!(!name.says(user("name"), &json!({"middleName": "B", "givenName": "A"}), None));
    }

    #[test]
    fn a_letter_is_the_same_in_either_form_of_unicode() {
        let (composed, apart) = (json!("\u{c9}quipe"), json!("E\u{301}quipe"));
        for name in ["displayName", "userName", "title"] {
            assert!(satisfied(user(name), &composed, Some(&apart)), "{name}");
            assert!(satisfied(user(name), &apart, Some(&composed)), "{name}");
            assert!(!satisfied(user(name), &apart, Some(&json!("Equipe"))), "{name}");
        }
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
