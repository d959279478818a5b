//! Creates of the observed servers, row by row.

use serde_json::{Value, json};

use super::*;

#[test]
fn creates() {
    let status = |body: Value| {
        move |sandbox: &mut Sandbox| post(sandbox, "/Users", &body).status.to_string()
    };
    row(
        "userName only",
        ["201", "201", "201", "201", "422", "201", "400", "201"],
        status(json!({ "schemas": [USER], "userName": "x@example.com" })),
    );
    row(
        "an e-mail with a type",
        ["201", "201", "201", "201", "201", "201", "400", "201"],
        status(with(
            full("x@example.com"),
            json!({ "emails": [{ "value": "x@example.com", "type": "work" }] }),
        )),
    );
    row(
        "duplicate userName",
        [
            "409 uniqueness",
            "409 uniqueness",
            "409",
            "409 uniqueness",
            "409 detail",
            "409",
            "500 html",
            "409",
        ],
        |sandbox| said(&post(sandbox, "/Users", &full("a@example.com"))),
    );
    row(
        "the same userName in other case",
        // The one that stores e-mails in lower case compares what was sent.
        ["409", "409", "409", "201", "201", "201", "201", "201"],
        |sandbox| {
            let body =
                with(full("A@example.com"), json!({ "emails": [{ "value": "z@example.com" }] }));
            post(sandbox, "/Users", &body).status.to_string()
        },
    );
    row(
        "duplicate externalId",
        ["201", "201", "201", "201", "409", "201", "201", "201"],
        |sandbox| {
            let first = with(full("x@example.com"), json!({ "externalId": "e" }));
            assert_eq!(post(sandbox, "/Users", &first).status, 201);
            let second = with(full("y@example.com"), json!({ "externalId": "e" }));
            post(sandbox, "/Users", &second).status.to_string()
        },
    );
}

#[test]
fn what_is_stored() {
    row("userName as stored", ["X", "X", "X", "X", "mail", "X", "X", "X"], |sandbox| {
        let body = with(full("X"), json!({ "emails": [{ "value": "MAIL" }] }));
        post(sandbox, "/Users", &body).value()["userName"].as_str().unwrap().to_string()
    });
}

#[test]
fn what_is_dropped() {
    row(
        "an unknown attribute",
        ["400", "400", "dropped", "kept", "dropped", "dropped", "400", "kept"],
        |sandbox| kept(sandbox, "shoeSize", json!(44)),
    );
    row(
        "an unknown extension",
        ["400", "400", "dropped", "kept", "dropped", "dropped", "400", "kept"],
        |sandbox| {
            kept(
                sandbox,
                "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:User",
                json!({ "workspaceId": "w" }),
            )
        },
    );
    row(
        "the enterprise extension",
        ["kept", "kept", "kept", "kept", "dropped", "dropped", "kept", "kept"],
        |sandbox| kept(sandbox, super::super::schema::ENTERPRISE_URN, json!({ "department": "d" })),
    );
    row(
        "roles",
        ["kept", "kept", "kept", "kept", "dropped", "dropped", "400", "kept"],
        |sandbox| kept(sandbox, "roles", json!([{ "value": "r" }])),
    );
}

/// What becomes of an attribute in a POST.
fn kept(sandbox: &mut Sandbox, name: &str, value: Value) -> String {
    let answer = post(sandbox, "/Users", &with(full("x@example.com"), json!({ name: value })));
    match (answer.status, answer.value().get(name)) {
        (201, Some(_)) => "kept".into(),
        (201, None) => "dropped".into(),
        (status, _) => status.to_string(),
    }
}

#[test]
fn answers_to_creates() {
    row(
        "the form of ids",
        ["hex", "uuid", "uuid", "name", "uuid", "integer", "uuid", "uuid"],
        |sandbox| {
            let answer = post(sandbox, "/Users", &full("x@example.com")).value();
            let id = answer["id"].as_str().unwrap();
            match id.len() {
                32 => "hex",
                36 => "uuid",
                _ if id == "x@example.com" => "name",
                _ if id.parse::<u64>().is_ok() => "integer",
                _ => id,
            }
            .to_string()
        },
    );
    row(
        "Location and meta",
        [
            "yes absolute W",
            "yes absolute W",
            "no relative none",
            "yes absolute W",
            "no absolute null",
            "yes absolute none",
            "no by-name W",
            "no none none",
        ],
        |sandbox| {
            let answer = post(sandbox, "/Users", &full("x@example.com"));
            let body = answer.value();
            let header = if answer.header("location").is_some() { "yes" } else { "no" };
            let location = match body["meta"]["location"].as_str() {
                None => "none",
                Some(url) if url.ends_with("/x%40example.com") && body["id"] != "x@example.com" => {
                    "by-name"
                }
                Some(url) if url.starts_with("http://") => "absolute",
                Some(_) => "relative",
            };
            let version = match body["meta"].get("version") {
                None => "none",
                Some(Value::Null) => "null",
                Some(_) => "W",
            };
            format!("{header} {location} {version}")
        },
    );
}

#[test]
fn new_groups() {
    row(
        "groups: duplicate displayName",
        ["201", "409", "409", "409", "201", "409", "201", "409"],
        |sandbox| {
            post(sandbox, "/Groups", &json!({ "schemas": [GROUP], "displayName": "g" }))
                .status
                .to_string()
        },
    );
    row("groups: members on POST", ["C", "C", "C", "C", "C", "", "C", ""], |sandbox| {
        let member = json!([{ "value": id(sandbox, "c") }]);
        let body = json!({ "schemas": [GROUP], "displayName": "h", "members": member });
        post(sandbox, "/Groups", &body);
        letters(sandbox, "h")
    });
    row(
        "groups: an unknown member",
        ["201 1", "201 1", "400 0", "400 0", "400 0", "201 0", "201 0", "201 0"],
        |sandbox| {
            let body =
                json!({ "schemas": [GROUP], "displayName": "h", "members": [{ "value": "x" }] });
            let status = post(sandbox, "/Groups", &body).status;
            format!("{status} {}", sandbox.state.member_names("h").len())
        },
    );
    row(
        "members as shown",
        [
            "value",
            "value",
            "value",
            "display value",
            "$ref display type value",
            "$ref display value",
            "$ref display value=name",
            "",
        ],
        |sandbox| {
            let listed = get(sandbox, "/Groups", &[]).value();
            let Some(member) = listed["Resources"][0]["members"][0].as_object() else {
                return String::new();
            };
            let by_name =
                member["value"].as_str().unwrap().contains('@') && member.contains_key("$ref");
            let names: Vec<&str> = member.keys().map(String::as_str).collect();
            names.join(" ").replace("value", if by_name { "value=name" } else { "value" })
        },
    );
}
