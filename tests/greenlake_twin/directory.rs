//! Users, groups and members.

use serde_json::json;

use super::world::{
    GROUP_EXTENSION, SCIM, USER, USER_EXTENSION, World, code, new_group, new_user, operation, seed,
    text,
};

#[test]
fn there_are_twelve_operations_and_no_more() {
    let mut world = World::new();
    let user = world.user_path("ada@example.com");
    let group = world.group_path("admins");
    for (method, path, status) in [
        ("PUT", user.as_str(), 405),
        ("PUT", group.as_str(), 405),
        ("PATCH", "/identity/v2beta1/scim/v2/Users", 405),
        ("POST", "/identity/v2beta1/scim/v2/Bulk", 404),
        ("POST", "/identity/v2beta1/scim/v2/Users/.search", 405),
        ("GET", "/identity/v2beta1/scim/v2/ServiceProviderConfig", 404),
        ("GET", "/identity/v2beta1/scim/v2/Schemas", 404),
        ("GET", "/identity/v2beta1/scim/v2/ResourceTypes", 404),
        ("GET", "/identity/v2beta1/scim/v2/Me", 404),
    ] {
        assert_eq!(world.call(method, path, &json!({})).0, status, "{method} {path}");
    }
    let request = world.request("GET", &user);
    let response = world.send(&request);
    assert_eq!(response.header("etag"), None);
    assert_eq!(response.header("content-type"), Some("application/scim+json"));
    assert!(world.group("admins").get("members").is_none());
}

#[test]
fn a_user_is_made_read_changed_and_deleted() {
    let mut world = World::new();
    let request = world.request("POST", &format!("{SCIM}/Users"));
    let mut body = new_user("new@example.com");
    body["externalId"] = "ignored".into();
    let response = world.send(&request.json(&body));
    let made = response.value();
    assert_eq!(response.status, 201, "{made}");
    assert_eq!(response.header("location"), made["meta"]["location"].as_str());
    assert_eq!(text(&made["id"]).len(), 32);
    assert_eq!(
        (&made["active"], &made[USER_EXTENSION]["status"]),
        (&json!(false), &json!("STAGED"))
    );
    assert_eq!(made["emails"], json!([{ "value": "new@example.com", "primary": true }]));
    assert_eq!(made["displayName"], "Some Body");
    assert!(made.get("externalId").is_none());
    let path = World::path(&made);
    let dashed = format!("{SCIM}/Users/{}", &text(&made[USER_EXTENSION]["hpe_principal"])[5..]);
    assert_ne!(path, dashed);
    assert_eq!(world.get(&path).1, world.get(&dashed).1, "either form of the id");
    let (status, changed) =
        world.call("PATCH", &path, &operation("replace", "displayName", &json!("Shown")));
    assert_eq!((status, &changed["displayName"]), (200, &json!("Shown")));
    assert_eq!(changed["meta"]["version"], "2");
    assert_eq!(world.delete(&path).0, 204);
    assert_eq!(world.get(&path).0, 404);
}

#[test]
fn a_new_user_needs_what_hpe_needs() {
    let mut world = World::new();
    let path = format!("{SCIM}/Users");
    let with = |name: &str, value: serde_json::Value| {
        let mut body = new_user("new@example.com");
        body[name] = value;
        body
    };
    for (body, field) in [
        (with("schemas", json!([USER])), "schemas"),
        (with("schemas", json!(USER)), "schemas"),
        (with("schemas", json!([USER, "urn:x"])), "schema of a user"),
        (with("userName", json!("a@b")), "userName"),
        (with("userName", json!(format!("{}@example.com", "x".repeat(100)))), "userName"),
        (with("name", json!({ "givenName": "x" })), "familyName"),
        (with("name", json!({ "givenName": "x".repeat(51), "familyName": "y" })), "givenName"),
        (with(USER_EXTENSION, json!({ "countryCode": "gb" })), "countryCode"),
        (with(USER_EXTENSION, json!({})), "countryCode"),
        (with("emails", json!([{ "value": "other@example.com" }])), "primary e-mail"),
        (with("displayName", json!("x".repeat(202))), "displayName"),
    ] {
        let (status, answer) = world.call("POST", &path, &body);
        assert_eq!((status, code(&answer).as_str()), (400, "HPE_GL_IDENTITY_BAD_REQUEST"));
        assert!(text(&answer["detail"]).contains(field), "{answer}");
        assert_eq!(answer["status"], "400");
    }
    let (status, answer) = world.call("POST", &path, &new_user("ADA@example.com"));
    assert_eq!((status, &answer["scimType"]), (409, &json!("uniqueness")));
}

