//! Accounts that cannot be used: invited ones, deactivated ones, and what an edit of their names
//! does to access and verdict, which is nothing.

use serde_json::{Value, json};

use super::folder::Folder;

const MAIN: &str = "fad58de7366495db4650cfefac2fcd61";

const PROJECT: &str = "organization: acme\n\
    target:\n\
    \x20 provider: sandbox\n\
    \x20 personality: greenlake\n\
    \x20 seed: live.json\n\
    \x20 state: twin.json\n\
    \x20 workspace: main\n\
    \x20 workspaces: { main: { id: fad58de7366495db4650cfefac2fcd61 } }\n\
    roles: { wa: ccs.account-admin, ob: ccs.observer }\n\
    manage:\n\
    \x20 users: { domains: [acme.example], onRemove: report }\n\
    \x20 groups: { names: ['*'], onRemove: report }\n\
    \x20 bindings: { onRemove: delete }\n\
    protected: { users: ['*@rescue.example'] }\n\
    administrators: { roles: [wa], atLeast: 1 }\n";

/// How the account in question is shown by the twin: invited, or switched off in one of the ways
/// in which the directory may say so.
const INVITED: (bool, &str) = (false, "STAGED");
const CLOSED: [(bool, &str); 3] = [(false, "INACTIVE"), (false, "ACTIVE"), (true, "SUSPENDED")];

/// Files in which `new` gets nothing, with `edit` as the fields of `new`.
fn files(edit: &str, members: &str, bindings: &str) -> String {
    format!(
        "users:\n\
         \x20 boss@acme.example: {{}}\n\
         \x20 new@acme.example: {{ {edit} }}\n\
         groups:\n\
         \x20 ops: {{ owner: boss@acme.example, members: [{members}] }}\n\
         \x20 desk: {{ owner: boss@acme.example, members: [boss@acme.example] }}\n\
         bindings:\n\
         \x20 - {{ role: ob, group: desk, workspace: main, until: 2099-12-31, reason: r, owner: boss@acme.example }}\n\
         {bindings}"
    )
}

const TO_OPS: &str = "  - { role: wa, group: ops, workspace: main, until: 2099-12-31, reason: r, owner: boss@acme.example }\n";
const TO_NEW: &str = "  - { role: ob, user: new@acme.example, workspace: main, until: 2099-12-31, reason: r, owner: boss@acme.example }\n";

fn live((active, status): (bool, &str), members: &[&str], roles: &[(&str, &str)]) -> String {
    let user = |name: &str, active: bool, status: &str| {
        json!({"userName": name, "displayName": "Old", "countryCode": "GB", "active": active,
               "status": status, "name": {"givenName": "A", "familyName": "B"}})
    };
    let grants = roles.iter().map(
        |(principal, role)| json!({"workspace": "main", "principal": principal, "role": role}),
    );
    let kept = [("group:desk", "ccs.observer"), ("user:root@rescue.example", "ccs.account-admin")];
    let kept = kept.iter().map(
        |(principal, role)| json!({"workspace": "main", "principal": principal, "role": role}),
    );
    json!({
        "provider": "greenlake",
        "organization": {"name": "acme"},
        "workspaces": [{"id": MAIN, "name": "main"}],
        "clients": [{"id": "one", "secret": "one", "workspace": "main"}],
        "users": [
            user("boss@acme.example", true, "ACTIVE"),
            user("new@acme.example", active, status),
            user("root@rescue.example", true, "ACTIVE"),
        ],
        "groups": [
            {"displayName": "ops", "members": members},
            {"displayName": "desk", "members": ["boss@acme.example"]},
        ],
        "assignments": kept.chain(grants).collect::<Vec<_>>(),
        "domains": [{"name": "acme.example", "state": "VERIFIED"}],
    })
    .to_string()
}

