//! The whole program against SCIM servers that others wrote: fill, leave, move, rename, change,
//! rest. After each step the server's own listings, read without our client, equal the YAML.
//!
//! `tests/servers/install.sh DIR` installs them; `MUSTER_TEST_SERVERS=DIR` says where.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start servers, and drive the program as a person would"
)]

#[path = "servers/organization.rs"]
mod organization;
#[path = "servers/server.rs"]
mod server;

use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use organization::{ADDITIVE, Organization};
use server::{Server, TOKEN};

/// What the program answers when there is nothing to do, and when there is.
const NO_CHANGES: i32 = 0;
const CHANGES: i32 = 2;
/// The plan's basis moved; some steps were refused because theirs did.
const MOVED: [i32; 2] = [5, 6];

/// Who is on the server and not in our jurisdiction.
const OUTSIDER: &str = "outsider@elsewhere.test";
const STRANGERS: [&str; 2] = ["stranger-1@elsewhere.test", "stranger-2@elsewhere.test"];

#[test]
fn scim2_server_becomes_what_the_yaml_says_and_leavers_are_deleted() {
    story("scim2-server", "", "delete");
}

#[test]
fn scimmy_becomes_what_the_yaml_says_and_leavers_are_deactivated() {
    story("scimmy", "/scim/v2", "deactivate");
}

#[test]
fn django_scim2_becomes_what_the_yaml_says_and_leavers_are_deactivated() {
    story("django-scim2", "/scim/v2", "deactivate");
}

/// The reader that the story trusts, held to what raw HTTP wrote: three pages of users, one group.
#[test]
fn the_independent_reader_reads_what_was_written() {
    for (name, root) in [("scim2-server", ""), ("scimmy", "/scim/v2"), ("django-scim2", "/scim/v2")]
    {
        let logs = tempfile::tempdir().unwrap();
        let server = Server::start(name, root, logs.path());
        let names: Vec<_> = (0..120).map(|number| format!("u{number:03}@example.com")).collect();
        let ids: Vec<_> = names.iter().map(|name| server.create_user(name)).collect();
        let group = server.create_group("all");
        for member in [2, 0, 119] {
            server.add_member(&group, &ids[member]);
        }
        let found = server.oracle(&["name.familyName", "name.middleName"]);
        let users = names.iter().map(
            |name| json!({ "userName": name, "name.familyName": "Body", "name.middleName": null }),
        );
        assert_eq!(found["users"], users.collect::<Value>(), "{name}");
        let members = [0, 2, 119].map(|number: usize| &names[number]);
        assert_eq!(
            found["groups"],
            json!([{ "displayName": "all", "members": members }]),
            "{name}"
        );

        let raw = server.oracle(&["--raw"]);
        assert_eq!(raw.as_object().unwrap().len(), 121, "{name}");
        assert_eq!(raw, server.oracle(&["--raw"]), "{name} answers the same bytes twice");
        server.add_member(&group, &ids[5]);
        let address = format!("Groups/{group}");
        assert_ne!(raw[&address], server.oracle(&["--raw"])[&address], "{name} shows a change");
    }
}

/// A project in a folder of its own, and the server it is about.
struct Stage {
    folder: TempDir,
    server: Server,
    organization: Organization,
}

fn story(name: &str, root: &'static str, on_remove: &str) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(name, root, folder.path());
    let mut stage = Stage { folder, server, organization: Organization::new() };
    assert_eq!(stage.organization.size(), [200, 20, 1000]);
    stage.write_project(name, on_remove);

    let outside = stage.server.create_user(OUTSIDER);
    let outsiders = stage.server.create_group("outsiders");
    stage.server.add_member(&outsiders, &outside);
    let strangers = STRANGERS.map(|name| stage.server.create_user(name));
    let untouched = [format!("Users/{outside}"), format!("Groups/{outsiders}")];
    let before = stage.server.oracle(&["--raw"]);

    stage.converge("the filling of an empty server");

    stage.organization.leavers(on_remove == "deactivate");
    assert_eq!(stage.organization.size(), [195, 20, 975]);
    stage.converge("five leavers");

    stage.move_people_while_strangers_join(&strangers);

    stage.organization.renames();
    stage.converge("two renames");

    stage.organization.attributes();
    stage.converge("thirty changes of attributes");

    let after = stage.server.oracle(&["--raw"]);
    for address in untouched {
        assert!(before[&address].is_string(), "{address} was there at the start");
        assert_eq!(before[&address], after[&address], "{address} is not ours to change");
    }
}

