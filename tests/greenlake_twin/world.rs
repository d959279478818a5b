//! A small organization, and how to ask about it.

use jiff::{SignedDuration, Timestamp};
use muster::sandbox::greenlake::{GreenLake, State, Txt};
use muster::sandbox::{Faults, Model as _, Request, Response};
use serde_json::{Value, json};

pub(crate) const SCIM: &str = "/identity/v2beta1/scim/v2";
pub(crate) const AUTHZ: &str = "/authorization/v1beta1";
pub(crate) const DOMAINS: &str = "/identity/v1alpha1";
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const USER_EXTENSION: &str =
    "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const GROUP_EXTENSION: &str =
    "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Group";
pub(crate) const MAIN: &str = "3f2c0e1a9b1c4d7e8f60718293a4b5c6";
pub(crate) const PROD: &str = "0000000000004000800000000000000b";
pub(crate) const TENANT: &str = "0000000000004000800000000000000c";
pub(crate) const COMPUTE: &str =
    "grn:glp/providers/authorization/roles/compute-ops-mgmt.administrator";
pub(crate) const ADMIN: &str = "grn:glp/providers/authorization/roles/ccs.account-admin";

/// An MSP with a plain workspace, a tenant and one without enhanced IAM.
pub(crate) fn seed() -> Value {
    json!({
        "provider": "greenlake",
        "organization": { "name": "acme", "posix": true },
        "workspaces": [
            { "id": MAIN, "name": "main", "type": "MSP" },
            { "id": PROD, "name": "prod" },
            { "id": TENANT, "name": "tenant-a", "type": "MSP_TENANT" },
            { "name": "old", "enhancedIam": false },
        ],
        "clients": [
            { "id": "c-main", "secret": "s-main", "workspace": "main", "principal": "user:root@example.com" },
            { "id": "c-prod", "secret": "s-prod", "workspace": "prod" },
            { "id": "c-old", "secret": "s-old", "workspace": "old" },
        ],
        "users": [
            { "userName": "root@example.com" },
            { "userName": "ada@example.com", "name": { "givenName": "Ada", "familyName": "Lovelace" }, "countryCode": "GB" },
            { "userName": "raj@example.com" },
            { "userName": "synced@sync.example.com", "source": "SCIM" },
            { "userName": "guest@other.example.net", "source": "External" },
        ],
        "groups": [
            { "displayName": "admins", "members": ["ada@example.com"] },
            { "displayName": "synced", "source": "SCIM", "members": ["synced@sync.example.com"] },
        ],
        "scopeGroups": [
            { "workspace": "main", "name": "racks", "scopes": ["grn:glp/workspaces/x/regions/default/providers/compute-ops-mgmt/server/1"] },
            { "workspace": "prod", "name": "prod-racks" },
        ],
        "tenantGroups": [{ "workspace": "main", "name": "gold", "tenants": ["tenant-a"] }],
        "assignments": [
            { "workspace": "main", "principal": "group:admins", "role": "compute-ops-mgmt.administrator", "scope": ["scope-group/racks"] },
            { "workspace": "main", "principal": "user:guest@other.example.net", "role": "ccs.observer", "source": "EXTERNAL" },
        ],
        "domains": [
            { "name": "example.com", "state": "VERIFIED" },
            { "name": "new.example.com" },
            { "name": "sync.example.com", "state": "VERIFIED", "integration": "okta" },
        ],
        "ssoProfiles": [{ "name": "corp-oidc" }, { "name": "backup" }],
        "policies": [{ "domain": "example.com", "connection": "corp-oidc" }],
        "zone": [{ "name": "example.com", "values": ["v=spf1 -all"] }],
    })
}

/// The twin, its clock, and a token a workspace.
pub(crate) struct World {
    pub(crate) twin: GreenLake,
    pub(crate) now: Timestamp,
    pub(crate) token: String,
}

impl World {
    pub(crate) fn new() -> World {
        World::of(&seed())
    }

    pub(crate) fn of(seed: &Value) -> World {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let twin = GreenLake::new(State::seed(seed, now).unwrap());
        let mut world = World { twin, now, token: String::new() };
        world.token = world.token_of("c-main", "s-main", MAIN);
        world
    }

