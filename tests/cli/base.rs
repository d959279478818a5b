//! The base of a change judges it too: no change loosens the guard that judges it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::folder::{Folder, NO_TITLES};
use super::program::Ended;

/// A project of HPE GreenLake's twin.
fn project(more: &str) -> String {
    format!(
        "organization: acme\n\
         target: {{ provider: sandbox, personality: greenlake, seed: live.json, state: twin.json, \
         workspace: main, workspaces: {{ main: {{ id: 3f2c0e1a9b1c4d7e8f60718293a4b5c6 }} }} }}\n{more}"
    )
}

const GUARD: &str = "roles: { wa: ccs.account-admin, ob: ccs.observer, op: ccs.operator }\n\
    manage: { users: { domains: [acme.example], onRemove: delete }, groups: { names: ['*'], onRemove: delete }, bindings: { onRemove: delete } }\n\
    protected: { users: ['kept@acme.example'], groups: ['keepers'] }\n\
    administrators: { groups: [chiefs], atLeast: 2 }\n\
    limits: { users: { remove: '1' } }\n\
    policies: [guardrails]\n\
    rules: { orphan-user: { off: not part of these tests } }\n";

const FILES: &str = "users: { ada@acme.example: {}, bob@acme.example: {}, cy@acme.example: {}, \
    kept@acme.example: {}, u1@acme.example: {}, u2@acme.example: {}, u3@acme.example: {}, x1@acme.example: {}, x2@acme.example: {} }\n\
    groups:\n\
    \x20 admins: { owner: ada@acme.example, members: [ada@acme.example, bob@acme.example, cy@acme.example] }\n\
    \x20 chiefs: { owner: ada@acme.example, members: [ada@acme.example, bob@acme.example, cy@acme.example] }\n\
    \x20 keepers: { owner: ada@acme.example, members: [u1@acme.example, u2@acme.example, u3@acme.example] }\n\
    bindings:\n\
    \x20 - { role: wa, group: admins, workspace: main, until: 2099-12-31, reason: runs it, owner: ada@acme.example }\n\
    \x20 - { role: op, group: chiefs, workspace: main, until: 2099-12-31, reason: runs it, owner: ada@acme.example }\n";

fn live() -> String {
    let names = ["ada", "bob", "cy", "kept", "u1", "u2", "u3", "x1", "x2"]
        .map(|name| format!("{name}@acme.example"));
    let users = names.each_ref().map(|name| {
        serde_json::json!({"userName": name, "name": {"givenName": "A", "familyName": "B"},
            "countryCode": "GB", "active": true, "status": "ACTIVE"})
    });
    serde_json::json!({
        "provider": "greenlake",
        "organization": {"name": "acme"},
        "workspaces": [{"id": "3f2c0e1a9b1c4d7e8f60718293a4b5c6", "name": "main"}],
        "clients": [{"id": "one", "secret": "one", "workspace": "main"}],
        "users": users,
        "groups": [
            {"displayName": "admins", "members": &names[..3]},
            {"displayName": "chiefs", "members": &names[..3]},
            {"displayName": "keepers", "members": &names[4..7]},
        ],
        "assignments": [
            {"workspace": "main", "principal": "group:admins", "role": "ccs.account-admin"},
            {"workspace": "main", "principal": "group:chiefs", "role": "ccs.operator"},
        ],
    })
    .to_string()
}

fn git(folder: &Path, arguments: &[&str]) {
    let ended = Command::new("git")
        .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("these tests need git (apt-get install git): {error}"));
    assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
}

/// A repository whose branch `main` has the project, in this folder of it.
fn repository(folder: &str) -> Folder {
    let at =
        |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let made = Folder::with(&[
        (&at("muster.yaml"), &project(GUARD)),
        (&at("identity.yaml"), FILES),
        (&at("guardrails/no-titles/rule.rego"), NO_TITLES),
        (&at("live.json"), &live()),
        (".gitignore", "twin.json\n.muster/\n"),
    ]);
    git(made.path(), &["init", "-q", "-b", "main"]);
    git(made.path(), &["add", "-A"]);
    git(made.path(), &["commit", "-qm", "as it is"]);
    made
}

