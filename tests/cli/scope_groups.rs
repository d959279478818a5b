//! Scope groups: what is in one is access, whoever changes it and by whatever way.

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
    \x20 groups: { names: ['*'], onRemove: report }\n\
    \x20 scopeGroups: { names: ['prod/*'], onRemove: delete }\n\
    \x20 bindings: { onRemove: delete }\n\
    protected: { users: ['*@rescue.example'] }\n\
    administrators: { roles: [ccs.account-admin], atLeast: 1 }\n";

fn server(name: &str) -> String {
    format!("grn:glp/workspaces/{PROD}/regions/default/providers/compute-ops-mgmt/servers/{name}")
}

/// A live organization: `emea` has the servers a and b, and the operators' role is held for it.
fn live(operators: &[&str]) -> String {
    let user = |name: &str| {
        json!({"userName": name, "displayName": name, "countryCode": "GB", "active": true,
               "status": "ACTIVE", "name": {"givenName": "A", "familyName": "B"}})
    };
    json!({
        "provider": "greenlake",
        "organization": {"name": "acme"},
        "workspaces": [{"id": PROD, "name": "prod"}],
        "clients": [{"id": "one", "secret": "one", "workspace": "prod"}],
        "roles": [
            {"grn": "grn:glp/providers/authorization/roles/ccs.account-admin",
             "name": "ccs.account-admin", "takesScopes": false},
            {"grn": "grn:glp/providers/authorization/roles/com.operator",
             "name": "com.operator", "takesScopes": true},
        ],
        "scopeGroups": [{"workspace": "prod", "name": "emea", "scopes": [server("a"), server("b")]}],
        "users": [user("boss@acme.example"), user("mia@acme.example"), user("root@rescue.example")],
        "groups": [
            {"displayName": "admins", "members": ["boss@acme.example"]},
            {"displayName": "operators", "members": operators},
        ],
        "assignments": [
            {"workspace": "prod", "principal": "group:admins", "role": "ccs.account-admin"},
            {"workspace": "prod", "principal": "group:operators", "role": "com.operator",
             "scope": ["emea"]},
        ],
    })
    .to_string()
}

/// Files with these scope groups, and the operators' role held for `scope`.
fn files(scope_groups: &str, scope: &str) -> String {
    format!(
        "users:\n\
         \x20 boss@acme.example:\n\
         \x20 mia@acme.example:\n\
         groups:\n\
         \x20 admins: {{ owner: boss@acme.example, members: [boss@acme.example] }}\n\
         \x20 operators: {{ owner: boss@acme.example, members: [mia@acme.example], memberMode: additive }}\n\
         bindings:\n\
         \x20 - {{ role: ccs.account-admin, group: admins, until: 2099-12-31, reason: r, owner: boss@acme.example }}\n\
         \x20 - {{ role: com.operator, group: operators, scope: {scope}, until: 2099-12-31, reason: r, owner: boss@acme.example }}\n\
         {scope_groups}"
    )
}

fn emea(servers: &[&str]) -> String {
    let list: Vec<String> = servers.iter().map(|name| server(name)).collect();
    format!("scopeGroups:\n  prod/emea: {{ scopes: [{}] }}\n", list.join(", "))
}

fn folder(files: &str, seed: &str) -> Folder {
    Folder::with(&[("muster.yaml", PROJECT), ("identity.yaml", files), ("live.json", seed)])
}

/// The plan as JSON, judged for somebody.
fn plan(folder: &Folder, actor: &str) -> (i32, Value) {
    let ended = folder.muster(&["plan", "--format", "json", "--actor", actor]).run();
    (ended.status, serde_json::from_str(&ended.out).unwrap_or_default())
}

/// The ids of what denies the plan.
fn denied(plan: &Value) -> Vec<String> {
    let findings = plan["verdict"]["findings"].as_array().cloned().unwrap_or_default();
    let denied = findings.iter().filter(|finding| finding["severity"] == "deny");
    denied.filter_map(|finding| finding["id"].as_str().map(str::to_owned)).collect()
}

fn gained(plan: &Value) -> usize {
    plan["access"]["gained"].as_array().map_or(0, Vec::len)
}

#[test]
fn whoever_adds_a_resource_gives_it_to_every_holder_and_not_to_himself() {
    let folder = folder(&files(&emea(&["a", "b", "c"]), "emea"), &live(&["mia@acme.example"]));
    let (code, other) = plan(&folder, "boss@acme.example");
    assert_eq!((code, gained(&other)), (0, 1), "{other:#}");
    let (code, own) = plan(&folder, "mia@acme.example");
    assert_eq!((code, denied(&own)), (3, vec!["author-is-beneficiary".to_owned()]));
}

#[test]
fn the_same_resources_in_another_order_or_spelling_are_no_change() {
    let dashed = "d6e4a9b6-646c-62fc-48ba-a6dd6150d1f7";
    let spelled = emea(&["b", "a"]).replace(PROD, dashed);
    let folder = folder(&files(&spelled, "emea"), &live(&["mia@acme.example"]));
    let (code, plan) = plan(&folder, "boss@acme.example");
    assert_eq!((code, plan["changes"].as_array().map(Vec::len)), (0, Some(0)), "{plan:#}");
}

