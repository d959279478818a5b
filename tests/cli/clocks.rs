//! Two clocks that disagree: what a date decides stays as it is, the rest goes on.

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::folder::{Folder, project_at};
use super::lies::{honest, list};
use super::server::{Reply, Server};
use super::twin::Twin;

/// A server of another year.
const LONG_AGO: &str = "date: Mon, 21 Nov 2016 10:00:00 GMT\r\n";

/// One who goes, one who comes and one who stays by a date; one who comes without.
const DATED: &str = "users: { a@example.com: {}, b@example.com: {}, c@example.com: {}, d@example.com: {} }\n\
    groups:\n\
    \x20 ops:\n\
    \x20   members:\n\
    \x20     - a@example.com\n\
    \x20     - { user: b@example.com, until: 2020-01-01, reason: a project }\n\
    \x20     - c@example.com\n\
    \x20     - { user: d@example.com, from: 2010-01-01, until: 2199-01-01, reason: another }\n";

fn world(files: &str) -> (Twin, Folder) {
    let names = ["a", "b", "c", "d"].map(|name| json!({"userName": format!("{name}@example.com")}));
    let twin = Twin::start(&json!({
        "users": names,
        "groups": [{"displayName": "ops", "members": ["a@example.com", "b@example.com"]}],
    }));
    let folder = Folder::with(&[("muster.yaml", &project_at(twin.url())), ("a.yaml", files)]);
    (twin, folder)
}

fn members(twin: &Twin) -> Value {
    twin.picture()["group ops"].clone()
}

#[test]
fn what_a_date_decides_waits_until_the_clocks_agree() {
    let (twin, folder) = world(DATED);
    twin.says_beside(LONG_AGO);
    let plan = folder.muster(&["plan", "--out", "plan.json"]).run().exits(69);
    let plan = plan.shows("warn[clocks-disagree]").shows("2016-11-21T10:00:00Z there");
    let plan = plan.shows("2 held, listed as waiting").shows("help: find out which clock is wrong");
    let plan =
        plan.shows("+ membership/ops/c@example.com").shows("the grant ended: until 2020-01-01");
    plan.shows("waiting: membership/ops/b@example.com").shows("waiting: membership/ops/d@");
    for more in [&["--detailed-exitcode"][..], &["--format", "markdown"], &["--format", "json"]] {
        let ended = folder.muster(&[&["plan"], more].concat()).run().exits(69);
        assert!(ended.out.contains("clocks-disagree"), "{}", ended.out);
    }
    let told = folder.muster(&["plan", "--format", "json"]).run().json();
    assert_eq!(told["changes"].as_array().unwrap().len(), 1);
    assert_eq!(told["waiting"].as_array().unwrap().len(), 2);
    folder.muster(&["apply", "plan.json", "--yes"]).run().exits(69).shows("Applied");
    assert_eq!(members(&twin), json!(["a@example.com", "b@example.com", "c@example.com"]));
    let writes = twin.writes();
    folder.muster(&["apply", "--yes"]).run().exits(69).shows("No changes now");
    assert_eq!(twin.writes(), writes);
    twin.says_beside("");
    folder.muster(&["apply", "--yes"]).run().exits(0);
    assert_eq!(members(&twin), json!(["a@example.com", "c@example.com", "d@example.com"]));
}

#[test]
fn a_clock_that_is_ahead_is_as_wrong() {
    let files = DATED.replace("2010-01-01, until: 2199-01-01", "2150-01-01");
    let (twin, folder) = world(&files);
    twin.says_beside("date: Thu, 01 Jan 2170 00:00:00 GMT\r\n");
    let plan = folder.muster(&["plan"]).run().exits(69);
    // By this machine's clock alone nothing is to be done for whom the other would let in.
    let plan = plan.shows("waiting: membership/ops/d@").shows("by one of the two clocks alone");
    plan.shows("waiting: membership/ops/b@").shows("2170-01-01T00:00:00Z there");
}

#[test]
fn where_no_date_decides_anything_a_wrong_clock_is_only_said() {
    let files = "users: { a@example.com: {}, b@example.com: {}, c@example.com: {}, d@example.com: {} }\n\
        groups: { ops: { members: [a@example.com, b@example.com, c@example.com] } }\n";
    let (twin, folder) = world(files);
    twin.says_beside(LONG_AGO);
    let plan = folder.muster(&["plan", "--detailed-exitcode"]).run().exits(2);
    plan.shows("warn[clocks-disagree]").shows("no date decides anything here");
    folder.muster(&["apply", "--yes"]).run().exits(0);
    assert_eq!(members(&twin).as_array().unwrap().len(), 3);
}

#[test]
fn a_day_that_somebody_names_is_no_clocks() {
    let (twin, folder) = world(DATED);
    twin.says_beside(LONG_AGO);
    let plan = folder.muster(&["plan", "--at", "2019-01-01"]).run().exits(0);
    let plan = plan.says("warning: the target's clock and this machine's disagree");
    let plan = plan.shows("+ membership/ops/d@example.com");
    assert!(!plan.out.contains("ops/b@"), "{}", plan.out);
}

#[test]
fn clocks_may_differ_a_little_and_answers_may_lie_in_a_cache() {
    let (twin, folder) = world(DATED);
    let says = |minutes: i64, more: &str| {
        let date = Timestamp::now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap();
        twin.says_beside(&format!("date: {date}\r\n{more}"));
        folder.muster(&["plan"]).run()
    };
    says(4, "").exits(0);
    says(-4, "").exits(0);
    says(60, "age: 3600\r\n").exits(0);
    says(60, "").exits(69).shows("are 60 minutes apart");
    says(-60, "").exits(69);
    says(0, "age: 3600\r\n").exits(69);
}

#[test]
fn the_clock_of_a_token_endpoint_counts_too() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start(|ask| {
        if ask.path() == "/scim/token" {
            let body = r#"{"access_token":"a-token-of-nothing","expires_in":300}"#;
            let head =
                format!("HTTP/1.1 200 X\r\n{LONG_AGO}content-length: {}\r\n\r\n", body.len());
            return Reply::Bytes([head.as_bytes(), body.as_bytes()].concat());
        }
        match ask.path() {
            "/scim/Users" => list(0, &[]),
            "/scim/Groups" => list(0, &[]),
            _ => honest(ask),
        }
    }));
    let token = format!("url: \"{0}\", credential: env:X, tokenUrl: \"{0}/token\"", server.url);
    let project = project_at("").replace("url: \"\"", &token);
    let folder = Folder::with(&[("muster.yaml", &project), ("a.yaml", DATED)]);
    let plan =
        folder.muster(&["plan"]).env("X_CLIENT_ID", "i").env("X_CLIENT_SECRET", "secret-of-i");
    plan.run().exits(69).shows("warn[clocks-disagree]").shows("2016-11-21T10:00:00Z there");
}