    /// The same with faults.
    pub(crate) fn faulty(rules: &str) -> World {
        let mut world = World::new();
        world.twin.faults = Faults::parse(rules).unwrap();
        world
    }

    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    }

    pub(crate) fn send(&mut self, request: &Request) -> Response {
        self.send_with(request, None)
    }

    pub(crate) fn send_with(&mut self, request: &Request, txt: Option<&Txt>) -> Response {
        self.twin.handle(request, self.now, txt)
    }

    /// A request with the bearer token. The query may stand in the path, not encoded.
    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::new(method, path);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap();
            request = request.with(name, value);
        }
        request.header("authorization", &format!("Bearer {}", self.token))
    }

    pub(crate) fn get(&mut self, path: &str) -> (u16, Value) {
        let request = self.request("GET", path);
        let response = self.send(&request);
        (response.status, response.value())
    }

    pub(crate) fn call(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = self.request(method, path).json(body);
        let response = self.send(&request);
        (response.status, response.value())
    }

    pub(crate) fn delete(&mut self, path: &str) -> (u16, Value) {
        let request = self.request("DELETE", path);
        let response = self.send(&request);
        (response.status, response.value())
    }

    /// Asks a token endpoint with a form.
    pub(crate) fn form(&mut self, workspace: &str, form: &str) -> Response {
        let mut request =
            Request::new("POST", &format!("/authorization/v2/oauth2/{workspace}/token"));
        request.body = form.as_bytes().to_vec();
        self.send(&request)
    }

    pub(crate) fn token_of(&mut self, id: &str, secret: &str, workspace: &str) -> String {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let response = self.form(workspace, &form);
        assert_eq!(response.status, 200, "{}", response.value());
        response.value()["access_token"].as_str().unwrap().to_owned()
    }

    /// Goes on with the token of another client.
    pub(crate) fn enter(&mut self, id: &str, secret: &str, workspace: &str) {
        self.token = self.token_of(id, secret, workspace);
    }

    /// The user of that name.
    pub(crate) fn user(&mut self, name: &str) -> Value {
        let (status, list) = self.get(&format!("{SCIM}/Users?filter=userName eq \"{name}\""));
        assert_eq!((status, &list["totalResults"]), (200, &json!(1)), "{list}");
        list["Resources"][0].clone()
    }

    /// The group of that name.
    pub(crate) fn group(&mut self, name: &str) -> Value {
        let (status, list) = self.get(&format!("{SCIM}/Groups?filter=displayName eq \"{name}\""));
        assert_eq!((status, &list["totalResults"]), (200, &json!(1)), "{list}");
        list["Resources"][0].clone()
    }

    /// The path of a user or group.
    pub(crate) fn path(of: &Value) -> String {
        of["meta"]["location"].as_str().unwrap().to_owned()
    }

    pub(crate) fn user_path(&mut self, name: &str) -> String {
        World::path(&self.user(name))
    }

    pub(crate) fn group_path(&mut self, name: &str) -> String {
        World::path(&self.group(name))
    }

    /// Who is in a group.
    pub(crate) fn members(&mut self, group: &str) -> Vec<String> {
        let id = text(&self.group(group)["id"]);
        let (status, list) = self.get(&format!("{SCIM}/extensions/Groups/{id}/users"));
        assert_eq!(status, 200, "{list}");
        let names = list["Resources"].as_array().unwrap().iter();
        names.map(|user| text(&user["userName"])).collect()
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}")).to_owned()
}

pub(crate) fn new_user(name: &str) -> Value {
    json!({
        "schemas": [USER, USER_EXTENSION],
        "userName": name,
        "name": { "givenName": "Some", "familyName": "Body" },
        USER_EXTENSION: { "countryCode": "GB" },
    })
}

pub(crate) fn new_group(name: &str) -> Value {
    json!({ "schemas": [GROUP, GROUP_EXTENSION], "displayName": name })
}

pub(crate) fn operation(op: &str, path: &str, value: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": op, "path": path, "value": value }],
    })
}

/// The code of HPE's error body, in either of its places.
pub(crate) fn code(body: &Value) -> String {
    let scim = "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Error";
    let inner = if body.get(scim).is_some() { &body[scim] } else { body };
    for field in ["httpStatusCode", "message", "debugId"] {
        assert!(inner.get(field).is_some(), "no `{field}` in {body}");
    }
    text(&inner["errorCode"])
}
