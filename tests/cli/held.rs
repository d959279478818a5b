//! Removals that a protected member keeps from a whole group: nothing is taken from the member, the
//! others are told of, and no run ends as if all was done.

use serde_json::{Value, json};

use super::folder::Folder;

const PROD: &str = "d6e4a9b6646c62fc48baa6dd6150d1f7";

const PROJECT: &str = "organization: acme\n\
    target:\n\
    \x20 provider: sandbox\n\
    \x20 personality: greenlake\n\
    \x20 seed: live.json\n\
    \x20 state: twin.json\n\
    \x20 workspaces: { prod: { id: d6e4a9b6646c62fc48baa6dd6150d1f7 } }\n\
    manage:\n\
    \x20 users: { domains: [acme.example], onRemove: report }\n\
    \x20 groups: { names: ['*'], onRemove: delete }\n\
    \x20 bindings: { onRemove: delete }\n\
    protected: { users: ['*@rescue.example'] }\n\
    administrators: { groups: [admins], atLeast: 1 }\n\
    rules: { empty-group-with-roles: { off: \"not the business of these tests\" } }\n";

const USERS: &str = "users: { boss@acme.example: {}, ada@acme.example: {} }\n\
    groups:\n\
    \x20 admins: { owner: boss@acme.example, members: [boss@acme.example] }\n";

/// `ops` has these members and the operators' role for `emea` and `apac`.
fn live(members: &[&str]) -> String {
    let user = |name: &str| {
        json!({"userName": name, "displayName": name, "countryCode": "GB", "active": true,
               "status": "ACTIVE", "name": {"givenName": "A", "familyName": "B"}})
    };
    let role = |name: &str, scopes: bool| {
        json!({"grn": format!("grn:glp/providers/authorization/roles/{name}"), "name": name,
               "takesScopes": scopes})
    };
    json!({
        "provider": "greenlake",
        "organization": {"name": "acme"},
        "workspaces": [{"id": PROD, "name": "prod"}],
        "clients": [{"id": "one", "secret": "one", "workspace": "prod"}],
        "roles": [role("com.operator", true)],
        "scopeGroups": [{"workspace": "prod", "name": "emea"}, {"workspace": "prod", "name": "apac"}],
        "users": [user("boss@acme.example"), user("ada@acme.example"), user("bg@rescue.example")],
        "groups": [
            {"displayName": "admins", "members": ["boss@acme.example"]},
            {"displayName": "ops", "members": members},
        ],
        "assignments": [
            {"workspace": "prod", "principal": "group:ops", "role": "com.operator",
             "scope": ["emea", "apac"]},
        ],
    })
    .to_string()
}

fn folder(files: &str, live: &str) -> Folder {
    let files = format!("{USERS}{files}");
    Folder::with(&[("muster.yaml", PROJECT), ("identity.yaml", &files), ("live.json", live)])
}

const BOTH: &[&str] = &["ada@acme.example", "bg@rescue.example"];
const ADA: &str = "  ops: { owner: boss@acme.example, members: [ada@acme.example] }\n";

fn bound(rest: &str) -> String {
    format!(
        "bindings:\n  - {{ role: com.operator, group: ops, workspace: prod, reason: r, owner: boss@acme.example, {rest} }}\n"
    )
}

/// The addresses that a plan holds back, and what it says of them.
fn held(folder: &Folder) -> (Vec<String>, String) {
    let plan: Value = folder.muster(&["plan", "--format", "json"]).run().json();
    let held = plan["held"].as_array().unwrap();
    let findings = plan["verdict"]["findings"].as_array().unwrap();
    let told = findings.iter().filter(|finding| finding["id"] == "held-back");
    let told: Vec<&str> = told.map(|finding| finding["message"].as_str().unwrap()).collect();
    assert_eq!(told.len(), held.len());
    let held = held.iter().map(|one| one["address"].as_str().unwrap().to_owned());
    (held.collect(), told.join("\n"))
}

#[test]
fn what_others_keep_for_a_protected_member_is_told_until_it_is_gone() {
    const BINDING: &str = "binding/group/ops/com.operator/prod";
    let scope = "scope: [emea, apac]";
    for (what, files, reason) in [
        (
            "time over",
            format!("{ADA}{}", bound(&format!("{scope}, until: 2020-01-31"))),
            "until 2020-01-31",
        ),
        ("line deleted", ADA.to_owned(), "`manage.bindings.onRemove: delete`"),
        (
            "scope narrowed",
            format!("{ADA}{}", bound("scope: [emea], until: 2099-12-31")),
            "a part of its scope",
        ),
    ] {
        let folder = folder(&files, &live(BOTH));
        let (addresses, told) = held(&folder);
        assert_eq!(addresses, [BINDING], "{what}");
        for words in [
            reason,
            "`user/bg@rescue.example`",
            "`user/ada@acme.example` still has `com.operator` in `prod`",
        ] {
            assert!(told.contains(words), "{what}: {told}");
        }
        folder.muster(&["plan", "--detailed-exitcode"]).run().exits(2);
        folder.muster(&["plan"]).run().exits(0).shows("held-back");
        // As often as it runs; and what else is asked for is done.
        folder.muster(&["apply", "--yes"]).run().exits(6);
        folder.muster(&["apply", "--yes"]).run().exits(6);
    }
}

#[test]
fn a_group_that_stays_for_a_protected_member_is_told_of_for_the_others() {
    let without_role = live(BOTH).replace("group:ops", "user:boss@acme.example");
    let folder = folder("", &without_role);
    let (addresses, told) = held(&folder);
    assert!(addresses.contains(&"group/ops".to_owned()), "{addresses:?}");
    assert!(told.contains("`user/ada@acme.example` still has the membership"), "{told}");
}

#[test]
fn other_changes_go_on() {
    let files =
        format!("{ADA}  new: {{ owner: boss@acme.example, members: [ada@acme.example] }}\n");
    let folder = folder(&files, &live(BOTH));
    folder.muster(&["apply", "--yes"]).run().exits(6);
    let plan = folder.muster(&["plan", "--format", "json"]).run().exits(0).json();
    assert_eq!(plan["changes"], json!([]));
    assert_eq!(plan["held"].as_array().unwrap().len(), 1);
}

#[test]
fn what_only_protected_accounts_have_is_left_alone_in_silence() {
    let nobody = "  ops: { owner: boss@acme.example, members: [] }\n";
    for (files, members) in [
        (ADA.replace("ada@acme.example", ""), &["bg@rescue.example"][..]),
        // The others leave in the same plan.
        (nobody.to_owned(), BOTH),
        (String::new(), &["bg@rescue.example"][..]),
    ] {
        assert_eq!(held(&folder(&files, &live(members))).0, Vec::<String>::new(), "{files}");
    }
}
