//! The JSON that others read: its keys and their types, all of them and no other.

use std::collections::BTreeSet;

use muster::kind::KindName;
use serde_json::{Value, json};

use super::folder::{Folder, project_at};

/// A project whose plan creates, updates, deletes, leaves alone, and is warned about.
fn project() -> Folder {
    let project = project_at("").replace(
        "provider: scim, url: \"\"",
        "provider: sandbox, seed: live.json, state: .muster/state",
    );
    let people = "users:\n  ada@example.com: { title: Engineer }\n  bob@example.com: {}\n\
        groups:\n  admins: { members: [ada@example.com] }\n\
        waivers:\n  - { rule: least-privilege, for: \"binding/*\", until: 2099-12-31, reason: none, approvedBy: lead }\n";
    let live = json!({
        "users": [
            { "userName": "ada@example.com", "title": "Analyst" },
            { "userName": "eve@example.com" },
            { "userName": "guest@elsewhere.example" },
        ],
        "groups": [{ "displayName": "admins", "members": ["eve@example.com"] }],
    });
    Folder::with(&[
        ("muster.yaml", &project),
        ("people.yaml", people),
        ("live.json", &live.to_string()),
    ])
}

/// Demands that an object has these keys and no other.
#[track_caller]
fn has_keys(value: &Value, keys: &[&str]) {
    let found: BTreeSet<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(found, keys.iter().copied().collect(), "{value}");
}

#[track_caller]
fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap()
}

#[track_caller]
fn is_place(value: &Value) {
    has_keys(value, &["file", "line", "column"]);
    assert!(value["file"].is_string() && value["line"].is_u64() && value["column"].is_u64());
}

const PLAN: &[&str] = &[
    "formatVersion",
    "organization",
    "target",
    "summary",
    "access",
    "changes",
    "unmanaged",
    "waiting",
    "held",
    "verdict",
    "cost",
    "requestsMade",
];

/// The shape of a plan, but for `requestsMade`.
#[track_caller]
fn is_plan(plan: &Value) {
    assert_eq!(plan["formatVersion"], "1");
    assert_eq!((&plan["organization"], &plan["target"]), (&json!("acme"), &json!("sandbox")));
    has_keys(&plan["summary"], &["create", "update", "delete"]);
    assert!(["create", "update", "delete"].iter().all(|name| plan["summary"][name].is_u64()));
    for change in list(plan, "changes") {
        let keys = ["address", "kind", "action", "before", "after", "fields", "reason", "source"];
        has_keys(change, &keys);
        let (before, after) = (&change["before"], &change["after"]);
        match change["action"].as_str().unwrap() {
            "create" => assert!(before.is_null() && after.is_object(), "{change}"),
            "update" => assert!(before.is_object() && after.is_object(), "{change}"),
            "delete" => assert!(before.is_object() && after.is_null(), "{change}"),
            other => panic!("{other}"),
        }
        let kind = change["kind"].as_str().unwrap();
        assert!(change["address"].as_str().unwrap().starts_with(&format!("{kind}/")), "{change}");
        assert!(list(change, "fields").iter().all(Value::is_string));
        assert!(!change["reason"].as_str().unwrap().is_empty());
        is_place(&change["source"]);
    }
    for one in list(plan, "unmanaged") {
        has_keys(one, &["address", "why"]);
    }
    has_keys(&plan["cost"], &["requests", "seconds"]);
    assert!(plan["cost"]["requests"].is_u64() && plan["cost"]["seconds"].is_f64());
    is_verdict(&plan["verdict"]);
}

#[track_caller]
fn is_verdict(verdict: &Value) {
    has_keys(verdict, &["rules", "findings", "waived", "off"]);
    assert!(list(verdict, "rules").len() > 10, "{verdict}");
    for rule in list(verdict, "rules") {
        has_keys(rule, &["id", "layer", "findings"]);
        assert!(["invariant", "limit", "policy"].contains(&rule["layer"].as_str().unwrap()));
    }
    for finding in list(verdict, "findings") {
        let keys = ["id", "severity", "message", "addresses", "source", "remedy"];
        has_keys(finding, &keys);
        assert!(["deny", "warn"].contains(&finding["severity"].as_str().unwrap()));
        assert!(finding["message"].is_string() && finding["addresses"].is_array());
        if !finding["source"].is_null() {
            is_place(&finding["source"]);
        }
    }
}

#[test]
fn a_plan_has_the_published_shape() {
    let folder = project();
    let ended = folder.muster(&["plan", "--format", "json"]).run().exits(0);
    assert_eq!(ended.out.lines().count(), 1, "one line of JSON");
    let plan = ended.json();
    has_keys(&plan, PLAN);
    is_plan(&plan);
    assert!(plan["requestsMade"].is_u64());
    assert_eq!(plan["summary"], json!({ "create": 2, "update": 2, "delete": 1 }));
    assert_eq!(list(&plan, "unmanaged").len(), 1);
    assert!(!list(&plan["verdict"], "findings").is_empty(), "an unused waiver is a finding");
    let again = folder.muster(&["plan", "--format", "json"]).run().exits(0);
    assert_eq!(again.out, ended.out, "the same inputs give the same bytes");
}

#[test]
fn an_apply_has_a_receipt_for_every_step_and_every_change() {
    let folder = project();
    let ended = folder.muster(&["apply", "--yes", "--format", "json"]).run().exits(0);
    assert_eq!(ended.out.lines().count(), 1, "one line of JSON");
    let told = ended.json();
    let more = ["complete", "halted", "receipts", "journalHead"];
    has_keys(&told, &[PLAN, &more].concat());
    is_plan(&told);
    has_keys(&told["requestsMade"], &["reads", "writes"]);
    assert_eq!((&told["complete"], &told["halted"]), (&json!(true), &Value::Null));
    assert_eq!(told["journalHead"].as_str().unwrap().len(), 64);
    let mut covered = BTreeSet::new();
    for (at, receipt) in list(&told, "receipts").iter().enumerate() {
        assert_eq!(receipt["step"], at, "in the order of the steps");
        assert!(receipt["verb"].is_string() && receipt["address"].is_string(), "{receipt}");
        assert!(["done", "alreadySo"].contains(&receipt["result"].as_str().unwrap()));
        covered.extend(list(receipt, "covers").iter().map(ToString::to_string));
    }
    let changes: BTreeSet<String> =
        list(&told, "changes").iter().map(|change| change["address"].to_string()).collect();
    assert_eq!(covered, changes, "every change has a receipt");
}

#[test]
fn a_check_says_what_is_declared() {
    let told = project().muster(&["check", "--format", "json"]).run().exits(0).json();
    has_keys(&told, &["formatVersion", "organization", "declared", "verdict"]);
    let counts = KindName::ALL.iter().map(|kind| match kind.plural() {
        "users" => (kind.plural(), 2),
        plural @ ("groups" | "memberships") => (plural, 1),
        plural => (plural, 0),
    });
    let counts: std::collections::BTreeMap<&str, u64> = counts.collect();
    assert_eq!(told["declared"], json!(counts));
}

#[test]
fn doctor_says_what_it_saw() {
    let told = project().muster(&["doctor", "--format", "json"]).run().exits(0).json();
    let keys = ["target", "profile", "configured", "because", "seen", "warnings", "requestsMade"];
    has_keys(&told, &keys);
    assert_eq!((&told["profile"], &told["configured"]), (&json!("rfc7644"), &json!("rfc7644")));
}
