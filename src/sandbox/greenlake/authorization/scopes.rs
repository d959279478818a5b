//! The scopes of a scope group. Adding and deleting are not atomic: each item has its own outcome.

use serde_json::{Map, Value, json};

use super::limit::SCOPES;
use super::{scope, scope_groups};
use crate::sandbox::greenlake::call::{Call, bounded, required, text};
use crate::sandbox::greenlake::collection::{self, answer, found};
use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::greenlake::id;
use crate::sandbox::greenlake::page::Size;
use crate::sandbox::greenlake::record::{Scope, ScopeGroup};
use crate::sandbox::greenlake::twin::GreenLake;
use crate::sandbox::http::Response;

const SIZE: Size = Size { default: None, most: 500, least: 1 };

fn document(row: &Scope) -> Value {
    let kind = row.grn.rsplit('/').nth(1).unwrap_or_default();
    let region = row.grn.split("/regions/").nth(1).and_then(|rest| rest.split('/').next());
    json!({
        "id": id::dashed(&row.id),
        "type": "authorization/scope-group/scope",
        "grn": row.grn,
        "description": row.description,
        "region": region.unwrap_or("default"),
        "allScopes": false,
        "resourceTypeDisplayName": kind,
    })
}

pub(super) fn list(twin: &GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let group = found::<ScopeGroup>(twin, call, id)?;
    let mut rows = group.scopes.clone();
    rows.sort_by(|a, b| (&a.description, &a.grn).cmp(&(&b.description, &b.grn)));
    collection::listing(call, rows, SIZE, document)
}

/// The items of a body, at most 500.
fn items(body: &Map<String, Value>) -> Result<Vec<&Map<String, Value>>, Refusal> {
    let items = body.get("items").and_then(Value::as_array);
    let items = items.ok_or_else(|| Refusal::field("items", "`items` is no list"))?;
    if items.len() > SCOPES {
        let message = format!("`items` has {} items, {SCOPES} is the most", items.len());
        return Err(Refusal::field("items", message));
    }
    let objects: Vec<_> = items.iter().filter_map(Value::as_object).collect();
    if objects.len() < items.len() {
        return Err(Refusal::field("items", "an item is no object"));
    }
    Ok(objects)
}

/// An item that could not be processed.
fn error(twin: &GreenLake, code: u16, message: &str, of: usize) -> Value {
    let debug = id::derive(&format!("debug/{}/{of}", twin.nth()));
    let name = match code {
        404 => "HPE_GL_ERROR_NOT_FOUND",
        409 => "HPE_GL_ERROR_CONFLICT",
        _ => "HPE_GL_ERROR_BAD_REQUEST",
    };
    json!({ "httpStatusCode": code, "errorCode": name, "message": message, "debugId": debug })
}

fn outcome(successes: &[Value], errors: &[Value]) -> Response {
    answer(
        200,
        &json!({
            "successCount": successes.len(),
            "errorCount": errors.len(),
            "successes": successes,
            "errors": errors,
        }),
    )
}

pub(super) fn add(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let mut group = found::<ScopeGroup>(twin, call, id)?.as_ref().clone();
    let body = call.object()?;
    let (mut successes, mut errors) = (Vec::new(), Vec::new());
    for (at, item) in items(&body)?.into_iter().enumerate() {
        let grn = required(item, "grn", 1024)?;
        let description = text(item, "description")?
            .ok_or_else(|| Refusal::field("description", "`description` is missing"))?;
        // HPE requires the attribute and sets no least length.
        let description = bounded("description", description, 256)?;
        let problem = if !grn.starts_with("grn:glp/") || grn.contains("/scope-groups/") {
            Some((400, "the scope is no resource"))
        } else if group.scopes.iter().any(|row| scope::compared(&row.grn) == scope::compared(&grn))
        {
            Some((409, "the scope is in the group already"))
        } else if group.scopes.len() >= SCOPES {
            Some((400, "the group has as many scopes as it may have"))
        } else {
            None
        };
        if let Some((code, message)) = problem {
            let mut error = error(twin, code, message, at);
            error["errorDetails"] = json!([{
                "type": "hpe.greenlake.metadata",
                "source": "scope",
                "metadata": { "grn": grn, "description": description },
            }]);
            errors.push(error);
            continue;
        }
        let id = id::derive(&format!("scopes/#{}/{}/{at}", group.serial, twin.nth()));
        let row = Scope { id, grn, description };
        successes.push(document(&row));
        group.scopes.push(row);
    }
    if !successes.is_empty() {
        let logged = format!("{} scopes were added to {}.", successes.len(), group.name);
        scope_groups::changed(twin, call, group, logged);
    }
    Ok(outcome(&successes, &errors))
}

pub(super) fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    // HPE documents no 404 here.
    let group = found::<ScopeGroup>(twin, call, id)
        .map_err(|refusal| Refusal { status: 400, ..refusal })?;
    let mut group = group.as_ref().clone();
    let body = call.object()?;
    let (mut successes, mut errors) = (Vec::new(), Vec::new());
    for (at, item) in items(&body)?.into_iter().enumerate() {
        let given = required(item, "id", 64)?;
        let wanted = id::bare(&given);
        let before = group.scopes.len();
        group.scopes.retain(|row| row.id != wanted);
        if group.scopes.len() < before {
            successes.push(json!({ "id": given }));
        } else {
            let mut error = error(twin, 404, "the scope is not in the group", at);
            error["id"] = given.into();
            errors.push(error);
        }
    }
    if !successes.is_empty() {
        let logged = format!("{} scopes were taken from {}.", successes.len(), group.name);
        scope_groups::changed(twin, call, group, logged);
    }
    Ok(outcome(&successes, &errors))
}
