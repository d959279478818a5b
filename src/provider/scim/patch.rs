//! `PATCH` of attributes (RFC 7644 section 3.5.2): one operation for each.
//!
//! Of a complex value the sub-attributes that differ are replaced, each by its path, so that one
//! which somebody else writes meanwhile is left alone. Where an entity tag rules that out, the
//! value is replaced whole, with every sub-attribute it has: some servers ignore a path to one, and
//! they differ in what they do with those left out. Extensions are changed attribute by attribute,
//! because that is the form that most of them take.

use serde_json::{Map, Value, json};

use crate::kind::{EXTENSION_PREFIX, FieldName, Fields, KindName, Shape};

use super::dialect::{Dialect, MemberForm, RemovalForm, UpdateForm};
use super::encode;
use super::filter::member_path;
use crate::plan::is_unassigned;

use super::roster::User;
use super::same::shape;

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A patch of these operations.
pub(super) fn body(operations: &[Value]) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

/// One user of a list of members that is added or removed.
pub(super) fn member(dialect: &Dialect, id: &str, name: &str) -> Value {
    match (dialect.habits.member_form, dialect.habits.own) {
        (MemberForm::Reference, Some(own)) => {
            json!({"value": id, "display": name, "$ref": format!("{}{id}", own.users)})
        }
        _ => json!({"value": id}),
    }
}

/// Users as this server takes them for members of a group.
pub(super) fn members(dialect: &Dialect, users: &[User<'_>]) -> Value {
    users.iter().map(|(user, id)| member(dialect, id.as_str(), user.key().as_str())).collect()
}

/// What is done with members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// They are added.
    Add,
    /// They are removed.
    Remove,
}

/// The operations that add users to a group, or remove them from it.
pub(super) fn of_members(dialect: &Dialect, verb: Verb, users: &[User<'_>]) -> Vec<Value> {
    let values = || members(dialect, users);
    match (verb, dialect.member_removal) {
        (Verb::Add, _) => vec![json!({"op": "add", "path": "members", "value": values()})],
        (Verb::Remove, RemovalForm::Value) => {
            vec![json!({"op": "remove", "path": "members", "value": values()})]
        }
        (Verb::Remove, RemovalForm::Filter | RemovalForm::Refused) => {
            let one =
                |(_, id): &User<'_>| json!({"op": "remove", "path": member_path(id.as_str())});
            users.iter().map(one).collect()
        }
    }
}

/// What is to be changed, and in what.
pub(super) struct Wanted<'a> {
    pub(super) kind: KindName,
    pub(super) dialect: &'a Dialect,
    pub(super) after: &'a Fields,
    pub(super) changed: &'a [FieldName],
    /// What the object says now.
    pub(super) now: &'a Fields,
    /// Whether the request has an entity tag: it fails if somebody wrote the object meanwhile.
    pub(super) is_guarded: bool,
}

impl Wanted<'_> {
    /// The value each changed field is to have: `null` where it is to go. Sub-attributes that
    /// are there and that nobody speaks of stay.
    pub(super) fn values(&self) -> Vec<(&str, Value)> {
        let one = |name| self.value(name).map(|value| (name, value));
        self.changed.iter().map(FieldName::as_str).filter_map(one).collect()
    }

    fn value(&self, name: &str) -> Option<Value> {
        let shape = shape(self.kind, self.dialect, name)?;
        let after = self.after.get(name).filter(|value| !is_unassigned(value));
        let value = match (shape, after, self.now.get(name)) {
            (_, None, _) => Value::Null,
            (Shape::Complex(_), Some(Value::Object(after)), Some(Value::Object(now))) => {
                Value::Object(overlaid(now, after))
            }
            (_, Some(after), _) => after.clone(),
        };
        Some(encode::attribute(self.kind, self.dialect, name, &value))
    }

    /// The operations that make it so.
    pub(super) fn operations(&self, form: UpdateForm) -> Vec<Value> {
        let mut operations = Vec::new();
        let mut pathless = Map::new();
        for (name, value) in self.values() {
            if let Some(operation) = self.description(name, &value) {
                operations.push(operation);
            } else if name.starts_with(EXTENSION_PREFIX) {
                self.extension(name, &value, &mut operations);
            } else if value.is_null() {
                operations.push(json!({"op": "remove", "path": name}));
            } else if form == UpdateForm::PatchWithoutPath {
                pathless.insert(name.to_owned(), value);
            } else {
                let parts = self.parts(form, name, &value);
                let whole = || vec![json!({"op": "replace", "path": name, "value": value})];
                operations.extend(parts.unwrap_or_else(whole));
            }
        }
        if !pathless.is_empty() {
            operations.push(json!({"op": "replace", "value": pathless}));
        }
        operations
    }

    /// One operation for each sub-attribute that differs, where a complex attribute is changed by
    /// its parts: it is there, and nothing makes sure that nobody wrote it meanwhile.
    fn parts(&self, form: UpdateForm, name: &str, value: &Value) -> Option<Vec<Value>> {
        let now = self.now.get(name).filter(|now| !is_unassigned(now))?;
        let now = encode::attribute(self.kind, self.dialect, name, now);
        let (now, after) = (now.as_object()?, value.as_object()?);
        if form != UpdateForm::Patch || self.is_guarded {
            return None;
        }
        let path = |part: &String| format!("{name}.{part}");
        let differs = after.iter().filter(|(part, value)| now.get(*part) != Some(value));
        let differs = differs
            .map(|(part, value)| json!({"op": "replace", "path": path(part), "value": value}));
        let gone = now.keys().filter(|part| !after.contains_key(*part));
        let gone = gone.map(|part| json!({"op": "remove", "path": path(part)}));
        let operations: Vec<Value> = differs.chain(gone).collect();
        (!operations.is_empty()).then_some(operations)
    }

    /// The description of a group lies in the provider's extension, and is emptied with an empty
    /// string: a group's operation must have a value.
    fn description(&self, name: &str, value: &Value) -> Option<Value> {
        let own = self.dialect.habits.own?;
        if !self.dialect.holds_optional(self.kind, name) {
            return None;
        }
        let path = format!("{}:{}", own.of(self.kind)?, own.description);
        let value = value.as_str().unwrap_or_default();
        Some(json!({"op": "replace", "path": path, "value": value}))
    }

    /// One operation for each attribute of an extension that differs; the whole extension where
    /// one of them is a number, which HPE GreenLake takes only inside an object.
    fn extension(&self, urn: &str, value: &Value, operations: &mut Vec<Value>) {
        let empty = Map::new();
        let now = self.now.get(urn).and_then(Value::as_object).unwrap_or(&empty);
        let Some(after) = value.as_object() else {
            operations.push(if value.is_null() {
                json!({"op": "remove", "path": urn})
            } else {
                json!({"op": "replace", "path": urn, "value": value})
            });
            return;
        };
        let is_number =
            |(part, value): (&String, &Value)| value.is_number() && now.get(part) != Some(value);
        if self.dialect.habits.own.is_some() && after.iter().any(is_number) {
            let whole = overlaid(now, after);
            operations.push(json!({"op": "replace", "path": urn, "value": whole}));
            return;
        }
        for (part, value) in after {
            if now.get(part) == Some(value) {
                continue;
            }
            let path = format!("{urn}:{part}");
            operations.push(if is_unassigned(value) {
                json!({"op": "remove", "path": path})
            } else {
                json!({"op": "replace", "path": path, "value": value})
            });
        }
    }
}

