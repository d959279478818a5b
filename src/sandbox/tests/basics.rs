//! The default personality: RFC 7644.

use serde_json::{Value, json};

use super::*;

fn create(sandbox: &mut Sandbox, path: &str, body: &Value) -> Response {
    send(sandbox, &Request::new("POST", path).json(body))
}

fn scim_type(response: &Response) -> String {
    response.value()["scimType"].as_str().unwrap_or_default().to_string()
}

#[test]
fn a_user_is_created_read_changed_and_deleted() {
    let mut sandbox = Sandbox::default();
    let body = json!({
        "schemas": [USER], "USERNAME": "Ada@Example.com", "name": { "FamilyName": "Lovelace" },
        "id": "mine", "password": "secret", "groups": [], "title": null,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user": { "Department": "Engines" },
    });
    let made = create(&mut sandbox, "/Users", &body);
    assert_eq!(made.status, 201, "{:?}", made.value());
    let shown = made.value();
    let id = shown["id"].as_str().unwrap().to_string();
    assert_ne!(id, "mine");
    assert_eq!(shown["userName"], "Ada@Example.com");
    assert_eq!(shown["name"], json!({ "familyName": "Lovelace" }));
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(shown[enterprise], json!({ "department": "Engines" }));
    assert_eq!(shown["schemas"], json!([USER, enterprise]));
    assert!(shown.get("password").is_none());
    assert_eq!(made.header("location").unwrap(), shown["meta"]["location"].as_str().unwrap());
    assert_eq!(made.header("etag").unwrap(), shown["meta"]["version"].as_str().unwrap());
    let path = format!("/Users/{id}");
    assert_eq!(get(&mut sandbox, &path, &[]).body, made.body);

    let put = Request::new("PUT", &path)
        .json(&json!({ "schemas": [USER], "userName": "ada@example.com", "active": true }));
    let changed = send(&mut sandbox, &put);
    assert_eq!(changed.status, 200);
    assert!(changed.value().get("name").is_none());
    assert_eq!(changed.value()["meta"]["version"], "W/\"2\"");
    // The same once more changes nothing, not even the version.
    assert_eq!(send(&mut sandbox, &put).body, changed.body);

    let delete = Request::new("DELETE", &path);
    assert_eq!(send(&mut sandbox, &delete).status, 204);
    assert_eq!(send(&mut sandbox, &delete).status, 404);
    let gone = get(&mut sandbox, &path, &[]);
    assert_eq!(gone.value()["status"], "404");
    assert_eq!(gone.value()["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
}

#[test]
fn names_are_unique_whatever_their_case() {
    let mut sandbox = server("rfc7644");
    let taken =
        create(&mut sandbox, "/Users", &json!({ "schemas": [USER], "userName": "A@EXAMPLE.com" }));
    assert_eq!((taken.status, scim_type(&taken).as_str()), (409, "uniqueness"));
    let taken = create(&mut sandbox, "/Groups", &json!({ "schemas": [GROUP], "displayName": "G" }));
    assert_eq!((taken.status, scim_type(&taken).as_str()), (409, "uniqueness"));
    let rename = json!([{ "op": "replace", "path": "userName", "value": "B@example.com" }]);
    let taken = patch_user(&mut sandbox, "a", &rename);
    assert_eq!((taken.status, scim_type(&taken).as_str()), (409, "uniqueness"));
    // Its own name in other letters is no conflict.
    let own = json!([{ "op": "replace", "path": "userName", "value": "A@Example.com" }]);
    assert_eq!(patch_user(&mut sandbox, "a", &own).status, 200);
    assert!(sandbox.take_effects().len() == 1, "refusals have no effect");
}

#[test]
fn bad_bodies_are_refused_in_scim() {
    let mut sandbox = server("rfc7644");
    for (body, kind) in [
        (&b"{"[..], "invalidSyntax"),
        (b"[]", "invalidSyntax"),
        (b"", "invalidSyntax"),
        (b"\xff", "invalidSyntax"),
        (br#"{"userName":"x"}"#, "invalidSyntax"),
        (br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}"#, "invalidValue"),
        (br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":7}"#, "invalidValue"),
        (br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x","nope":1}"#, "invalidSyntax"),
        (br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x","emails":"x"}"#, "invalidValue"),
        (br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x","active":"yes"}"#, "invalidValue"),
    ] {
        let mut request = Request::new("POST", "/Users");
        request.body = body.to_vec();
        let answer = send(&mut sandbox, &request);
        let text = String::from_utf8_lossy(body);
        assert_eq!((answer.status, scim_type(&answer).as_str()), (400, kind), "{text}");
        assert_eq!(answer.value()["status"], "400", "{text}");
    }
    assert!(sandbox.take_effects().is_empty());
}

#[test]
fn versions_guard_writes_and_spare_reads() {
    let mut sandbox = server("rfc7644");
    let path = format!("/Users/{}", id(&sandbox, "a"));
    let etag = get(&mut sandbox, &path, &[]).header("etag").unwrap().to_string();
    let same = Request::new("GET", &path).header("If-None-Match", &etag);
    assert_eq!(send(&mut sandbox, &same).status, 304);
    let body = json!({ "schemas": [PATCH], "Operations": [{ "op": "replace", "path": "title", "value": "x" }] });
    let write = |tag: &str| Request::new("PATCH", &path).json(&body).header("If-Match", tag);
    assert_eq!(send(&mut sandbox, &write("W/\"99\"")).status, 412);
    assert_eq!(send(&mut sandbox, &write(&etag)).status, 200);
    assert_eq!(send(&mut sandbox, &write(&etag)).status, 412);
    assert_eq!(send(&mut sandbox, &write("*")).status, 200);
    assert_eq!(send(&mut sandbox, &same).status, 200);
    let delete = Request::new("DELETE", &path).header("if-match", &etag);
    assert_eq!(send(&mut sandbox, &delete).status, 412);
}

#[test]
fn a_deleted_user_leaves_its_groups() {
    let mut sandbox = server("rfc7644");
    let path = format!("/Users/{}", id(&sandbox, "a"));
    let before = sandbox.state.group_named("g").unwrap().etag();
    assert_eq!(send(&mut sandbox, &Request::new("DELETE", &path)).status, 204);
    assert_eq!(letters(&sandbox, "g"), "B");
    assert_ne!(sandbox.state.group_named("g").unwrap().etag(), before);
}

#[test]
fn members_are_shown_with_all_their_parts() {
    let mut sandbox = server("rfc7644");
    let listed = get(&mut sandbox, "/Groups", &[]).value();
    let members = listed["Resources"][0]["members"].as_array().unwrap().clone();
    let a = id(&sandbox, "a");
    let wanted = json!({
        "value": a, "$ref": format!("{}/Users/{a}", sandbox.base), "type": "User", "display": "A Person",
    });
    assert!(members.contains(&wanted), "{members:?}");
    let bare = get(&mut sandbox, "/Groups", &[("excludedAttributes", "members")]).value();
    assert!(bare["Resources"][0].get("members").is_none());
    let some = get(&mut sandbox, "/Groups", &[("attributes", "members.value")]).value();
    assert_eq!(some["Resources"][0]["members"][0].as_object().unwrap().len(), 1);
    assert!(some["Resources"][0].get("displayName").is_none());
}

#[test]
fn filters_find_what_they_say() {
    let mut sandbox = server("rfc7644");
    let a = id(&sandbox, "a");
    for (filter, wanted) in [
        ("userName eq \"A@example.com\"".to_string(), "a"),
        ("userName ne \"a@example.com\"".into(), "bcd"),
        ("userName sw \"A\" or userName ew \"nope\"".into(), "a"),
        ("userName co \"@EX\" and not (name.givenName eq \"b\")".into(), "acd"),
        ("emails[value eq \"c@example.com\" and primary eq true]".into(), "c"),
        ("emails eq \"d@example.com\"".into(), "d"),
        ("emails.value eq \"d@example.com\"".into(), "d"),
        ("title pr".into(), ""),
        ("active eq true".into(), "abcd"),
        ("active eq false".into(), ""),
        ("meta.lastModified gt \"2026-01-01T00:00:00Z\"".into(), "abcd"),
        ("meta.lastModified lt \"2026-01-01T00:00:00Z\"".into(), ""),
        (format!("id eq \"{a}\""), "a"),
        (format!("id eq \"{}\"", a.to_uppercase()), ""),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"a@example.com\"".into(), "a"),
        ("schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"".into(), "abcd"),
        ("schemas co \"enterprise\"".into(), ""),
        ("not (schemas pr)".into(), ""),
        ("emails[value gt \"b@\" and primary eq true]".into(), "bcd"),
        ("(userName gt \"b@example.com\") and (userName le \"d@example.com\")".into(), "cd"),
    ] {
        let answer = get(&mut sandbox, "/Users", &[("filter", &filter)]);
        assert_eq!(answer.status, 200, "{filter}: {:?}", answer.value());
        let found: String = rows(&answer).iter().map(|name| &name[..1]).collect();
        assert_eq!(found, wanted, "{filter}");
        assert_eq!(answer.value()["totalResults"], wanted.len(), "{filter}");
    }
    let held = get(&mut sandbox, "/Groups", &[("filter", &format!("members.value eq \"{a}\""))]);
    assert_eq!(rows(&held), ["g"]);
    for filter in [
        "userName",
        "nope eq \"x\"",
        "userName eq",
        "(((",
        "schemas.value eq \"x\"",
        // What has no order (RFC 7644 section 3.4.2.2).
        "active gt true",
        "active le false",
        "active lt \"true\"",
        "title ge true",
        "userName pr and not (active ge true)",
        "emails.primary gt false",
        "emails[value pr and not (primary lt true)]",
        "x509Certificates.value gt \"MII\"",
        "x509Certificates[value ge \"MII\"]",
    ] {
        let answer = get(&mut sandbox, "/Users", &[("filter", filter)]);
        assert_eq!(
            (answer.status, scim_type(&answer).as_str()),
            (400, "invalidFilter"),
            "{filter}"
        );
    }
}

#[test]
fn pages_are_cut_sorted_and_searched() {
    let mut sandbox = server("rfc7644");
    let page = get(&mut sandbox, "/Users", &[("startIndex", "2"), ("count", "2")]);
    assert_eq!(rows(&page), ["b@example.com", "c@example.com"]);
    let body = page.value();
    assert_eq!(
        (&body["totalResults"], &body["itemsPerPage"], &body["startIndex"]),
        (&json!(4), &json!(2), &json!(2))
    );
    let sorted = get(
        &mut sandbox,
        "/Users",
        &[("sortBy", "userName"), ("sortOrder", "descending"), ("count", "1")],
    );
    assert_eq!(rows(&sorted), ["d@example.com"]);
    let sorted =
        get(&mut sandbox, "/Users", &[("sortBy", "name.givenName"), ("sortOrder", "descending")]);
    assert_eq!(rows(&sorted)[0], "d@example.com");
    let search = json!({ "filter": "userName sw \"a\"", "attributes": ["userName"] });
    let found = send(&mut sandbox, &Request::new("POST", "/Users/.search").json(&search));
    assert_eq!(rows(&found), ["a@example.com"]);
    assert!(found.value()["Resources"][0].get("name").is_none());
    let all = send(&mut sandbox, &Request::new("POST", "/.search").json(&json!({})));
    assert_eq!(all.value()["totalResults"], 5);
    for (name, value) in [("count", "x"), ("startIndex", "1e3")] {
        let answer = get(&mut sandbox, "/Users", &[(name, value)]);
        assert_eq!((answer.status, scim_type(&answer).as_str()), (400, "invalidValue"));
    }
}

#[test]
fn discovery_and_unknown_paths() {
    let mut sandbox = server("rfc7644");
    let config = get(&mut sandbox, "/ServiceProviderConfig", &[]).value();
    assert_eq!(config["etag"]["supported"], true);
    let types = get(&mut sandbox, "/ResourceTypes", &[]).value();
    assert_eq!(types["Resources"][1]["endpoint"], "/Groups");
    assert_eq!(get(&mut sandbox, "/ResourceTypes/User", &[]).value()["name"], "User");
    assert_eq!(get(&mut sandbox, &format!("/Schemas/{USER}"), &[]).value()["name"], "User");
    for path in ["/", "/Nope", "/Users/x/y", "/users", "/Schemas/urn:nope"] {
        let answer = get(&mut sandbox, path, &[]);
        assert_eq!((answer.status, &answer.value()["status"]), (404, &json!("404")), "{path}");
    }
    assert_eq!(send(&mut sandbox, &Request::new("DELETE", "/Users")).status, 405);
}

#[test]
fn a_token_is_asked_for() {
    let mut sandbox = server("rfc7644");
    sandbox.token = Some("right".into());
    let with = |value: &str| Request::new("GET", "/Users").header("Authorization", value);
    assert_eq!(get(&mut sandbox, "/Users", &[]).status, 401);
    assert_eq!(send(&mut sandbox, &with("Bearer wrong")).status, 401);
    assert_eq!(send(&mut sandbox, &with("Basic right")).status, 401);
    assert_eq!(send(&mut sandbox, &with("bearer right")).status, 200);
    assert_eq!(get(&mut sandbox, "/ServiceProviderConfig", &[]).status, 200);
}

#[test]
fn the_same_requests_give_the_same_bytes_and_effects_replay_to_the_same_state() {
    let run = |name: &str| {
        let mut sandbox = server(name);
        let start = sandbox.state.clone();
        let mut bytes = Vec::new();
        for request in story(&sandbox) {
            let answer = send(&mut sandbox, &request);
            bytes.push((answer.status, answer.headers.clone(), answer.body.clone()));
        }
        let mut replayed = start;
        for effect in sandbox.take_effects() {
            let line = serde_json::to_string(&effect).unwrap();
            replayed.apply(&serde_json::from_str(&line).unwrap());
        }
        assert_eq!(replayed, sandbox.state, "{name}");
        let file = serde_json::to_string(&sandbox.state).unwrap();
        let read: State = serde_json::from_str(&file).unwrap();
        assert_eq!(read, sandbox.state, "{name}");
        bytes
    };
    for name in Personality::NAMES {
        assert_eq!(run(name), run(name), "{name}");
    }
}

fn story(sandbox: &Sandbox) -> Vec<Request> {
    let path = |letter: &str| format!("/Users/{}", encoded(&id(sandbox, letter)));
    let group = format!("/Groups/{}", encoded(sandbox.state.group_named("g").unwrap().id()));
    let operations = |operations: Value| json!({ "schemas": [PATCH], "Operations": operations });
    vec![
        Request::new("POST", "/Users").json(&json!({
            "schemas": [USER], "userName": "e@example.com", "displayName": "E",
            "name": { "givenName": "E" }, "emails": [{ "value": "e@example.com" }],
        })),
        Request::new("POST", "/Groups").json(&json!({
            "schemas": [GROUP], "displayName": "h", "members": [{ "value": id(sandbox, "c") }],
        })),
        Request::new("PATCH", &group).json(&operations(
            json!([{ "op": "add", "path": "members", "value": [{ "value": id(sandbox, "c") }] }]),
        )),
        Request::new("PATCH", &path("b"))
            .json(&operations(json!([{ "op": "replace", "path": "active", "value": false }]))),
        Request::new("DELETE", &path("a")),
        Request::new("GET", "/Users"),
        Request::new("GET", "/Groups"),
    ]
}

#[test]
fn a_document_that_was_exported_is_a_seed() {
    let sandbox = server("rfc7644");
    let again = State::seed(&sandbox.state.export(), now()).unwrap();
    assert_eq!(again, sandbox.state);
}

#[test]
fn a_wrong_seed_says_where() {
    for (seed, place) in [
        (json!([]), "not a JSON object"),
        (json!({ "user": [] }), "`user`"),
        (json!({ "users": {} }), "`users` is not an array"),
        (json!({ "users": [{}] }), "`users[0].userName`"),
        (json!({ "users": [{ "userName": "a" }, { "userName": "A" }] }), "`users[1].userName`"),
        (json!({ "users": [{ "userName": "a", "id": 7 }] }), "`users[0].id`"),
        (
            json!({ "groups": [{ "displayName": "g", "members": ["x"] }] }),
            "`groups[0].members[0]`: no user `x`",
        ),
        (json!({ "users": [{ "userName": "a", "nope": 1 }] }), "`users[0]`: no attribute `nope`"),
    ] {
        let error = State::seed(&seed, now()).unwrap_err();
        assert!(error.contains(place), "{error}");
    }
}