impl Stage {
    /// Ten movers. One stranger is in the additive group before the apply reads it, the other
    /// joins while it runs: whenever that is, both are there afterwards.
    fn move_people_while_strangers_join(&mut self, strangers: &[String; 2]) {
        let additive = self.server.group_id(&format!("managed-{ADDITIVE:02}"));
        self.server.add_member(&additive, &strangers[0]);
        self.organization.stranger(STRANGERS[0]);
        self.check("a stranger in the additive group", NO_CHANGES);

        self.organization.movers();
        self.write_desired();
        let running = self.spawn(&["apply", "--yes", "--format", "json"]);
        self.server.add_member(&additive, &strangers[1]);
        self.organization.stranger(STRANGERS[1]);
        let output = running.wait_with_output().unwrap();
        let code = output.status.code().unwrap();
        assert!(code == 0 || MOVED.contains(&code), "ten movers: {}", shown(&output));
        self.converge("ten movers");
    }

    /// Writes the YAML, applies it, and checks that the server holds just that.
    fn converge(&self, step: &str) {
        self.write_desired();
        let output = self.muster(&["apply", "--yes", "--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{step}: {}", shown(&output));
        self.check(step, NO_CHANGES);
    }

    /// What the server holds is the YAML, and a plan ends with this status.
    fn check(&self, step: &str, status: i32) {
        let wanted = ["name.givenName", "name.familyName", "active"];
        let found = ours(self.server.oracle(&wanted));
        let expected = self.organization.expected();
        for collection in ["users", "groups"] {
            let differing: Vec<_> = differing(&found[collection], &expected[collection]);
            assert!(differing.is_empty(), "{step}: {collection}: {}", json!(differing));
        }
        let output = self.muster(&["plan", "--detailed-exitcode"]);
        assert_eq!(output.status.code(), Some(status), "{step}, again: {}", shown(&output));
    }

    fn write_project(&self, profile: &str, on_remove: &str) {
        let url = self.server.url();
        let text = format!(
            "organization: roll\n\
             target:\n  provider: scim\n  url: {url}\n  credential: env:TESTSRV\n  \
             profile: {profile}\n\
             manage:\n  users: {{ domains: [example.com], onRemove: {on_remove} }}\n  \
             groups: {{ names: [\"managed-*\"], onRemove: report }}\n  members: exact\n"
        );
        std::fs::write(self.folder.path().join("muster.yaml"), text).unwrap();
        self.write_desired();
        let output = self.muster(&["plan", "--detailed-exitcode"]);
        assert_eq!(output.status.code(), Some(CHANGES), "a first plan: {}", shown(&output));
    }

    fn write_desired(&self) {
        std::fs::write(self.folder.path().join("roll.yaml"), self.organization.yaml()).unwrap();
    }

    fn muster(&self, arguments: &[&str]) -> Output {
        self.spawn(arguments).wait_with_output().unwrap()
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_muster"))
            .args(arguments)
            .arg("-C")
            .arg(self.folder.path())
            .env("TESTSRV_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// The part of a server that is ours, with what RFC 7643 leaves open said: a user without `active`
/// is active.
fn ours(mut found: Value) -> Value {
    let ours = |rows: &mut Value, key: &str, is_ours: fn(&str) -> bool| {
        rows.as_array_mut().unwrap().retain(|row| is_ours(row[key].as_str().unwrap()));
    };
    ours(&mut found["users"], "userName", |name| name.ends_with("@example.com"));
    ours(&mut found["groups"], "displayName", |name| name.starts_with("managed-"));
    for user in found["users"].as_array_mut().unwrap() {
        if user["active"].is_null() {
            user["active"] = json!(true);
        }
    }
    found
}

/// The rows that only one of two lists has.
fn differing(found: &Value, expected: &Value) -> Vec<Value> {
    let (found, expected) = (found.as_array().unwrap(), expected.as_array().unwrap());
    let extra = found.iter().filter(|row| !expected.contains(row));
    let missing = expected.iter().filter(|row| !found.contains(row));
    let repeated = found.iter().enumerate().filter(|(at, row)| found[..*at].contains(row));
    extra
        .map(|row| json!({ "found": row }))
        .chain(missing.map(|row| json!({ "expected": row })))
        .chain(repeated.map(|(_, row)| json!({ "repeated": row })))
        .collect()
}

/// All that a run printed.
fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr))
}
