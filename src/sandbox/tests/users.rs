//! PATCH, ETag and DELETE of users on the observed servers, row by row.

use serde_json::{Value, json};

use super::*;

/// The status of an operation on user `a`, and what an attribute is after it.
fn user(operation: Value, shown: &'static str) -> impl Fn(&mut Sandbox) -> String {
    move |sandbox| {
        let status = patch_user(sandbox, "a", &json!([operation])).status;
        let user = sandbox.state.users().next().unwrap();
        let whole = Value::Object(user.attributes.clone());
        let value = whole.pointer(shown).cloned().unwrap_or_default();
        let value = match value {
            Value::String(text) => text,
            Value::Array(elements) => elements.len().to_string(),
            Value::Null => "-".into(),
            other => other.to_string(),
        };
        format!("{status} {value}")
    }
}

#[test]
fn user_operations() {
    row(
        "active",
        [
            "204 false",
            "200 false",
            "200 false",
            "204 false",
            "200 false",
            "200 false",
            "200 false",
            "200 false",
        ],
        user(json!({ "op": "replace", "value": { "active": false } }), "/active"),
    );
    row(
        "active as text",
        [
            "204 false",
            "200 false",
            "400 true",
            "204 false",
            "400 true",
            "400 true",
            "200 false",
            "200 False",
        ],
        user(json!({ "op": "replace", "path": "active", "value": "False" }), "/active"),
    );
    row(
        "a dotted path",
        ["204 Z", "200 Person", "200 Z", "204 Z", "400 Person", "200 Z", "200 Z", "200 Z"],
        user(
            json!({ "op": "replace", "path": "name.familyName", "value": "Z" }),
            "/name/familyName",
        ),
    );
    row(
        "a complex value without a path",
        ["204 A", "200 A", "200 A", "204 A", "400 A", "500 A", "200 -", "200 -"],
        user(
            json!({ "op": "replace", "value": { "name": { "familyName": "Z" } } }),
            "/name/givenName",
        ),
    );
    row(
        "a dotted key",
        ["204 Z", "400 Person", "200 Z", "204 Z", "400 Person", "200 Z", "200 Person", "200 Z"],
        user(json!({ "op": "replace", "value": { "name.familyName": "Z" } }), "/name/familyName"),
    );
}

#[test]
fn user_operations_on_values() {
    row(
        "a second e-mail",
        ["204 2", "200 1", "200 2", "204 2", "400 1", "501 1", "200 2", "200 1"],
        user(json!({ "op": "add", "path": "emails", "value": [{ "value": "z" }] }), "/emails"),
    );
    row(
        "a filtered path",
        [
            "204 z",
            "200 z",
            "200 z",
            "204 z",
            "400 a@example.com",
            "501 a@example.com",
            "500 a@example.com",
            "200 z",
        ],
        user(
            json!({ "op": "replace", "path": "emails[primary eq true].value", "value": "z" }),
            "/emails/0/value",
        ),
    );
    row(
        "title",
        ["204 t", "200 t", "200 t", "204 t", "400 -", "501 -", "200 t", "200 t"],
        user(json!({ "op": "add", "path": "title", "value": "t" }), "/title"),
    );
}

#[test]
fn user_operations_on_names() {
    row(
        "externalId",
        ["204 e", "200 e", "200 e", "204 e", "200 e", "501 -", "400 -", "200 e"],
        user(json!({ "op": "replace", "path": "externalId", "value": "e" }), "/externalId"),
    );
    row(
        "userName",
        ["204 z", "200 z", "200 z", "204 z", "200 z", "200 z", "500 a@example.com", "200 z"],
        user(json!({ "op": "replace", "path": "userName", "value": "z" }), "/userName"),
    );
    row(
        "a userName that is taken",
        [
            "409 a@example.com",
            "409 a@example.com",
            "409 a@example.com",
            "500 a@example.com",
            "500 a@example.com",
            "500 a@example.com",
            "500 a@example.com",
            "200 b@example.com",
        ],
        user(json!({ "op": "replace", "path": "userName", "value": "b@example.com" }), "/userName"),
    );
    row(
        "a read-only attribute",
        ["400 -", "400 -", "400 -", "204 1", "400 -", "501 -", "400 -", "200 1"],
        user(json!({ "op": "replace", "path": "groups", "value": [{ "value": "x" }] }), "/groups"),
    );
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    row(
        "the enterprise extension",
        ["204 d", "200 d", "200 d", "204 d", "400 -", "501 -", "200 d", "200 -"],
        user(
            json!({ "op": "add", "path": department, "value": "d" }),
            "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department",
        ),
    );
    row(
        "an unknown extension",
        ["400 -", "200 -", "400 -", "204 w", "400 -", "501 -", "500 -", "200 -"],
        user(
            json!({ "op": "add", "path": "urn:example:2.0:User:place", "value": "w" }),
            "/urn:example:2.0:User/place",
        ),
    );
}