/// Plans as somebody: the exit status, the access delta and what is denied. Warnings are left out:
/// rules are shown whom the plan touches, so an edit lets them warn of what its user has already.
fn judged(actor: &str, files: &str, seed: &str) -> (i32, Value, Vec<String>) {
    let folder =
        Folder::with(&[("muster.yaml", PROJECT), ("identity.yaml", files), ("live.json", seed)]);
    let ended = folder.muster(&["plan", "--format", "json", "--actor", actor]).run();
    let told: Value = serde_json::from_str(&ended.out).unwrap_or_default();
    let findings = told["verdict"]["findings"].as_array().cloned().unwrap_or_default();
    let denied = findings.iter().filter(|finding| finding["severity"] == "deny");
    let shown = |finding: &Value| format!("{} {}", finding["id"], finding["message"]);
    (ended.status, told["access"].clone(), denied.map(shown).collect())
}

/// Edits of an account that give nobody anything.
const EDITS: [&str; 3] = [
    // The platform has no such attribute: nothing is written.
    "title: Engineer",
    "emails: [{ value: new@acme.example, primary: true }, { value: n@acme.example }]",
    "displayName: New, name: { givenName: New, familyName: Name }, countryCode: FR",
];

/// Demands that every edit of `new` leaves access and verdict as they are without it, and returns
/// those.
#[track_caller]
fn the_same_whatever_is_edited(
    actor: &str,
    files: impl Fn(&str) -> String,
    seed: &str,
) -> (i32, Value, Vec<String>) {
    let plain = judged(actor, &files(""), seed);
    for edit in EDITS {
        assert_eq!(judged(actor, &files(edit), seed), plain, "{edit}");
    }
    plain
}

fn who(list: &Value) -> Vec<(&str, &str)> {
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| (row["principal"].as_str().unwrap(), row["role"].as_str().unwrap())).collect()
}

#[test]
fn an_invited_person_who_asks_for_a_role_is_refused_whatever_else_is_edited() {
    let both = ["boss@acme.example", "new@acme.example"];
    let ways = [
        // The group that the person is in gets the role.
        (both.as_slice(), &[][..], TO_OPS),
        // The person joins a group that holds it.
        (&both[..1], &[("group:ops", "ccs.account-admin")][..], TO_OPS),
        // The person gets it directly.
        (&both[..], &[][..], TO_NEW),
    ];
    for (members, roles, bindings) in ways {
        let seed = live(INVITED, members, roles);
        let files = |edit: &str| files(edit, &both.join(", "), bindings);
        let (status, access, denied) =
            the_same_whatever_is_edited("new@acme.example", files, &seed);
        assert_eq!(status, 3, "{denied:?}");
        assert!(denied.iter().any(|one| one.contains("author-is-beneficiary")), "{denied:?}");
        assert!(who(&access["gained"]).iter().any(|(one, _)| *one == "user/new@acme.example"));
        assert_eq!(access["lost"], json!([]));
    }
}

#[test]
fn a_role_through_a_second_group_is_a_gain_whatever_is_edited_and_however_the_actor_is_written() {
    let both = ["boss@acme.example", "new@acme.example"];
    // The person holds a lesser role by one group, and gains the administrator's by another.
    let seed = live(INVITED, &both, &[("group:ops", "ccs.observer")]);
    let observes = TO_OPS.replace("role: wa", "role: ob");
    let files = |edit: &str| {
        let files =
            files(edit, &both.join(", "), &format!("{observes}{}", TO_OPS.replace("ops", "desk")));
        files.replace(
            "desk: { owner: boss@acme.example, members: [boss@acme.example] }",
            &format!("desk: {{ owner: boss@acme.example, members: [{}] }}", both.join(", ")),
        )
    };
    for actor in
        ["new@acme.example", "NEW@Acme.Example", "user/new@acme.example", " new@acme.example"]
    {
        let (status, access, denied) = the_same_whatever_is_edited(actor, files, &seed);
        assert_eq!(status, 3, "{actor}: {denied:?}");
        assert!(denied.iter().any(|one| one.contains("author-is-beneficiary")), "{denied:?}");
        let gained = who(&access["gained"]);
        assert!(gained.contains(&("user/new@acme.example", "wa")), "{gained:?}");
    }
}

