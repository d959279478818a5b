//! PATCH and PUT of groups on the observed servers, row by row.

use serde_json::{Value, json};

use super::*;

/// The status and the members of `AB` after an operation; `@x` stands for a user's id.
fn group(operations: Value) -> impl Fn(&mut Sandbox) -> String {
    move |sandbox| {
        let mut text = operations.to_string();
        for letter in ["a", "b", "c", "d"] {
            let id = id(sandbox, letter);
            text = text.replace(&format!("@{letter}"), &id);
        }
        let (status, members) = patch_group(sandbox, &serde_json::from_str(&text).unwrap());
        format!("{status} {members}")
    }
}

#[test]
fn group_additions() {
    let cd = json!([{ "value": "@c" }, { "value": "@d" }]);
    row(
        "add an array",
        [
            "204 ABCD", "200 ABCD", "200 ABCD", "204 ABCD", "200 ABCD", "200 ABCD", "200 ABCD",
            "200 ABCD",
        ],
        group(json!([{ "op": "add", "path": "members", "value": cd }])),
    );
    row(
        "add a member that is there",
        ["204 AB", "200 AB", "200 AAB", "204 AB", "200 AB", "200 AB", "200 AB", "200 AB"],
        group(json!([{ "op": "add", "path": "members", "value": [{ "value": "@a" }] }])),
    );
    row(
        "add an object",
        ["204 ABC", "400 AB", "200 ABC", "204 ABC", "400 AB", "500 AB", "200 ABC", "500 AB"],
        group(json!([{ "op": "add", "path": "members", "value": { "value": "@c" } }])),
    );
    row(
        "add without a path",
        ["204 ABD", "400 AB", "200 ABD", "204 ABD", "200 AB", "200 ABD", "200 D", "200 AB"],
        group(json!([{ "op": "add", "value": { "members": [{ "value": "@d" }] } }])),
    );
    row(
        "add an unknown member",
        ["204 ABX", "200 ABX", "400 AB", "500 AB", "400 AB", "500 AB", "200 AB", "200 AB"],
        group(json!([{ "op": "add", "path": "members", "value": [{ "value": "x" }] }])),
    );
    row(
        "a capital op",
        ["204 ABC", "200 ABC", "200 ABC", "204 ABC", "200 ABC", "200 ABC", "200 ABC", "200 AB"],
        group(json!([{ "op": "Add", "path": "members", "value": [{ "value": "@c" }] }])),
    );
}

#[test]
fn group_removals() {
    row(
        "remove by filter",
        ["204 A", "200 A", "200 A", "204 A", "200 A", "501 AB", "500 AB", "200 A"],
        group(json!([{ "op": "remove", "path": "members[value eq \"@b\"]" }])),
    );
    row(
        "remove by value",
        ["400 AB", "200 B", "200 B", "204 B", "200 AB", "200 B", "400 AB", "200 B"],
        group(json!([{ "op": "remove", "path": "members", "value": [{ "value": "@a" }] }])),
    );
    row(
        "remove a non-member",
        ["204 AB", "200 AB", "204 AB", "204 AB", "200 AB", "501 AB", "500 AB", "200 AB"],
        group(json!([{ "op": "remove", "path": "members[value eq \"@c\"]" }])),
    );
    row(
        "remove all",
        ["204 ", "400 AB", "200 ", "204 AB", "200 AB", "200 AB", "400 AB", "200 AB"],
        group(json!([{ "op": "remove", "path": "members" }])),
    );
}