/// `now` with what `after` says put in; what `after` says is nothing goes.
fn overlaid(now: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let mut whole = now.clone();
    for (part, value) in after {
        if is_unassigned(value) {
            whole.remove(part);
        } else {
            whole.insert(part.clone(), value.clone());
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operations(form: UpdateForm, after: Value, changed: &[&str]) -> Vec<Value> {
        operations_of(form, true, after, changed)
    }

    fn operations_of(
        form: UpdateForm,
        is_guarded: bool,
        after: Value,
        changed: &[&str],
    ) -> Vec<Value> {
        let now = serde_json::from_value(json!({
            "userName": "ada", "title": "Dr", "name": {"givenName": "A", "formatted": "A L"},
            "urn:x": {"a": 1, "b": 2}
        }))
        .unwrap();
        let after = serde_json::from_value(after).unwrap();
        let changed: Vec<_> = changed.iter().map(|name| FieldName::other(name)).collect();
        let dialect = Dialect::default();
        let wanted = Wanted {
            kind: KindName::User,
            dialect: &dialect,
            after: &after,
            changed: &changed,
            now: &now,
            is_guarded,
        };
        wanted.operations(form)
    }

    #[test]
    fn one_operation_for_each_changed_attribute() {
        let after = json!({"userName": "ada", "active": false, "name": {"givenName": "Ada"},
            "emails": [{"value": "a@x"}], "urn:x": {"a": 1, "b": 3, "c": null}});
        let changed = ["active", "emails", "name", "title", "urn:x"];
        assert_eq!(
            operations(UpdateForm::Patch, after, &changed),
            [
                json!({"op": "replace", "path": "active", "value": false}),
                json!({"op": "replace", "path": "emails", "value": [{"value": "a@x"}]}),
                json!({"op": "replace", "path": "name",
                    "value": {"givenName": "Ada", "formatted": "A L"}}),
                json!({"op": "remove", "path": "title"}),
                json!({"op": "replace", "path": "urn:x:b", "value": 3}),
                json!({"op": "remove", "path": "urn:x:c"}),
            ]
        );
    }

    #[test]
    fn without_an_entity_tag_only_the_parts_that_differ_are_written() {
        let patch = |form, is_guarded, name| {
            operations_of(form, is_guarded, json!({"name": name}), &["name"])
        };
        let name = json!({"givenName": "Ada", "familyName": "L", "formatted": null});
        let parts = [
            json!({"op": "replace", "path": "name.familyName", "value": "L"}),
            json!({"op": "replace", "path": "name.givenName", "value": "Ada"}),
            json!({"op": "remove", "path": "name.formatted"}),
        ];
        assert_eq!(patch(UpdateForm::Patch, false, name.clone()), parts);
        let value = json!({"givenName": "Ada", "familyName": "L"});
        let whole = [json!({"op": "replace", "path": "name", "value": value})];
        assert_eq!(patch(UpdateForm::PatchWholeValues, false, name.clone()), whole);
        assert_eq!(patch(UpdateForm::Patch, true, name), whole);
        let same = patch(UpdateForm::Patch, false, json!({"givenName": "A"}));
        assert_eq!(same[0]["value"], json!({"givenName": "A", "formatted": "A L"}));
    }

    #[test]
    fn without_a_path_the_changed_attributes_come_together() {
        let after = json!({"active": true, "userName": "b"});
        assert_eq!(
            operations(UpdateForm::PatchWithoutPath, after, &["active", "userName"]),
            [json!({"op": "replace", "value": {"active": true, "userName": "b"}})]
        );
    }
}
