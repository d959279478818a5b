//! Ways to lock a company out that were found by trying: each is refused, and nothing is written.

use serde_json::{Value, json};

use super::folder::Folder;

const MAIN: &str = "3f2c0e1a9b1c4d7e8f60718293a4b5c6";
const PROD: &str = "8b1f6d0c2a7e4f5390d1c2b3a4958677";

fn project(roles: &str) -> String {
    format!(
        "organization: acme\n\
         target:\n\
         \x20 provider: sandbox\n\
         \x20 personality: greenlake\n\
         \x20 seed: live.json\n\
         \x20 state: twin.json\n\
         \x20 workspace: main\n\
         \x20 workspaces: {{ main: {{ id: {MAIN} }}, prod: {{ id: {PROD} }} }}\n\
         roles: {{ {roles} }}\n\
         manage:\n\
         \x20 users: {{ domains: [acme.example], onRemove: delete }}\n\
         \x20 groups: {{ names: ['*'], onRemove: delete }}\n\
         \x20 bindings: {{ onRemove: delete }}\n\
         protected: {{ users: ['*@rescue.example'] }}\n\
         administrators: {{ roles: [wa], atLeast: 2 }}\n"
    )
}

const ROLES: &str = "wa: ccs.account-admin, ob: ccs.observer, op: ccs.operator";

const FILES: &str = "users:\n\
    \x20 ada@acme.example: {}\n\
    \x20 bob@acme.example: {}\n\
    \x20 cy@acme.example: {}\n\
    \x20 dee@acme.example: {}\n\
    groups:\n\
    \x20 admins: { members: [ada@acme.example, bob@acme.example, cy@acme.example] }\n\
    \x20 staff: { members: [dee@acme.example] }\n\
    bindings:\n\
    \x20 - { role: wa, group: admins, workspace: main, until: 2099-12-31 }\n\
    \x20 - { role: wa, group: admins, workspace: prod, until: 2099-12-31 }\n\
    \x20 - { role: ob, group: staff, workspace: main }\n";

fn live(edit: impl FnOnce(&mut Value)) -> String {
    let user = |name: &str| {
        json!({"userName": name, "name": {"givenName": "A", "familyName": "B"},
               "countryCode": "GB", "active": true, "status": "ACTIVE"})
    };
    let names = ["ada@acme.example", "bob@acme.example", "cy@acme.example", "dee@acme.example"];
    let mut seed = json!({
        "provider": "greenlake",
        "organization": {"name": "acme"},
        "workspaces": [{"id": MAIN, "name": "main"}, {"id": PROD, "name": "prod"}],
        "clients": [
            {"id": "one", "secret": "one", "workspace": "main"},
            {"id": "two", "secret": "two", "workspace": "prod"},
        ],
        "users": names.map(user),
        "groups": [
            {"displayName": "admins", "members": &names[..3]},
            {"displayName": "staff", "members": &names[3..]},
        ],
        "assignments": [
            {"workspace": "main", "principal": "group:admins", "role": "ccs.account-admin"},
            {"workspace": "prod", "principal": "group:admins", "role": "ccs.account-admin"},
            {"workspace": "main", "principal": "group:staff", "role": "ccs.observer"},
        ],
    });
    edit(&mut seed);
    seed.to_string()
}

fn push(seed: &mut Value, list: &str, row: Value) {
    seed[list].as_array_mut().unwrap().push(row);
}

/// Applies, and says how it ended and what the plan's denials are.
fn applied(project: &str, files: &str, seed: &str) -> (i32, Vec<String>, Folder) {
    let folder =
        Folder::with(&[("muster.yaml", project), ("identity.yaml", files), ("live.json", seed)]);
    let ended = folder.muster(&["apply", "--yes", "--format", "json"]).run();
    let status = ended.status;
    let told: Value = serde_json::from_str(&ended.out).unwrap_or_default();
    let findings = told["verdict"]["findings"].as_array().cloned().unwrap_or_default();
    let denials = findings
        .iter()
        .filter(|finding| finding["severity"] == "deny")
        .map(|finding| finding["id"].as_str().unwrap().to_owned())
        .collect();
    (status, denials, folder)
}

