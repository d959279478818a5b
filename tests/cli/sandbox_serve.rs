//! `muster sandbox serve`: a server for rehearsals, whose state survives a kill.

use rustix::process::Signal;
use serde_json::Value;

use super::folder::Folder;
use super::served::Served;

const SEED: &str = r#"{"users": [{"userName": "ada@example.com", "title": "Engineer"}],
    "groups": [{"displayName": "admins", "members": ["ada@example.com"]}]}"#;

fn names(served: &Served) -> Vec<String> {
    let name = |user: &Value| user["userName"].as_str().unwrap().to_owned();
    served.users().iter().map(name).collect()
}

#[test]
fn the_url_comes_first_and_alone() {
    let folder = Folder::with(&[("live.json", SEED)]);
    let served = Served::start(folder.path(), &["--seed", "live.json"]);
    assert_eq!(served.out(), format!("{}\n", served.url()));
    let port = served.url().strip_prefix("http://127.0.0.1:").unwrap();
    assert_ne!(port.parse::<u16>().unwrap(), 0);
    assert_eq!(names(&served), ["ada@example.com"]);
}

#[test]
fn the_state_survives_a_kill_and_the_seed_is_taken_once() {
    let folder = Folder::with(&[("live.json", SEED)]);
    let arguments = ["--seed", "live.json", "--state", "kept/state.jsonl"];
    let mut known: Option<Vec<Value>> = None;
    for round in 0..5 {
        let served = Served::start(folder.path(), &arguments);
        let users = served.users();
        if let Some(known) = &known {
            // All but the address, which holds the port.
            let same = |a: &Value, b: &Value| {
                ["id", "userName", "title"].iter().all(|name| a[name] == b[name])
            };
            assert_eq!(users.len(), known.len());
            assert!(users.iter().zip(known).all(|(a, b)| same(a, b)), "{users:?} {known:?}");
        }
        served.create_user(&format!("user{round}@example.com"));
        known = Some(served.users());
        served.end(Signal::KILL).exits(128 + 9);
    }
    let served = Served::start(folder.path(), &arguments);
    assert_eq!(names(&served).len(), 6);
}

#[test]
fn it_ends_in_good_order_when_asked_to() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = Folder::with(&[("live.json", SEED)]);
        let served = Served::start(folder.path(), &["--seed", "live.json", "--state", "state"]);
        served.create_user("bob@example.com");
        served.end(signal).exits(0).says("Serving SCIM 2.0");
        let again = Served::start(folder.path(), &["--state", "state"]);
        assert_eq!(names(&again), ["ada@example.com", "bob@example.com"]);
    }
}

#[test]
fn one_state_has_one_server() {
    let folder = Folder::with(&[]);
    let _served = Served::start(folder.path(), &["--state", "state"]);
    let second = folder.muster(&["sandbox", "serve", "--port", "0", "--state", "state"]).run();
    second.exits(1).shows_nothing().says("in use by another sandbox; stop that one first");
}

#[test]
fn a_taken_port_is_said_so() {
    let folder = Folder::with(&[]);
    let served = Served::start(folder.path(), &[]);
    let port = served.url().rsplit(':').next().unwrap();
    let second = folder.muster(&["sandbox", "serve", "--port", port]).run().exits(1);
    second.shows_nothing().says("cannot listen on 127.0.0.1:").says("--port");
}

#[test]
fn a_token_is_demanded_where_one_is_named() {
    let folder = Folder::with(&[]);
    let none = folder.muster(&["sandbox", "serve", "--port", "0", "--token-env", "A_TOKEN"]).run();
    none.exits(1).shows_nothing().says("the variable `A_TOKEN` is not set");
    let served =
        Served::start_with(folder.path(), &["--token-env", "A_TOKEN"], &[("A_TOKEN", "sesame")]);
    assert_eq!(served.ask("GET", "/Users", None).0, 401);
    assert_eq!(served.ask_as("sesame", "GET", "/Users", None).0, 200);
}

#[test]
fn an_hpe_greenlake_organization_is_served_by_its_own_rules() {
    let folder = Folder::with(&[("seed.json", r#"{"provider": "greenlake", "people": []}"#)]);
    let served = Served::start(
        folder.path(),
        &["--provider", "greenlake", "--rate", "10/1", "--state", "s"],
    );
    assert_eq!(served.ask("GET", "/identity/v2beta1/scim/v2/Users", None).0, 401);
    assert_eq!(served.ask("GET", "/Users", None).0, 404);
    served.end(Signal::TERM).exits(0).says("Serving HPE GreenLake");
    for (flags, status, part) in [
        (["--seed", "seed.json"], 1, "`people`"),
        (["--rate", "10"], 64, "10/1"),
        (["--token-env", "A_TOKEN"], 64, "gives tokens itself"),
    ] {
        let mut all = vec!["sandbox", "serve", "--provider", "greenlake"];
        all.extend(flags);
        folder.muster(&all).run().exits(status).shows_nothing().says(part);
    }
    let plain = folder.muster(&["sandbox", "serve", "--rate", "none"]).run();
    plain.exits(64).says("for `--provider greenlake`");
}