fn plan(folder: &Folder, more: &[&str]) -> Ended {
    folder.muster(&[&["plan"], more].concat()).run()
}

/// A loosening of the guard, and the change that it would let through.
struct Loosening {
    name: &'static str,
    guard: (&'static str, &'static str),
    files: (&'static str, &'static str),
    status: i32,
    changed: &'static str,
}

const fn loosening(
    name: &'static str,
    guard: (&'static str, &'static str),
    files: (&'static str, &'static str),
    status: i32,
    changed: &'static str,
) -> Loosening {
    Loosening { name, guard, files, status, changed }
}

const CHIEFS: &str = "chiefs: { owner: ada@acme.example, members: [ada@acme.example, bob@acme.example, cy@acme.example] }";
const ONE_CHIEF: &str = "chiefs: { owner: ada@acme.example, members: [ada@acme.example] }";
const LOOSENINGS: &[Loosening] = &[
    loosening(
        "other groups of administrators",
        ("groups: [chiefs], atLeast: 2", "groups: [keepers], atLeast: 2"),
        (CHIEFS, ONE_CHIEF),
        4,
        "administrators.groups",
    ),
    loosening(
        "fewer administrators",
        ("atLeast: 2", "atLeast: 1"),
        (CHIEFS, ONE_CHIEF),
        4,
        "administrators.atLeast",
    ),
    loosening(
        "an account that is protected no more",
        ("users: ['kept@acme.example']", "users: ['*@rescue.example']"),
        ("    kept@acme.example: {}, ", ""),
        4,
        "protected.users",
    ),
    loosening(
        "a group that is protected no more",
        ("groups: ['keepers']", "groups: ['rescue*']"),
        (
            "members: [u1@acme.example, u2@acme.example, u3@acme.example]",
            "members: [u1@acme.example, u2@acme.example]",
        ),
        4,
        "protected.groups",
    ),
    loosening(
        "a wider limit",
        ("remove: '1'", "remove: '3'"),
        (", x1@acme.example: {}, x2@acme.example: {}", ""),
        4,
        "limits.users.remove",
    ),
    loosening(
        "a rule that is turned off",
        ("rules: {", "rules: { no-titles: { off: we like titles },"),
        ("bob@acme.example: {}", "bob@acme.example: { displayName: Boss }"),
        3,
        "rules.no-titles",
    ),
    loosening(
        "a rule that only warns",
        ("rules: {", "rules: { no-titles: { severity: warn },"),
        ("bob@acme.example: {}", "bob@acme.example: { displayName: Boss }"),
        3,
        "rules.no-titles",
    ),
    loosening(
        "policies that are not read",
        ("policies: [guardrails]\n", ""),
        ("bob@acme.example: {}", "bob@acme.example: { displayName: Boss }"),
        3,
        "policies.guardrails/no-titles/rule.rego",
    ),
    loosening(
        "removals that are only reported",
        ("onRemove: delete }, groups", "onRemove: report }, groups"),
        ("", ""),
        0,
        "manage.users.onRemove",
    ),
];

fn changed(folder: &Folder, guard: (&str, &str), files: (&str, &str)) {
    assert!(GUARD.contains(guard.0) && FILES.contains(files.0.trim_start()), "{guard:?} {files:?}");
    folder.write("muster.yaml", project(&GUARD.replacen(guard.0, guard.1, 1)));
    folder.write("identity.yaml", FILES.replacen(files.0.trim_start(), files.1, 1));
}

#[test]
fn a_change_that_loosens_its_guard_is_judged_by_the_old_one_as_well() {
    let folder = repository("");
    for Loosening { name, guard, files, status, changed: setting } in LOOSENINGS {
        changed(&folder, *guard, *files);
        if *status != 0 {
            // The change alone would pass.
            let alone = plan(&folder, &[]);
            assert_eq!(alone.status, 0, "{name}: {}{}", alone.out, alone.err);
        }
        let told = plan(&folder, &["--base", "main"]);
        assert_eq!(told.status, *status, "{name}: {}{}", told.out, told.err);
        let first = told.out.find("[").map(|at| &told.out[at..]).unwrap_or_default();
        assert!(first.starts_with("[guard-changed]"), "{name}: {}", told.out);
        assert!(told.out.contains(&format!("`{setting}` is ")), "{name}: {}", told.out);
        assert!(told.out.contains("--> "), "{name}: {}", told.out);
    }
}

