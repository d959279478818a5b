//! Role assignments, scope groups and their rules.

use serde_json::{Value, json};

use super::world::{
    ADMIN, AUTHZ, COMPUTE, GROUP_EXTENSION, MAIN, PROD, TENANT, USER_EXTENSION, World, code, text,
};

const LIST: &str = "/authorization/v1beta1/role-assignments";

fn raj(world: &mut World) -> String {
    text(&world.user("raj@example.com")[USER_EXTENSION]["hpe_principal"])
}

fn whole(workspace: &str) -> String {
    format!("grn:glp/workspaces/{workspace}")
}

fn binding(principal: &str, role: &str, scope: &[&str]) -> Value {
    json!({ "principal": principal, "role": role, "scope": scope })
}

fn scope_group(world: &mut World, name: &str) -> Value {
    let list = world.get(&format!("{AUTHZ}/scope-groups?filter=name in ('{name}')")).1;
    assert_eq!(list["total"], 1, "{list}");
    list["items"][0].clone()
}

#[test]
fn an_assignment_is_made_found_changed_and_deleted() {
    let mut world = World::new();
    let raj = raj(&mut world);
    let main = whole(MAIN);
    let request = world.request("POST", LIST).json(&binding(&raj, COMPUTE, &[&main]));
    let response = world.send(&request);
    let made = response.value();
    assert_eq!(response.status, 201, "{made}");
    let path = format!("{LIST}/{}", text(&made["id"]));
    assert_eq!(response.header("location"), Some(path.as_str()));
    assert_eq!((&made["principal"], &made["generation"]), (&json!(raj), &json!(1)));
    let (bare, role) = (raj.replace('-', ""), COMPUTE);
    let filter = format!("principal in ('{bare}', 'user:x') and role in ('{role}')");
    let list = world.get(&format!("{LIST}?filter={filter}")).1;
    assert_eq!((&list["total"], &list["items"][0]["source"]), (&json!(1), &json!("LOCAL")));
    let racks = text(&scope_group(&mut world, "racks")["grn"]);
    let mut body = made.clone();
    body["scope"] = json!([racks]);
    let (status, changed) = world.call("PUT", &path, &body);
    assert_eq!(
        (status, &changed["scope"], &changed["generation"]),
        (200, &json!([racks]), &json!(2))
    );
    body["role"] = ADMIN.into();
    assert_eq!(world.call("PUT", &path, &body).0, 400, "the role cannot change");
    assert_eq!(world.delete(&path).0, 204);
    assert_eq!(world.get(&path).0, 404);
}

#[test]
fn nobody_holds_a_role_twice_in_a_workspace() {
    let mut world = World::new();
    let raj = raj(&mut world);
    let main = whole(MAIN);
    assert_eq!(world.call("POST", LIST, &binding(&raj, COMPUTE, &[&main])).0, 201);
    let dashed = whole("3f2c0e1a-9b1c-4d7e-8f60-718293a4b5c6");
    let (status, body) = world.call("POST", LIST, &binding(&raj, COMPUTE, &[&dashed]));
    assert_eq!((status, code(&body).as_str()), (409, "HPE_GL_AUTHORIZATION_ALREADY_CREATED"));
    let racks = text(&scope_group(&mut world, "racks")["grn"]);
    let (status, body) = world.call("POST", LIST, &binding(&raj, COMPUTE, &[&racks]));
    assert_eq!((status, code(&body).as_str()), (409, "HPE_GL_AUTHORIZATION_RESOURCE_CONFLICT"));
    world.enter("c-prod", "s-prod", PROD);
    let prod = whole(PROD);
    assert_eq!(world.call("POST", LIST, &binding(&raj, COMPUTE, &[&prod])).0, 201, "elsewhere");
    assert_eq!(world.get(LIST).1["total"], 1, "each workspace lists its own");
}

