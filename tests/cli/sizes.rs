//! What muster says grows with what is declared, never with its square.

use serde_json::Value;

use super::folder::Folder;

const PROJECT: &str = "organization: acme\n\
    target: { provider: sandbox, state: state.json }\n\
    manage:\n\
    \x20 users: { domains: [acme.example] }\n\
    \x20 groups: { names: ['*'] }\n";

/// A project of so many new groups, all with the same two members.
fn equal_groups(count: usize) -> Folder {
    let folder = Folder::with(&[("muster.yaml", PROJECT)]);
    let mut files =
        String::from("users: { ada@acme.example: {}, bob@acme.example: {} }\ngroups:\n");
    for n in 0..count {
        files += &format!("  team-{n:04}: {{ members: [ada@acme.example, bob@acme.example] }}\n");
    }
    folder.write("teams.yaml", files);
    folder
}

/// The findings of `duplicate-group`, and how many bytes each format of the plan has.
fn planned(count: usize) -> (Vec<Value>, [usize; 3]) {
    let folder = equal_groups(count);
    let said = |format: &str| folder.muster(&["plan", "--format", format]).run();
    let json = said("json");
    let document = json.json();
    let findings = document["verdict"]["findings"].as_array().unwrap();
    let found = findings.iter().filter(|one| one["id"] == "duplicate-group").cloned().collect();
    let sizes = [&json, &said("text"), &said("markdown")].map(|ended| ended.out.len());
    (found, sizes)
}

#[test]
fn equal_groups_are_one_finding_and_twice_as_many_take_twice_the_text() {
    let (found, small) = planned(150);
    assert_eq!(found.len(), 1, "{found:?}");
    let message = found[0]["message"].as_str().unwrap();
    let begins = "`group/team-0000` is made with exactly the members of `group/team-0001`, ";
    let ends = "`group/team-0010` and 139 more";
    assert!(message.starts_with(begins) && message.ends_with(ends), "{message}");
    let addresses = found[0]["addresses"].as_array().unwrap();
    assert_eq!(addresses.len(), 150, "every group is named once");
    let (_, large) = planned(300);
    for (small, large) in small.into_iter().zip(large) {
        assert!(large < small * 9 / 4, "{small} bytes for 150 groups, {large} for 300");
    }
}

#[test]
fn many_findings_of_one_rule_are_bounded_for_readers_and_whole_in_json() {
    let folder = equal_groups(60);
    let bindings: String = (0..60)
        .map(|n| format!("  - {{ role: viewer, group: team-{n:04}, reason: reads }}\n"))
        .collect();
    folder.write("bindings.yaml", format!("bindings:\n{bindings}"));
    let json = folder.muster(&["check", "--format", "json"]).run().json();
    let findings = json["verdict"]["findings"].as_array().unwrap();
    let of_rule = findings.iter().filter(|one| one["id"] == "group-owner").count();
    assert_eq!(of_rule, 60, "{json}");
    let text = folder.muster(&["check"]).run().out;
    assert_eq!(text.matches("[group-owner]").count(), 26, "{text}");
    assert!(
        text.contains("[group-owner]: 35 more findings of this rule; `--format json` lists all")
    );
}

#[test]
fn a_directory_is_filled_with_one_write_an_object() {
    let folder = Folder::with(&[("muster.yaml", PROJECT)]);
    let mut files = String::from("users:\n");
    for n in 0..120 {
        files += &format!("  user{n:03}@acme.example: {{ title: Engineer }}\n");
    }
    files += "groups:\n";
    for group in 0..12 {
        let members: Vec<String> =
            (0..120).skip(group).step_by(12).map(|n| format!("user{n:03}@acme.example")).collect();
        files += &format!("  team-{group:02}: {{ members: [{}] }}\n", members.join(", "));
    }
    folder.write("people.yaml", files);
    let planned = folder.muster(&["plan", "--format", "json"]).run().json();
    // Each object once, and each group looked at.
    assert_eq!(planned["cost"]["requests"], 120 + 12 + 12, "{}", planned["cost"]);
    let applied = folder.muster(&["apply", "--yes"]).run().exits(0);
    applied.shows("132 writes made");
    folder.muster(&["plan", "--detailed-exitcode"]).run().exits(0);
}
