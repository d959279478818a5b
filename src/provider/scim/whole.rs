//! The whole object before and after a write: what vanished, and what came, beside what was asked
//! for (design section 7).
//!
//! Left out is what the server owns (`meta`, `groups`, `schemas`), what the dialect says that it
//! forgets or derives, and what it derives from something that was sent: `name.formatted` and
//! `displayName` from a name, for instance. A value that muster does not know and that another
//! took the place of is the server's bookkeeping (a counter, a time), not a loss.

use serde_json::{Map, Value};

use crate::kind::{EXTENSION_PREFIX, Fields, Key, KindName, Level};
use crate::plan::is_unassigned;

use super::dialect::Dialect;

/// Attributes that are the server's own (RFC 7643 sections 3.1 and 4.1.2).
const OWN: [&str; 4] = ["schemas", "id", "meta", "groups"];
/// Attributes of which servers make each other.
const RELATED: [&[&str]; 2] = [&["name", "displayName", "nickName"], &["userName", "emails"]];
/// Attributes that servers make whole from related ones, so that they also go with them.
const DERIVED: [&str; 1] = ["displayName"];
/// Sub-attributes of an element that say again what the element is.
const ECHOES: [&str; 2] = ["$ref", "display"];

/// What differs, as dotted names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// What was there and is not any more.
    pub(super) vanished: Vec<String>,
    /// What is there and was not.
    pub(super) added: Vec<String>,
}

/// Compares an object before and after a write that asked for `asked`.
pub(super) fn compare(
    kind: KindName,
    dialect: &Dialect,
    (before, after): (&Value, &Value),
    asked: &Fields,
) -> Changes {
    let mut comparison = Comparison { kind, dialect, asked, changes: Changes::default() };
    if let (Value::Object(before), Value::Object(after)) = (before, after) {
        comparison.attributes(before, after);
    }
    comparison.changes
}

struct Comparison<'a> {
    kind: KindName,
    dialect: &'a Dialect,
    asked: &'a Fields,
    changes: Changes,
}

impl Comparison<'_> {
    fn attributes(&mut self, before: &Map<String, Value>, after: &Map<String, Value>) {
        for (name, had) in before {
            if self.is_left_out(name) {
                continue;
            }
            let has = get(after, name).unwrap_or(&Value::Null);
            match get_asked(self.asked, name) {
                Some(asked) => self.asked_for(name, had, has, asked),
                None => self.value(name, had, has),
            }
        }
        for (name, has) in after {
            let is_new = get(before, name).is_none_or(is_unassigned) && !is_unassigned(has);
            let is_asked = get_asked(self.asked, name).is_some() || self.is_related(name);
            if is_new && !is_asked && !self.is_left_out(name) && self.is_known(name) {
                self.changes.added.push(name.clone());
            }
        }
    }

    fn is_left_out(&self, name: &str) -> bool {
        OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
            || self.dialect.is_unheld(self.kind, name)
    }

    /// Whether the server may make this attribute of one that was sent.
    fn is_related(&self, name: &str) -> bool {
        RELATED.iter().any(|related| {
            related.iter().any(|one| one.eq_ignore_ascii_case(name))
                && related.iter().any(|one| get_asked(self.asked, one).is_some())
        })
    }

    /// Whether muster manages the attribute.
    fn is_known(&self, name: &str) -> bool {
        let fields = self.kind.spec().fields.iter();
        fields
            .filter(|field| field.level == Level::Core)
            .any(|field| field.name.eq_ignore_ascii_case(name))
    }

    /// An attribute that was sent: its parts that were not to change must still be there.
    fn asked_for(&mut self, name: &str, had: &Value, has: &Value, asked: &Value) {
        let (Value::Object(had), Value::Object(asked)) = (had, asked) else { return };
        let none = Map::new();
        let has = has.as_object().unwrap_or(&none);
        for (part, had) in had {
            let stays = get(asked, part).is_some_and(|asked| asked == had);
            let is_derived = name.eq_ignore_ascii_case("name") && part == "formatted";
            if stays
                && !is_derived
                && !is_unassigned(had)
                && get(has, part).is_none_or(is_unassigned)
            {
                self.changes.vanished.push(format!("{name}.{part}"));
            }
        }
    }

    fn value(&mut self, path: &str, had: &Value, has: &Value) {
        if is_unassigned(had) {
            return;
        }
        if is_unassigned(has) {
            let is_derived = DERIVED.contains(&path) && self.is_related(path);
            if !is_derived && !self.is_unheld_part(path) {
                self.changes.vanished.push(path.to_owned());
            }
            return;
        }
        match (had, has) {
            (Value::Object(had), Value::Object(has)) => {
                for (part, had) in had.iter().filter(|(part, _)| !ECHOES.contains(&part.as_str())) {
                    let derived = path.eq_ignore_ascii_case("name") && self.is_related("name");
                    if !derived {
                        let has = get(has, part).unwrap_or(&Value::Null);
                        self.value(&join(path, part), had, has);
                    }
                }
            }
            (Value::Array(had), Value::Array(has)) => self.elements(path, had, has),
            _ => self.replaced(path, had, has),
        }
    }

    /// Lists are compared without order (RFC 7643 section 2.4), elements by their `value`.
    fn elements(&mut self, path: &str, had: &[Value], has: &[Value]) {
        if self.is_related(path) {
            return;
        }
        let is_same = |one: &Value, other: &Value| identity(one) == identity(other);
        for one in had {
            if !has.iter().any(|other| is_same(one, other)) {
                self.changes.vanished.push(format!("{path}[{}]", identity(one)));
            }
        }
        for other in has {
            if !had.iter().any(|one| is_same(one, other)) {
                self.changes.added.push(format!("{path}[{}]", identity(other)));
            }
        }
    }

    /// A value that another took the place of.
    fn replaced(&mut self, path: &str, had: &Value, has: &Value) {
        let is_equal = folded(had) == folded(has);
        let first = path.split('.').next().unwrap_or(path);
        let is_known = self.is_known(first) && !first.starts_with(EXTENSION_PREFIX);
        if !is_equal && is_known && !self.is_related(first) {
            self.changes.vanished.push(format!("{path} (it was {had} and is {has})"));
        }
    }

    fn is_unheld_part(&self, path: &str) -> bool {
        self.dialect.is_unheld(self.kind, path)
    }
}