#[test]
fn scopes_keep_their_rules() {
    let mut world = World::new();
    let raj = raj(&mut world);
    let main = whole(MAIN);
    let racks = text(&scope_group(&mut world, "racks")["grn"]);
    let tenants = world.get("/workspaces/v1beta1/groups").1;
    let gold = text(&tenants["items"][0]["grn"]);
    let foreign = racks.replace(MAIN, PROD);
    let missing = format!("{}/regions/default/providers/authorization/scope-groups/none", main);
    let many: Vec<String> = (0..21).map(|_| main.clone()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (role, scope, part) in [
        (COMPUTE, vec![], "from 1 to 20"),
        (COMPUTE, many, "from 1 to 20"),
        (COMPUTE, vec![""], "is no workspace"),
        (COMPUTE, vec![main.as_str(), racks.as_str()], "cannot be combined"),
        (COMPUTE, vec![main.as_str(), main.as_str()], "twice"),
        (COMPUTE, vec![foreign.as_str()], "another workspace"),
        (COMPUTE, vec![whole(PROD).leak()], "another workspace"),
        (COMPUTE, vec![missing.as_str()], "no scope group"),
        (ADMIN, vec![racks.as_str()], "service mismatch"),
        ("grn:glp/x", vec![main.as_str()], "no role"),
    ] {
        let (status, body) = world.call("POST", LIST, &binding(&raj, role, &scope));
        assert_eq!((status, code(&body).as_str()), (400, "HPE_GL_ERROR_BAD_REQUEST"), "{scope:?}");
        assert!(text(&body["message"]).contains(part), "{body}");
        assert_eq!(body["errorDetails"][0]["type"], "hpe.greenlake.bad_request");
    }
    for principal in ["user:0123", "raj@example.com", "group:x"] {
        let (status, body) = world.call("POST", LIST, &binding(principal, COMPUTE, &[&main]));
        assert_eq!(status, 400, "{body}");
    }
    assert_eq!(world.call("POST", LIST, &binding(&raj, COMPUTE, &[&main, &gold])).0, 201);
    let both = binding(
        &raj,
        "grn:glp/providers/authorization/roles/storageservices.LimitedAdmin",
        &[&gold, &racks],
    );
    assert_eq!(world.call("POST", LIST, &both).0, 201);
}

#[test]
fn what_is_projected_is_shown_and_not_written() {
    let mut world = World::new();
    let list = world.get(LIST).1;
    let external = list["items"].as_array().unwrap().iter();
    let external: Vec<_> = external.filter(|row| row["source"] == "EXTERNAL").cloned().collect();
    assert_eq!(external.len(), 1);
    let path = format!("{LIST}/{}", text(&external[0]["id"]));
    assert_eq!(world.call("PUT", &path, &external[0]).0, 403);
    assert_eq!(world.delete(&path).0, 403);
}

#[test]
fn fifty_assignments_are_the_most() {
    let mut document = super::world::seed();
    let roles = (0..51).map(|at| json!({ "grn": format!("x.role{at}") })).collect();
    document["roles"] = Value::Array(roles);
    let mut world = World::of(&document);
    let raj = raj(&mut world);
    let main = whole(MAIN);
    for at in 0..51 {
        let role = format!("grn:glp/providers/authorization/roles/x.role{at}");
        let (status, body) = world.call("POST", LIST, &binding(&raj, &role, &[&main]));
        assert_eq!(status, if at < 50 { 201 } else { 412 }, "{at}: {body}");
    }
}

#[test]
fn listings_and_filters_are_those_of_the_document() {
    let mut world = World::new();
    for query in [
        "limit=201",
        "limit=0",
        "offset=-1",
        "filter=principal eq 'user:x'",
        "filter=role in ('x') and role in ('y')",
        "filter=source in ('LOCAL')",
        "filter=role in ('x') or scope in ('y')",
    ] {
        assert_eq!(world.get(&format!("{LIST}?{query}")).0, 400, "{query}");
    }
    let page = world.get(&format!("{LIST}?limit=1&offset=1")).1;
    assert_eq!(
        (&page["count"], &page["total"], &page["offset"]),
        (&json!(1), &json!(2), &json!(1))
    );
    assert_eq!(world.get(&format!("{AUTHZ}/roles")).0, 405, "roles are listed nowhere");
}

#[test]
fn without_enhanced_iam_there_is_no_such_tree() {
    let mut world = World::new();
    let old = world.twin.state.export();
    let id = (old["workspaces"].as_array().unwrap().iter())
        .find(|row| row["name"] == "old")
        .map(|row| text(&row["id"]));
    world.enter("c-old", "s-old", &id.unwrap());
    for path in [LIST, "/authorization/v1beta1/scope-groups", "/authorization/v1beta1/roles"] {
        let (status, body) = world.get(path);
        assert_eq!((status, code(&body).as_str()), (404, "HPE_GL_ERROR_NOT_FOUND"), "{path}");
    }
}

#[test]
fn who_goes_takes_their_roles_along() {
    let mut world = World::new();
    let admins = world.group("admins");
    let principal = text(&admins[GROUP_EXTENSION]["hpe_principal"]);
    let query = format!("{LIST}?filter=principal in ('{principal}')");
    assert_eq!(world.get(&query).1["total"], 1);
    assert_eq!(world.delete(&World::path(&admins)).0, 204);
    assert_eq!(world.get(&query).1["total"], 0);
}

#[test]
fn scope_groups_live_and_are_kept_while_used() {
    let mut world = World::new();
    let path = format!("{AUTHZ}/scope-groups");
    let racks = scope_group(&mut world, "racks");
    let (status, body) = world.delete(&format!("{path}/{}", text(&racks["id"])));
    assert_eq!((status, code(&body).as_str()), (412, "HPE_GL_ERROR_PRECONDITION_FAILED"));
    let (status, made) = world.call("POST", &path, &json!({ "name": "new", "description": "d" }));
    assert_eq!(status, 201, "{made}");
    assert_eq!(world.call("POST", &path, &json!({ "name": "NEW" })).0, 409);
    assert_eq!(world.call("POST", &path, &json!({ "name": "a:b" })).0, 400);
    let at = format!("{path}/{}", text(&made["id"]));
    let renamed = json!({ "id": made["id"], "type": "authorization/scope-group", "name": "other" });
    assert_eq!(world.call("PUT", &at, &renamed).1["name"], "other");
    let grn = "grn:glp/workspaces/x/regions/default/providers/compute-ops-mgmt/server/7";
    let item = json!({ "grn": grn, "description": "seven" });
    let items = json!({ "items": [item, item, { "grn": "x", "description": "y" }] });
    let (status, outcome) = world.call("POST", &format!("{at}/scopes/batch"), &items);
    assert_eq!(
        (status, &outcome["successCount"], &outcome["errorCount"]),
        (200, &json!(1), &json!(2))
    );
    let list = world.get(&format!("{at}/scopes")).1;
    assert_eq!((&list["total"], &list["items"][0]["grn"]), (&json!(1), &json!(grn)));
    let gone = json!({ "items": [{ "id": list["items"][0]["id"] }, { "id": made["id"] }] });
    let (status, outcome) = world.call("DELETE", &format!("{at}/scopes/bulk"), &gone);
    assert_eq!(
        (status, &outcome["successCount"], &outcome["errorCount"]),
        (200, &json!(1), &json!(1))
    );
    assert_eq!(world.delete(&at).0, 204);
    let list = world.get(&path).1;
    assert_eq!(list["total"], 1, "another workspace's are not shown: {list}");
    assert!(text(&racks["grn"]).contains(MAIN) && !text(&racks["grn"]).contains(TENANT));
}

#[test]
fn scopes_have_a_description_that_may_be_empty_and_are_listed_by_it() {
    let mut world = World::new();
    let path = format!("{AUTHZ}/scope-groups");
    let made = world.call("POST", &path, &json!({ "name": "edge" })).1;
    let at = format!("{path}/{}", text(&made["id"]));
    let grn = |of: u8| format!("grn:glp/workspaces/x/regions/eu/providers/storage/array/{of}");
    let batch = |items: Value| json!({ "items": items });
    let without = batch(json!([{ "grn": grn(1) }]));
    assert_eq!(world.call("POST", &format!("{at}/scopes/batch"), &without).0, 400);
    let long = batch(json!([{ "grn": grn(1), "description": "x".repeat(257) }]));
    assert_eq!(world.call("POST", &format!("{at}/scopes/batch"), &long).0, 400);
    let two = batch(json!([
        { "grn": grn(1), "description": "z" },
        { "grn": grn(2), "description": "" },
    ]));
    let (status, outcome) = world.call("POST", &format!("{at}/scopes/batch"), &two);
    assert_eq!((status, &outcome["errorCount"]), (200, &json!(0)), "{outcome}");
    let list = world.get(&format!("{at}/scopes")).1;
    let listed: Vec<&Value> =
        list["items"].as_array().unwrap().iter().map(|item| &item["grn"]).collect();
    assert_eq!(listed, [&json!(grn(2)), &json!(grn(1))]);
    assert_eq!(list["items"][0]["region"], "eu");
    assert_eq!(world.get(&format!("{at}/scopes?limit=1&offset=1")).1["items"][0]["grn"], grn(1));
    assert_eq!(world.get(&at).1["generation"], 2, "one batch is one change");
}

#[test]
fn what_a_scope_group_holds_goes_into_an_export_and_comes_back() {
    let mut world = World::new();
    let path = format!("{AUTHZ}/scope-groups");
    let racks = text(&scope_group(&mut world, "racks")["id"]);
    let grn = "grn:glp/workspaces/x/regions/default/providers/storage/array/9";
    let items = json!({ "items": [{ "grn": grn, "description": "ninth" }] });
    assert_eq!(world.call("POST", &format!("{path}/{racks}/scopes/batch"), &items).0, 200);
    let exported = world.twin.state.export();
    let groups = exported["scopeGroups"].as_array().unwrap();
    let group = groups.iter().find(|group| group["name"] == "racks").unwrap();
    assert_eq!(group["workspace"], "main");
    assert_eq!(group["scopes"].as_array().unwrap().len(), 2);
    assert_eq!(group["scopes"][1], json!({ "grn": grn, "description": "ninth" }));
    let mut again = World::of(&exported);
    let list = again.get(&format!("{path}/{racks}/scopes")).1;
    assert_eq!((&list["total"], &list["items"][1]["grn"]), (&json!(2), &json!(grn)), "{list}");
    assert_eq!(again.twin.state.export(), exported);
}
