//! Workspaces, tenants, tenant groups, the log, and limits.

use muster::sandbox::greenlake::{Limits, Rate, Spelling};
use serde_json::json;

use super::world::{AUTHZ, MAIN, PROD, SCIM, TENANT, World, code, new_group, text};

const TENANTS: &str = "/workspaces/v1/msp-tenants";
const GROUPS: &str = "/workspaces/v1beta1/groups";
const LOGS: &str = "/audit-log/v2beta1/logs";

#[test]
fn a_token_opens_its_workspace_and_an_msp_s_its_tenants() {
    let mut world = World::new();
    let path = |id: &str| format!("/workspaces/v1/workspaces/{id}");
    let (status, body) = world.get(&path(MAIN));
    assert_eq!((status, &body["workspaceType"]), (200, &json!("MSP")));
    assert_eq!(body["id"], "3f2c0e1a-9b1c-4d7e-8f60-718293a4b5c6");
    assert_eq!(world.get(&path(TENANT)).1["workspaceType"], "MSP_TENANT");
    assert_eq!(world.get(&path(PROD)).0, 403);
    assert_eq!(world.get(&format!("{}/contact", path(MAIN))).0, 200);
    world.enter("c-prod", "s-prod", PROD);
    assert_eq!(world.get(&path(PROD)).0, 200);
    assert_eq!(world.get(&path(MAIN)).0, 403);
    assert_eq!(world.get(TENANTS).0, 403);
    assert_eq!(world.get(GROUPS).0, 403);
}

#[test]
fn tenants_and_their_groups_are_kept() {
    let mut world = World::new();
    assert_eq!(world.get(TENANTS).1["total"], 1);
    assert_eq!(world.call("POST", TENANTS, &json!({ "workspaceName": "tenant-b" })).0, 201);
    assert_eq!(world.call("POST", TENANTS, &json!({ "workspaceName": "Tenant-B" })).0, 409);
    assert_eq!(world.call("POST", TENANTS, &json!({})).0, 400);
    let list = world.get(&format!("{TENANTS}?filter=workspaceName eq 'tenant-b'")).1;
    let tenant = list["items"][0]["id"].clone();
    assert_eq!(world.get(&format!("{TENANTS}?limit=1&offset=1")).1["items"][0]["id"], tenant);
    assert_eq!(world.get(&format!("{TENANTS}?limit=301")).0, 422);
    let group = json!({ "name": "silver", "groupType": "TenantGroup" });
    let (status, made) = world.call("POST", GROUPS, &group);
    assert_eq!(status, 201, "{made}");
    assert_eq!(world.call("POST", GROUPS, &group).0, 409);
    let path = format!("{GROUPS}/{}", text(&made["id"]));
    let places = format!("{path}/group-workspaces");
    let (status, place) = world.call("POST", &places, &json!({ "workspaceId": tenant }));
    assert_eq!((status, &place["workspace"]["name"]), (201, &json!("tenant-b")));
    assert_eq!(world.call("POST", &places, &json!({ "workspaceId": PROD })).0, 400);
    let gone = format!("{TENANTS}/{}", text(&tenant));
    assert_eq!(world.delete(&gone).0, 409, "in a group");
    assert_eq!(world.get(GROUPS).1["items"][1]["totalWorkspaces"], 1);
    assert_eq!(world.delete(&format!("{places}/{}", text(&place["id"]))).0, 204);
    assert_eq!(world.call("PUT", &path, &json!({ "name": "gold" })).0, 409);
    assert_eq!(world.call("PUT", &path, &json!({ "name": "bronze" })).1["generation"], 4);
    assert_eq!(world.delete(&path).0, 204);
    assert_eq!(world.delete(&gone).0, 204);
}

#[test]
fn every_write_leaves_a_row_and_no_refusal_does() {
    let mut world = World::new();
    let groups = format!("{SCIM}/Groups");
    assert_eq!(world.call("POST", &groups, &new_group("logged")).0, 201);
    assert_eq!(world.call("POST", &groups, &new_group("logged")).0, 409);
    let list = world.get(LOGS).1;
    assert_eq!((&list["total"], &list["remainingRecords"]), (&json!(1), &json!(false)));
    let row = list["items"][0].clone();
    assert_eq!(
        (&row["username"], &row["category"]),
        (&json!("root@example.com"), &json!("Groups"))
    );
    let path = format!("{LOGS}/{}", text(&row["id"]));
    assert_eq!(world.get(&path).1, row);
    assert_eq!(world.get(&format!("{path}/details")).1["header"], row["description"]);
    for (query, total) in [
        ("filter=category eq 'Groups' and contains(description, 'logged')", 1),
        ("filter=category in ('Rbac', 'Organization')", 0),
        ("filter=createdAt ge '2026-11-21T12:00:00Z'", 1),
        ("filter=createdAt lt '2026-11-21T12:00:00Z'", 0),
    ] {
        assert_eq!(world.get(&format!("{LOGS}?{query}")).1["total"], total, "{query}");
    }
    let only = world.get(&format!("{LOGS}?select=category")).1["items"][0].clone();
    assert!(only.get("category").is_some() && only.get("username").is_none(), "{only}");
    for query in ["limit=2001", "select=x", "filter=id eq 'x'", "filter=category lt 'x'"] {
        assert_eq!(world.get(&format!("{LOGS}?{query}")).0, 400, "{query}");
    }
    let old = world.get("/audit-log/v1/logs").1;
    assert_eq!(old["items"][0]["user"]["username"], "root@example.com");
    world.enter("c-prod", "s-prod", PROD);
    assert_eq!(world.get(LOGS).1["total"], 0, "a workspace's own");
}

#[test]
fn ten_a_second_are_ten_and_the_headers_say_so() {
    for (spelling, prefix) in [(Spelling::Plain, "ratelimit"), (Spelling::Extension, "x-ratelimit")]
    {
        let mut world = World::new();
        let rate = Rate::Every { requests: 10, seconds: 1 };
        world.twin.limits = Limits { rate, elsewhere: spelling, ..Limits::default() };
        let users = world.request("GET", &format!("{SCIM}/Users"));
        for left in (0..10).rev() {
            let response = world.send(&users);
            let remaining = response.header(&format!("{prefix}-remaining")).map(str::to_owned);
            assert_eq!((response.status, remaining), (200, Some(left.to_string())));
        }
        let response = world.send(&users);
        assert_eq!(
            (response.status, response.header(&format!("{prefix}-reset"))),
            (429, Some("1"))
        );
        assert_eq!(code(&response.value()), "HPE_GL_ERROR_TOO_MANY_REQUESTS");
        assert_eq!(world.get(&format!("{SCIM}/Groups")).0, 200, "another endpoint");
        world.wait(1);
        assert_eq!(world.send(&users).status, 200);
    }
}

#[test]
fn the_published_rates_are_those_of_hpe() {
    let mut world = World::new();
    let limit = |world: &mut World, path: &str, header: &str| {
        let request = world.request("GET", path);
        world.send(&request).header(header).map(str::to_owned)
    };
    let of = |text: &str| Some(text.to_owned());
    assert_eq!(limit(&mut world, &format!("{SCIM}/Users"), "ratelimit-limit"), of("6000"));
    let authz = format!("{AUTHZ}/role-assignments");
    assert_eq!(limit(&mut world, &authz, "x-ratelimit-limit"), of("1000"));
    assert_eq!(limit(&mut world, LOGS, "ratelimit-limit"), of("100"));
    assert_eq!(limit(&mut world, TENANTS, "ratelimit-limit"), None);
}