#[test]
fn the_world_of_these_tests_is_at_rest() {
    let (status, denials, _) = applied(&project(ROLES), FILES, &live(|_| {}));
    assert_eq!((status, denials), (0, vec![]));
}

#[test]
fn a_former_name_of_a_user_takes_no_members_away() {
    let files = FILES
        .replace("dee@acme.example: {}", "dee@acme.example: { previously: [di@acme.example] }");
    let folder = Folder::with(&[
        ("muster.yaml", &project(ROLES)),
        ("identity.yaml", &files),
        ("live.json", &live(|_| {})),
    ]);
    let plan = folder.muster(&["plan", "--format", "json"]).run().exits(0).json();
    assert_eq!(plan["changes"], json!([]));
}

#[test]
fn a_role_that_is_misspelt_takes_no_administrator_away() {
    for wrong in ["ccs.acount-admin", "ccs.Account-admin"] {
        let roles = ROLES.replace("ccs.account-admin", wrong);
        let (status, denials, _) = applied(&project(&roles), FILES, &live(|_| {}));
        assert_eq!(status, 4, "{wrong}: {denials:?}");
        assert!(denials.iter().any(|id| id == "administrators"), "{wrong}: {denials:?}");
    }
}

#[test]
fn people_who_never_signed_in_are_no_administrators() {
    let person = "{ name: { givenName: X, familyName: Y }, countryCode: GB }";
    let files = FILES
        .replace(
            "users:\n",
            &format!("users:\n  x@acme.example: {person}\n  y@acme.example: {person}\n"),
        )
        .replace(
            "[ada@acme.example, bob@acme.example, cy@acme.example]",
            "[x@acme.example, y@acme.example]",
        );
    let (status, denials, _) = applied(&project(ROLES), &files, &live(|_| {}));
    assert_eq!(status, 4);
    assert!(denials.iter().any(|id| id == "administrators"), "{denials:?}");
}

#[test]
fn a_break_glass_account_keeps_the_role_it_has_through_a_group() {
    let seed = live(|seed| {
        push(
            seed,
            "users",
            json!({"userName": "root@rescue.example", "countryCode": "GB",
            "name": {"givenName": "R", "familyName": "T"}, "active": true, "status": "ACTIVE"}),
        );
        push(seed, "groups", json!({"displayName": "rescue", "members": ["root@rescue.example"]}));
        push(
            seed,
            "assignments",
            json!({"workspace": "main", "principal": "group:rescue", "role": "ccs.account-admin"}),
        );
    });
    let (status, denials, folder) = applied(&project(ROLES), FILES, &seed);
    assert_eq!((status, denials), (0, vec![]));
    let plan = folder.muster(&["plan", "--format", "json"]).run().exits(0).json();
    assert_eq!(plan["changes"], json!([]));
    let left = plan["unmanaged"].to_string();
    assert!(left.contains("binding/group/rescue/wa/main"), "{left}");
}

#[test]
fn muster_keeps_the_roles_it_holds() {
    let seed = live(|seed| {
        seed["clients"][0]["principal"] = json!("user:dee@acme.example");
        push(
            seed,
            "assignments",
            json!({"workspace": "main", "principal": "group:staff", "role": "ccs.operator"}),
        );
    });
    let operates = format!("{FILES}  - {{ role: op, group: staff, workspace: main }}\n");
    let leaves = operates.replace("members: [dee@acme.example]", "members: []");
    for files in [FILES, leaves.as_str()] {
        let (status, denials, _) = applied(&project(ROLES), files, &seed);
        assert_eq!(status, 4);
        assert!(denials.iter().any(|id| id == "own-access"), "{denials:?}");
    }
    let looks_no_more = operates.replace("  - { role: ob, group: staff, workspace: main }\n", "");
    for files in [&operates, &looks_no_more] {
        let (status, denials, _) = applied(&project(ROLES), files, &seed);
        assert_eq!((status, denials), (0, vec![]));
    }
}