#[test]
fn what_of_a_user_can_change() {
    let mut world = World::new();
    let path = world.user_path("ada@example.com");
    let country = format!("{USER_EXTENSION}:countryCode");
    let posix = "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:posix:User";
    for (op, at, value, status) in [
        ("Replace", "name.familyName", json!("King"), 200),
        ("add", "name", json!({ "givenName": "Augusta" }), 200),
        ("replace", country.as_str(), json!("FR"), 200),
        ("replace", "active", json!(false), 200),
        ("add", posix, json!({ "uid": 1000, "userName": "ada", "gid": 100 }), 200),
        ("REPLACE", "displayName", json!("x"), 400),
        ("replace", "userName", json!("else@example.com"), 400),
        ("replace", "emails", json!([{ "value": "else@example.com" }]), 400),
        ("remove", "name", json!(null), 400),
        ("replace", "title", json!("Countess"), 400),
        ("add", posix, json!({ "uid": "x" }), 400),
    ] {
        let (found, body) = world.call("PATCH", &path, &operation(op, at, &value));
        assert_eq!(found, status, "{op} {at}: {body}");
    }
    let ada = world.get(&path).1;
    assert_eq!(ada["name"], json!({ "givenName": "Augusta", "familyName": "King" }));
    assert_eq!(
        (&ada["active"], &ada[USER_EXTENSION]["countryCode"]),
        (&json!(false), &json!("FR"))
    );
    assert_eq!(ada[posix]["uid"], 1000);
    assert_eq!(ada["schemas"].as_array().unwrap().len(), 3);
}

#[test]
fn listings_are_paged_filtered_and_sorted_as_documented() {
    let mut world = World::new();
    let users = format!("{SCIM}/Users");
    let page = world.get(&format!("{users}?startIndex=2&count=2")).1;
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(5), &json!(2)));
    assert_eq!(page["Resources"][0]["userName"], "ada@example.com");
    for (query, found) in [
        ("filter=userName sw \"A\"", 1),
        ("filter=displayName co \"love\" or userName eq \"raj@example.com\"", 2),
        ("filter=userName co \"nobody\"", 0),
    ] {
        let (status, list) = world.get(&format!("{users}?{query}"));
        assert_eq!((status, &list["totalResults"]), (200, &json!(found)), "{query}");
    }
    for query in [
        "count=0",
        "count=201",
        "startIndex=0",
        "count=x",
        "sortBy=userName",
        "sortBy=displayName&sortOrder=up",
        "filter=userName ew \"x\"",
        "filter=active eq true",
        "filter=userName eq \"a\" and displayName eq \"b\"",
        "filter=not (userName eq \"a\")",
        "filter=userName pr",
        "filter=userName",
    ] {
        assert_eq!(world.get(&format!("{users}?{query}")).0, 400, "{query}");
    }
    let sorted = world.get(&format!("{users}?sortBy=displayName&sortOrder=descending")).1;
    assert_eq!(sorted["Resources"][4]["userName"], "ada@example.com");
    let source = format!("{GROUP_EXTENSION}:source");
    let list = world.get(&format!("{SCIM}/Groups?filter={source} eq \"SCIM\"")).1;
    assert_eq!(list["Resources"][0]["displayName"], "synced");
    assert_eq!(world.get(&format!("{SCIM}/Groups?filter={source} co \"S\"")).0, 400);
}

#[test]
fn members_are_added_and_removed_and_nothing_else() {
    let mut world = World::new();
    let path = world.group_path("admins");
    let id = |world: &mut World, name: &str| text(&world.user(name)["id"]);
    let (raj, synced) =
        (id(&mut world, "raj@example.com"), id(&mut world, "synced@sync.example.com"));
    let value = json!([{ "value": raj }, { "value": synced }]);
    let (status, group) = world.call("PATCH", &path, &operation("add", "members", &value));
    assert_eq!((status, &group["displayName"]), (200, &json!("admins")));
    assert_eq!(world.call("PATCH", &path, &operation("Add", "members", &value)).0, 200, "again");
    let all = ["ada@example.com", "raj@example.com", "synced@sync.example.com"];
    assert_eq!(world.members("admins"), all);
    let (status, groups) = world.get(&format!("{SCIM}/extensions/Users/{raj}/groups"));
    assert_eq!((status, &groups["Resources"][0]["displayName"]), (200, &json!("admins")));
    for (op, at, value) in [
        ("replace", "members", json!([])),
        ("remove", &format!("members[value eq \"{raj}\"]"), json!([])),
        ("add", "members", json!([{ "value": "nobody" }])),
        ("add", "members", json!({ "value": raj })),
        ("add", "displayName", json!("x")),
        ("replace", "displayName", json!("synced")),
        ("replace", "displayName", json!("a&b")),
    ] {
        assert_eq!(world.call("PATCH", &path, &operation(op, at, &value)).0, 400, "{op} {at}");
    }
    assert_eq!(world.members("admins"), all, "all or nothing");
    let gone = json!([{ "value": raj }, { "value": "nobody" }]);
    assert_eq!(world.call("PATCH", &path, &operation("remove", "members", &gone)).0, 200);
    assert_eq!(world.members("admins"), ["ada@example.com", "synced@sync.example.com"]);
    let ada = world.user_path("ada@example.com");
    assert_eq!(world.delete(&ada).0, 204);
    assert_eq!(world.members("admins"), ["synced@sync.example.com"]);
}