#[test]
fn group_replacements() {
    row(
        "replace",
        ["204 CD", "200 CD", "200 CD", "204 ABCD", "200 CD", "501 AB", "200 CD", "200 AB"],
        group(json!([{ "op": "replace", "path": "members",
            "value": [{ "value": "@c" }, { "value": "@d" }] }])),
    );
    row(
        "replace without a path",
        ["204 C", "200 C", "200 ABC", "204 AB", "200 AB", "501 AB", "200 C", "200 AB"],
        group(json!([{ "op": "replace", "value": { "members": [{ "value": "@c" }] } }])),
    );
    row(
        "replace by nothing",
        ["204 ", "200 ", "200 ", "204 ", "200 ", "501 AB", "200 ", "200 AB"],
        group(json!([{ "op": "replace", "path": "members", "value": [] }])),
    );
    row(
        "the second operation is invalid",
        ["400 AB", "400 AB", "400 AB", "204 ABC", "200 ABC", "400 AB", "400 AB", "200 ABC"],
        group(json!([
            { "op": "add", "path": "members", "value": [{ "value": "@c" }] },
            { "op": "add", "path": "members[", "value": [{ "value": "@d" }] },
        ])),
    );
    row(
        "an unknown op",
        ["400 AB", "400 AB", "400 AB", "204 AB", "200 AB", "400 AB", "400 AB", "200 AB"],
        group(json!([{ "op": "merge", "path": "members", "value": [] }])),
    );
}

#[test]
fn group_names() {
    let renamed = |operation: Value| {
        move |sandbox: &mut Sandbox| {
            let path = format!("/Groups/{}", encoded(sandbox.state.group_named("g").unwrap().id()));
            let status = patch(sandbox, &path, &json!([operation])).status;
            format!("{status} {}", sandbox.state.groups().next().unwrap().name())
        }
    };
    row(
        "rename by path",
        ["204 n", "200 n", "200 n", "204 n", "200 n", "501 g", "500 g", "200 n"],
        renamed(json!({ "op": "replace", "path": "displayName", "value": "n" })),
    );
    row(
        "rename without a path",
        ["204 n", "200 n", "200 n", "204 n", "200 g", "501 g", "200 n", "200 n"],
        renamed(json!({ "op": "replace", "value": { "displayName": "n" } })),
    );
}

#[test]
fn group_puts() {
    let put = |body: Value| {
        move |sandbox: &mut Sandbox| {
            let path = format!("/Groups/{}", encoded(sandbox.state.group_named("g").unwrap().id()));
            let text = body.to_string().replace("@c", &id(sandbox, "c"));
            let body: Value = serde_json::from_str(&text).unwrap();
            let status = send(sandbox, &Request::new("PUT", &path).json(&body)).status;
            let name = sandbox.state.groups().next().unwrap().name().to_string();
            format!("{status} {name} {}", letters(sandbox, &name))
        }
    };
    row(
        "PUT with members",
        ["200 g C", "200 g C", "200 g C", "200 g C", "200 g C", "200 g AB", "200 g C", "200 g AB"],
        put(json!({ "schemas": [GROUP], "displayName": "g", "members": [{ "value": "@c" }] })),
    );
    row(
        "PUT without members",
        ["200 g ", "200 g ", "200 g ", "200 g ", "200 g AB", "200 g AB", "400 g AB", "200 g AB"],
        put(json!({ "schemas": [GROUP], "displayName": "g" })),
    );
    row(
        "PUT with a new name",
        ["200 n C", "200 n C", "200 n C", "200 n C", "200 n C", "200 n AB", "500 g AB", "200 n AB"],
        put(json!({ "schemas": [GROUP], "displayName": "n", "members": [{ "value": "@c" }] })),
    );
}

#[test]
fn group_bodies() {
    row("no schemas", ["204", "400", "400", "204", "200", "200", "500", "200"], |sandbox| {
        let path = format!("/Groups/{}", encoded(sandbox.state.group_named("g").unwrap().id()));
        let add =
            json!([{ "op": "add", "path": "members", "value": [{ "value": id(sandbox, "a") }] }]);
        let body = json!({ "Operations": add });
        // One server answers 204 when nothing changed; it refuses this before.
        send(sandbox, &Request::new("PATCH", &path).json(&body)).status.to_string()
    });
    row(
        "externalId of a group",
        ["yes", "yes", "yes", "yes", "no", "yes", "no", "no"],
        |sandbox| {
            let body = json!({ "schemas": [GROUP], "displayName": "h", "externalId": "e" });
            send(sandbox, &Request::new("POST", "/Groups").json(&body));
            let kept = sandbox.state.group_named("h").unwrap().attribute("externalId").is_some();
            if kept { "yes".into() } else { "no".into() }
        },
    );
}
