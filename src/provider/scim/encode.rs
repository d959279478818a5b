//! Resources onto the wire (RFC 7643 sections 3 and 4).

use serde_json::{Map, Value, json};

use crate::kind::{EXTENSION_PREFIX, Family, Fields, Key, KindName};

use super::dialect::{Dialect, DisplayName, UserName};
use super::same::shape;

/// A resource that does not exist yet, with everything that is said of it and no members.
pub(super) fn resource(kind: KindName, dialect: &Dialect, fields: &Fields) -> Value {
    let mut resource = Map::new();
    let core = kind.spec().scim.map(|resource| Value::from(resource.schema));
    let mut schemas: Vec<Value> = core.into_iter().collect();
    for (name, value) in fields {
        let name = name.as_str();
        if !is_sent(kind, dialect, name) || crate::plan::is_unassigned(value) {
            continue;
        }
        if dialect.holds_optional(kind, name)
            && let Some(own) = dialect.habits.own
        {
            if let Some(urn) = own.of(kind) {
                schemas.push(Value::from(urn));
                resource.insert(urn.to_owned(), json!({own.description: value}));
            }
            continue;
        }
        if name.starts_with(EXTENSION_PREFIX) {
            schemas.push(Value::from(name));
        }
        resource.insert(name.to_owned(), attribute(kind, dialect, name, value));
    }
    resource.insert("schemas".to_owned(), Value::Array(schemas));
    Value::Object(resource)
}

/// Whether the field goes onto the wire. A derived `displayName` does: some servers demand it.
fn is_sent(kind: KindName, dialect: &Dialect, name: &str) -> bool {
    let derived = kind.family() == Family::Subject
        && name == "displayName"
        && dialect.display_name == DisplayName::Derived;
    shape(kind, dialect, name).is_some() && (derived || !dialect.is_unheld(kind, name))
}

/// The value of one attribute as this server takes it.
pub(super) fn attribute(kind: KindName, dialect: &Dialect, name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if name == "userName" && dialect.user_name == UserName::LowerCased => {
            Value::from(Key::new(text).as_str())
        }
        Value::Object(parts) => Value::Object(held_parts(kind, dialect, name, parts)),
        Value::Array(list) => list
            .iter()
            .map(|element| match element {
                Value::Object(parts) => Value::Object(held_parts(kind, dialect, name, parts)),
                other => other.clone(),
            })
            .collect(),
        other => other.clone(),
    }
}

fn held_parts(
    kind: KindName,
    dialect: &Dialect,
    name: &str,
    parts: &Map<String, Value>,
) -> Map<String, Value> {
    parts
        .iter()
        .filter(|(part, _)| !dialect.is_unheld(kind, &format!("{name}.{part}")))
        .map(|(part, value)| (part.clone(), value.clone()))
        .collect()
}

/// The address that a server takes as `userName` whatever is sent: the primary e-mail, or the
/// first.
pub(super) fn email_of(fields: &Fields) -> Option<&str> {
    let emails = fields.get("emails")?.as_array()?;
    let primary = emails.iter().find(|email| email.get("primary") == Some(&json!(true)));
    primary.or_else(|| emails.first())?.get("value")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_does_not_hold_is_not_sent() {
        let fields: Fields = serde_json::from_value(json!({
            "userName": "Ada", "displayName": "Ada L", "title": "Dr", "photos": [],
            "emails": [{"value": "a@x", "type": "work"}], "urn:x:1": {"a": 1},
        }))
        .unwrap();
        let plain = resource(KindName::User, &Dialect::default(), &fields);
        assert_eq!(
            plain,
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:x:1"],
                "userName": "Ada", "displayName": "Ada L", "title": "Dr",
                "emails": [{"value": "a@x", "type": "work"}], "urn:x:1": {"a": 1}})
        );
        let django = Dialect::profile("django-scim2").unwrap();
        let django = resource(KindName::User, &django, &fields);
        assert_eq!(django["emails"], json!([{"value": "a@x"}]));
        assert_eq!(django["title"], Value::Null);
        assert_eq!(django["displayName"], "Ada L");
        let lower = Dialect::profile("lower-casing").unwrap();
        assert_eq!(resource(KindName::User, &lower, &fields)["userName"], "ada");
    }

    #[test]
    fn context_and_members_never_go_onto_the_wire() {
        let fields: Fields = serde_json::from_value(json!({
            "displayName": "Admins", "owner": "ada", "description": "d", "members": [],
        }))
        .unwrap();
        let group = resource(KindName::Group, &Dialect::default(), &fields);
        assert_eq!(
            group,
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                "displayName": "Admins"})
        );
    }
}