#[test]
fn a_waiver_counts_once_it_is_merged() {
    let folder = repository("");
    let waiver = "waivers: [{ rule: no-titles, for: user/bob@acme.example, until: 2026-12-31, \
                  reason: a test, approvedBy: ada@acme.example }]\n";
    let files = FILES.replace("bob@acme.example: {}", "bob@acme.example: { displayName: Boss }");
    folder.write("identity.yaml", format!("{files}{waiver}"));
    plan(&folder, &[]).exits(0);
    let told = plan(&folder, &["--base", "main"]).exits(3);
    told.shows("deny[no-titles]")
        .shows("merge the waiver at identity.yaml:")
        .shows("it counts once");
    // Merged by itself, it does.
    folder.write("identity.yaml", format!("{FILES}{waiver}"));
    git(folder.path(), &["commit", "-qam", "the waiver"]);
    folder.write("identity.yaml", format!("{files}{waiver}"));
    plan(&folder, &["--base", "main"]).exits(0);
}

#[test]
fn what_the_guard_does_not_manage_in_the_base_is_left_alone() {
    let folder = repository("");
    let narrow = GUARD
        .replace("groups: { names: ['*'],", "groups: { names: ['ad*'],")
        .replace("groups: [chiefs]", "roles: [wa]");
    let (before, after) = FILES.split_once("  chiefs").unwrap();
    let (_, after) = after.split_once("bindings:").unwrap();
    let after = after.lines().take(2).collect::<Vec<_>>().join("\n");
    folder.write("muster.yaml", project(&narrow));
    folder.write("identity.yaml", format!("{before}bindings:{after}\n"));
    git(folder.path(), &["commit", "-qam", "fewer groups"]);
    folder.write("identity.yaml", FILES);
    folder.write("muster.yaml", project(GUARD));
    plan(&folder, &["--base", "main"]).exits(0).shows("manage.groups");
    let files = FILES.replace(CHIEFS, &CHIEFS.replace(", cy@acme.example]", "]"));
    folder.write("identity.yaml", files);
    plan(&folder, &[]).exits(0);
    plan(&folder, &["--base", "main"])
        .exits(4)
        .shows("deny[manage]: 1 membership would be changed");
}

#[test]
fn a_removal_that_the_base_only_reports_is_not_made() {
    let folder = repository("");
    folder.write(
        "muster.yaml",
        project(&GUARD.replace("onRemove: delete }, groups", "onRemove: report }, groups")),
    );
    git(folder.path(), &["commit", "-qam", "report"]);
    folder.write("muster.yaml", project(GUARD));
    folder.write("identity.yaml", FILES.replace(", x1@acme.example: {}", ""));
    plan(&folder, &[]).exits(0).shows("- user/x1@acme.example");
    plan(&folder, &["--base", "main"]).exits(4).shows("deny[manage]: 1 user would be changed");
}

#[test]
fn an_alias_means_what_it_means_in_the_base() {
    let folder = repository("");
    let guard = GUARD.replace("groups: [chiefs]", "roles: [op]");
    folder.write("muster.yaml", project(&guard));
    git(folder.path(), &["commit", "-qam", "operators"]);
    plan(&folder, &["--base", "main"]).exits(0);
    let other = "ob: ccs.operator, op: ccs.account-admin }";
    let guard = guard.replace("wa: ccs.account-admin, ob: ccs.observer, op: ccs.operator }", other);
    folder.write("muster.yaml", project(&guard));
    let files = FILES.replace("role: op,", "role: ob,").replace("role: wa,", "role: op,");
    folder.write("identity.yaml", files.replace(CHIEFS, ONE_CHIEF));
    plan(&folder, &[]).exits(0);
    let told = plan(&folder, &["--base", "main"]).exits(4);
    told.shows("`roles.op` is ").shows("too few administrators of the base would remain");
}

