//! Every operation that HPE publishes, and the refusals that HPE documents.

use serde_json::{Value, json};

use crate::client::{Client, Key};

const SCIM: &str = "/identity/v2beta1/scim/v2";
const AUTHZ: &str = "/authorization/v1beta1";
const TENANTS: &str = "/workspaces/v1/msp-tenants";
const GROUPS: &str = "/workspaces/v1beta1/groups";
const LOGS: &str = "/audit-log/v2beta1/logs";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const USER_EXTENSION: &str = "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:User";
const POSIX: &str = "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:posix:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const GROUP_EXTENSION: &str = "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Group";
const COMPUTE: &str = "grn:glp/providers/authorization/roles/compute-ops-mgmt.administrator";
const WORKSPACE: &str = "3f2c0e1a9b1c4d7e8f60718293a4b5c6";
const DASHED: &str = "3f2c0e1a-9b1c-4d7e-8f60-718293a4b5c6";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The client of the MSP's workspace.
pub(crate) const MSP: Key = ("client", "only-on-loopback", WORKSPACE);

/// An MSP with a directory of its own and of others.
pub(crate) fn seed() -> Value {
    json!({
        "organization": { "name": "acme", "posix": true },
        "workspaces": [
            { "id": WORKSPACE, "name": "main", "type": "MSP" },
            { "name": "tenant-a", "type": "MSP_TENANT" },
        ],
        "clients": [{ "id": MSP.0, "secret": MSP.1 }],
        "users": [
            { "userName": "ada@example.com", "lastLogin": "2026-11-20T08:00:00Z",
              "posix": { "uid": 1000, "userName": "ada", "gid": 100, "shell": "/bin/sh" } },
            { "userName": "synced@example.net", "source": "SCIM" },
        ],
        "groups": [
            { "displayName": "admins", "members": ["ada@example.com"], "description": "d" },
            { "displayName": "synced", "source": "SCIM" },
        ],
        "scopeGroups": [{ "name": "racks" }],
        "assignments": [
            { "principal": "group:admins", "role": COMPUTE, "scope": ["racks"] },
            { "principal": "user:ada@example.com", "role": "ccs.observer", "source": "EXTERNAL" },
        ],
    })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}"))
}

/// All of it.
pub(crate) async fn everything(client: &Client) {
    directory(client).await;
    refused_directory(client).await;
    assignments(client).await;
    scope_groups(client).await;
    workspaces(client).await;
    tenant_groups(client).await;
    log(client).await;
}

fn patch(op: &str, path: &str, value: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": op, "path": path, "value": value }],
    })
}

fn user(name: &str) -> Value {
    json!({
        "schemas": [USER, USER_EXTENSION, POSIX],
        "userName": name,
        "name": { "givenName": "Some", "familyName": "Body" },
        "emails": [{ "value": name, "primary": true }],
        USER_EXTENSION: { "countryCode": "GB" },
        POSIX: { "uid": 1001, "userName": "some", "gid": 100 },
    })
}

fn member(user: &Value) -> Value {
    json!([{ "value": user["id"], "display": user["displayName"], "$ref": user["meta"]["location"] }])
}

