//! `POST /Bulk` (RFC 7644 section 3.7): operations in order, `bulkId` references resolved to what
//! was created before them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::call::{Call, object};
use super::error::Refusal;
use super::filter::eval::get;
use super::{Request, Response, Sandbox};

/// Answers one operation, as if it had come alone.
type Answer = fn(&mut Sandbox, &Call<'_>) -> Response;

/// Answers a bulk request, each of its operations by `each`.
pub(super) fn answer(
    sandbox: &mut Sandbox,
    call: &Call<'_>,
    each: Answer,
) -> Result<Response, Refusal> {
    let (supported, most) = sandbox.personality.discovery.bulk;
    if !supported {
        return Err(Refusal::plain(
            sandbox.personality.discovery.bulk_status,
            "bulk is not supported",
        ));
    }
    let body = object(&call.request.body)?;
    let Some(Value::Array(operations)) = get(&body, "Operations") else {
        return Err(Refusal::syntax("`Operations` is not an array"));
    };
    if operations.len() > most as usize {
        return Err(Refusal::new(413, "tooMany", format!("more than {most} operations")));
    }
    let fail_on = get(&body, "failOnErrors").and_then(Value::as_u64).unwrap_or(u64::MAX);
    let mut failed = 0;
    let mut ids = BTreeMap::new();
    let mut answers = Vec::new();
    for operation in operations {
        if failed >= fail_on {
            break;
        }
        let empty = Map::new();
        let operation = operation.as_object().unwrap_or(&empty);
        let answer = one(sandbox, call, each, operation, &mut ids);
        failed += u64::from(answer["response"].is_object());
        answers.push(answer);
    }
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
        "Operations": answers,
    });
    Ok(Response::document(200, body.to_string().into_bytes(), &sandbox.personality))
}

fn one(
    sandbox: &mut Sandbox,
    call: &Call<'_>,
    each: Answer,
    operation: &Map<String, Value>,
    ids: &mut BTreeMap<String, String>,
) -> Value {
    let text =
        |name: &str| get(operation, name).and_then(Value::as_str).unwrap_or_default().to_string();
    let bulk_id = text("bulkId");
    let mut data = get(operation, "data").map(Value::to_string).unwrap_or_default();
    let mut path = text("path");
    for (bulk_id, id) in ids.iter() {
        data = data.replace(&format!("\"bulkId:{bulk_id}\""), &json!(id).to_string());
        path = path.replace(&format!("bulkId:{bulk_id}"), id);
    }
    let mut request = Request::new(&text("method").to_ascii_uppercase(), &path);
    request.body = data.into_bytes();
    request.headers = call.request.headers.clone();
    request.headers.retain(|(name, _)| name == "authorization");
    let inner = Call { request: &request, fault: None, ..call.clone() };
    let response = if matches!(path.trim_matches('/'), "Bulk" | "") {
        super::Response::new(400)
    } else {
        each(sandbox, &inner)
    };
    let id = response.value()["id"].as_str().map(str::to_string);
    if let (Some(id), false) = (&id, bulk_id.is_empty()) {
        ids.insert(bulk_id.clone(), id.clone());
    }
    let status = if sandbox.personality.discovery.bulk_status_object {
        json!({ "code": response.status.to_string() })
    } else {
        json!(response.status.to_string())
    };
    let mut answer = json!({ "method": request.method, "status": status });
    if !bulk_id.is_empty() {
        answer["bulkId"] = bulk_id.into();
    }
    if let Some(location) = response.header("location") {
        answer["location"] = location.into();
    }
    if response.status >= 400 {
        answer["response"] = match response.value() {
            Value::Object(body) => Value::Object(body),
            _ => json!({}),
        };
    }
    answer
}
