//! Every exit status, and what is said with it.

use std::net::TcpListener;

use serde_json::json;

use super::folder::{Folder, OWN_POLICY, people, project_at};
use super::served::Served;

/// A project on the embedded sandbox, with so many people declared of whom nobody is live.
fn project(count: usize) -> Folder {
    let project = project_at("").replace(
        "provider: scim, url: \"\"",
        "provider: sandbox, seed: live.json, state: .muster/state",
    );
    let live = r#"{"users": [], "groups": []}"#;
    Folder::with(&[("muster.yaml", &project), ("people.yaml", &people(count)), ("live.json", live)])
}

#[test]
fn changes_are_2_where_asked_for_and_then_0() {
    let folder = project(3);
    folder.muster(&["plan"]).run().exits(0).shows("Plan: 9 to create");
    let detailed = ["plan", "--detailed-exitcode"];
    folder.muster(&detailed).run().exits(2).shows("Plan: 9 to create");
    folder.muster(&["plan"]).env("MUSTER_DETAILED_EXITCODE", "1").run().exits(2);
    folder.muster(&["apply", "--yes"]).run().exits(0).shows("Applied: ");
    folder.muster(&detailed).run().exits(0).shows("No changes. What is declared is live.");
    let state = folder.read(".muster/state");
    let again = folder.muster(&["apply", "--yes", "--format", "json"]).run().exits(0);
    assert_eq!(again.json()["requestsMade"]["writes"], 0);
    assert_eq!(again.json()["receipts"], json!([]));
    assert_eq!(folder.read(".muster/state"), state, "the second apply writes nothing");
}

#[test]
fn nobody_there_to_ask_is_5_and_nothing_is_written() {
    let folder = project(3);
    for arguments in [&["apply"][..], &["apply", "--format", "json"], &["apply", "plan.json"]] {
        folder.muster(&["plan", "--out", "plan.json"]).run().exits(0);
        let state = folder.read(".muster/state");
        let ended = folder.muster(arguments).run().exits(5).shows_nothing();
        ended.says("this is no terminal").says("help: look at `muster plan` first");
        assert_eq!(folder.read(".muster/state"), state);
        assert!(!folder.file(".muster/journal.jsonl").exists());
    }
    // A `yes` that comes through a pipe is nobody's.
    let typed = super::served::typed(folder.path(), "yes\n");
    folder.muster(&["apply"]).stdin(typed).run().exits(5).says("no terminal");
}

#[test]
fn a_policy_is_3() {
    let folder = project(3);
    folder.write("more.yaml", "bindings: [{ role: storage.admin, user: user01@example.com }]\n");
    let ended = folder.muster(&["check"]).run().exits(3).shows("deny[group-only-roles]");
    ended.shows("--> more.yaml:1:").shows("help: bind the role to a group");
    folder.write("more.yaml", "users: {}\n");
    let project = folder.read("muster.yaml") + "policies: [policies]\n";
    folder.write("muster.yaml", project);
    folder.write("policies/no-root/rule.rego", OWN_POLICY.replace("root@", "user01@"));
    for arguments in [&["check"][..], &["plan"], &["apply", "--yes"]] {
        let ended = folder.muster(arguments).run().exits(3).shows("deny[no-root]");
        ended.shows("--> people.yaml:3:3").shows("help: choose the name of a person");
    }
    for arguments in
        [["plan", "--format", "json"].as_slice(), &["apply", "--yes", "--format", "json"]]
    {
        let told = folder.muster(arguments).run().exits(3).json();
        let finding = &told["verdict"]["findings"][0];
        assert_eq!((&finding["id"], &finding["severity"]), (&json!("no-root"), &json!("deny")));
    }
    folder.write("people.yaml", people(1));
    folder.muster(&["apply", "--yes"]).run().exits(0);
}

#[test]
fn a_limit_is_4() {
    let folder = project(30);
    folder.muster(&["apply", "--yes"]).run().exits(0);
    folder.write("people.yaml", people(20));
    folder.muster(&["plan"]).run().exits(4);
    let state = folder.read(".muster/state");
    for arguments in [&["plan"][..], &["apply", "--yes"]] {
        let ended = folder.muster(arguments).run().exits(4);
        ended.shows("deny[limit/users/remove]: 10 of 30 managed users").shows("atMost: 10");
    }
    let ended = folder.muster(&["apply", "--yes", "--format", "json"]).run().exits(4);
    assert!(ended.json().get("receipts").is_none());
    assert_eq!(folder.read(".muster/state"), state);
}