#[test]
fn a_conflict_leaves_one_store_broken() {
    let mut sandbox = server("scimgateway");
    let rename = json!([{ "op": "replace", "path": "userName", "value": "b@example.com" }]);
    assert_eq!(patch_user(&mut sandbox, "a", &rename).status, 500);
    let harmless = json!([{ "op": "replace", "path": "title", "value": "t" }]);
    assert_eq!(patch_user(&mut sandbox, "a", &harmless).status, 500);
    assert_eq!(patch_user(&mut sandbox, "b", &harmless).status, 204);
}

#[test]
fn versions() {
    let path = |sandbox: &Sandbox| format!("/Users/{}", encoded(&id(sandbox, "a")));
    row(
        "If-Match that is stale",
        ["412", "412 versionMismatch", "200", "412", "200", "200", "412", "200"],
        |sandbox| {
            let body = json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "active", "value": false }] });
            let request =
                Request::new("PATCH", &path(sandbox)).json(&body).header("if-match", "W/\"99\"");
            let answer = send(sandbox, &request);
            let kind = answer.value()["scimType"].as_str().map(|kind| format!(" {kind}"));
            format!("{}{}", answer.status, kind.unwrap_or_default())
        },
    );
    row("If-None-Match", ["304", "304", "304", "304", "200", "200", "304", "304"], |sandbox| {
        let path = path(sandbox);
        let first = get(sandbox, &path, &[]);
        let etag = first.header("etag").unwrap_or("W/\"1\"").to_string();
        send(sandbox, &Request::new("GET", &path).header("if-none-match", &etag)).status.to_string()
    });
}

#[test]
fn dates_and_deletions() {
    let path = |sandbox: &Sandbox| format!("/Users/{}", encoded(&id(sandbox, "a")));
    row(
        "a PATCH without effect, and one with",
        [
            "false true",
            "true true",
            "true true",
            "true true",
            "false true",
            "false false",
            "false true",
            "false true",
        ],
        |sandbox| {
            let later: jiff::Timestamp = "2026-11-21T13:00:00Z".parse().unwrap();
            let moved = |sandbox: &mut Sandbox, active: bool| {
                let before = sandbox.state.users().next().unwrap().modified.clone();
                let body = json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "active", "value": active }] });
                let request = Request::new("PATCH", &path(sandbox)).json(&body);
                sandbox.handle(&request, later);
                sandbox.state.users().next().unwrap().modified != before
            };
            let without = moved(&mut sandbox.clone(), true);
            let with = moved(sandbox, false);
            format!("{without} {with}")
        },
    );
    row(
        "DELETE, DELETE again, the group, and the name afterwards",
        [
            "204 404 2 201",
            "204 404 2 201",
            "204 404 1 201",
            "204 500 1 201",
            "204 404 1 201",
            "204 404 1 201",
            "204 404 1 201",
            "200 404 1 201",
        ],
        |sandbox| {
            let request = Request::new("DELETE", &path(sandbox));
            let first = send(sandbox, &request).status;
            let second = send(sandbox, &request).status;
            let members = sandbox.state.member_names("g").len();
            let body = json!({
                "schemas": [USER], "userName": "a@example.com", "displayName": "A",
                "name": { "givenName": "A" }, "emails": [{ "value": "a@example.com" }],
            });
            let again = send(sandbox, &Request::new("POST", "/Users").json(&body)).status;
            format!("{first} {second} {members} {again}")
        },
    );
}
