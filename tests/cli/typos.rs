//! Names that nothing has, in what guardrails go by: nothing of them may be silent, for a typo
//! would turn off what it was written for.

use super::folder::Folder;

const LIVE: &str = r#"{
    "provider": "greenlake", "organization": {"name": "acme"},
    "workspaces": [{"id": "aaaa0000000000000000000000000001", "name": "main"}],
    "clients": [{"id": "rehearsal-main", "secret": "rehearsal", "workspace": "main"}],
    "users": [{"userName": "ada@acme.example"}, {"userName": "bob@acme.example"},
        {"userName": "eve@elsewhere.example"}],
    "groups": [{"displayName": "ops", "members": ["ada@acme.example"]}],
    "assignments": [{"workspace": "main", "principal": "group:ops", "role": "ccs.observer"}],
    "domains": [{"name": "acme.example", "state": "VERIFIED", "dnsTxtRecord": "t=1"}],
    "ssoProfiles": [{"name": "corp"}],
    "zone": [{"name": "acme.example", "values": ["t=1"]}]
}"#;

const PROJECT: &str = "organization: acme
target:
  provider: sandbox
  personality: greenlake
  seed: live.json
  state: .muster/twin.json
  workspace: main
  workspaces: { main: { id: aaaa0000000000000000000000000001 } }
  experimental: [domains, sso]
roles: { admin: ccs.account-admin, observer: ccs.observer }
manage:
  users: { domains: [acme.example], onRemove: report }
  groups: { names: ['*'], onRemove: report }
  bindings: { onRemove: report }
";

/// Gives Bob an administrator's role by a group.
const GIVES: &str = "users:
  ada@acme.example: {}
  bob@acme.example: {}
groups:
  admins: { owner: ada@acme.example, members: [bob@acme.example] }
bindings:
  - { role: admin, group: admins, workspace: main, until: 2026-12-31, reason: on call, owner: ada@acme.example }
";

fn project(more: &str, files: &str) -> Folder {
    let project = format!("{PROJECT}{more}");
    Folder::with(&[("muster.yaml", &project), ("live.json", LIVE), ("identity.yaml", files)])
}

#[test]
fn what_a_rule_is_told_is_checked_as_any_other_key() {
    let rules = "rules:
  least-privlege: { maxRolesPerGroup: 3 }
  least-privilege: { maxRoles: 3 }
  stale-review: { days: soon }
  break-glass: { off: it annoys }
  separation-of-duties: { conflicts: [[admin, auditor]] }
";
    let ended = project(rules, GIVES).muster(&["check"]).run().exits(1);
    for said in [
        "error[bad-rule]: `rules` names `least-privlege`, and there is no such rule",
        "--> muster.yaml:16:3",
        "`least-privilege` has no parameter `maxRoles`",
        "`days` of `stale-review` cannot be",
        "`break-glass` cannot be turned off or lowered",
        "`auditor` in `conflicts` of `separation-of-duties` names no role",
        "--> muster.yaml:20:3",
    ] {
        assert!(ended.err.contains(said), "{said}\n{}", ended.err);
    }
}

#[test]
fn a_pattern_that_matches_no_role_is_said() {
    let plan = ["plan", "--at", "2026-11-21"];
    let ended = project("privileged: ['ccs.acount-*']\n", GIVES).muster(&plan).run();
    ended.shows("warn[privileged-unmatched]: `ccs.acount-*` of `privileged` matches no role");
    for fine in ["['ccs.account-*']", "['adm*']", "[ccs.later]"] {
        let ended = project(&format!("privileged: {fine}\n"), GIVES).muster(&plan).run();
        assert!(!ended.out.contains("privileged-unmatched"), "{}", ended.out);
    }
}

#[test]
fn an_author_who_is_nobody_is_not_taken_for_somebody_else() {
    let folder = project("privileged: [admin]\n", GIVES);
    let plan =
        |actor: &str| folder.muster(&["plan", "--at", "2026-11-21", "--actor", actor]).run().out;
    assert!(plan("bob").contains("warn[author-is-beneficiary]"), "{}", plan("bob"));
    assert!(plan("bob").contains("`bob`, who asks for it, is no user here"), "{}", plan("bob"));
    assert!(plan("user/Bob@acme.example").contains("deny[author-is-beneficiary]"));
    // Somebody who is there, and whom nothing of this concerns.
    let said = plan("eve@elsewhere.example");
    assert!(!said.contains("author-is-beneficiary"), "{said}");
}

#[test]
fn a_connection_that_is_not_there_is_said_before_anything_is_done() {
    let files = "domains:\n  acme.example: { owner: ada@acme.example, sso: corpp }\n\
                 users: { ada@acme.example: {}, bob@acme.example: {} }\n";
    let folder = project("", files);
    let ended = folder.muster(&["plan"]).run().exits(0);
    let ended =
        ended.shows("warn[connection-missing]: `acme.example` wants the connection `corpp`");
    let ended = ended.shows("waiting: domain/acme.example").shows("choose one of corp, or make it");
    assert!(!ended.out.contains("~ domain/acme.example"), "{}", ended.out);
    // Nothing is tried that cannot be done, and the run says that it waits for somebody.
    folder.muster(&["apply", "--yes"]).run().exits(7).shows("and 0 writes made");
    folder.write("identity.yaml", files.replace("corpp", "corp"));
    let said = folder.muster(&["plan"]).run().out;
    assert!(!said.contains("connection-missing"), "{said}");
    assert!(said.contains("~ domain/acme.example"), "{said}");
}