async fn directory(client: &Client) {
    let new = client.add(&format!("{SCIM}/Users"), &user("new@example.com")).await;
    let path = format!("{SCIM}/Users/{}", text(&new["id"]));
    client.read(&path).await;
    client.change("PATCH", &path, &patch("replace", "displayName", &json!("Shown"))).await;
    client.change("PATCH", &path, &patch("add", "emails", &new["emails"])).await;
    client.read(&format!("{SCIM}/Users?sortBy=meta.lastLogin&sortOrder=descending&count=1")).await;
    client
        .read(&format!(
            "{SCIM}/Users?filter=userName%20sw%20%22a%22%20or%20displayName%20eq%20%22x%22"
        ))
        .await;
    let body = json!({
        "schemas": [GROUP, GROUP_EXTENSION],
        "displayName": "new",
        GROUP_EXTENSION: { "groupDescription": "d" },
    });
    let group = client.add(&format!("{SCIM}/Groups"), &body).await;
    let at = format!("{SCIM}/Groups/{}", text(&group["id"]));
    client.read(&at).await;
    client.read(&format!("{SCIM}/Groups?startIndex=2&count=1")).await;
    client.change("PATCH", &at, &patch("add", "members", &member(&new))).await;
    let id = text(&group["id"]);
    let members = client.read(&format!("{SCIM}/extensions/Groups/{id}/users")).await;
    assert_eq!(members["totalResults"], 1);
    client.read(&format!("{SCIM}/extensions/Users/{}/groups", text(&new["id"]))).await;
    client.change("PATCH", &at, &patch("remove", "members", &member(&new))).await;
    let description = format!("{GROUP_EXTENSION}:groupDescription");
    client.change("PATCH", &at, &patch("Replace", &description, &json!(""))).await;
    client.expect(409, "POST", &format!("{SCIM}/Users"), Some(&user("new@example.com"))).await;
    client.expect(409, "POST", &format!("{SCIM}/Groups"), Some(&body)).await;
    client.delete(&at).await;
    client.delete(&path).await;
}

async fn refused_directory(client: &Client) {
    let stranger = client.stranger();
    for path in ["Users", "Groups"] {
        stranger.expect(401, "GET", &format!("{SCIM}/{path}"), None).await;
        client.expect(400, "GET", &format!("{SCIM}/{path}?filter=id%20pr"), None).await;
        client.expect(404, "GET", &format!("{SCIM}/{path}/{NOBODY}"), None).await;
        client.expect(404, "DELETE", &format!("{SCIM}/{path}/{NOBODY}"), None).await;
        let list = client.read(&format!("{SCIM}/{path}")).await;
        let rows = list["Resources"].as_array().unwrap().clone();
        let extension = if path == "Users" { USER_EXTENSION } else { GROUP_EXTENSION };
        let synced = rows.iter().find(|row| row[extension]["source"] == "SCIM").unwrap();
        let at = format!("{SCIM}/{path}/{}", text(&synced["id"]));
        let rename = patch("replace", "displayName", &json!("mine"));
        client.expect(403, "PATCH", &at, Some(&rename)).await;
        client.expect(403, "DELETE", &at, None).await;
    }
    let list = client.read(&format!("{SCIM}/Groups")).await;
    let at = format!("{SCIM}/Groups/{}", text(&list["Resources"][0]["id"]));
    client.expect(400, "PATCH", &at, Some(&patch("replace", "members", &json!([])))).await;
    client.expect(404, "GET", &format!("{SCIM}/extensions/Groups/{NOBODY}/users"), None).await;
}

async fn assignments(client: &Client) {
    let path = format!("{AUTHZ}/role-assignments");
    let users = client.read(&format!("{SCIM}/Users")).await;
    let principal = &users["Resources"][0][USER_EXTENSION]["hpe_principal"];
    let body = json!({
        "principal": principal,
        "role": COMPUTE,
        "scope": [format!("grn:glp/workspaces/{WORKSPACE}")],
    });
    let made = client.add(&path, &body).await;
    client.expect(409, "POST", &path, Some(&body)).await;
    let at = format!("{path}/{}", text(&made["id"]));
    client.read(&at).await;
    let filter =
        format!("principal%20in%20('{}')%20and%20role%20in%20('{COMPUTE}')", text(principal));
    let list = client.read(&format!("{path}?limit=200&offset=0&filter={filter}")).await;
    assert_eq!(list["total"], 1, "{list}");
    let mut changed = body.clone();
    changed["id"] = made["id"].clone();
    client.change("PUT", &at, &changed).await;
    changed["role"] = "grn:glp/x".into();
    client.expect(400, "PUT", &at, Some(&changed)).await;
    client.delete(&at).await;
    client.expect(404, "GET", &at, None).await;
    client.expect(400, "GET", &format!("{path}?filter=x"), None).await;
    client.stranger().expect(401, "GET", &path, None).await;
    let list = client.read(&path).await;
    let rows = list["items"].as_array().unwrap();
    let external = rows.iter().find(|row| row["source"] == "EXTERNAL").unwrap();
    client.expect(403, "DELETE", &format!("{path}/{}", text(&external["id"])), None).await;
}

