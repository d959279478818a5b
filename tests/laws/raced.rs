//! What others do between the plan and its steps: each step that takes something away is proved
//! again.

use muster::apply::{Outcome, Receipt};
use muster::guard::approve;
use muster::plan::plan;
use muster::provider::scim::Dialect;
use muster::provider::{Method, Request};
use muster::sandbox::{Fault, Matcher, Sandbox, When};
use serde_json::{Value, json};

use super::cycle::{carry_out, desired, live, verdict};
use super::memory::{answer, now};
use super::simulation::Simulation;
use super::world::{WAIVERS, World};

/// Users `a` to `d`, groups as they are said to be, and what the files declare.
fn world(groups: &[(&str, &[&str])], declared: &str, more: &str) -> World {
    let user = |name: &str| json!({ "id": name, "userName": format!("{name}@example.com"), "active": true });
    let group = |(name, members): &(&str, &[&str])| {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        json!({ "id": name, "displayName": name, "members": members })
    };
    let users: Vec<Value> = ["a", "b", "c", "d"].map(user).into();
    let live = json!({
        "users": users,
        "groups": groups.iter().map(group).collect::<Vec<_>>(),
    });
    let all = "{ remove: \"100%\", update: \"100%\" }";
    let project = format!(
        "organization: raced
target: {{ provider: sandbox }}
manage:
  users: {{ domains: [example.com] }}
  groups: {{ names: [\"*\"], onRemove: delete }}
limits: {{ users: {all}, groups: {all}, memberships: {all} }}
{more}"
    );
    let people = "users: { a@example.com: {}, b@example.com: {}, c@example.com: {}, \
                  d@example.com: {} }\n";
    let files = vec![("people.yaml".to_owned(), format!("{people}{declared}{WAIVERS}"))];
    World { live, project, files }
}

/// Plans, lets somebody else write, and applies.
fn raced(world: &World, meanwhile: impl FnOnce(&mut Sandbox)) -> (Simulation, Outcome) {
    let server = Simulation::new(&world.live, "rfc7644");
    let desired = desired(world);
    let (live, stats) = live(&server, "rfc7644").unwrap();
    let plan = plan(&desired, &live, now());
    assert!(!plan.is_empty());
    let verdict = verdict(&plan, &desired);
    let approved = approve(plan, verdict).map_err(|refusal| refusal.verdict).unwrap();
    server.with(meanwhile);
    let dialect: Dialect = stats.dialect;
    let (_, outcome) = carry_out((&approved, &live), &server, dialect, 2);
    (server, outcome)
}

fn patch(sandbox: &mut Sandbox, path: &[&str], operation: &Value) {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    let body = json!({ "schemas": schemas, "Operations": [operation] });
    let request = Request::new(Method::Patch, path).with_body(body);
    assert!(answer(sandbox, &request, now()).is_ok_and(|answer| answer.status < 300));
}

fn leaves(sandbox: &mut Sandbox, group: &str, user: &str) {
    let path = format!("members[value eq \"{user}\"]");
    patch(sandbox, &["Groups", group], &json!({ "op": "remove", "path": path }));
}

fn joins(sandbox: &mut Sandbox, group: &str, user: &str) {
    let value = json!([{ "value": user }]);
    patch(sandbox, &["Groups", group], &json!({ "op": "add", "path": "members", "value": value }));
}

fn members(server: &Simulation, group: &str) -> Vec<String> {
    let mut members = server.state().member_names(group);
    members.sort();
    members
}

/// The reason why one step was stale.
fn stale(outcome: &Outcome) -> String {
    let causes = outcome.receipts.iter().filter_map(|(_, receipt)| match receipt {
        Receipt::Stale { cause } => Some(cause.clone()),
        _ => None,
    });
    causes.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_group_that_somebody_joined_is_not_deleted() {
    let world = world(&[("old", &["a"]), ("empty", &[])], "", "");
    let (server, outcome) = raced(&world, |sandbox| joins(sandbox, "empty", "d"));
    assert_eq!(members(&server, "empty"), ["d@example.com"]);
    assert!(stale(&outcome).contains("joined `group/empty`"), "{outcome:#?}");
    assert!(server.state().groups().all(|group| group.name() != "old"), "nobody joined it");
}

#[test]
fn a_group_is_not_emptied_that_was_to_keep_somebody() {
    let declared = "groups: { staff: { members: [b@example.com] } }\n";
    let world = world(&[("staff", &["a", "b"])], declared, "");
    let (server, outcome) = raced(&world, |sandbox| leaves(sandbox, "staff", "b"));
    assert_eq!(members(&server, "staff"), ["a@example.com"]);
    assert!(stale(&outcome).contains("would have no members left"), "{outcome:#?}");
    let (server, outcome) = raced(&world, |sandbox| joins(sandbox, "staff", "d"));
    assert!(outcome.is_complete(), "somebody who joined keeps nobody in: {outcome:#?}");
    assert_eq!(members(&server, "staff"), ["b@example.com", "d@example.com"]);
}

const ADMINISTRATORS: &str = "administrators: { groups: [\"admins*\"], atLeast: 2 }\n";

#[test]
fn administrators_are_counted_again_before_one_is_taken_away() {
    let declared = "groups: { admins: { members: [b@example.com, c@example.com] } }\n";
    let world = world(&[("admins", &["a", "b", "c"])], declared, ADMINISTRATORS);
    let off = json!({ "op": "replace", "path": "active", "value": false });
    let ways: [&dyn Fn(&mut Sandbox); 4] = [
        &|sandbox| leaves(sandbox, "admins", "b"),
        &|sandbox| patch(sandbox, &["Users", "c"], &off),
        &|sandbox| patch(sandbox, &["Users", "c"], &json!({ "op": "remove", "path": "active" })),
        &|sandbox| {
            let name = json!({ "op": "replace", "path": "displayName", "value": "staff" });
            patch(sandbox, &["Groups", "admins"], &name);
        },
    ];
    for (at, way) in ways.iter().enumerate() {
        let (server, outcome) = raced(&world, |sandbox| way(sandbox));
        let group = if at == 3 { "staff" } else { "admins" };
        assert!(members(&server, group).contains(&"a@example.com".to_owned()), "{at}");
        assert!(stale(&outcome).contains("too few administrators"), "{at}: {outcome:#?}");
    }
    let (server, outcome) = raced(&world, |sandbox| joins(sandbox, "admins", "d"));
    assert!(!members(&server, "admins").contains(&"a@example.com".to_owned()), "{outcome:#?}");
}

#[test]
fn a_removal_that_would_leave_too_few_stops_all_that_follow() {
    let declared = "groups: { admins1: { members: [c@example.com] }, admins2: { members: \
                    [d@example.com] } }\n";
    let groups: [(&str, &[&str]); 2] = [("admins1", &["a", "c"]), ("admins2", &["b", "d"])];
    let world = world(&groups, declared, ADMINISTRATORS);
    let (server, outcome) = raced(&world, |sandbox| leaves(sandbox, "admins2", "d"));
    let left: usize =
        ["admins1", "admins2"].map(|group| members(&server, group).len()).iter().sum();
    assert_eq!(left, 2, "one of `a` and `b` is gone, and no other: {outcome:#?}");
    let off = json!({ "op": "replace", "path": "active", "value": false });
    let (server, outcome) = raced(&world, |sandbox| {
        ["c", "d"].iter().for_each(|user| patch(sandbox, &["Users", user], &off));
    });
    assert_eq!(server.writes().len(), 0, "{outcome:#?}");
    let skipped = |receipt: &Receipt| matches!(receipt, Receipt::Skipped { .. });
    assert!(outcome.receipts.iter().any(|(_, receipt)| skipped(receipt)), "{outcome:#?}");
}

#[test]
fn what_cannot_be_counted_is_not_taken_away() {
    let declared = "groups: { admins: { members: [b@example.com, c@example.com] } }\n";
    let world = world(&[("admins", &["a", "b", "c"])], declared, ADMINISTRATORS);
    let (server, outcome) = raced(&world, |sandbox| {
        let fault = Fault::Status { code: 500, retry_after: None };
        sandbox.faults.push(Matcher::new("GET", "/Users/c", When::From(1)), fault, None);
    });
    assert_eq!(server.writes().len(), 0, "{outcome:#?}");
    let failed = |receipt: &Receipt| match receipt {
        Receipt::Failed { cause } => cause.contains("could not be proved again"),
        _ => false,
    };
    assert!(outcome.receipts.iter().any(|(_, receipt)| failed(receipt)), "{outcome:#?}");
}

#[test]
fn an_account_of_which_nothing_is_shown_is_no_administrator() {
    let declared = "groups: { admins: { members: [b@example.com, c@example.com] } }\n";
    let mut world = world(&[("admins", &["a", "b", "c"])], declared, ADMINISTRATORS);
    world.live["users"][2].as_object_mut().unwrap().remove("active");
    let server = Simulation::new(&world.live, "rfc7644");
    let desired = desired(&world);
    let (live, _) = live(&server, "rfc7644").unwrap();
    let plan = plan(&desired, &live, now());
    let verdict = verdict(&plan, &desired);
    assert!(approve(plan, verdict).is_err(), "`c` may be switched off");
}

#[test]
fn an_administrator_loses_the_group_before_the_account_is_switched_off() {
    let people = "users: { a@example.com: { active: false }, b@example.com: {}, c@example.com: {}, \
                  d@example.com: {} }\n";
    let mut world =
        world(&[("admins", &["a", "b", "c"]), ("staff", &["a", "d"])], "", ADMINISTRATORS);
    let declared = "groups: { admins: { members: [b@example.com, c@example.com] }, staff: { \
                    members: [a@example.com, d@example.com] } }\n";
    world.files = vec![("people.yaml".to_owned(), format!("{people}{declared}{WAIVERS}"))];
    let (server, outcome) = raced(&world, |_| {});
    assert!(outcome.is_complete(), "{outcome:#?}");
    let writes = server.writes();
    assert!(writes[0].contains("/Groups/admins"), "{writes:?}");
    assert!(writes[1].contains("/Users/a"), "{writes:?}");
}
