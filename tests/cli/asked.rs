//! `why` and `who-can`: answers to what was asked, in the names of those who are asked about.

use super::folder::Folder;

const LIVE: &str = r#"{
    "provider": "greenlake", "organization": {"name": "acme"},
    "workspaces": [{"id": "aaaa0000000000000000000000000001", "name": "main"},
        {"id": "aaaa0000000000000000000000000002", "name": "lab"}],
    "clients": [{"id": "rehearsal-main", "secret": "rehearsal", "workspace": "main"},
        {"id": "rehearsal-lab", "secret": "rehearsal", "workspace": "lab"}],
    "users": [{"userName": "ada@acme.example"}, {"userName": "bob@acme.example"}],
    "groups": [{"displayName": "ops", "members": ["ada@acme.example"]},
        {"displayName": "desk", "members": ["bob@acme.example"]}],
    "assignments": [{"workspace": "main", "principal": "group:ops", "role": "ccs.observer"},
        {"workspace": "main", "principal": "user:bob@acme.example", "role": "ccs.observer"}]
}"#;

const PROJECT: &str = "organization: acme
target:
  provider: sandbox
  personality: greenlake
  seed: live.json
  state: twin.json
  workspace: main
  workspaces:
    main: { id: aaaa0000000000000000000000000001 }
    lab: { id: aaaa0000000000000000000000000002 }
roles: { ob: ccs.observer }
manage:
  users: { domains: [acme.example], onRemove: report }
  groups: { names: ['*'], onRemove: report }
  bindings: { onRemove: report }
";

/// Ada, Bob and a group get other names.
const RENAMED: &str = "users:
  dora@acme.example: { previously: [ada@acme.example] }
  eve@acme.example: { previously: [bob@acme.example] }
groups:
  pilots: { previously: [ops], members: [dora@acme.example] }
bindings:
  - { role: ob, group: pilots, workspace: main, until: 2099-12-31, reason: on call }
  - { role: ob, user: eve@acme.example, workspace: main }
";

fn folder() -> Folder {
    Folder::with(&[("muster.yaml", PROJECT), ("live.json", LIVE), ("identity.yaml", RENAMED)])
}

#[test]
fn a_workspace_that_nothing_knows_is_an_error_and_not_nobody() {
    let folder = folder();
    for live in [&[][..], &["--live"]] {
        let who_can = |workspace: &str| {
            let all = [&["who-can", "ob", "--workspace", workspace], live].concat();
            folder.muster(&all).run()
        };
        who_can("nowhere")
            .exits(1)
            .says("there is no workspace `nowhere`")
            .says("lab, main")
            .shows_nothing();
        who_can("mian").exits(1).says("did you mean `main`?").shows_nothing();
        who_can("lab").exits(0).shows("Nobody holds ob.");
        who_can("Main").exits(0).shows("2 people hold ob.");
    }
}

#[test]
fn what_is_live_is_told_by_its_live_names() {
    let folder = folder();
    let who_can = folder.muster(&["who-can", "ob", "--live"]).run().exits(0);
    for said in [
        "\n  ada@acme.example\n",
        "in group/ops (identity.yaml:5:",
        "bound to group/ops (identity.yaml:7:",
        "\n  bob@acme.example\n",
    ] {
        assert!(who_can.out.contains(said), "{said}\n{}", who_can.out);
    }
    assert!(
        !who_can.out.contains("eve@")
            && !who_can.out.contains("dora@")
            && !who_can.out.contains("pilots"),
        "{}",
        who_can.out
    );
    let json =
        folder.muster(&["who-can", "ob", "--live", "--format", "json"]).run().exits(0).json();
    let told = |one: &serde_json::Value| {
        ["principal", "via", "binding", "membership"]
            .map(|key| one[key].as_str().unwrap_or("-").to_owned())
    };
    let told: Vec<_> = json["paths"].as_array().unwrap().iter().map(told).collect();
    let expected = [
        ["user/bob@acme.example", "-", "binding/user/bob@acme.example/ob/main", "-"],
        [
            "user/ada@acme.example",
            "group/ops",
            "binding/group/ops/ob/main",
            "membership/ops/ada@acme.example",
        ],
    ];
    assert_eq!(told, expected);
    folder.muster(&["why", "bob@acme.example", "--live"]).run().exits(0).shows("bound to the user");
    folder.muster(&["why", "ada@acme.example", "--live"]).run().exits(0).shows("in group/ops");
    folder.muster(&["why", "group/ops", "--live"]).run().exits(0).shows("group/ops holds 1 role");
    let gone = folder.muster(&["why", "group/pilots", "--live"]).run().exits(1);
    gone.says("there is no `group/pilots` at the target yet").says("write `group/ops`");
    let gone = folder.muster(&["why", "eve@acme.example", "--live"]).run().exits(1);
    gone.says("write `user/bob@acme.example`");
    // The files are asked by their own names.
    folder
        .muster(&["why", "eve@acme.example"])
        .run()
        .exits(0)
        .shows("user/eve@acme.example holds 1");
    folder.muster(&["why", "group/ops"]).run().exits(1).says("there is no `group/ops` here");
}