#[test]
fn who_was_switched_off_is_given_no_role_by_any_way() {
    let both = ["boss@acme.example", "new@acme.example"];
    let ways = [
        (both.as_slice(), &[][..], TO_OPS),
        (&both[..1], &[("group:ops", "ccs.account-admin")][..], TO_OPS),
        (&both[..], &[][..], TO_NEW),
    ];
    for account in CLOSED {
        for (members, roles, bindings) in ways {
            let seed = live(account, members, roles);
            for edit in ["", EDITS[2]] {
                let files = files(edit, &both.join(", "), bindings);
                let (status, access, denied) = judged("boss@acme.example", &files, &seed);
                assert_eq!(status, 3, "{account:?} {denied:?}");
                let leaver = |one: &String| one.contains("leavers-lose-everything");
                assert!(denied.iter().any(leaver), "{account:?} {denied:?}");
                let gained = who(&access["gained"]);
                let gains = gained.iter().any(|(one, _)| *one == "user/new@acme.example");
                assert!(!gains, "{account:?} {gained:?}");
            }
        }
    }
}

#[test]
fn an_edit_of_a_name_takes_no_role_from_anybody() {
    let both = ["boss@acme.example", "new@acme.example"];
    let roles = [("group:ops", "ccs.account-admin"), ("user:new@acme.example", "ccs.observer")];
    let bindings = format!("{TO_OPS}{TO_NEW}");
    for account in CLOSED.into_iter().chain([INVITED, (true, "ACTIVE")]) {
        let seed = live(account, &both, &roles);
        let files = |edit: &str| files(edit, &both.join(", "), &bindings);
        let (_, access, _) = the_same_whatever_is_edited("boss@acme.example", files, &seed);
        assert_eq!(access, json!({"gained": [], "lost": []}), "{account:?}");
    }
}

/// What a plan refuses, by the id of the finding, with its remedy.
#[track_caller]
fn refusals(folder: &Folder) -> Vec<(String, String)> {
    let ended = folder.muster(&["plan", "--format", "json"]).run();
    let told = ended.json();
    let findings = told["verdict"]["findings"].as_array().unwrap();
    let denied = findings.iter().filter(|finding| finding["severity"] == "deny");
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let found: Vec<_> =
        denied.map(|finding| (text(finding, "id"), text(finding, "remedy"))).collect();
    // What is refused is not planned either.
    let mut changes = told["changes"].as_array().unwrap().iter();
    let switches = changes.any(|change| change["fields"].to_string().contains("\"active\""));
    let refused = found.iter().any(|(id, _)| id == "target-cannot-deactivate");
    assert!(!(refused && switches), "{}", told["changes"]);
    found
}

#[test]
fn active_is_refused_where_the_target_does_not_keep_it() {
    let both = ["boss@acme.example", "new@acme.example"];
    for account in [INVITED, (false, "INACTIVE")] {
        let seed = live(account, &both[..1], &[]);
        for written in ["active: true", "active: false", "displayName: N, active: true"] {
            let folder = Folder::with(&[
                ("muster.yaml", PROJECT),
                ("identity.yaml", &files(written, both[0], "")),
                ("live.json", &seed),
            ]);
            let found = refusals(&folder);
            let [(id, remedy)] = found.as_slice() else {
                panic!("{account:?} {written} {found:?}")
            };
            assert_eq!(id, "target-cannot-deactivate", "{account:?} {written}");
            assert!(remedy.starts_with("take `active` out of the YAML"), "{remedy}");
            folder.write("identity.yaml", files("", both[0], ""));
            folder.muster(&["plan"]).run().exits(0);
        }
    }
}