#[test]
fn what_only_reads_otherwise_loosens_nothing() {
    let folder = repository("");
    let by_role = GUARD.replace("groups: [chiefs]", "roles: [wa]");
    folder.write("muster.yaml", project(&by_role));
    git(folder.path(), &["commit", "-qam", "by role"]);
    let other = by_role
        .replace("roles: { wa", "roles: { chief-of-all: ccs.account-admin, wa")
        .replace("roles: [wa], atLeast", "roles: [chief-of-all, ccs.account-admin], atLeast")
        .replace(
            "users: ['kept@acme.example']",
            "users: ['kept@acme.example', 'kept@acme.example']",
        );
    folder.write("muster.yaml", format!("# a note\n{}", project(&other)));
    folder.write("identity.yaml", FILES.replace("role: wa", "role: chief-of-all"));
    let told = plan(&folder, &["--base", "main"]).exits(0);
    assert!(!told.out.contains("guard-changed"), "{}", told.out);
}

#[test]
fn the_target_of_the_base_is_the_one_that_is_read() {
    let folder = repository("");
    let canary = folder.file("executed");
    let target = project("").lines().nth(1).unwrap().to_owned();
    let exec = format!(
        "target: {{ provider: scim, url: 'http://127.0.0.1:9/', credential: 'exec:touch {}' }}",
        canary.display()
    );
    for (from, to) in [
        ("seed: live.json", "seed: other.json"),
        (target.as_str(), "target: { provider: scim, url: 'http://127.0.0.1:9/scim' }"),
        (target.as_str(), exec.as_str()),
        ("organization: acme", "organization: acme2"),
    ] {
        folder.write("muster.yaml", project(GUARD).replacen(from, to, 1));
        let told = plan(&folder, &["--base", "main"]);
        assert_eq!(told.status, 0, "{to}: {}{}", told.out, told.err);
        assert!(told.out.contains("the value of the base is used"), "{to}: {}", told.out);
        assert!(told.out.starts_with("acme on "), "{to}: {}", told.out);
        assert!(!canary.exists(), "{to}");
    }
}

#[test]
fn a_base_that_cannot_be_had_is_an_error() {
    let folder = repository("");
    let wrong = |more: &[&str]| plan(&folder, more).exits(1);
    wrong(&["--base", "nowhere"])
        .says("`nowhere` names no commit here")
        .says("git fetch --depth=1");
    wrong(&["--base=--help"]).says("names no commit here");
    wrong(&["--base-dir", "nowhere"]).says("there is no folder `nowhere`");
    folder.muster(&["plan", "--base", "main", "--base-dir", "."]).run().exits(64);
    folder.write("muster.yaml", "organization: acme\n");
    git(folder.path(), &["commit", "-qam", "broken"]);
    folder.write("muster.yaml", project(GUARD));
    wrong(&["--base", "main"])
        .says("the base `main` cannot be understood")
        .says("`target` is missing");
    let shallow = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().display());
    git(shallow.path(), &["clone", "-q", "--depth=1", "-b", "main", &url, "clone"]);
    let clone = Folder::with(&[]);
    fs::rename(shallow.path().join("clone/.git"), clone.file(".git")).unwrap();
    clone.write("muster.yaml", project(GUARD));
    plan(&clone, &["--base", "main~1"]).exits(1).says("this clone is shallow");
}

#[test]
fn a_first_adoption_takes_nothing_away() {
    let folder = repository("");
    let elsewhere = GUARD.replace("policies: [guardrails]\n", "");
    let adopt = |files: &str| {
        for name in ["muster.yaml", "identity.yaml"] {
            let _ = fs::remove_file(folder.file(name));
        }
        let other = project(&elsewhere).replace("seed: live.json", "seed: other.json");
        folder.write("new/muster.yaml", other);
        folder.write("new/identity.yaml", files);
        folder.write("new/other.json", live());
        folder.muster(&["-C", "new", "plan", "--base", "main"]).run()
    };
    adopt(FILES).exits(0).shows("only the change's own guard judges this plan");
    let fewer = FILES.replace(", x2@acme.example: {}", "");
    adopt(&fewer).exits(4).shows("a first adoption removes nothing");
    let more = FILES.replace("bob@acme.example: {}", "bob@acme.example: { displayName: Boss }");
    adopt(&more).exits(0);
}

