//! Parts of workspaces that a role is held for: what widens takes nothing, and what no target takes
//! is said before it is tried.

use super::folder::Folder;

const PROJECT: &str = "organization: acme
target:
  provider: sandbox
  personality: greenlake
  seed: live.json
  state: twin.json
  workspace: main
  workspaces: { main: { id: aaaa0000000000000000000000000001 } }
roles: { operator: com.operator, observer: ccs.observer }
manage:
  users: { domains: [acme.example], onRemove: report }
  groups: { names: ['*'], onRemove: report }
  bindings: { onRemove: report }
protected: { users: [bg@acme.example] }
limits: { bindings: { remove: '0' } }
";

/// A world in which the crew operates `emea`, somebody protected among them.
fn folder(role: &str, scope: &str) -> Folder {
    let live = r#"{
        "provider": "greenlake", "organization": {"name": "acme"},
        "workspaces": [{"id": "aaaa0000000000000000000000000001", "name": "main"}],
        "clients": [{"id": "rehearsal-main", "secret": "rehearsal", "workspace": "main"}],
        "users": [{"userName": "ada@acme.example"}, {"userName": "bg@acme.example"}],
        "groups": [{"displayName": "crew", "members": ["ada@acme.example", "bg@acme.example"]}],
        "scopeGroups": [{"workspace": "main", "name": "emea"}, {"workspace": "main", "name": "apac"}],
        "assignments": [{"workspace": "main", "principal": "group:crew", "role": "com.operator",
            "scope": ["emea"]}]
    }"#;
    let identity = format!(
        "users: {{ ada@acme.example: {{}} }}\n\
         groups: {{ crew: {{ owner: ada@acme.example }} }}\n\
         bindings:\n\
         \x20 - {{ role: {role}, group: crew{scope}, until: 2099-12-31, reason: r, owner: ada@acme.example }}\n"
    );
    Folder::with(&[("muster.yaml", PROJECT), ("live.json", live), ("identity.yaml", &identity)])
}

#[test]
fn a_scope_that_becomes_wider_is_no_loss() {
    for scope in ["", ", scope: workspace", ", scope: [apac, emea]"] {
        let ended = folder("operator", scope).muster(&["plan"]).run();
        assert!(!ended.out.contains("held-back"), "{scope}\n{}", ended.out);
        assert!(!ended.out.contains("limit/bindings/remove"), "{scope}\n{}", ended.out);
        ended.shows("~ binding/group/crew/operator/main");
    }
    let narrower = folder("operator", ", scope: apac").muster(&["plan"]).run();
    narrower.shows("held-back").shows("it would lose a part of its scope");
}

#[test]
fn scopes_that_no_assignment_takes_are_refused_by_the_plan() {
    for (role, scope, said) in [
        (
            "operator",
            "[workspace, emea]",
            "deny[scope-mix]: the binding names the whole workspace and the scope group `emea`",
        ),
        (
            "operator",
            "[emea, scope-group/emea]",
            "deny[repeated-scope]: `emea` and `scope-group/emea` are one scope",
        ),
        (
            "observer",
            "emea",
            "deny[role-takes-no-scope]: `ccs.observer` is a role for whole workspaces",
        ),
    ] {
        let scope = format!(", scope: {scope}");
        let ended = folder(role, &scope).muster(&["plan"]).run();
        assert!(ended.status == 3 || ended.status == 4, "{}", ended.out);
        ended.shows(said).shows("--> identity.yaml:4:5");
    }
    let ended = folder("observer", "").muster(&["plan"]).run();
    assert!(!ended.out.contains("takes-no-scope"), "{}", ended.out);
}