#[test]
fn nothing_is_taken_from_somebody_protected_by_way_of_a_scope_group() {
    for (operators, held) in
        [(vec!["mia@acme.example"], 0), (vec!["mia@acme.example", "root@rescue.example"], 1)]
    {
        let folder = folder(&files(&emea(&["a"]), "emea"), &live(&operators));
        let (ended, plan) = plan(&folder, "boss@acme.example");
        assert_eq!((ended, denied(&plan)), (0, vec![]), "{operators:?}: {plan:#}");
        assert_eq!(plan["changes"].as_array().map(Vec::len), Some(1 - held), "{plan:#}");
        assert_eq!(plan["held"].as_array().map(Vec::len), Some(held), "{plan:#}");
    }
}

#[test]
fn a_rename_keeps_the_group_and_every_role_that_is_held_for_it() {
    let renamed =
        emea(&["a", "b"]).replace("prod/emea: {", "prod/europe: { previously: [prod/emea],");
    let folder = folder(&files(&renamed, "europe"), &live(&["mia@acme.example"]));
    let (_, first) = plan(&folder, "boss@acme.example");
    let changes = first["changes"].as_array().cloned().unwrap_or_default();
    let addresses: Vec<&str> = changes.iter().filter_map(|one| one["address"].as_str()).collect();
    assert_eq!(addresses, ["scope-group/prod/europe"], "{first:#}");
    assert_eq!(gained(&first), 0);
    assert_eq!(folder.muster(&["apply", "--yes"]).run().status, 0);
    let (_, again) = plan(&folder, "boss@acme.example");
    assert_eq!(again["changes"].as_array().map(Vec::len), Some(0), "{again:#}");
}

#[test]
fn a_group_that_a_role_is_held_for_is_not_deleted() {
    let folder = folder(&files("", "emea"), &live(&["mia@acme.example"]));
    let (code, plan) = plan(&folder, "boss@acme.example");
    assert_eq!((code, plan["changes"].as_array().map(Vec::len)), (0, Some(0)), "{plan:#}");
    assert!(plan.to_string().contains("a role that stays holds for it"), "{plan:#}");
}

#[test]
fn a_group_and_the_role_that_was_held_for_it_go_together() {
    let without = files("", "workspace");
    let folder = folder(&without, &live(&["mia@acme.example"]));
    assert_eq!(folder.muster(&["apply", "--yes"]).run().status, 0);
    let (_, again) = plan(&folder, "boss@acme.example");
    assert_eq!(again["changes"].as_array().map(Vec::len), Some(0), "{again:#}");
}

#[test]
fn a_role_does_not_name_a_scope_group_by_its_grn() {
    let grn =
        format!("grn:glp/workspaces/{PROD}/regions/default/providers/authorization/scope-groups/x");
    let folder = folder(&files(&emea(&["a", "b"]), &grn), &live(&["mia@acme.example"]));
    let (code, plan) = plan(&folder, "boss@acme.example");
    assert!(code != 0 && denied(&plan).contains(&"scope-by-grn".to_owned()), "{code} {plan:#}");
}

#[test]
fn what_cannot_be_a_scope_group_is_said_where_it_is_written() {
    let bare = emea(&["a"]).replace("prod/emea", "emea");
    let one = folder(&files(&bare, "emea"), &live(&[]));
    let ended = one.muster(&["check"]).run();
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("write `WORKSPACE/emea`"), "{}", ended.err);
    for (written, id) in [
        (emea(&["a"]).replace("prod/emea", "lab/emea"), "outside-jurisdiction"),
        (emea(&["a"]).replace("prod/emea", "prod/em|ea"), "bad-name"),
        (emea(&["a"]).replace(PROD, "00000000000000000000000000000001"), "unknown-resource"),
    ] {
        let one = folder(&files(&written, "workspace"), &live(&["mia@acme.example"]));
        let ended = one.muster(&["plan", "--actor", "boss@acme.example"]).run();
        assert!(ended.status != 0, "{written}");
        assert!(format!("{}{}", ended.out, ended.err).contains(id), "{id}: {}", ended.out);
    }
}

#[test]
fn a_plain_scim_target_has_no_scope_groups() {
    let project =
        PROJECT.replace("  personality: greenlake\n", "").replace("  seed: live.json\n", "");
    let project = project.replace("  bindings: { onRemove: delete }\n", "");
    let files = "users: {}\nscopeGroups:\n  prod/emea: {}\n";
    let folder = Folder::with(&[("muster.yaml", project.as_str()), ("identity.yaml", files)]);
    let ended = folder.muster(&["plan"]).run();
    assert!(ended.status != 0, "{}", ended.out);
    assert!(format!("{}{}", ended.out, ended.err).contains("this target has no scopeGroups"));
}
