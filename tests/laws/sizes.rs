//! What the rules are told grows with what is declared, never with its square.

use muster::config::{SourceText, parse};
use muster::guard::input::{Asked, Document};
use muster::plan::plan;
use serde_json::{Value, json};

use super::PROFILE;
use super::cycle::live;
use super::memory::now;
use super::simulation::Simulation;

/// What the rules are told of a plan that makes so many groups of the same two members, and so
/// many others of two members each.
fn told(equal: usize, others: usize) -> Value {
    let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
    let project = "organization: acme\ntarget: { provider: sandbox }\n\
                   manage: { users: { domains: [x.org] }, groups: { names: ['*'] } }\n";
    let mut files = String::from("users: { a@x.org: {}, b@x.org: {}, c@x.org: {} }\ngroups:\n");
    for n in 0..equal {
        files += &format!("  same-{n:04}: {{ members: [a@x.org, b@x.org] }}\n");
    }
    for n in 0..others {
        files += &format!("  other-{n:04}: {{ members: [b@x.org, c@x.org] }}\n");
    }
    let files = [text("a.yaml", &files)];
    let (desired, _) = parse(&text("muster.yaml", project), &files, 1).unwrap();
    let server = Simulation::new(&json!({ "users": [], "groups": [] }), PROFILE);
    let plan = plan(&desired, &live(&server, PROFILE).unwrap().0, now());
    let document = Document::planned(&plan, &desired, &Asked::default()).unwrap();
    serde_json::to_value(document.header()).unwrap()
}

#[test]
fn groups_with_equal_members_are_told_of_in_proportion() {
    let [small, large] = [200, 400].map(|count| told(count, count).to_string().len());
    assert!(large < small * 9 / 4, "{small} bytes for 200 and 200 groups, {large} for twice that");
}

#[test]
fn a_set_of_equal_groups_is_whole_once_and_bounded_everywhere() {
    let groups = &told(50, 3)["groups"];
    let first = &groups["same-0000"];
    assert_eq!(first["sameMembers"].as_array().map(Vec::len), Some(20));
    assert_eq!(first["sameMembersCount"], 49);
    assert_eq!(first["alsoMade"].as_array().map(Vec::len), Some(49));
    let last = &groups["same-0049"];
    assert_eq!(last["sameMembers"][19], "same-0019");
    assert_eq!((&last["sameMembersCount"], &last["alsoMade"]), (&json!(49), &Value::Null));
    let other = &groups["other-0001"];
    assert_eq!(other["sameMembers"], json!(["other-0000", "other-0002"]));
    let alone = &told(1, 0)["groups"]["same-0000"];
    assert_eq!(
        [&alone["sameMembers"], &alone["sameMembersCount"], &alone["alsoMade"]],
        [&json!([]), &json!(0), &json!([])]
    );
}