#[test]
fn a_workspace_by_its_grn_is_the_workspace() {
    let files = FILES.replace(
        "- { role: wa, group: admins, workspace: prod,",
        &format!(
            "- {{ role: wa, group: admins, workspace: prod, scope: [\"grn:glp/workspaces/{PROD}\"],"
        ),
    );
    let (status, denials, _) = applied(&project(ROLES), &files, &live(|_| {}));
    assert_eq!((status, denials), (0, vec![]));
    let fewer = files
        .replace("[ada@acme.example, bob@acme.example, cy@acme.example]", "[ada@acme.example]");
    let (status, denials, _) = applied(&project(ROLES), &fewer, &live(|_| {}));
    assert_eq!(status, 4);
    assert!(denials.iter().any(|id| id == "administrators"), "{denials:?}");
}

#[test]
fn names_that_differ_by_case_alone_are_refused() {
    let roles = format!("{ROLES}, WA: ccs.observer");
    let (status, _, folder) = applied(&project(&roles), FILES, &live(|_| {}));
    assert_eq!(status, 1);
    let told = folder.muster(&["check"]).run().exits(1);
    assert!(told.err.contains("the aliases `WA` and `wa` are one name"), "{}", told.err);
}

#[test]
fn a_group_whose_roles_stay_stays() {
    let project = project(ROLES).replace("  bindings: { onRemove: delete }\n", "");
    let files = FILES
        .replace("  staff: { members: [dee@acme.example] }\n", "")
        .replace("  - { role: ob, group: staff, workspace: main }\n", "");
    let seed = live(|seed| seed["groups"][1]["members"] = json!([]));
    let (status, _, folder) = applied(&project, &files, &seed);
    assert_eq!(status, 0);
    let plan = folder.muster(&["plan", "--format", "json"]).run().exits(0).json();
    assert_eq!(plan["changes"], json!([]));
    assert!(plan["unmanaged"].to_string().contains("group/staff"), "{}", plan["unmanaged"]);
}

#[test]
fn another_meaning_of_an_alias_takes_no_administrator_away() {
    let roles = "wa: ccs.operator, root: ccs.account-admin, ob: ccs.observer";
    let given = "- { role: wa, group: admins, workspace: main, until: 2099-12-31 }\n";
    // In one workspace, in all of them, and by the members of the group.
    let admin = |workspace: &str| {
        format!("  - {{ role: root, group: admins, workspace: {workspace}, until: 2099-12-31 }}\n")
    };
    let files = |kept: &str| {
        let (people, _) = FILES.split_once("bindings:\n").unwrap();
        let seen = "  - { role: ob, group: staff, workspace: main }\n";
        format!("{people}bindings:\n  {given}{kept}{seen}")
    };
    for files in [
        files(&admin("main")),
        files(""),
        files(&[admin("main"), admin("prod")].concat())
            .replace("[ada@acme.example, bob@acme.example, cy@acme.example]", "[cy@acme.example]"),
    ] {
        let (status, denials, folder) = applied(&project(roles), &files, &live(|_| {}));
        assert_eq!(status, 4, "{files}");
        assert!(denials.iter().any(|id| id == "administrators"), "{denials:?}");
        let told = folder.muster(&["plan"]).run().exits(4);
        told.shows("holders of `root` would remain");
    }
    let kept = files(&[admin("main"), admin("prod")].concat());
    let (_, denials, _) = applied(&project(roles), &kept, &live(|_| {}));
    assert!(!denials.iter().any(|id| id == "administrators"), "{denials:?}");
}
