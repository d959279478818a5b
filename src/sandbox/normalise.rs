//! What a client sent → what is stored: canonical names, checked types, and the server's own
//! habits (dropped attributes, names in lower case, …).

use serde_json::{Map, Value, json};

use super::error::Refusal;
use super::personality::{Act, DisplayName, Storage, Unknown, UserName};
use super::record::Kind;
use super::schema::{self, Attribute, Type};

/// A body, sorted out.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    pub(super) attributes: Map<String, Value>,
    /// `members`, if the key was there.
    pub(super) members: Option<Value>,
}

/// Reads the body of a POST or PUT.
pub(super) fn body(
    kind: Kind,
    body: &Map<String, Value>,
    rules: &Storage,
) -> Result<Input, Refusal> {
    if rules.schemas_required {
        let named = super::filter::eval::get(body, "schemas").and_then(Value::as_array);
        let core = schema::core_urn(kind);
        let is_core =
            |each: &Value| each.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(core));
        if !named.is_some_and(|urns| urns.iter().any(is_core)) {
            return Err(Refusal::syntax(format!("`schemas` does not name `{core}`")));
        }
    }
    let mut input = Input::default();
    for (name, value) in body {
        if name.eq_ignore_ascii_case("members") && kind == Kind::Group {
            input.members = Some(value.clone());
        } else if let Some((name, value)) = attribute(kind, name, value, rules)? {
            input.attributes.insert(name, value);
        }
    }
    stamp(kind, &mut input.attributes);
    Ok(input)
}

/// One attribute of a body as it is stored; none if it is not stored.
pub(super) fn attribute(
    kind: Kind,
    name: &str,
    value: &Value,
    rules: &Storage,
) -> Result<Option<(String, Value)>, Refusal> {
    if name.eq_ignore_ascii_case("schemas") || name.eq_ignore_ascii_case("password") {
        return Ok(None);
    }
    let folded = name.to_ascii_lowercase();
    let dropped = match kind {
        Kind::User => rules.user_dropped,
        Kind::Group => rules.group_dropped,
    };
    if dropped.contains(&folded.as_str()) {
        return Ok(None);
    }
    if kind == Kind::User && rules.user_refused.contains(&folded.as_str()) {
        return Err(Refusal::syntax(format!("`{name}` is not permitted")));
    }
    if schema::is_urn(name) {
        return extension(name, value, rules);
    }
    let Some(attribute) = schema::core(kind, name) else {
        let kept = match rules.unknown_core {
            Unknown::Kept => Some((name.to_string(), value.clone())),
            Unknown::Dropped => None,
            Unknown::Refused(scim_type) => {
                return Err(Refusal::new(400, scim_type, format!("no attribute `{name}`")));
            }
            Unknown::Crash => return Err(Refusal::crash()),
        };
        return Ok(kept.filter(|(_, value)| !is_unassigned(value)));
    };
    if attribute.read_only {
        return Ok(None);
    }
    let value = typed(attribute, value, rules)?;
    Ok((!is_unassigned(&value)).then(|| (attribute.name.to_string(), value)))
}

fn extension(
    urn: &str,
    value: &Value,
    rules: &Storage,
) -> Result<Option<(String, Value)>, Refusal> {
    if is_unassigned(value) {
        return Ok(None);
    }
    let Value::Object(map) = value else {
        return Err(Refusal::value(format!("`{urn}` is not an object")));
    };
    if !urn.eq_ignore_ascii_case(schema::ENTERPRISE_URN) {
        return match rules.unknown_urn {
            Unknown::Kept => Ok(Some((urn.to_string(), value.clone()))),
            Unknown::Dropped => Ok(None),
            Unknown::Refused(scim_type) => {
                Err(Refusal::new(400, scim_type, format!("no schema `{urn}`")))
            }
            Unknown::Crash => Err(Refusal::crash()),
        };
    }
    let mut stored = Map::new();
    for (name, value) in map {
        let Some(attribute) = schema::enterprise(name) else {
            return Err(Refusal::syntax(format!("no attribute `{name}` in `{urn}`")));
        };
        let value = typed(attribute, value, rules)?;
        if !is_unassigned(&value) {
            stored.insert(attribute.name.into(), value);
        }
    }
    let stored = Value::Object(stored);
    Ok((!is_unassigned(&stored)).then(|| (schema::ENTERPRISE_URN.to_string(), stored)))
}

