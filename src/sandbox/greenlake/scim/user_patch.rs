//! PATCH of a user.
//!
//! HPE does not say which attributes can change. Here they are `displayName`, `name`, `emails`,
//! `active`, `countryCode` and the POSIX attributes; `userName` is the identity and cannot.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::document::{PATCH, POSIX_EXTENSION, USER_EXTENSION, document};
use super::{render, user_body, users};
use crate::sandbox::greenlake::GreenLake;
use crate::sandbox::greenlake::call::{Call, bounded};
use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::greenlake::record::User;
use crate::sandbox::http::Response;
use crate::sandbox::record::fold;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Remove,
    Replace,
}

pub(super) fn patch(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let body = call.object()?;
    let operations = operations(&body)?;
    let old = Arc::clone(users::found(twin, id)?);
    users::writable(twin, &old)?;
    let mut user = old.as_ref().clone();
    for operation in operations {
        let verb = verb(operation)?;
        let value = operation.get("value");
        let change = Change { verb, posix: twin.state.organization.posix };
        match (operation.get("path"), value) {
            (None | Some(Value::Null), Some(Value::Object(fields))) if verb != Verb::Remove => {
                for (path, value) in fields {
                    change.apply(&mut user, path, Some(value))?;
                }
            }
            (Some(Value::String(path)), value) => change.apply(&mut user, path, value)?,
            _ => return Err(Refusal::field("path", "an operation without a path needs an object")),
        }
    }
    if user != *old {
        user.version += 1;
        user.modified = call.now;
        twin.put(user.clone());
        twin.log(call, "User Management", format!("User {} was updated.", user.user_name));
    }
    Ok(document(200, &render::user(&user)))
}

/// The operations of a PATCH.
pub(super) fn operations(body: &Map<String, Value>) -> Result<Vec<&Map<String, Value>>, Refusal> {
    if !matches!(body.get("schemas"), Some(Value::Array(names)) if names.iter().any(|name| name == PATCH))
    {
        return Err(Refusal::field("schemas", format!("`schemas` is not [`{PATCH}`]")));
    }
    let Some(Value::Array(elements)) = body.get("Operations") else {
        return Err(Refusal::field("Operations", "`Operations` is no array"));
    };
    let object = |element: &'_ Value| element.is_object();
    if elements.is_empty() || !elements.iter().all(object) {
        return Err(Refusal::field("Operations", "`Operations` needs objects, at least one"));
    }
    Ok(elements.iter().filter_map(Value::as_object).collect())
}

/// `add`, `Add`, `remove`, … and no other spelling.
pub(super) fn verb(operation: &Map<String, Value>) -> Result<Verb, Refusal> {
    match operation.get("op").and_then(Value::as_str) {
        Some("add" | "Add") => Ok(Verb::Add),
        Some("remove" | "Remove") => Ok(Verb::Remove),
        Some("replace" | "Replace") => Ok(Verb::Replace),
        _ => Err(Refusal::field("op", "`op` is none of add, remove, replace")),
    }
}

struct Change {
    verb: Verb,
    posix: bool,
}

impl Change {
    fn apply(&self, user: &mut User, path: &str, value: Option<&Value>) -> Result<(), Refusal> {
        let removes = self.verb == Verb::Remove;
        let (urn, name) = split(path);
        if urn == Some(POSIX_EXTENSION) {
            return self.posix(user, name, value);
        }
        if removes && name == "displayName" {
            user.display_name = format!("{} {}", user.given_name, user.family_name);
            return Ok(());
        }
        if removes {
            return Err(Refusal::field(path, format!("`{path}` cannot be removed")));
        }
        let value = value.ok_or_else(|| Refusal::field("value", "`value` is missing"))?;
        let text =
            || value.as_str().ok_or_else(|| Refusal::field(path, format!("`{path}` is no string")));
        match (urn, name) {
            (Some(USER_EXTENSION), "") => {
                let code = value.get("countryCode").and_then(Value::as_str).unwrap_or_default();
                user.country = user_body::country(code)?;
            }
            (Some(USER_EXTENSION), "countryCode") => user.country = user_body::country(text()?)?,
            (None, "userName") if fold(text()?) == fold(&user.user_name) => {}
            (None, "displayName") => user.display_name = bounded(path, text()?, 201)?,
            (None, "name") => {
                (user.given_name, user.family_name) = user_body::name(&self.merged(user, value))?;
            }
            (None, "name.givenName") => user.given_name = bounded(path, text()?, 50)?,
            (None, "name.familyName") => user.family_name = bounded(path, text()?, 50)?,
            (None, "emails") => user.emails = user_body::emails(value, &user.user_name)?,
            (None, "active") => {
                let active = value.as_bool();
                user.active = active
                    .ok_or_else(|| Refusal::field(path, "`active` is neither true nor false"))?;
            }
            _ => return Err(Refusal::field("path", format!("`{path}` cannot be changed"))),
        }
        Ok(())
    }

    /// A name of which only one part is written keeps the other.
    fn merged(&self, user: &User, value: &Value) -> Value {
        let mut name = json!({ "givenName": user.given_name, "familyName": user.family_name });
        if let (Some(whole), Some(part)) = (name.as_object_mut(), value.as_object()) {
            whole.extend(part.clone());
        }
        name
    }

    fn posix(&self, user: &mut User, name: &str, value: Option<&Value>) -> Result<(), Refusal> {
        if !self.posix {
            return Err(user_body::not_enabled());
        }
        if self.verb == Verb::Remove && name.is_empty() {
            user.posix = None;
            return Ok(());
        }
        let mut whole = render::user(user)
            .get(POSIX_EXTENSION)
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        match (self.verb, name, value) {
            (Verb::Remove, name, _) => drop(whole.remove(name)),
            (_, "", Some(Value::Object(fields))) => whole.extend(fields.clone()),
            (_, name, Some(value)) => drop(whole.insert(name.to_string(), value.clone())),
            _ => return Err(Refusal::field("value", "`value` is missing")),
        }
        user.posix = Some(user_body::posix(&Value::Object(whole))?);
        Ok(())
    }
}

/// An extension's URN, and the attribute in it.
fn split(path: &str) -> (Option<&'static str>, &str) {
    for urn in [USER_EXTENSION, POSIX_EXTENSION] {
        if let Some(rest) = path.strip_prefix(urn) {
            return (Some(urn), rest.strip_prefix(':').unwrap_or(rest));
        }
    }
    (None, path)
}
