//! The log: every write leaves a row. `/audit-log/v2beta1`, and the older `/audit-log/v1`.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::collection::{self, Resource, answer as document};
use super::error::Refusal;
use super::id;
use super::odata::{self, Term};
use super::page::{self, Size};
use super::record::{Entry, WorkspaceKind};
use super::twin::GreenLake;
use crate::sandbox::http::Response;

const SIZE: Size = Size { default: Some(50), most: 2000, least: 1 };
/// The platform as a service.
const PLATFORM: &str = "00000000-0000-0000-0000-000000000000";
/// What can be asked for by `select`.
const SELECTABLE: [&str; 9] = [
    "serviceOffer",
    "createdAt",
    "category",
    "hasDetails",
    "workspace",
    "description",
    "username",
    "ipAddress",
    "additionalInfo",
];
/// What can be filtered by, and how.
const FILTERABLE: [(&str, &[&str]); 10] = [
    ("createdAt", &["lt", "ge"]),
    ("category", &["eq", "in"]),
    ("description", &["eq", "contains"]),
    ("ipAddress", &["eq", "contains"]),
    ("username", &["eq", "contains"]),
    ("workspace/name", &["eq", "contains"]),
    ("workspace/type", &["eq"]),
    ("serviceOffer/id", &["eq", "in"]),
    ("region", &["eq"]),
    ("hasDetails", &["eq"]),
];

impl Resource for Entry {
    const WHAT: &'static str = "the audit log";
    const PATH: &'static str = "/audit-log/v2beta1/logs";
    const CATEGORY: &'static str = "Audit";

    fn workspace(&self) -> Option<&str> {
        Some(&self.workspace)
    }
}

pub(super) fn answer(
    twin: &GreenLake,
    call: &Call<'_>,
    version: &str,
    path: &[&str],
) -> Result<Response, Refusal> {
    let old = version == "v1";
    match (call.request.method.as_str(), path) {
        ("GET", ["logs"]) => list(twin, call, old),
        ("GET", ["logs", id]) => collection::get(twin, call, id, |row| rendered(twin, row, old)),
        ("GET", ["logs", id, "details"]) if !old => collection::get(twin, call, id, details),
        ("GET", ["logs", id, "detail"]) if old => collection::get(twin, call, id, details),
        (method, ["logs"] | ["logs", _]) => Err(Refusal::wrong_method(method)),
        _ => Err(Refusal::no_route()),
    }
}

/// A row. The older API says `user` and `application` where the newer says `username` and
/// `serviceOffer`.
fn rendered(twin: &GreenLake, row: &Entry, old: bool) -> Value {
    let workspace = twin.state.workspaces.find(&row.workspace);
    let name = workspace.map(|row| row.name.as_str()).unwrap_or_default();
    let created = format!("{:.3}", row.created);
    if old {
        return json!({
            "id": id::dashed(&row.id),
            "type": "/audit-log/logs",
            "user": { "username": row.username },
            "workspace": { "id": row.workspace, "workspaceName": name },
            "application": { "id": PLATFORM, "applicationName": "HPE GreenLake platform" },
            "category": row.category,
            "description": row.description,
            "createdAt": created,
            "hasDetails": true,
        });
    }
    json!({
        "id": id::dashed(&row.id),
        "type": "/audit-log/log",
        "serviceOffer": { "id": PLATFORM, "name": "HPE GreenLake platform", "region": "default" },
        "username": row.username,
        "category": row.category,
        "description": row.description,
        "workspace": {
            "id": id::dashed(&row.workspace),
            "name": name,
            "type": kind(twin, row),
        },
        "createdAt": created,
        "ipAddress": "127.0.0.1",
        "hasDetails": true,
    })
}

fn kind(twin: &GreenLake, row: &Entry) -> &'static str {
    match twin.state.workspaces.find(&row.workspace).map(|row| row.kind) {
        Some(WorkspaceKind::Msp) => "MSP",
        Some(WorkspaceKind::Tenant) => "TENANT",
        _ => "STANDALONE",
    }
}

fn details(row: &Entry) -> Value {
    json!({
        "id": id::dashed(&row.id),
        "type": "/audit-log/log/details",
        "header": row.description,
        "body": row.details,
    })
}

