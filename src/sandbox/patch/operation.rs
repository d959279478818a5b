//! The operations of a PATCH, as values.

use serde_json::{Map, Value};

use super::super::call::object;
use super::super::error::Refusal;
use super::super::filter::{AttributePath, Filter, eval::get, parse};
use super::super::personality::Act;
use super::super::{Sandbox, read};

/// The three operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Remove,
    Replace,
}

/// What a path points at.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) path: AttributePath,
    /// The filter in brackets.
    pub(super) inner: Option<Filter>,
    /// The sub-attribute after the brackets.
    pub(super) after: Option<String>,
    /// As it was written.
    pub(super) written: String,
}

impl Target {
    pub(super) fn parse(text: &str) -> Result<Target, Refusal> {
        let wrong = |cause| Refusal::path(format!("the path `{text}`: {cause}"));
        let (path, inner, after) = parse::path(text).map_err(wrong)?;
        Ok(Target { path, inner, after, written: text.to_string() })
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.path.urn.is_none() && self.path.name.eq_ignore_ascii_case(name)
    }

    /// The sub-attribute, before or after brackets.
    pub(super) fn sub(&self) -> Option<&str> {
        self.after.as_deref().or(self.path.sub.as_deref())
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operation {
    pub(super) verb: Verb,
    pub(super) target: Option<Target>,
    pub(super) value: Option<Value>,
}

/// The operations of a body, without those that this server passes over.
pub(super) fn operations(sandbox: &Sandbox, body: &[u8]) -> Result<Vec<Operation>, Refusal> {
    let body = object(body)?;
    let rules = &sandbox.personality.patch;
    let named = get(&body, "schemas").and_then(Value::as_array);
    let urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    let is_patch = |each: &Value| each.as_str().is_some_and(|text| text.eq_ignore_ascii_case(urn));
    if !named.is_some_and(|urns| urns.iter().any(is_patch)) {
        read::permit(rules.no_schemas, &format!("a PATCH whose `schemas` lacks `{urn}`"))?;
    }
    let Some(Value::Array(sent)) = get(&body, "Operations") else {
        return Err(Refusal::syntax("`Operations` is not an array"));
    };
    if sent.is_empty() {
        return Err(Refusal::syntax("`Operations` is empty"));
    }
    let mut operations = Vec::with_capacity(sent.len());
    for each in sent {
        let Value::Object(each) = each else {
            return Err(Refusal::syntax("an operation is not an object"));
        };
        match operation(sandbox, each) {
            Ok(found) => operations.extend(found),
            Err(_) if !rules.atomic && sent.len() > 1 => break,
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(operations)
}

fn operation(sandbox: &Sandbox, sent: &Map<String, Value>) -> Result<Option<Operation>, Refusal> {
    let rules = &sandbox.personality.patch;
    let name = get(sent, "op").and_then(Value::as_str).unwrap_or_default();
    let verb = match name.to_ascii_lowercase().as_str() {
        "add" => Some(Verb::Add),
        "remove" => Some(Verb::Remove),
        "replace" => Some(Verb::Replace),
        _ => None,
    };
    let act = match verb {
        None => rules.unknown_op,
        Some(_) if name.chars().any(|letter| letter.is_ascii_uppercase()) => rules.capital_op,
        Some(_) => Act::Right,
    };
    let act = read::permit(act, &format!("the operation `{name}`"))?;
    let (Some(verb), Act::Right) = (verb, act) else {
        return Ok(None);
    };
    let target = match get(sent, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(Target::parse(text)?),
        Some(_) => return Err(Refusal::path("`path` is not a string")),
    };
    let value = get(sent, "value").cloned();
    if verb != Verb::Remove && value.is_none() {
        return Err(Refusal::syntax(format!("`{name}` has no `value`")));
    }
    if verb == Verb::Remove && target.is_none() {
        return Err(Refusal::new(400, "noTarget", "`remove` has no `path`"));
    }
    Ok(Some(Operation { verb, target, value }))
}

/// The pairs of an operation without a path.
pub(super) fn pairs(operation: &Operation) -> Result<&Map<String, Value>, Refusal> {
    match &operation.value {
        Some(Value::Object(map)) => Ok(map),
        _ => Err(Refusal::syntax("without a `path`, `value` is an object")),
    }
}
