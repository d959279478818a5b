//! PATCH (RFC 7644 section 3.5.2).

mod attribute;
mod group;
mod user;

use serde_json::{Map, Value};

use super::call::{Call, object};
use super::error::Refusal;
use super::filter::{AttributePath, Filter, eval::get, parse};
use super::normalise;
use super::personality::{Act, Success};
use super::record::{Kind, Record};
use super::{Response, Sandbox, create, members, read};

/// The three operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Add,
    Remove,
    Replace,
}

/// What a path points at.
#[derive(Clone, Debug, PartialEq)]
struct Target {
    path: AttributePath,
    /// The filter in brackets.
    inner: Option<Filter>,
    /// The sub-attribute after the brackets.
    after: Option<String>,
    /// As it was written.
    written: String,
}

impl Target {
    fn parse(text: &str) -> Result<Target, Refusal> {
        let wrong = |cause| Refusal::path(format!("the path `{text}`: {cause}"));
        let (path, inner, after) = parse::path(text).map_err(wrong)?;
        Ok(Target { path, inner, after, written: text.to_string() })
    }

    fn is(&self, name: &str) -> bool {
        self.path.urn.is_none() && self.path.name.eq_ignore_ascii_case(name)
    }

    /// The sub-attribute, before or after brackets.
    fn sub(&self) -> Option<&str> {
        self.after.as_deref().or(self.path.sub.as_deref())
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
struct Operation {
    verb: Verb,
    target: Option<Target>,
    value: Option<Value>,
}

/// `PATCH /Users/ID`, `PATCH /Groups/ID`.
pub(super) fn answer(
    sandbox: &mut Sandbox,
    call: &Call<'_>,
    kind: Kind,
    id: &str,
) -> Result<Response, Refusal> {
    let old = read::find_to_write(sandbox, call, kind, id)?;
    let operations = operations(sandbox, &call.request.body)?;
    if kind == Kind::Group {
        members::within_request(sandbox, operations.iter().map(group::sent).sum())?;
    }
    let mut new = (*old).clone();
    for operation in &operations {
        let mut next = new.clone();
        let result = one(sandbox, &mut next, operation);
        match result {
            Ok(()) => new = next,
            // What went before stays, and the client hears of success; a lone failure is told.
            Err(_) if !sandbox.personality.patch.atomic && operations.len() > 1 => break,
            Err(refusal) => return Err(refusal),
        }
    }
    match kind {
        Kind::User => normalise::name_user(&mut new.attributes, &sandbox.personality.storage),
        Kind::Group => members::within_group(sandbox, &new.members)?,
    }
    if new.name().is_empty() {
        return Err(Refusal::value(format!("`{}` is required", kind.key())));
    }
    let (record, changed) = create::store(sandbox, call, &old, new)?;
    match sandbox.personality.patch.success {
        Success::NoContent => Ok(bare(sandbox, &record)),
        Success::FullOrNothing if !changed => Ok(bare(sandbox, &record)),
        Success::WithoutMembers if kind == Kind::Group => {
            Ok(read::without_members(sandbox, &record, 200))
        }
        _ => read::shown(sandbox, call, &record, 200),
    }
}

fn bare(sandbox: &Sandbox, record: &Record) -> Response {
    let mut response = Response::new(204);
    if sandbox.personality.meta.versions == super::personality::Versions::Full {
        response.set("etag", &record.etag());
    }
    response
}

fn one(sandbox: &Sandbox, record: &mut Record, operation: &Operation) -> Result<(), Refusal> {
    match record.kind {
        Kind::User => user::apply(sandbox, record, operation),
        Kind::Group => group::apply(sandbox, record, operation),
    }
}

/// The operations of a body, without those that this server passes over.
fn operations(sandbox: &Sandbox, body: &[u8]) -> Result<Vec<Operation>, Refusal> {
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
fn pairs(operation: &Operation) -> Result<&Map<String, Value>, Refusal> {
    match &operation.value {
        Some(Value::Object(map)) => Ok(map),
        _ => Err(Refusal::syntax("without a `path`, `value` is an object")),
    }
}
