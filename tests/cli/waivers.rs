//! Waivers: who may approve one.

use super::folder::Folder;

const PROJECT: &str = "organization: acme\n\
    target: { provider: sandbox, personality: greenlake, seed: live.json, state: twin.json,\n\
    \x20 workspaces: { main: { id: fad58de7366495db4650cfefac2fcd61 } } }\n\
    manage:\n\
    \x20 users: { domains: [acme.example], onRemove: report }\n\
    \x20 groups: { names: ['*'], onRemove: report }\n\
    \x20 bindings: { onRemove: delete }\n\
    protected: { users: ['*@rescue.example'] }\n\
    administrators: { groups: [staff], atLeast: 1 }\n\
    rules: { temporary-user-roles: { off: \"a migration\" } }\n\
    approvers: [sec-lead]\n";

const LIVE: &str = r#"{"provider": "greenlake", "organization": {"name": "acme"},
    "workspaces": [{"id": "fad58de7366495db4650cfefac2fcd61", "name": "main"}],
    "clients": [{"id": "one", "secret": "one", "workspace": "main"}],
    "users": [
      {"userName": "ada@acme.example", "displayName": "Ada", "active": true, "status": "ACTIVE"},
      {"userName": "dee@acme.example", "displayName": "Dee Day", "active": true, "status": "ACTIVE"}],
    "groups": [{"displayName": "staff", "members": ["dee@acme.example", "ada@acme.example"]}],
    "assignments": []}"#;

/// A project in which `dee` holds a role directly, by a waiver that `approver` approved.
fn project(approver: &str) -> Folder {
    let files = format!(
        "users: {{ ada@acme.example: {{}}, dee@acme.example: {{ previously: [di@acme.example] }} }}\n\
         groups:\n\
         \x20 staff: {{ owner: ada@acme.example, members: [dee@acme.example, ada@acme.example] }}\n\
         bindings:\n\
         \x20 - {{ role: ccs.observer, user: dee@acme.example, workspace: main, until: 2099-12-31, reason: INC-1, owner: ada@acme.example }}\n\
         waivers:\n\
         \x20 - {{ rule: group-only-roles, for: 'binding/user/dee@acme.example/*', until: 2099-12-31, reason: migration, approvedBy: {} }}\n",
        serde_json::Value::from(approver)
    );
    Folder::with(&[("muster.yaml", PROJECT), ("identity.yaml", &files), ("live.json", LIVE)])
}

#[test]
fn nobody_approves_an_exception_for_themselves_under_any_name() {
    for approver in [
        "dee@acme.example",
        "user/dee@acme.example",
        "dee@acme.example\u{200b}",
        "d\u{435}e@acme.example",
        "di@acme.example",
        "Dee <dee@acme.example>",
        "staff",
    ] {
        let folder = project(approver);
        for command in ["check", "plan"] {
            let ended = folder.muster(&[command]).run();
            let told = format!("{}{}", ended.out, ended.err);
            assert!(told.contains("was approved by"), "{command} {approver:?}: {told}");
            assert_ne!(ended.status, 0, "{command} {approver:?}");
        }
    }
    // The display name is only at the target, so that only a plan can tell.
    project("Dee Day").muster(&["plan"]).run().exits(4);
}

#[test]
fn an_approver_whom_nobody_knows_is_told_of_with_the_line_to_add() {
    for command in ["check", "plan"] {
        for approver in ["sec-lead", "ada@acme.example", "user/ada@acme.example"] {
            let ended = project(approver).muster(&[command]).run().exits(0);
            let told = format!("{}{}", ended.out, ended.err);
            assert!(!told.contains("neither a declared user"), "{command} {approver}: {told}");
        }
        let folder = project("ciso");
        let ended = folder.muster(&[command]).run().exits(0);
        let told = format!("{}{}", ended.out, ended.err);
        assert!(told.contains("the approver `ciso` of this waiver"), "{command}: {told}");
        assert!(told.contains("add `approvers: [\"ciso\"]` to muster.yaml"), "{command}: {told}");
        folder.write("muster.yaml", PROJECT.replace("[sec-lead]", "[\"ciso\"]"));
        let ended = folder.muster(&[command]).run().exits(0);
        assert!(!format!("{}{}", ended.out, ended.err).contains("ciso` of this"), "{command}");
    }
}

#[test]
fn a_misspelt_key_is_told_with_the_right_one() {
    let folder = project("sec-lead");
    folder.write("muster.yaml", PROJECT.replace("approvers:", "aprovers:"));
    folder.muster(&["check"]).run().exits(1).says("approvers");
}

#[test]
fn the_waivers_that_limits_print_are_narrow_enough_for_muster_itself() {
    let people: Vec<String> = (0..30).map(|n| format!("u{n:02}@example.com")).collect();
    let list = |names: &[String]| names.join(", ");
    let live = |name: &String| serde_json::json!({"userName": name});
    let seed = serde_json::json!({
        "users": people.iter().map(live).collect::<Vec<_>>(),
        "groups": [{"displayName": "a, b", "members": people},
            {"displayName": "{c}", "members": people[..12]}],
    });
    let project = "organization: acme\n\
        target: { provider: sandbox, seed: live.json, state: state.json }\n\
        manage: { users: { domains: [example.com], onRemove: delete }, groups: { names: ['*'], onRemove: report } }\n\
        approvers: [sec-lead]\n\
        rules: { orphan-user: { off: not part of this test }, duplicate-group: { off: not part of this test } }\n";
    // Users who leave, members who do, and members of one group alone.
    for (users, of_a, of_c) in [(4, 4, 0), (30, 10, 5), (30, 30, 1)] {
        let users: String = people[..users].iter().map(|one| format!("  {one}: {{}}\n")).collect();
        let files = format!(
            "users:\n{users}groups:\n  'a, b': {{ members: [{}] }}\n  '{{c}}': {{ members: [{}] }}\n",
            list(&people[..of_a]),
            list(&people[..of_c])
        );
        let folder = Folder::with(&[
            ("muster.yaml", project),
            ("live.json", &seed.to_string()),
            ("identity.yaml", &files),
        ]);
        let refused = folder.muster(&["plan"]).run().exits(4);
        let printed: Vec<&str> = refused
            .out
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("- { rule:"))
            .collect();
        assert!(!printed.is_empty(), "{}", refused.out);
        let waivers = printed.join("\n  ").replace("WHO", "sec-lead");
        folder.write("waivers.yaml", format!("waivers:\n  {waivers}\n"));
        let passed = folder.muster(&["plan"]).run().exits(0);
        for objection in ["which covers", "is for every", "[waiver"] {
            assert!(!passed.out.contains(objection), "{objection}\n{}", passed.out);
        }
    }
}
