//! Errors and discovery of the observed servers, row by row.

use serde_json::{Value, json};

use super::*;

#[test]
fn errors() {
    let on = |method: &'static str, path: &'static str| {
        move |sandbox: &mut Sandbox| {
            let body =
                json!({ "schemas": [PATCH], "Operations": [{ "op": "remove", "path": "title" }] });
            said(&send(sandbox, &Request::new(method, path).json(&body)))
        }
    };
    row(
        "missing, GET",
        ["404", "404 noTarget", "404", "404", "404", "404", "404", "404"],
        on("GET", "/Users/none"),
    );
    row(
        "missing, PATCH",
        ["404", "404 noTarget", "404", "500", "404 detail", "404", "404", "404"],
        on("PATCH", "/Users/none"),
    );
    row(
        "missing, DELETE",
        ["404", "404 noTarget", "404", "500", "404 detail", "404", "404", "404"],
        on("DELETE", "/Users/none"),
    );
    row(
        "unknown endpoint",
        ["404", "404", "404", "404 empty", "200 html", "404 html", "404", "404"],
        on("GET", "/Nope"),
    );
}

#[test]
fn who_may_ask() {
    row(
        "no token",
        ["401", "401 invalidToken", "401", "401 empty", "401 detail", "401 empty", "401", "401"],
        |sandbox| {
            sandbox.token = Some("t".into());
            said(&get(sandbox, "/Users", &[]))
        },
    );
    row(
        "the configuration without a token",
        ["200", "200", "401", "401", "200", "401", "401", "404"],
        |sandbox| {
            sandbox.token = Some("t".into());
            get(sandbox, "/ServiceProviderConfig", &[]).status.to_string()
        },
    );
}

#[test]
fn forms_of_answers() {
    row(
        "status in the body",
        ["text", "text", "text", "text", "text", "number", "text", "absent"],
        |sandbox| match &get(sandbox, "/Users/none", &[]).value()["status"] {
            Value::String(_) => "text".into(),
            Value::Number(_) => "number".into(),
            _ => "absent".into(),
        },
    );
    row(
        "media type",
        [
            "application/scim+json",
            "application/scim+json; charset=utf-8",
            "application/scim+json; charset=utf-8",
            "application/scim+json; charset=utf-8",
            "application/json",
            "application/scim+json",
            "application/scim+json",
            "application/scim+json",
        ],
        |sandbox| get(sandbox, "/Users", &[]).header("content-type").unwrap().to_string(),
    );
}

#[test]
fn discovery() {
    row("discovery", ["list", "list", "list", "list", "array", "list", "list", "404"], |sandbox| {
        let answer = get(sandbox, "/ResourceTypes", &[]);
        match answer.value() {
            Value::Array(_) => "array".into(),
            body if body["Resources"].is_array() => "list".into(),
            _ => answer.status.to_string(),
        }
    });
    row(
        "endpoint of users",
        [
            "/Users",
            "/Users",
            "/Users",
            "/Users",
            "/Users",
            "/scim/v2/Users",
            "http://127.0.0.1:1/scim/v2/Users",
            "",
        ],
        |sandbox| {
            let body = get(sandbox, "/ResourceTypes", &[]).value();
            let first = body.get("Resources").unwrap_or(&body).get(0).cloned().unwrap_or_default();
            first["endpoint"].as_str().unwrap_or_default().to_string()
        },
    );
}
