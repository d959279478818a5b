//! What the server answers, request by request.

mod basics;
mod creates;
mod errors;
mod faults;
mod filters;
mod groups;
mod paging;
mod unnamed;
mod users;

use serde_json::{Value, json};

use super::{Personality, Request, Response, Sandbox, State};

pub(super) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

pub(super) fn now() -> jiff::Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A server with users `a` to `d` and the group `g` of `a` and `b`.
pub(super) fn server(name: &str) -> Sandbox {
    let personality = Personality::named(name).unwrap();
    let user = |letter: &str| {
        json!({
            "userName": format!("{letter}@example.com"),
            "name": { "givenName": letter.to_uppercase(), "familyName": "Person" },
            "displayName": format!("{} Person", letter.to_uppercase()),
            "emails": [{ "value": format!("{letter}@example.com"), "primary": true }],
            "active": true,
        })
    };
    let users: Vec<Value> = ["a", "b", "c", "d"].into_iter().map(user).collect();
    let seed = json!({
        "users": users,
        "groups": [{ "displayName": "g", "members": ["a@example.com", "b@example.com"] }],
    });
    let mut sandbox =
        Sandbox::new(State::seed_for(&seed, now(), &personality).unwrap(), personality);
    sandbox.base = "http://127.0.0.1:1/scim/v2".into();
    sandbox
}

pub(super) fn send(sandbox: &mut Sandbox, request: &Request) -> Response {
    sandbox.handle(request, now())
}

pub(super) fn get(sandbox: &mut Sandbox, path: &str, query: &[(&str, &str)]) -> Response {
    let request = query
        .iter()
        .fold(Request::new("GET", path), |so_far, (name, value)| so_far.with(name, value));
    send(sandbox, &request)
}

/// The id of the user with that letter.
pub(super) fn id(sandbox: &Sandbox, letter: &str) -> String {
    sandbox.state.user_named(&format!("{letter}@example.com")).unwrap().id().to_string()
}

/// The members of a group as letters, `AB`.
pub(super) fn letters(sandbox: &Sandbox, group: &str) -> String {
    let names = sandbox.state.member_names(group);
    names.iter().map(|name| name[..1].to_uppercase()).collect()
}

pub(super) fn patch(sandbox: &mut Sandbox, path: &str, operations: &Value) -> Response {
    let body = json!({ "schemas": [PATCH], "Operations": operations });
    send(sandbox, &Request::new("PATCH", path).json(&body))
}

/// PATCH of the group `g`: the status and the members after it.
pub(super) fn patch_group(sandbox: &mut Sandbox, operations: &Value) -> (u16, String) {
    let path = format!("/Groups/{}", encoded(sandbox.state.group_named("g").unwrap().id()));
    let status = patch(sandbox, &path, operations).status;
    (status, letters(sandbox, "g"))
}

pub(super) fn patch_user(sandbox: &mut Sandbox, letter: &str, operations: &Value) -> Response {
    let path = format!("/Users/{}", encoded(&id(sandbox, letter)));
    patch(sandbox, &path, operations)
}

pub(super) fn encoded(id: &str) -> String {
    percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub(super) fn rows(response: &Response) -> Vec<String> {
    let body = response.value();
    let rows = body["Resources"].as_array().cloned().unwrap_or_default();
    let name = |row: &Value| {
        row["userName"].as_str().or(row["displayName"].as_str()).unwrap_or_default().to_string()
    };
    rows.iter().map(name).collect()
}

/// The order of the columns in the tables of the tests.
pub(super) const COLUMNS: [&str; 8] = [
    "scim2-server",
    "scimserver",
    "scimmy",
    "scimgateway",
    "open-webui",
    "django-scim2",
    "canaille",
    "polis",
];

/// Compares a row with what the servers answer to `ask`.
pub(super) fn row(what: &str, wanted: [&str; 8], ask: impl Fn(&mut Sandbox) -> String) {
    let found: Vec<String> = COLUMNS.iter().map(|name| ask(&mut server(name))).collect();
    let differences: Vec<String> = COLUMNS
        .iter()
        .zip(wanted)
        .zip(&found)
        .filter(|((_, wanted), found)| wanted != &found.as_str())
        .map(|((name, wanted), found)| format!("{name}: `{found}` for `{wanted}`"))
        .collect();
    assert!(differences.is_empty(), "{what}: {}", differences.join(", "));
}

/// A user that even the pickiest server takes.
pub(super) fn full(name: &str) -> Value {
    json!({
        "schemas": [USER], "userName": name, "displayName": "X Y",
        "name": { "givenName": "X", "familyName": "Y" },
        "emails": [{ "value": name, "primary": true }],
    })
}

pub(super) fn with(mut body: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        body[name.as_str()] = value.clone();
    }
    body
}

pub(super) fn post(sandbox: &mut Sandbox, path: &str, body: &Value) -> Response {
    send(sandbox, &Request::new("POST", path).json(body))
}

/// Status, `scimType` and form of an answer in a word.
pub(super) fn said(answer: &Response) -> String {
    let status = answer.status;
    if answer.body.starts_with(b"<") {
        return format!("{status} html");
    }
    let body = answer.value();
    if answer.body.is_empty() {
        return format!("{status} empty");
    }
    if let Some(kind) = body["scimType"].as_str() {
        return format!("{status} {kind}");
    }
    if body.get("detail").is_some() && body.get("schemas").is_none() {
        return format!("{status} detail");
    }
    status.to_string()
}
