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