#[test]
fn a_project_that_was_moved_is_judged_by_what_it_was() {
    let folder = repository("here");
    fs::create_dir(folder.file("there")).unwrap();
    for name in ["identity.yaml", "live.json", "guardrails"] {
        fs::rename(folder.file(&format!("here/{name}")), folder.file(&format!("there/{name}")))
            .unwrap();
    }
    fs::remove_file(folder.file("here/muster.yaml")).unwrap();
    folder.write("there/muster.yaml", project(&GUARD.replace("policies: [guardrails]\n", "")));
    let files = FILES.replace("bob@acme.example: {}", "bob@acme.example: { displayName: Boss }");
    folder.write("there/identity.yaml", files);
    folder
        .muster(&["-C", "there", "plan", "--base", "main"])
        .run()
        .exits(3)
        .shows("deny[no-titles]");
}

#[test]
fn a_checkout_of_the_base_is_a_base() {
    let folder = repository("here");
    let checkout = tempfile::tempdir().unwrap();
    let place = checkout.path().join("base");
    git(folder.path(), &["worktree", "add", "-q", "--detach", place.to_str().unwrap(), "main"]);
    folder.write("here/muster.yaml", project(&GUARD.replace("policies: [guardrails]\n", "")));
    let files = FILES.replace("bob@acme.example: {}", "bob@acme.example: { displayName: Boss }");
    folder.write("here/identity.yaml", files);
    for base in [place.clone(), place.join("here")] {
        let base = base.to_str().unwrap();
        folder
            .muster(&["-C", "here", "plan", "--base-dir", base])
            .run()
            .exits(3)
            .shows("no-titles");
        folder.muster(&["-C", "here", "check", "--base-dir", base]).run().shows("guard-changed");
    }
}

#[test]
fn a_plan_is_applied_under_the_base_that_judged_it() {
    let folder = repository("");
    folder.write(
        "identity.yaml",
        FILES.replace("cy@acme.example: {}", "cy@acme.example: { displayName: Cy }"),
    );
    plan(&folder, &["--base", "main", "--out", "plan.json"]).exits(0);
    let apply =
        |more: &[&str]| folder.muster(&[&["apply", "plan.json", "--yes"], more].concat()).run();
    apply(&[]).exits(5).says("the guard of another base judged the plan");
    apply(&["--base", "main"]).exits(0);
}

#[test]
fn a_review_without_a_base_is_warned_about() {
    let folder = repository("");
    for run in ["pull-request", "scheduled"] {
        plan(&folder, &["--run", run]).exits(0).shows("no base is given");
    }
    let told = plan(&folder, &[]).exits(0);
    assert!(!told.out.contains("no base is given"), "{}", told.out);
}

#[test]
fn an_entry_that_covered_somebody_in_the_base_covers_somebody_here() {
    let folder = repository("");
    let protect = GUARD.replace("groups: ['keepers']", "groups: ['keepers', 'vault']");
    let vault = format!(
        "{}\n",
        FILES
            .replace("  keepers:", "  vault: { owner: ada@acme.example, members: [] }\n  keepers:")
    );
    folder.write("muster.yaml", project(&protect));
    folder.write("identity.yaml", vault);
    git(folder.path(), &["commit", "-qam", "a vault to come"]);
    folder.write(
        "identity.yaml",
        FILES.replace("cy@acme.example: {}", "cy@acme.example: { displayName: Cy }"),
    );
    plan(&folder, &[]).exits(0).shows("warn[protected]: `vault`");
    plan(&folder, &["--base", "main"]).exits(4).shows("covers nobody any more");
}

