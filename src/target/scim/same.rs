//! Comparison of what was asked with what a server says it holds.
//!
//! Only what was asked is compared: a server may add sub-attributes of its own. What the dialect
//! says is not held is not asked.

use serde_json::{Map, Value};

use crate::kind::{EXTENSION_PREFIX, FieldSpec, Fields, Key, KindName, Level, Shape};

use super::dialect::Dialect;

/// The fields of `asked` that `found` does not say, in order.
pub(super) fn differing(
    kind: KindName,
    dialect: &Dialect,
    asked: &Fields,
    found: &Fields,
) -> Vec<String> {
    let differs = |name: &str, value: &Value| {
        let Some(shape) = shape(kind, name) else { return false };
        !dialect.is_unheld(kind, name)
            && !Comparison { kind, dialect, field: name }.says(shape, value, found.get(name))
    };
    let names = asked.iter().filter(|(name, value)| differs(name.as_str(), value));
    names.map(|(name, _)| name.as_str().to_owned()).collect()
}

/// The shape of a field on the wire; `None` where it never goes there.
pub(super) fn shape(kind: KindName, name: &str) -> Option<Shape> {
    if name.starts_with(EXTENSION_PREFIX) {
        return Some(Shape::Open);
    }
    let field = kind.spec().fields.iter().find(|field| field.name == name)?;
    (field.level == Level::Core).then_some(field.shape)
}

/// Whether a value is unassigned (RFC 7643 section 2.5).
pub(super) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_unassigned),
        _ => false,
    }
}

#[derive(Clone, Copy)]
struct Comparison<'a> {
    kind: KindName,
    dialect: &'a Dialect,
    field: &'a str,
}

impl Comparison<'_> {
    fn says(self, shape: Shape, asked: &Value, found: Option<&Value>) -> bool {
        if is_unassigned(asked) {
            return found.is_none_or(is_unassigned);
        }
        let Some(found) = found else { return false };
        match (shape, asked, found) {
            (Shape::Name, Value::String(asked), Value::String(found)) => {
                Key::new(asked) == Key::new(found)
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
                pair_off(asked, found, one)
            }
            (Shape::Open, Value::Object(asked), Value::Object(found)) => {
                asked.iter().all(|(name, asked)| self.says(Shape::Open, asked, found.get(name)))
            }
            (Shape::Open, Value::Array(asked), Value::Array(found)) => {
                pair_off(asked, found, |asked, found| self.says(Shape::Open, asked, Some(found)))
            }
            _ => asked == found,
        }
    }

    fn says_parts(
        self,
        parts: &'static [FieldSpec],
        asked: &Map<String, Value>,
        found: &Map<String, Value>,
    ) -> bool {
        asked.iter().all(|(name, asked)| {
            let shape =
                parts.iter().find(|part| part.name == name).map_or(Shape::Open, |p| p.shape);
            let found = found.get(name);
            // Not primary and silent about it are the same thing (RFC 7643 section 2.4).
            let is_default = name == "primary" && *asked == Value::Bool(false) && found.is_none();
            is_default
                || self.dialect.is_unheld(self.kind, &format!("{}.{name}", self.field))
                || self.says(shape, asked, found)
        })
    }
}

/// Whether every element of `asked` has one of its own in `found`, and none is left over.
fn pair_off(asked: &[Value], found: &[Value], same: impl Fn(&Value, &Value) -> bool) -> bool {
    if asked.len() != found.len() {
        return false;
    }
    let mut free: Vec<&Value> = found.iter().collect();
    asked.iter().all(|asked| match free.iter().position(|found| same(asked, found)) {
        Some(at) => {
            free.swap_remove(at);
            true
        }
        None => false,
    })
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