#[test]
fn to_deactivate_leavers_is_refused_where_the_target_cannot() {
    let both = ["boss@acme.example", "new@acme.example"];
    let project =
        PROJECT.replace("onRemove: report }\n  groups", "onRemove: deactivate }\n  groups");
    assert_ne!(project, PROJECT);
    let all = files("", &both.join(", "), "");
    let left = files("", both[0], "").replace("  new@acme.example: {  }\n", "");
    assert_ne!(left, files("", both[0], ""));
    for account in [(true, "ACTIVE"), (false, "INACTIVE")] {
        let seed = live(account, &both, &[]);
        for files in [&all, &left] {
            let folder = Folder::with(&[
                ("muster.yaml", &project),
                ("identity.yaml", files),
                ("live.json", &seed),
            ]);
            let found = refusals(&folder);
            let [(id, remedy)] = found.as_slice() else { panic!("{account:?} {found:?}") };
            assert_eq!(id, "target-cannot-deactivate");
            assert!(remedy.contains("`onRemove: delete`"), "{remedy}");
            assert!(remedy.contains("`onRemove: report`"), "{remedy}");
            for instead in ["delete", "report"] {
                folder.write("muster.yaml", project.replace("deactivate", instead));
                folder.muster(&["plan"]).run().exits(0);
            }
        }
    }
}

/// A project at the plain sandbox, with lines for `target`.
fn plain(target: &str) -> String {
    format!(
        "organization: acme\n\
         target: {{ provider: sandbox, seed: live.json, state: state.json{target} }}\n\
         manage:\n\
         \x20 users: {{ domains: [acme.example], onRemove: deactivate }}\n\
         \x20 groups: {{ names: ['*'], onRemove: report }}\n"
    )
}

const PEOPLE: &str = r#"{"users": [
    {"userName": "ada@acme.example", "active": true, "title": "Engineer"},
    {"userName": "bob@acme.example", "active": true}]}"#;

#[test]
fn a_scim_server_that_does_not_keep_active_is_asked_for_nothing_about_it() {
    let files = "users:\n  ada@acme.example: { title: Engineer }\n  bob@acme.example: {}\n";
    let active = files.replace("bob@acme.example: {}", "bob@acme.example: { active: false }");
    let unheld = ", dialect: { unheld: [user.active] }";
    let fixed = ", dialect: { immutable: [user.active] }";
    for (target, files, expected) in [
        ("", files, 0),
        ("", &active, 0),
        (unheld, files, 1),
        (unheld, &active, 2),
        (fixed, files, 1),
        // Where it is kept and cannot be changed, an edit is refused as any other would be.
        (fixed, &active, 2),
    ] {
        let folder = Folder::with(&[
            ("muster.yaml", &plain(target)),
            ("identity.yaml", files),
            ("live.json", PEOPLE),
        ]);
        let found = refusals(&folder);
        assert_eq!(found.len(), expected, "{target} {found:?}");
    }
}

#[test]
fn who_was_deactivated_and_is_declared_again_is_reactivated() {
    let both = "users:\n  ada@acme.example: {}\n  bob@acme.example: { active: true }\n";
    let one = "users:\n  ada@acme.example: {}\n";
    let folder =
        Folder::with(&[("muster.yaml", &plain("")), ("identity.yaml", one), ("live.json", PEOPLE)]);
    let applied = |expected: &str| {
        let told = folder.muster(&["apply", "--yes", "--format", "json"]).run().exits(0).json();
        let changes: Vec<String> = told["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| format!("{} {}", change["address"], change["after"]["active"]))
            .collect();
        assert_eq!(changes.join(", ").replace('"', ""), expected);
    };
    applied("user/bob@acme.example false");
    applied("");
    folder.write("identity.yaml", both);
    applied("user/bob@acme.example true");
    applied("");
}