/// What tells one element of a list from another.
fn identity(element: &Value) -> String {
    folded(element.get("value").unwrap_or(element))
}

/// A value in the form in which a server may have normalised it.
fn folded(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| Key::new(text).as_str().to_owned())
}

fn join(path: &str, part: &str) -> String {
    format!("{path}.{part}")
}

/// An attribute by its name, however the server spells it (RFC 7643 section 2.1).
fn get<'v>(map: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    map.get(name).or_else(|| {
        map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

fn get_asked<'f>(fields: &'f Fields, name: &str) -> Option<&'f Value> {
    fields.get(name).or_else(|| {
        fields.iter().find(|(key, _)| key.as_str().eq_ignore_ascii_case(name)).map(|(_, v)| v)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(before: &Value, after: &Value, asked: &Value) -> Changes {
        let asked = serde_json::from_value(asked.clone()).unwrap();
        compare(KindName::User, &Dialect::default(), (before, after), &asked)
    }

    fn before() -> Value {
        json!({"schemas": ["a"], "id": "1", "userName": "Ada", "title": "Dr", "active": true,
            "name": {"givenName": "Ada", "familyName": "L", "formatted": "Ada L"},
            "displayName": "Ada L", "phoneNumbers": [{"value": "1"}, {"value": "2", "type": "x"}],
            "urn:x": {"a": 1, "manager": {"value": "2"}}, "counter": 7, "nothing": [],
            "meta": {"version": "1"}, "groups": [{"value": "g"}]})
    }

    /// The same with `path` replaced; `null` takes it away.
    fn with(path: &str, value: Value) -> Value {
        let mut after = before();
        *after.pointer_mut(path).unwrap() = value;
        after
    }

    #[test]
    fn what_vanishes_unasked_is_seen() {
        let asked = json!({"emails": [{"value": "a@x"}]});
        for (path, value, vanished) in [
            ("/title", json!(null), "title"),
            ("/title", json!(""), "title"),
            ("/phoneNumbers", json!([{"value": "1"}]), "phoneNumbers[2]"),
            ("/phoneNumbers", json!([]), "phoneNumbers"),
            ("/urn:x", json!(null), "urn:x"),
            ("/urn:x/manager", json!(null), "urn:x.manager"),
            ("/urn:x/manager/value", json!(null), "urn:x.manager"),
            ("/counter", json!(null), "counter"),
            ("/name/familyName", json!(null), "name.familyName"),
            ("/active", json!(false), "active (it was true and is false)"),
            ("/title", json!("Prof"), "title (it was \"Dr\" and is \"Prof\")"),
        ] {
            let seen = changes(&before(), &with(path, value), &asked);
            assert_eq!(seen.vanished, [vanished], "{path}");
        }
    }

    #[test]
    fn what_is_the_servers_own_is_no_loss() {
        let asked = json!({"emails": [{"value": "a@x"}]});
        for (path, value) in [
            ("/meta", json!({"version": "2"})),
            ("/groups", json!([])),
            ("/counter", json!(8)),
            ("/urn:x/a", json!(2)),
            ("/userName", json!("ada")),
            ("/title", json!("dr")),
            ("/schemas", json!(["a", "b"])),
            ("/phoneNumbers", json!([{"value": "2"}, {"value": "1"}])),
        ] {
            assert_eq!(
                changes(&before(), &with(path, value), &asked),
                Changes::default(),
                "{path}"
            );
        }
    }

    #[test]
    fn what_is_derived_from_what_was_sent_may_change() {
        let asked = json!({"name": {"givenName": "Eve", "familyName": "L", "formatted": "Ada L"}});
        let mut after = before();
        after["name"] = json!({"givenName": "Eve", "familyName": "L", "formatted": "Eve L"});
        after["displayName"] = json!("Eve L");
        assert_eq!(changes(&before(), &after, &asked), Changes::default());
        after["displayName"] = json!(null);
        assert_eq!(changes(&before(), &after, &asked), Changes::default());
        after["name"] = json!({"givenName": "Eve"});
        assert_eq!(changes(&before(), &after, &asked).vanished, ["name.familyName"]);
    }

    #[test]
    fn what_comes_unasked_is_reported() {
        let mut after = before();
        after["nickName"] = json!("x");
        after["phoneNumbers"] = json!([{"value": "1"}, {"value": "2"}, {"value": "3"}]);
        after["lastSeen"] = json!("2026");
        let seen = changes(&before(), &after, &json!({"title": "Dr"}));
        assert_eq!(seen.vanished, Vec::<String>::new());
        assert_eq!(seen.added, ["phoneNumbers[3]", "nickName"]);
    }
}