#[test]
fn a_group_is_made_described_renamed_and_deleted() {
    let mut world = World::new();
    let path = format!("{SCIM}/Groups");
    let (status, group) = world.call("POST", &path, &new_group("a/b_c.d!(e)[f]<g> -h"));
    assert_eq!(status, 201, "{group}");
    assert_eq!(text(&group["id"]).len(), 36);
    assert_eq!(
        text(&group[GROUP_EXTENSION]["hpe_principal"]),
        format!("user-group:{}", text(&group["id"]))
    );
    let at = World::path(&group);
    let description = format!("{GROUP_EXTENSION}:groupDescription");
    let (status, changed) =
        world.call("PATCH", &at, &operation("replace", &description, &json!("why")));
    assert_eq!((status, &changed[GROUP_EXTENSION]["groupDescription"]), (200, &json!("why")));
    let renamed = operation("replace", "displayName", &json!("plain"));
    assert_eq!(world.call("PATCH", &at, &renamed).1["displayName"], "plain");
    assert_eq!(world.call("POST", &path, &new_group("PLAIN")).0, 409);
    assert_eq!(world.call("POST", &path, &new_group("a:b")).0, 400);
    let mut crowded = new_group("crowded");
    crowded["members"] = json!([]);
    assert_eq!(world.call("POST", &path, &crowded).0, 400, "no members at creation");
    assert_eq!(world.delete(&at).0, 204);
    assert_eq!(world.get(&at).0, 404);
}

#[test]
fn what_others_manage_is_not_written_here() {
    let mut world = World::new();
    let replace = operation("replace", "displayName", &json!("mine"));
    for name in ["synced@sync.example.com", "guest@other.example.net"] {
        let path = world.user_path(name);
        let (status, body) = world.call("PATCH", &path, &replace);
        assert_eq!((status, code(&body).as_str()), (403, "HPE_GL_IDENTITY_FORBIDDEN"), "{name}");
        assert_eq!(world.delete(&path).0, 403);
    }
    let group = world.group_path("synced");
    let ada = json!([{ "value": world.user("ada@example.com")["id"] }]);
    assert_eq!(world.call("PATCH", &group, &operation("add", "members", &ada)).0, 403);
    assert_eq!(world.call("PATCH", &group, &replace).0, 403);
    assert_eq!(world.delete(&group).0, 403);
    let new = new_user("another@sync.example.com");
    assert_eq!(world.call("POST", &format!("{SCIM}/Users"), &new).0, 403, "the integration's");
}

#[test]
fn an_organization_that_is_not_active_has_no_groups() {
    let mut document = seed();
    document["organization"]["state"] = "INACTIVE".into();
    let mut world = World::of(&document);
    let (status, body) = world.get(&format!("{SCIM}/Groups"));
    assert_eq!((status, code(&body).as_str()), (400, "HPE_GL_IDENTITY_INVALID_ORGANIZATION_STATE"));
    assert_eq!(world.get(&format!("{SCIM}/Users")).0, 200);
}

#[test]
fn quotas_are_kept_to_the_last_one() {
    let mut document = seed();
    let users: Vec<_> =
        (0..202).map(|at| json!({ "userName": format!("u{at}@example.com") })).collect();
    document["users"].as_array_mut().unwrap().extend(users);
    let groups: Vec<_> = (0..197).map(|at| json!({ "displayName": format!("g{at}") })).collect();
    document["groups"].as_array_mut().unwrap().extend(groups);
    let mut world = World::of(&document);
    let groups = format!("{SCIM}/Groups");
    assert_eq!(world.call("POST", &groups, &new_group("the 200th")).0, 201);
    let (status, body) = world.call("POST", &groups, &new_group("one more"));
    assert_eq!((status, code(&body).as_str()), (400, "HPE_GL_IDENTITY_QUOTA_EXCEEDED"));
    let list = world.get(&format!("{SCIM}/Users?startIndex=6&count=200")).1;
    let mut ids: Vec<_> = (list["Resources"].as_array().unwrap().iter())
        .map(|user| json!({ "value": user["id"] }))
        .collect();
    let path = world.group_path("the 200th");
    let add = |ids: &[serde_json::Value]| operation("add", "members", &json!(ids));
    let last = ids.pop().unwrap();
    assert_eq!(world.call("PATCH", &path, &add(&ids)).0, 200);
    assert_eq!(world.call("PATCH", &path, &add(&[last])).0, 200, "200 members");
    let one = json!({ "value": world.user("ada@example.com")["id"] });
    let (status, body) = world.call("PATCH", &path, &add(&[one]));
    assert_eq!((status, code(&body).as_str()), (400, "HPE_GL_IDENTITY_QUOTA_EXCEEDED"));
}
