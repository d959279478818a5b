//! `muster import`: what is live, as files that plan empty.

use super::folder::Folder;

const SEED: &str = r##"{
  "users": [
    {"userName": "Ada@example.com", "title": "yes", "nickName": "1e3", "emails": [{"value": "ada@example.com", "primary": true}]},
    {"userName": "raj@example.com", "active": false, "name": {"givenName": "Raj: the #1", "familyName": "'O\"Neil"}},
    {"userName": "bg-one@example.com"},
    {"userName": "guest@elsewhere.example"}
  ],
  "groups": [
    {"displayName": "On/Off", "members": ["Ada@example.com", "raj@example.com"]},
    {"displayName": "on off", "members": []},
    {"displayName": "mixed", "members": ["raj@example.com", "guest@elsewhere.example"]},
    {"displayName": "roots", "members": ["Ada@example.com", "bg-one@example.com"]},
    {"displayName": "legacy-one", "members": ["Ada@example.com"]}
  ]
}"##;

const PROJECT: &str = "organization: acme\n\
    target: { provider: sandbox, seed: live.json }\n\
    manage:\n\
    \x20 users: { domains: [example.com], onRemove: delete }\n\
    \x20 groups: { names: ['*'], except: ['legacy-*'], onRemove: delete }\n\
    protected: { users: ['bg-*'] }\n";

#[test]
fn what_is_imported_plans_empty_and_takes_nothing_it_was_not_asked_for() {
    let folder = Folder::with(&[("muster.yaml", PROJECT), ("live.json", SEED)]);
    let told = folder.muster(&["import"]).run().exits(0);
    assert!(told.err.contains("2 users, 4 groups"), "{}", told.err);
    for why in
        ["left out 1 user: protected", "left out 1 user: outside `manage`", "left out 1 group"]
    {
        assert!(told.err.contains(why), "{}", told.err);
    }
    let plan = folder.muster(&["plan", "--detailed-exitcode", "--format", "json"]).run().exits(0);
    let plan = plan.json();
    assert_eq!(plan["changes"], serde_json::json!([]));
    assert_eq!(plan["verdict"]["findings"], serde_json::json!([]));
    let mixed = folder.read("identity/groups/mixed.yaml");
    assert_eq!(
        mixed,
        "groups:\n  mixed:\n    memberMode: additive\n    members:\n    - raj@example.com\n"
    );
    assert_eq!(
        folder.read("identity/groups/roots.yaml"),
        "groups:\n  roots:\n    members:\n    - Ada@example.com\n"
    );
    for file in ["identity/groups/on-off.yaml", "identity/groups/on-off-2.yaml"] {
        assert!(folder.file(file).is_file(), "{file}");
    }
    assert!(!folder.read("identity/users.yaml").contains("bg-one"));
}

#[test]
fn nothing_is_written_over() {
    let folder = Folder::with(&[
        ("muster.yaml", PROJECT),
        ("live.json", SEED),
        ("identity/users.yaml", "users: { eve@example.com: {} }\n"),
    ]);
    let before = folder.listing();
    let told = folder.muster(&["import"]).run().exits(1);
    assert!(told.err.contains("users.yaml` is there already; nothing was written"), "{}", told.err);
    assert_eq!(folder.listing(), before);
    folder.muster(&["import", "--out", "other"]).run().exits(0);
    assert!(folder.file("other/users.yaml").is_file());
}

#[test]
fn where_nothing_is_managed_nothing_is_imported() {
    let project = "organization: acme\ntarget: { provider: sandbox, seed: live.json }\n";
    let folder = Folder::with(&[("muster.yaml", project), ("live.json", SEED)]);
    let told = folder.muster(&["import"]).run().exits(1);
    assert!(told.err.contains("nothing that is live is managed"), "{}", told.err);
    assert!(!folder.file("identity").exists());
}