/// The value if it is of the attribute's type, with canonical names inside.
pub(super) fn typed(
    attribute: &'static Attribute,
    value: &Value,
    rules: &Storage,
) -> Result<Value, Refusal> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    if !attribute.many {
        return single(attribute, value, rules);
    }
    let Value::Array(elements) = value else {
        return Err(Refusal::value(format!("`{}` is not an array", attribute.name)));
    };
    elements.iter().map(|element| single(attribute, element, rules)).collect()
}

/// One value, or one element of a multi-valued attribute.
pub(super) fn single(
    attribute: &'static Attribute,
    value: &Value,
    rules: &Storage,
) -> Result<Value, Refusal> {
    let wrong = |what: &str| Err(Refusal::value(format!("`{}` is not {what}", attribute.name)));
    match (attribute.kind, value) {
        (Type::Text, Value::String(_)) | (Type::Flag, Value::Bool(_)) => Ok(value.clone()),
        (Type::Text, _) => wrong("a string"),
        (Type::Flag, Value::String(text)) => match rules.flag_as_text {
            Act::Right if text.eq_ignore_ascii_case("true") => Ok(true.into()),
            Act::Right if text.eq_ignore_ascii_case("false") => Ok(false.into()),
            Act::Whole => Ok(value.clone()),
            _ => wrong("a boolean"),
        },
        (Type::Flag, _) => wrong("a boolean"),
        (Type::Complex(_), Value::Object(map)) => {
            let mut stored = Map::new();
            for (name, value) in map {
                if let Some((name, value)) = sub_attribute(attribute, name, value, rules)? {
                    stored.insert(name, value);
                }
            }
            Ok(Value::Object(stored))
        }
        (Type::Complex(_), _) => wrong("an object"),
    }
}

/// One sub-attribute as it is stored; none if it is not stored.
pub(super) fn sub_attribute(
    parent: &'static Attribute,
    name: &str,
    value: &Value,
    rules: &Storage,
) -> Result<Option<(String, Value)>, Refusal> {
    let path = format!("{}.{name}", parent.name).to_ascii_lowercase();
    if rules.user_refused.contains(&path.as_str()) {
        return Err(Refusal::syntax(format!("`{path}` is not permitted")));
    }
    let Some(sub) = parent.sub(name) else {
        return match rules.unknown_core {
            Unknown::Kept => Ok(Some((name.to_string(), value.clone()))),
            Unknown::Dropped => Ok(None),
            Unknown::Refused(scim_type) => {
                let detail = format!("no attribute `{name}` in `{}`", parent.name);
                Err(Refusal::new(400, scim_type, detail))
            }
            Unknown::Crash => Err(Refusal::crash()),
        };
    };
    let value = typed(sub, value, rules)?;
    Ok((!is_unassigned(&value)).then(|| (sub.name.to_string(), value)))
}

/// Null and the empty array are "unassigned" (RFC 7643 section 2.5).
pub(super) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The server's habits with the `userName` of a new user.
pub(super) fn name_new_user(user: &mut Map<String, Value>, rules: &Storage) {
    if rules.user_name == UserName::Email {
        let emails = user.get("emails").and_then(Value::as_array);
        let chosen = emails.and_then(|all| {
            all.iter().find(|each| each["primary"] == json!(true)).or_else(|| all.first())
        });
        if let Some(email) = chosen.and_then(|each| text(each.get("value"))) {
            user.insert("userName".into(), email.to_lowercase().into());
        }
    }
    name_user(user, rules);
}

/// The server's habits with names, on every write.
pub(super) fn name_user(user: &mut Map<String, Value>, rules: &Storage) {
    if rules.user_name == UserName::Lower
        && let Some(name) = text(user.get("userName"))
    {
        user.insert("userName".into(), name.to_lowercase().into());
    }
    match rules.display_name {
        DisplayName::Kept => {}
        DisplayName::Lost => drop(user.remove("displayName")),
        DisplayName::Derived => {
            let part = |name: &str| text(user.get("name").and_then(|whole| whole.get(name)));
            let parts: Vec<String> =
                ["givenName", "familyName"].into_iter().filter_map(part).collect();
            if !parts.is_empty() {
                user.insert("displayName".into(), parts.join(" ").into());
            }
        }
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_string)
}

/// Sets `schemas` to the core schema and the extensions that are there.
pub(super) fn stamp(kind: Kind, attributes: &mut Map<String, Value>) {
    let mut urns = vec![Value::from(schema::core_urn(kind))];
    urns.extend(attributes.keys().filter(|name| schema::is_urn(name)).map(|n| json!(n)));
    attributes.insert("schemas".into(), urns.into());
}