#[test]
fn a_server_that_fails_by_half_is_6_and_then_0() {
    let folder = Folder::with(&[("people.yaml", &people(8))]);
    let start = |faults: &[&str]| {
        let served = Served::start(folder.path(), &[&["--state", "state"], faults].concat());
        folder.write("muster.yaml", project_at(served.url()));
        served
    };
    let served = start(&["--fault", "POST /Users#3=400", "--fault", "POST /Groups#1=403"]);
    let ended = folder.muster(&["apply", "--yes", "--format", "json"]).run().exits(6);
    let told = ended.json();
    assert_eq!(told["complete"], json!(false));
    let receipts = told["receipts"].as_array().unwrap();
    let failed: Vec<_> = receipts.iter().filter(|one| one["result"] == "failed").collect();
    assert!(failed.iter().any(|one| one["cause"].as_str().unwrap().contains("400")), "{failed:?}");
    assert!(receipts.iter().any(|one| one["result"] == "skipped"), "{}", ended.out);
    assert!(receipts.iter().any(|one| one["result"] == "done"), "{}", ended.out);
    drop(served);
    let served = start(&["--fault", "POST /Users#1=400"]);
    let ended = folder.muster(&["apply", "--yes"]).run().exits(6);
    ended.shows("failed create user/").shows("Applied in part: ").shows("run `muster plan`");
    drop(served);
    let _served = start(&[]);
    folder.muster(&["apply", "--yes"]).run().exits(0);
    folder.muster(&["plan", "--detailed-exitcode"]).run().exits(0);
}

#[test]
fn a_wrong_command_line_is_64() {
    let folder = project(1);
    for (arguments, words) in [
        (&["paln"][..], "'paln'"),
        (&["plan", "--force"], "'--force'"),
        (&["plan", "--format", "xml"], "possible values: text, json"),
        (&["check", "--format", "JSON"], "possible values: text, json"),
        (&["plan", "--at", "tomorrow"], "write 2027-01-31"),
        (&["plan", "--at", "2027-02-30"], "neither a day nor an instant"),
        (&["apply", "a", "b"], "'b'"),
        (&["completions", "cmd"], "possible values"),
        (&["sandbox"], "serve"),
        (&["sandbox", "serve", "--port", "99999"], "99999"),
        (&["sandbox", "serve", "--fault", "GET /Users"], "write it like `GET /Users#2=503`"),
        (&["sandbox", "serve", "--personality", "nobody"], "choose one of rfc7644, "),
        (&[], "Usage: muster"),
    ] {
        folder.muster(arguments).run().exits(64).shows_nothing().says(words);
    }
    for (name, value) in [
        ("MUSTER_FORMAT", "xml"),
        ("MUSTER_AT", "tomorrow"),
        ("MUSTER_DETAILED_EXITCODE", "perhaps"),
    ] {
        let ended = folder.muster(&["plan"]).env(name, value).run().exits(64).shows_nothing();
        ended.says(value);
    }
    assert!(!folder.file(".muster").exists());
}

#[test]
fn a_target_that_cannot_be_reached_is_69() {
    // A port that was free a moment ago; if somebody takes it, it is no SCIM server.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = Folder::with(&[("people.yaml", &people(1))]);
    folder.write("muster.yaml", project_at(&format!("http://127.0.0.1:{port}/scim")));
    for arguments in [&["plan"][..], &["apply", "--yes"], &["doctor"]] {
        let ended = folder.muster(arguments).run().exits(69).shows_nothing();
        ended.says("error: the target was not read: ").says("  why: ").says("  help: ");
    }
    folder.muster(&["check"]).run().exits(0);
}

#[test]
fn what_is_wrong_with_the_target_in_the_files_is_1() {
    let secret = "TOPSECRET";
    for (target, words) in [
        ("url: \"http://example.com/scim\"", "https"),
        ("url: \"https://user:TOPSECRET@localhost/scim\"", "a user name or a password"),
        ("url: \"ftp://localhost/scim\"", "bad-url"),
        ("url: \"http://127.0.0.1:9/scim\", credential: env:NOBODY", "NOBODY_TOKEN"),
        ("url: \"http://127.0.0.1:9/scim\", credential: file:token.json", "token.json"),
        ("url: \"http://127.0.0.1:9/scim\", profile: nobodys", "nobodys"),
    ] {
        let folder = Folder::with(&[("people.yaml", &people(1)), ("token.json", secret)]);
        let project = project_at("").replace("url: \"\"", target);
        folder.write("muster.yaml", project);
        let ended = folder.muster(&["plan"]).run().exits(1).shows_nothing().says(words);
        assert!(ended.err.contains("help: ") && !ended.err.contains(secret), "{}", ended.err);
    }
}