#[test]
fn a_second_waiver_of_the_same_name_counts_once_it_is_merged() {
    let waiver = |most: u32| {
        format!(
            "waivers: [{{ rule: limit/users/remove, for: 'user/x*', until: 2099-12-31, reason: they \
             left, approvedBy: ada@acme.example, atMost: {most} }}]\n"
        )
    };
    let folder = repository("");
    folder.write("waivers.yaml", waiver(1));
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "a waiver"]);
    let files = FILES.replace(", x1@acme.example: {}, x2@acme.example: {}", "");
    folder.write("identity.yaml", files);
    plan(&folder, &[]).exits(4);
    folder.write("another.yaml", waiver(3));
    plan(&folder, &[]).exits(0);
    plan(&folder, &["--base", "main"]).exits(4).shows("guard-changed");
}

#[test]
fn one_entry_is_not_two_that_read_the_same() {
    let folder = repository("");
    let two = GUARD.replace("['kept@acme.example']", "['kept@acme.example', 'u1@acme.example']");
    folder.write("muster.yaml", project(&two));
    git(folder.path(), &["commit", "-qam", "two are protected"]);
    let one = GUARD.replace("['kept@acme.example']", "['kept@acme.example, u1@acme.example']");
    folder.write("muster.yaml", project(&one));
    folder.write("identity.yaml", FILES.replace("kept@acme.example: {}, ", ""));
    plan(&folder, &["--base", "main"]).exits(4).shows("protected.users");
}

#[test]
fn a_project_that_was_moved_and_renamed_is_judged_by_what_it_was() {
    let folder = repository("here");
    let checkout = tempfile::tempdir().unwrap();
    let place = checkout.path().join("base");
    git(folder.path(), &["worktree", "add", "-q", "--detach", place.to_str().unwrap(), "main"]);
    fs::rename(folder.file("here"), folder.file("there")).unwrap();
    let loose = project(&GUARD.replace("policies: [guardrails]\n", ""));
    let files = FILES.replace("bob@acme.example: {}", "bob@acme.example: { displayName: Boss }");
    folder.write("there/identity.yaml", files);
    for name in ["acme", "another"] {
        folder.write(
            "there/muster.yaml",
            loose.replace("organization: acme", &format!("organization: {name}")),
        );
        for base in [["--base-dir", place.to_str().unwrap()], ["--base", "main"]] {
            let words = ["-C", "there", "plan", base[0], base[1]];
            folder.muster(&words).run().exits(3).shows("deny[no-titles]");
        }
    }
}

#[test]
fn a_role_is_privileged_by_every_name_that_it_gets() {
    let folder = repository("");
    let guard = GUARD.replace("policies: [guardrails]\n", "privileged: ['op*']\n");
    folder.write("muster.yaml", project(&guard));
    git(folder.path(), &["commit", "-qam", "operators are privileged"]);
    let bound = |role: &str| {
        let role = format!("  - {{ role: {role}, group: admins, workspace: main }}\n");
        folder.write("identity.yaml", format!("{FILES}{role}"));
    };
    bound("op");
    let denied = plan(&folder, &["--base", "main"]).status;
    assert_ne!(denied, 0);
    for (roles, role) in [
        ("op: ccs.operator }", "op"),
        ("helper: ccs.operator }", "helper"),
        ("op: ccs.operator, aaa: ccs.operator }", "op"),
    ] {
        folder.write("muster.yaml", project(&guard.replace("op: ccs.operator }", roles)));
        bound(role);
        if role == "helper" {
            let files = folder.read("identity.yaml").replace("role: op,", "role: helper,");
            folder.write("identity.yaml", files);
        }
        let ended = plan(&folder, &["--base", "main"]);
        assert_eq!(ended.status, denied, "{roles}: {}{}", ended.out, ended.err);
    }
}

/// A project of HPE GreenLake's twin in a folder.
pub(super) fn greenlake(files: &str) -> Folder {
    let folder = repository("");
    folder.write("identity.yaml", files);
    folder
}

/// Its files, where another group of the same people holds `op`.
pub(super) fn op_moves() -> String {
    FILES
        .replace("role: op, group: chiefs", "role: op, group: admins")
        .replace("x1@acme.example: {}", "x1@acme.example: { displayName: Boss }")
}
