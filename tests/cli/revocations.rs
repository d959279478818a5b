//! The part of a refused plan that only takes access away.

use serde_json::Value;

use super::folder::{Folder, NO_TITLES};
use super::program::Ended;

const PROJECT: &str = "organization: acme\n\
    target: { provider: sandbox, seed: live.json, state: state.json }\n\
    manage: { users: { domains: [example.com], onRemove: deactivate }, groups: { names: ['*'], onRemove: delete } }\n\
    administrators: { groups: [admins], atLeast: 1 }\n\
    limits: { memberships: { remove: '3' }, users: { update: '9' } }\n\
    rules: { orphan-user: { off: not part of these tests } }\n\
    policies: [guardrails]\n";

const PEOPLE: [&str; 9] = ["ada", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ian"];

fn users(edit: impl Fn(&str) -> &'static str) -> String {
    let one = |name: &str| format!("  {name}@example.com: {}\n", edit(name));
    let people: String =
        PEOPLE.iter().filter(|name| edit(name) != "gone").map(|name| one(name)).collect();
    format!("users:\n{people}")
}

fn groups(groups: &[(&str, &[&str])]) -> String {
    let one = |(name, members): &(&str, &[&str])| {
        let members: Vec<String> = members.iter().map(|one| format!("{one}@example.com")).collect();
        format!("  {name}: {{ members: [{}] }}\n", members.join(", "))
    };
    format!("groups:\n{}", groups.iter().map(one).collect::<String>())
}

const BEFORE: &[(&str, &[&str])] = &[
    ("admins", &["ada"]),
    ("staff", &["ada", "bob", "cy", "dee", "eve", "fay", "gus"]),
    ("old", &["hal", "ian"]),
];

fn world() -> Folder {
    let folder = Folder::with(&[
        ("muster.yaml", PROJECT),
        ("guardrails/no-titles/rule.rego", NO_TITLES),
        ("live.json", "{\"users\": [], \"groups\": []}"),
    ]);
    folder.write("identity.yaml", format!("{}{}", users(|_| "{}"), groups(BEFORE)));
    folder.muster(&["apply", "--yes"]).run().exits(0);
    folder
}

fn apply(folder: &Folder, more: &[&str]) -> Ended {
    folder.muster(&[&["apply", "--yes"], more].concat()).run()
}

/// The members of a group of the sandbox, by their user names: the last that its log says of it.
fn members(folder: &Folder, group: &str) -> Vec<String> {
    let text = folder.read("state.json");
    let mut puts: Vec<Value> = Vec::new();
    for line in text.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        for list in ["users", "groups"] {
            puts.extend(line[list].as_array().cloned().unwrap_or_default());
        }
        puts.push(line["put"].take());
    }
    let name = |id: &str| {
        let user = puts.iter().find(|put| put["id"] == id).unwrap();
        user["attributes"]["userName"].as_str().unwrap().replace("@example.com", "")
    };
    let of_group = |put: &&Value| put["attributes"]["displayName"] == group;
    let last = puts.iter().rfind(of_group).unwrap();
    let mut members: Vec<String> =
        last["members"].as_object().unwrap().keys().map(|id| name(id)).collect();
    members.sort();
    members
}

#[test]
fn what_only_takes_access_away_is_applied_though_the_rest_is_refused() {
    let folder = world();
    let named = |name: &str| if name == "cy" { "{ displayName: Boss }" } else { "{}" };
    // `bob` leaves the group; `dee` moves to another; `cy` is why all of it is refused.
    let after: &[(&str, &[&str])] = &[
        ("admins", &["ada"]),
        ("staff", &["ada", "cy", "eve", "fay", "gus"]),
        ("old", &["hal", "ian", "dee"]),
    ];
    folder.write("identity.yaml", format!("{}{}", users(named), groups(after)));
    apply(&folder, &[]).exits(3);
    assert_eq!(members(&folder, "staff").len(), 7);
    let told = apply(&folder, &["--revocations-only"]).exits(3);
    told.says("Only what takes access away is applied: 1 of 4 changes.");
    assert_eq!(members(&folder, "staff"), ["ada", "cy", "dee", "eve", "fay", "gus"]);
    assert_eq!(members(&folder, "old"), ["hal", "ian"]);
}

#[test]
fn the_part_passes_every_guard_by_itself() {
    let folder = world();
    let named = |name: &str| if name == "cy" { "{ displayName: Boss }" } else { "{}" };
    // The only administrator, and more than half of a group.
    for after in [
        [("admins", &[][..]), BEFORE[1], BEFORE[2]],
        [BEFORE[0], ("staff", &["ada", "cy"][..]), BEFORE[2]],
    ] {
        folder.write("identity.yaml", format!("{}{}", users(named), groups(&after)));
        let told = apply(&folder, &["--revocations-only"]);
        assert!([3, 4].contains(&told.status), "{}", told.status);
        assert_eq!((members(&folder, "admins").len(), members(&folder, "staff").len()), (1, 7));
    }
}

