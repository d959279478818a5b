//! `muster import` of a target with names and values that no file can hold: each is left out by
//! itself, and said.

use super::folder::Folder;

const PROJECT: &str = "organization: acme\n\
    target: { provider: sandbox, seed: live.json }\n\
    sources: [identity]\n\
    manage:\n\
    \x20 users: { domains: [example.com], onRemove: report }\n\
    \x20 groups: { names: ['*'], onRemove: report }\n";

/// A directory in which `odd` stands for one odd thing, among others that are not.
fn folder(users: &str, groups: &str) -> Folder {
    let live = format!(
        r#"{{"users": [{{"userName": "ada@example.com", "title": "Engineer"}}{users}],
            "groups": [{{"displayName": "team", "members": ["ada@example.com"]}}{groups}]}}"#
    );
    Folder::with(&[("muster.yaml", PROJECT), ("live.json", &live)])
}

#[test]
fn an_odd_name_or_value_keeps_nobody_else_out() {
    let cases = [
        (r#", {"userName": "a\nb@example.com"}"#, "", "`user/a\\u{a}b@example.com`: the name"),
        (r#", {"userName": "a\u200bb@example.com"}"#, "", "holds the character U+200B"),
        (
            r#", {"userName": "eve@example.com", "displayName": "a\u0007b"}"#,
            "",
            "`displayName` of `user/eve@example.com`: ",
        ),
        (
            r#", {"userName": "eve@example.com", "name": {"givenName": "E\u202ee"}}"#,
            "",
            "`name` of `user/eve@example.com`: ",
        ),
        (
            "",
            r#", {"displayName": "ops\nteam", "members": ["ada@example.com"]}"#,
            "`group/ops\\u{a}team`: the name",
        ),
        (
            "",
            r#", {"displayName": "<<"}, {"displayName": "ops\tteam"}"#,
            "`group/ops\\u{9}team`: the name",
        ),
        ("", r#", {"displayName": "ｔeam"}"#, "`group/ｔeam`: its name looks like another one's"),
    ];
    for (users, groups, said) in cases {
        let folder = folder(users, groups);
        let ended = folder.muster(&["import"]).run().exits(0);
        assert!(ended.err.contains(said), "{said}\n{}", ended.err);
        let odd = if groups.contains("<<") { 2 } else { 1 };
        assert_eq!(ended.err.matches("\ncannot be declared: ").count(), odd, "{}", ended.err);
        let team = folder.read("identity/groups/team.yaml");
        assert!(team.contains("- ada@example.com") && !team.contains("memberMode"), "{team}");
        assert!(folder.read("identity/users.yaml").contains("title: Engineer"));
        if said.contains("eve@") {
            assert!(folder.read("identity/users.yaml").contains("eve@example.com: {}"));
        }
        folder.muster(&["plan", "--detailed-exitcode"]).run().exits(0);
    }
}

#[test]
fn a_member_who_cannot_be_declared_stays_in_the_group() {
    let folder = folder(
        r#", {"userName": "a\nb@example.com"}"#,
        r#", {"displayName": "mixed", "members": ["ada@example.com", "a\nb@example.com"]}"#,
    );
    folder.muster(&["import"]).run().exits(0);
    assert!(folder.read("identity/groups/mixed.yaml").contains("memberMode: additive"));
    folder.muster(&["plan", "--detailed-exitcode"]).run().exits(0);
}

#[test]
fn nothing_is_written_that_the_next_plan_would_remove_somebody_for() {
    let folder = folder("", r#", {"displayName": "ops\nteam"}"#);
    folder.write(
        "muster.yaml",
        PROJECT.replace("['*'], onRemove: report", "['*'], onRemove: delete"),
    );
    let ended = folder.muster(&["import"]).run().exits(1);
    let ended =
        ended.says("`group/ops\\u{a}team` cannot be declared, and the next plan would remove it");
    assert!(!folder.file("identity").exists());
    // As it is advised.
    ended.says("set `onRemove: report` in `manage.groups`");
    folder.write("muster.yaml", PROJECT);
    folder.muster(&["import"]).run().exits(0);
}