async fn scope_groups(client: &Client) {
    let path = format!("{AUTHZ}/scope-groups");
    let list = client.read(&format!("{path}?filter=name%20in%20('racks')&sort=name")).await;
    let racks = format!("{path}/{}", text(&list["items"][0]["id"]));
    client.expect(412, "DELETE", &racks, None).await;
    let made = client.add(&path, &json!({ "name": "new", "description": "d" })).await;
    client.expect(409, "POST", &path, Some(&json!({ "name": "new" }))).await;
    let at = format!("{path}/{}", text(&made["id"]));
    client.read(&at).await;
    client.change("PUT", &at, &json!({ "id": made["id"], "name": "other" })).await;
    let item = |number: u8| {
        let grn =
            format!("grn:glp/workspaces/{WORKSPACE}/regions/default/providers/x/server/{number}");
        json!({ "grn": grn, "description": "a server" })
    };
    let items = json!({ "items": [item(1), item(2), item(1)] });
    let added = client.change("POST", &format!("{at}/scopes/batch"), &items).await;
    assert_eq!(added["errorCount"], 1, "{added}");
    client.read(&format!("{at}/scopes")).await;
    let gone = json!({ "items": [{ "id": added["successes"][0]["id"] }, { "id": NOBODY }] });
    client.change("DELETE", &format!("{at}/scopes/bulk"), &gone).await;
    client.delete(&at).await;
    client.expect(404, "GET", &at, None).await;
}

async fn workspaces(client: &Client) {
    let path = format!("/workspaces/v1/workspaces/{DASHED}");
    client.read(&path).await;
    client.read(&format!("{path}/contact")).await;
    client.expect(403, "GET", &format!("/workspaces/v1/workspaces/{NOBODY}"), None).await;
    client.stranger().expect(401, "GET", &path, None).await;
    client.add(TENANTS, &json!({ "workspaceName": "tenant-b" })).await;
    client.expect(409, "POST", TENANTS, Some(&json!({ "workspaceName": "tenant-b" }))).await;
    let list = client.read(&format!("{TENANTS}?filter=workspaceName%20eq%20'tenant-b'")).await;
    let at = format!("{TENANTS}/{}", text(&list["items"][0]["id"]));
    client.change("PUT", &at, &json!({ "workspaceName": "tenant-c" })).await;
    client.delete(&at).await;
    client.expect(412, "DELETE", &at, None).await;
    client.expect(422, "GET", &format!("{TENANTS}?filter=x"), None).await;
}

async fn tenant_groups(client: &Client) {
    let body = json!({ "name": "gold", "groupType": "TenantGroup", "description": "d" });
    let made = client.add(GROUPS, &body).await;
    client.expect(409, "POST", GROUPS, Some(&body)).await;
    client.read(GROUPS).await;
    let at = format!("{GROUPS}/{}", text(&made["id"]));
    client.read(&at).await;
    client.change("PUT", &at, &json!({ "name": "silver" })).await;
    let tenants = client.read(TENANTS).await;
    let places = format!("{at}/group-workspaces");
    let place = client.add(&places, &json!({ "workspaceId": tenants["items"][0]["id"] })).await;
    client.read(&places).await;
    let of = format!("{places}/{}", text(&place["id"]));
    client.read(&of).await;
    client.delete(&of).await;
    client.expect(404, "GET", &of, None).await;
    client.delete(&at).await;
    client.expect(404, "GET", &at, None).await;
}

async fn log(client: &Client) {
    let list = client.read(&format!("{LOGS}?limit=2000&filter=category%20eq%20'Groups'")).await;
    assert!(list["total"].as_i64().unwrap() > 0, "{list}");
    let at = format!("{LOGS}/{}", text(&list["items"][0]["id"]));
    client.read(&at).await;
    client.read(&format!("{at}/details")).await;
    client.expect(404, "GET", &format!("{LOGS}/{NOBODY}"), None).await;
    client.expect(400, "GET", &format!("{LOGS}?filter=x"), None).await;
    client.stranger().expect(401, "GET", LOGS, None).await;
}
