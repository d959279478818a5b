//! What was asked against what a server says it holds: the plan's own comparison, told what this
//! dialect does not keep.

use serde_json::Value;

use crate::kind::{EXTENSION_PREFIX, Fields, KindName, Level, Shape};
use crate::plan::Comparison;

use super::dialect::Dialect;

/// The fields of `asked` that `found` does not say, in order.
pub(super) fn differing(
    kind: KindName,
    dialect: &Dialect,
    asked: &Fields,
    found: &Fields,
) -> Vec<String> {
    let differs = |name: &str, value: &Value| {
        let Some(shape) = shape(kind, dialect, name) else { return false };
        let unheld = |part: &str| dialect.is_unheld(kind, part);
        let comparison = Comparison { field: name, unheld: &unheld };
        !unheld(name) && !comparison.says(shape, value, found.get(name))
    };
    let names = asked.iter().filter(|(name, value)| differs(name.as_str(), value));
    names.map(|(name, _)| name.as_str().to_owned()).collect()
}

/// What of `asked` an object does not say, as narrow as it can be said: `name.formatted` rather
/// than `name`, `emails.type` rather than `emails`. `found` is `None` where it is not known.
pub(super) fn narrowed(
    kind: KindName,
    dialect: &Dialect,
    asked: &Fields,
    found: Option<&Fields>,
) -> Vec<String> {
    let Some(found) = found else { return Vec::new() };
    let names = differing(kind, dialect, asked, found);
    names.into_iter().flat_map(|name| parts_of(kind, dialect, name, (asked, found))).collect()
}

/// The parts of one field that make it differ; the field itself where they are not all there is.
fn parts_of(
    kind: KindName,
    dialect: &Dialect,
    name: String,
    (asked, found): (&Fields, &Fields),
) -> Vec<String> {
    let Some(shape) = shape(kind, dialect, &name) else { return vec![name] };
    let Some(value) = asked.get(name.as_str()) else { return vec![name] };
    let says_without = |left_out: &[String]| {
        let unheld =
            |part: &str| dialect.is_unheld(kind, part) || left_out.iter().any(|one| one == part);
        let comparison = Comparison { field: &name, unheld: &unheld };
        comparison.says(shape, value, found.get(name.as_str()))
    };
    let mut parts: Vec<String> = match value {
        Value::Object(parts) => parts.keys().map(|part| format!("{name}.{part}")).collect(),
        Value::Array(list) => {
            let keys = list.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys);
            keys.map(|part| format!("{name}.{part}")).collect()
        }
        _ => Vec::new(),
    };
    parts.sort_unstable();
    parts.dedup();
    // An element that is told by nothing is no element.
    parts.retain(|part| *part != format!("{name}.value"));
    if parts.is_empty() || !says_without(&parts) {
        return vec![name];
    }
    let mut needed = parts.clone();
    for part in &parts {
        let rest: Vec<String> = needed.iter().filter(|one| *one != part).cloned().collect();
        if says_without(&rest) {
            needed = rest;
        }
    }
    needed
}

/// The shape of a field on the wire; `None` where it never goes there.
pub(super) fn shape(kind: KindName, dialect: &Dialect, name: &str) -> Option<Shape> {
    if name.starts_with(EXTENSION_PREFIX) {
        return Some(Shape::Open);
    }
    let field = kind.spec().fields.iter().find(|field| field.name == name)?;
    let is_held = match field.level {
        Level::Core => true,
        Level::Optional => dialect.holds_optional(kind, name),
        Level::Context | Level::Identity | Level::State => false,
    };
    is_held.then_some(field.shape)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: &Value) -> Fields {
        serde_json::from_value(value.clone()).unwrap()
    }

    fn compare(asked: &Value, found: &Value) -> Vec<String> {
        let dialect = Dialect::profile("django-scim2").unwrap();
        differing(KindName::User, &dialect, &fields(asked), &fields(found))
    }

    #[test]
    fn only_what_was_asked_is_compared() {
        let found = json!({"userName": "ADA", "active": true, "nickName": "x",
            "name": {"givenName": "Ada", "familyName": "L", "formatted": "Ada L"},
            "emails": [{"value": "b"}, {"value": "a", "primary": true}],
            "urn:a:b": {"x": [2, 1], "y": {"z": 1, "w": 2}}});
        for asked in [
            json!({"userName": "ada", "name": {"givenName": "Ada"}}),
            json!({"emails": [{"value": "a", "primary": true, "type": "work"},
                              {"value": "b", "primary": false}]}),
            json!({"title": "not held here", "displayName": "derived"}),
            json!({"urn:a:b": {"x": [1, 2], "y": {"z": 1}}}),
            json!({"externalId": null, "photos": []}),
        ] {
            assert_eq!(compare(&asked, &found), Vec::<String>::new(), "{asked}");
        }
        for (asked, field) in [
            (json!({"userName": "bob"}), "userName"),
            (json!({"active": false}), "active"),
            (json!({"name": {"givenName": "Eve"}}), "name"),
            (json!({"name": {"givenName": "Ada", "familyName": null}}), "name"),
            (json!({"emails": [{"value": "a"}]}), "emails"),
            (json!({"emails": [{"value": "a"}, {"value": "a"}]}), "emails"),
            (json!({"emails": []}), "emails"),
            (json!({"urn:a:b": {"x": [1]}}), "urn:a:b"),
            (json!({"urn:c": {"x": 1}}), "urn:c"),
        ] {
            assert_eq!(compare(&asked, &found), [field], "{asked}");
        }
    }
}