fn list(twin: &GreenLake, call: &Call<'_>, old: bool) -> Result<Response, Refusal> {
    let terms = terms(call)?;
    let select = select(call)?;
    let (offset, limit) = page::offset_and_limit(call, SIZE)?;
    let mut rows: Vec<&Arc<Entry>> = collection::open(twin, call)?
        .filter(|row| terms.iter().all(|term| holds(twin, term, row)))
        .collect();
    match call.parameter("sort") {
        Some(text) if text.ends_with(" asc") => {}
        None => rows.reverse(),
        Some(text) if !text.contains(' ') || text.ends_with(" desc") => rows.reverse(),
        Some(other) => {
            let message = format!("`sort` is `{other}`; it ends in `asc` or `desc`");
            return Err(Refusal::parameter("sort", message));
        }
    }
    let page = page::cut(rows, offset, limit, call);
    let items: Vec<Value> =
        (page.rows.iter()).map(|row| only(rendered(twin, row, old), select.as_deref())).collect();
    Ok(document(
        200,
        &json!({
            "count": items.len(),
            "offset": offset,
            "total": page.total.min(10_000),
            "remainingRecords": page.total > 10_000,
            "items": items,
        }),
    ))
}

fn terms(call: &Call<'_>) -> Result<Vec<Term>, Refusal> {
    let Some(text) = call.filter() else { return Ok(Vec::new()) };
    let terms = odata::parse(text).map_err(Refusal::filter)?;
    for term in &terms {
        // The older API's own words.
        let name = match term.attribute.as_str() {
            "user/username" => "username",
            "workspace/workspaceName" => "workspace/name",
            "application/id" => "serviceOffer/id",
            other => other,
        };
        let Some((_, operators)) = FILTERABLE.iter().find(|(each, _)| *each == name) else {
            return Err(Refusal::filter(format!("`{name}` cannot be filtered by")));
        };
        if !operators.contains(&term.operator) {
            return Err(Refusal::filter(format!(
                "`{name}` is not compared by `{}`",
                term.operator
            )));
        }
        if name == "serviceOffer/id" && term.values.len() > 5 {
            return Err(Refusal::filter("at most five `serviceOffer/id` can be given"));
        }
        let instant = |text: &String| text.parse::<Timestamp>().is_ok();
        if name == "createdAt" && !term.values.iter().all(instant) {
            return Err(Refusal::filter("`createdAt` is compared with an instant"));
        }
    }
    Ok(terms)
}

fn holds(twin: &GreenLake, term: &Term, row: &Entry) -> bool {
    let workspace = twin.state.workspaces.find(&row.workspace);
    let workspace = workspace.map(|row| row.name.as_str()).unwrap_or_default();
    let value = match term.attribute.as_str() {
        "createdAt" => {
            let at = term.values.first().and_then(|text| text.parse::<Timestamp>().ok());
            return at.is_some_and(|at| (row.created < at) == (term.operator == "lt"));
        }
        "category" => &row.category,
        "description" => &row.description,
        "ipAddress" => "127.0.0.1",
        "username" | "user/username" => &row.username,
        "workspace/name" | "workspace/workspaceName" => workspace,
        "workspace/type" => kind(twin, row),
        "serviceOffer/id" | "application/id" => PLATFORM,
        "region" => "default",
        _ => "true",
    };
    let matches = |wanted: &String| match term.operator {
        "contains" => value.contains(wanted.as_str()),
        _ => value == wanted,
    };
    term.values.iter().any(matches)
}

/// What is to be shown.
fn select(call: &Call<'_>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(text) = call.parameter("select") else { return Ok(None) };
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_string()).collect();
    match names.iter().find(|name| !SELECTABLE.contains(&name.as_str())) {
        None => Ok(Some(names)),
        Some(other) => {
            let message = format!("`{other}` cannot be selected");
            Err(Refusal::parameter("select", message))
        }
    }
}

fn only(row: Value, select: Option<&[String]>) -> Value {
    let (Some(select), Value::Object(map)) = (select, &row) else { return row };
    let shown = |name: &str| matches!(name, "id" | "type") || select.iter().any(|n| n == name);
    let kept: Map<String, Value> = (map.iter())
        .filter(|(name, _)| shown(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Value::Object(kept)
}
