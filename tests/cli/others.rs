//! Somebody else who writes while the program applies.

use std::sync::{Arc, Mutex};

use muster::sandbox::{Request, Sandbox};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::folder::{Folder, project_at};
use super::memory::{now, seeded};
use super::program::Ended;
use super::server::{Ask, Reply, Server, status};

/// Three administrators, of whom two must remain and one is to go.
const FILES: &str = "users: { a@example.com: {}, b@example.com: {}, c@example.com: {} }\n\
                     groups: { admins: { members: [b@example.com, c@example.com] } }\n";

fn live() -> Value {
    let users = ["a", "b", "c"].map(
        |name| json!({ "id": name, "userName": format!("{name}@example.com"), "active": true }),
    );
    let members = ["a", "b", "c"].map(|name| json!({ "value": name }));
    json!({ "users": users, "groups": [{ "id": "g", "displayName": "admins", "members": members }] })
}

fn patch(path: &str, operation: &Value) -> Request {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    Request::new("PATCH", path).json(&json!({ "schemas": schemas, "Operations": [operation] }))
}

/// The sandbox's answer. Right before our first change of the group, somebody else makes `theirs`.
fn answer(ask: &Ask, sandbox: &mut Sandbox, theirs: &mut Option<Request>) -> Reply {
    if ask.method == "PATCH"
        && let Some(request) = theirs.take()
    {
        assert!(sandbox.handle(&request, now()).status < 300);
    }
    let mut request = Request::new(&ask.method, ask.path().trim_start_matches("/scim"));
    let pairs = ask.target.split_once('?').map(|(_, query)| query.split('&'));
    for (name, value) in pairs.into_iter().flatten().filter_map(|pair| pair.split_once('=')) {
        let value = percent_encoding::percent_decode_str(value).decode_utf8_lossy();
        request = request.with(name, &value);
    }
    if !ask.body.is_null() {
        request = request.json(&ask.body);
    }
    let answer = sandbox.handle(&request, now());
    status(answer.status, "application/scim+json", &answer.body)
}

/// Applies while somebody else makes this change: how it ends, and the members of the group.
fn applied(theirs: Request) -> (Ended, Vec<String>) {
    let runtime = Runtime::new().unwrap();
    let sandbox = Arc::new(Mutex::new(seeded(&live(), "rfc7644")));
    let (shared, theirs) = (Arc::clone(&sandbox), Mutex::new(Some(theirs)));
    let answered =
        move |ask: &Ask| answer(ask, &mut shared.lock().unwrap(), &mut theirs.lock().unwrap());
    let server = runtime.block_on(Server::start(answered));
    let project = project_at(&server.url)
        + "administrators: { groups: [admins], atLeast: 2 }\n\
           limits: { memberships: { remove: \"100%\" } }\n";
    let folder = Folder::with(&[("muster.yaml", &project), ("people.yaml", FILES)]);
    let ended = folder.muster(&["apply", "--yes"]).run();
    let members = sandbox.lock().unwrap().state.member_names("admins");
    drop(server);
    runtime.shutdown_background();
    (ended, members)
}

#[test]
fn a_removal_that_left_too_few_is_taken_back_and_the_run_ends_with_6() {
    let off = json!({ "op": "replace", "path": "active", "value": false });
    let gone = json!({ "op": "remove", "path": "members[value eq \"c\"]" });
    for theirs in [patch("/Users/c", &off), patch("/Groups/g", &gone)] {
        let (ended, members) = applied(theirs);
        let ended = ended.exits(6).shows("muster takes its own removal back");
        assert!(members.contains(&"a@example.com".to_owned()), "{members:?}: {}", ended.err);
    }
    // With nobody else, it is no loss.
    let (ended, members) =
        applied(patch("/Users/a", &json!({ "op": "add", "path": "title", "value": "Boss" })));
    ended.exits(0);
    assert_eq!(members.len(), 2, "{members:?}");
}