#[test]
fn what_is_renamed_or_replaced_is_left_alone() {
    let folder = world();
    let named = |name: &str| if name == "cy" { "{ displayName: Boss }" } else { "{}" };
    // `old` becomes `new`, with one member less; or goes, while `new` is made.
    let renamed = groups(&[BEFORE[0], BEFORE[1], ("new", &["hal"])])
        .replace("new: {", "new: { previously: [old],");
    let replaced = groups(&[BEFORE[0], BEFORE[1], ("new", &["hal"])]);
    for after in [renamed, replaced] {
        folder.write("identity.yaml", format!("{}{after}", users(named)));
        apply(&folder, &["--revocations-only"]);
        assert_eq!(members(&folder, "old"), ["hal", "ian"]);
    }
}

#[test]
fn a_scheduled_run_does_so_where_the_project_asks_for_it() {
    let folder = world();
    let named = |name: &str| if name == "cy" { "{ displayName: Boss }" } else { "{}" };
    let after = [BEFORE[0], ("staff", &["ada", "cy", "dee", "eve", "fay", "gus"][..]), BEFORE[2]];
    folder.write("identity.yaml", format!("{}{}", users(named), groups(&after)));
    apply(&folder, &["--run", "scheduled"]).exits(3);
    assert_eq!(members(&folder, "staff").len(), 7, "it is not asked for");
    folder.write("muster.yaml", format!("{PROJECT}schedule: {{ revocationsFirst: true }}\n"));
    apply(&folder, &["--run", "pull-request"]).exits(3);
    assert_eq!(members(&folder, "staff").len(), 7, "nobody waits for it");
    apply(&folder, &["--run", "scheduled"]).exits(3);
    assert_eq!(members(&folder, "staff").len(), 6);
    // A plan that passes is applied whole, as ever.
    folder.write("identity.yaml", format!("{}{}", users(|_| "{}"), groups(BEFORE)));
    apply(&folder, &["--run", "scheduled"]).exits(0);
    assert_eq!(members(&folder, "staff").len(), 7);
}

#[test]
fn the_part_and_the_whole_are_one_document() {
    let scheduled = format!("{PROJECT}schedule: {{ revocationsFirst: true }}\n");
    let ways: [(&str, &[&str]); 2] =
        [(PROJECT, &["--revocations-only"]), (&scheduled, &["--run", "scheduled"])];
    for (project, way) in ways {
        let folder = world();
        folder.write("muster.yaml", project);
        let named = |name: &str| if name == "cy" { "{ displayName: Boss }" } else { "{}" };
        let json = |more: &[&str]| apply(&folder, &[more, &["--format", "json"]].concat());
        let after =
            [BEFORE[0], ("staff", &["ada", "cy", "dee", "eve", "fay", "gus"][..]), BEFORE[2]];
        folder.write("identity.yaml", format!("{}{}", users(named), groups(&after)));
        let told = json(way).exits(3);
        assert_eq!(told.out.lines().count(), 1, "one line of JSON");
        let told = told.json();
        let count = |of: &Value, key: &str| of[key].as_array().unwrap().len();
        let denied = |of: &Value| {
            let found = of["verdict"]["findings"].as_array().unwrap();
            found.iter().any(|one| one["severity"] == "deny")
        };
        assert_eq!((count(&told, "changes"), count(&told["whole"], "changes")), (1, 2), "{told}");
        assert_eq!((denied(&told), denied(&told["whole"])), (false, true), "{told}");
        assert_eq!(told["receipts"][0]["covers"][0], told["changes"][0]["address"]);
        assert_eq!(told["complete"], true);
        assert!(told["whole"].get("receipts").is_none(), "{told}");
        assert_eq!(members(&folder, "staff").len(), 6);
        // A part that is refused too has no receipts, and the same place for the whole.
        folder.write(
            "identity.yaml",
            format!("{}{}", users(named), groups(&[("admins", &[]), BEFORE[1], BEFORE[2]])),
        );
        let told = json(way).json();
        assert!(denied(&told) && denied(&told["whole"]), "{told}");
        assert!(told.get("receipts").is_none(), "{told}");
    }
    // Nothing is a part of a plan that is refused, or applied, as a whole.
    let folder = world();
    let told = apply(&folder, &["--format", "json"]).exits(0).json();
    assert!(told.get("whole").is_none(), "{told}");
    // The whole is there where it passes and only a part is asked for.
    let told = apply(&folder, &["--revocations-only", "--format", "json"]).exits(0).json();
    assert!(told["whole"]["changes"].is_array(), "{told}");
}

#[test]
fn a_role_that_moves_to_another_group_is_not_taken_from_those_who_move() {
    let folder = super::base::greenlake(&super::base::op_moves());
    let ended = folder.muster(&["apply", "--yes", "--revocations-only"]).run().exits(3);
    assert!(!ended.out.contains("delete binding"), "{}", ended.out);
}
