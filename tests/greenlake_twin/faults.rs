//! What goes wrong by flag.

use serde_json::{Value, json};

use super::world::{AUTHZ, MAIN, PROD, SCIM, World, code, new_group, text};

#[test]
fn a_good_status_can_be_another_than_the_documented() {
    let mut world = World::faulty("DELETE /identity=late:202; PATCH /identity=late:204");
    let path = world.group_path("admins");
    let rename = super::world::operation("replace", "displayName", &json!("renamed"));
    assert_eq!(world.call("PATCH", &path, &rename), (204, Value::Null));
    let (status, body) = world.delete(&path);
    assert_eq!((status, body["transactionId"].is_string()), (202, true), "{body}");
    assert_eq!(world.get(&path).0, 404, "it is done all the same");
    assert_eq!(world.delete(&path).0, 404, "a refusal stays one");
}

#[test]
fn ids_change_their_form_from_answer_to_answer() {
    let mut world = World::faulty("GET /identity=alternating-ids");
    let (first, second) = (world.user("ada@example.com"), world.user("ada@example.com"));
    let (first, second) = (text(&first["id"]), text(&second["id"]));
    assert_eq!((first.len(), second.len()), (32, 36));
    assert_eq!(second.replace('-', ""), first);
}

#[test]
fn principals_and_schemas_take_other_forms() {
    let mut world = World::faulty("GET /authorization=bare-principals; GET /identity=bare-schemas");
    let list = world.get(&format!("{AUTHZ}/role-assignments")).1;
    let principal = text(&list["items"][0]["principal"]);
    assert_eq!(principal.len(), "user-group:".len() + 32, "{principal}");
    assert_eq!(text(&list["items"][0]["id"]).len(), 36);
    let ada = world.user("ada@example.com");
    assert_eq!(ada["schemas"], super::world::USER);
}

#[test]
fn replicas_lag_so_many_writes() {
    let mut world = World::faulty("GET /identity/v2beta1/scim/v2/Groups=stale:2");
    let groups = format!("{SCIM}/Groups");
    for (name, seen) in [("a", 2), ("b", 2), ("c", 3)] {
        assert_eq!(world.call("POST", &groups, &new_group(name)).0, 201);
        assert_eq!(world.get(&groups).1["totalResults"], seen, "after {name}");
    }
}

#[test]
fn failures_have_hpe_s_bodies_and_say_how_long_to_wait() {
    let mut world = World::faulty(
        "GET /authorization=503:7; GET /identity/v2beta1/scim/v2/Users=500; \
         GET /identity/v2beta1/scim/v2/Groups=429:9; POST /authorization/v2=503",
    );
    let (status, body) = world.get(&format!("{AUTHZ}/role-assignments"));
    assert_eq!((status, code(&body).as_str()), (503, "HPE_GL_ERROR_SERVICE_UNAVAILABLE"));
    assert_eq!(
        body["errorDetails"],
        json!([{ "type": "hpe.greenlake.retry_info", "retryAfterSeconds": 7 }])
    );
    let (status, body) = world.get(&format!("{SCIM}/Users"));
    assert_eq!((status, body["status"].as_str()), (500, Some("500")));
    let request = world.request("GET", &format!("{SCIM}/Groups"));
    let response = world.send(&request);
    assert_eq!((response.status, response.header("ratelimit-reset")), (429, Some("9")));
    assert_eq!(world.form(MAIN, "").status, 503);
}

#[test]
fn a_token_can_be_for_the_wrong_workspace_or_late() {
    let mut world = World::faulty("POST /authorization/v2#1=wrong-workspace; POST /=slow:250");
    world.enter("c-main", "s-main", MAIN);
    assert_eq!(world.get(&format!("/workspaces/v1/workspaces/{MAIN}")).0, 403);
    assert_eq!(world.get(&format!("/workspaces/v1/workspaces/{PROD}")).0, 200);
    let form = "grant_type=client_credentials&client_id=c-main&client_secret=s-main";
    assert_eq!(world.form(MAIN, form).delay, 250);
}

#[test]
fn pages_can_be_short_doubled_or_wrong_in_their_total() {
    let users = format!("{SCIM}/Users");
    for (fault, rows, total) in [("short:1", 4, 5), ("duplicate:2", 5, 5), ("total:-1", 5, 4)] {
        let mut world = World::faulty(&format!("GET {users}={fault}"));
        let list = world.get(&users).1;
        let found = list["Resources"].as_array().unwrap().clone();
        assert_eq!((found.len(), &list["totalResults"]), (rows, &json!(total)), "{fault}");
        if fault.starts_with("duplicate") {
            assert_eq!(found[3], found[0]);
        }
    }
    let path = format!("{AUTHZ}/role-assignments");
    let mut world = World::faulty(&format!("GET {path}=drop:1"));
    let list = world.get(&path).1;
    assert_eq!((&list["count"], &list["total"]), (&json!(1), &json!(2)));
}

#[test]
fn an_answer_is_lost_after_its_effect() {
    let mut world = World::faulty("POST /identity#1=lost");
    let request = world.request("POST", &format!("{SCIM}/Groups")).json(&new_group("there"));
    assert!(world.send(&request).lost);
    assert_eq!(world.send(&request).status, 409);
}
