//! The twin, as somebody else meets it.

use muster::sandbox::greenlake::GreenLake;
use muster::sandbox::{Fault, Matcher, Model as _, Request, When};
use serde_json::{Value, json};

use super::super::memory::now;
use super::super::turn::{rows, text};
use super::case::{ADMINS, BY_GROUP, DIRECT, NAMED, OPERATORS, ROLE};
use super::sight::Sight;
use super::witness::{Place, Route, Target};

/// The twin, with the tokens to write to it.
pub(crate) struct Beside<'a> {
    pub(crate) twin: &'a mut GreenLake,
    pub(crate) tokens: &'a [String],
}

impl Target for Beside<'_> {
    fn sight(&self) -> Sight {
        let state = self.twin.state.export();
        let mut sight = Sight::default();
        for user in rows(&state, "users") {
            sight.person(text(user, "userName"), user["active"] == Value::Bool(true));
        }
        let is_whole = |row: &Value| {
            let scopes = row["scope"].as_array().unwrap();
            scopes.iter().any(|scope| scope.as_str().unwrap().contains(":glp/workspaces/"))
        };
        let holders: Vec<&str> = rows(&state, "assignments")
            .iter()
            .filter(|row| text(row, "role").ends_with(ROLE) && is_whole(row))
            .map(|row| text(row, "principal"))
            .collect();
        for group in rows(&state, "groups") {
            let way = match text(group, "displayName") {
                ADMINS => NAMED,
                OPERATORS if holders.contains(&"group:operators") => BY_GROUP,
                _ => continue,
            };
            let members = group["members"].as_array().into_iter().flatten();
            members.for_each(|member| sight.add(member.as_str().unwrap(), way));
        }
        let people = holders.iter().filter_map(|who| who.strip_prefix("user:"));
        people.for_each(|who| sight.add(who, DIRECT));
        sight
    }

    fn strike(&mut self, route: Route, who: &str) {
        if route.is_of_one() { self.take_one(route, who) } else { self.take_all(route) }
    }

    fn refuse(&mut self, (method, path): Place<'_>) {
        let fault = Fault::Status { code: 400, retry_after: None };
        self.twin.faults.push(Matcher::new(method, path, When::From(1)), fault, None);
    }

    fn lose(&mut self) {
        self.twin.faults.push(Matcher::new("", "/", When::From(1)), Fault::Lost, Some(1));
    }
}

impl Beside<'_> {
    fn take_one(&mut self, route: Route, name: &str) {
        let state = self.twin.state.export();
        let id = id_of(&state, "users", "userName", name);
        match route {
            Route::Off => {
                let off = json!([{ "op": "replace", "path": "active", "value": false }]);
                self.patch(&format!("Users/{id}"), &off);
            }
            Route::Deleted => self.send(0, ("DELETE", &scim(&format!("Users/{id}"))), None),
            _ => {
                for group in rows(&state, "groups") {
                    let members = group["members"].as_array().into_iter().flatten();
                    let counts = [ADMINS, OPERATORS].contains(&text(group, "displayName"));
                    if counts && members.into_iter().any(|member| member == name) {
                        let gone = json!([{ "op": "remove", "path": "members",
                            "value": [{ "value": id }] }]);
                        self.patch(&format!("Groups/{}", text(group, "id")), &gone);
                    }
                }
                self.revoke(&state, &format!("user:{name}"));
            }
        }
    }

    fn take_all(&mut self, route: Route) {
        let state = self.twin.state.export();
        let there = |name: &str| {
            let mut groups = rows(&state, "groups").iter();
            groups.any(|group| text(group, "displayName") == name)
        };
        let group = if matches!(route, Route::OperatorsGo) { OPERATORS } else { ADMINS };
        let path = || format!("Groups/{}", id_of(&state, "groups", "displayName", group));
        match route {
            Route::RoleGoes => self.revoke(&state, &format!("group:{OPERATORS}")),
            _ if !there(group) => {}
            Route::AdminsRenamed => {
                let name = json!([{ "op": "replace", "path": "displayName", "value": "others" }]);
                self.patch(&path(), &name);
            }
            _ => self.send(0, ("DELETE", &scim(&path())), None),
        }
    }

    fn revoke(&mut self, state: &Value, holder: &str) {
        let is_meant =
            |row: &&Value| text(row, "principal") == holder && text(row, "workspace") == "prod";
        for row in rows(state, "assignments").iter().filter(is_meant) {
            let path = format!("/authorization/v1beta1/role-assignments/{}", text(row, "id"));
            self.send(1, ("DELETE", &path), None);
        }
    }

    fn patch(&mut self, path: &str, operations: &Value) {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        let body = json!({ "schemas": schemas, "Operations": operations });
        self.send(0, ("PATCH", &scim(path)), Some(&body));
    }

    fn send(&mut self, workspace: usize, (method, path): (&str, &str), body: Option<&Value>) {
        let token = format!("Bearer {}", self.tokens[workspace]);
        let mut request = Request::new(method, path).header("authorization", &token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = self.twin.handle(&request, now(), None);
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.value());
    }
}

fn scim(path: &str) -> String {
    format!("/identity/v2beta1/scim/v2/{path}")
}

fn id_of(state: &Value, list: &str, key: &str, name: &str) -> String {
    let mut named = rows(state, list).iter().filter(|row| text(row, key) == name);
    text(named.next().unwrap(), "id").to_owned()
}
