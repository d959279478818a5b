//! Every read of a run, failed in every way: nothing is taken away that the run without the failure
//! does not take, and where reads go on failing, nothing at all.

use std::collections::{BTreeMap, BTreeSet};

use muster::sandbox::{Fault, Matcher, When};
use serde_json::{Value, json};

use super::cycle::{Turn, turn_of};
use super::simulation::{Simulation, picture};
use super::world::World;
use super::{PROFILE, share};

/// Ways in which no answer to a read is one.
fn broken() -> [Fault; 7] {
    let status = |code| Fault::Status { code, retry_after: None };
    [
        status(401),
        status(403),
        status(500),
        Fault::Html,
        Fault::Empty,
        Fault::Truncated,
        Fault::Lost,
    ]
}

/// Ways in which an answer tells less than there is: of one object, 404 says that it is gone.
fn lying() -> [Fault; 4] {
    let gone = Fault::Status { code: 404, retry_after: None };
    [gone, Fault::Total(-1), Fault::Drop(1), Fault::Hide(1)]
}

const PROJECT: &str = "organization: acme\n\
    target: { provider: scim, url: 'https://scim.example.com' }\n\
    manage: { users: { domains: ['*'], onRemove: REMOVE }, groups: { names: ['*'], onRemove: delete } }\n\
    administrators: { groups: [admins], atLeast: 1 }\n\
    limits:\n\
    \x20 users: { remove: '100%', update: '100%' }\n\
    \x20 groups: { remove: '100%', update: '100%' }\n\
    \x20 memberships: { remove: '100%', update: '100%' }\n";

const PEOPLE: [&str; 6] = ["ada", "bob", "cy", "dee", "eve", "fay"];

fn world(on_remove: &str, stay: &[&str], groups: &[(&str, &[&str])]) -> World {
    let name = |one: &&str| format!("{one}@example.com");
    let users = PEOPLE.iter().map(|one| json!({ "userName": name(one), "active": true }));
    let all: Vec<String> = PEOPLE.iter().map(name).collect();
    let live = json!({
        "users": users.collect::<Vec<Value>>(),
        "groups": [
            { "displayName": "admins", "members": &all[..3] },
            { "displayName": "staff", "members": all },
            { "displayName": "old", "members": &all[3..] },
            { "displayName": "spare", "members": [] },
        ],
    });
    let users: String = stay.iter().map(|one| format!("  {}: {{}}\n", name(one))).collect();
    let groups: String = groups
        .iter()
        .map(|(group, members)| {
            let members: Vec<String> = members.iter().map(name).collect();
            format!("  {group}: {{ members: [{}] }}\n", members.join(", "))
        })
        .collect();
    let file = format!("users:\n{users}groups:\n{groups}");
    let project = PROJECT.replace("REMOVE", on_remove);
    World { live, project, files: vec![("identity.yaml".to_owned(), file)] }
}

/// People leave, an administrator among them; members leave groups, and a group goes; people are
/// switched off while others come.
fn workloads() -> [World; 3] {
    let some: &[&str] = &["ada", "bob", "dee", "eve"];
    [
        world(
            "delete",
            some,
            &[("admins", &["ada", "bob"]), ("staff", some), ("old", &["dee", "eve"])],
        ),
        world(
            "delete",
            &PEOPLE,
            &[
                ("admins", &["bob", "cy"]),
                ("staff", &["ada", "bob", "cy"]),
                ("old", &["dee", "eve"]),
            ],
        ),
        world(
            "deactivate",
            &["ada", "bob", "cy", "dee", "new"],
            &[
                ("admins", &["ada", "new"]),
                ("staff", &["ada", "bob", "cy", "new"]),
                ("old", &["dee", "new"]),
            ],
        ),
    ]
}

type Picture = BTreeMap<String, Value>;

/// The things that are there before and not after: objects, members, and accounts that can be used.
fn taken(before: &Picture, after: &Picture) -> BTreeSet<String> {
    let mut taken = BTreeSet::new();
    for (name, was) in before {
        let Some(is) = after.get(name) else {
            taken.insert(name.clone());
            continue;
        };
        let members = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let left = members(is);
        let gone = members(was).into_iter().filter(|member| !left.contains(member));
        taken.extend(gone.map(|member| format!("{member} of {name}")));
        if was["active"] == json!(true) && is["active"] != json!(true) {
            taken.insert(format!("the use of {name}"));
        }
    }
    taken
}

fn server(world: &World) -> Simulation {
    let server = Simulation::new(&world.live, PROFILE);
    server.with(|sandbox| sandbox.personality.paging.cap = Some(4));
    server
}

/// Fails reads from the `nth` on, so many times; gives what was taken, and what was taken after
/// that read.
fn failed(world: &World, fault: &Fault, nth: u64, times: Option<u32>) -> [BTreeSet<String>; 2] {
    let server = server(world);
    let before = server.picture();
    server.with(|sandbox| {
        sandbox.faults.push(Matcher::new("GET", "/", When::From(nth)), fault.clone(), times);
    });
    server.pictured_at(nth);
    let _: Turn = turn_of(world, &server, PROFILE, 1);
    let after = server.picture();
    let then = server.then().map_or_else(|| after.clone(), |state| picture(&state));
    [taken(&before, &after), taken(&then, &after)]
}

#[test]
fn law_09_every_read_may_fail_in_every_way() {
    let mut tried = 0_usize;
    for (at, world) in workloads().iter().enumerate() {
        let smooth = server(world);
        let before = smooth.picture();
        assert!(matches!(turn_of(world, &smooth, PROFILE, 1), Turn::Applied(..)), "{at}");
        let meant = taken(&before, &smooth.picture());
        assert!(meant.len() >= 4, "{meant:?}");
        let reads = smooth.reads() as u64;
        for fault in broken().iter().chain(&lying()) {
            for nth in 1..=reads {
                for times in [Some(1), None] {
                    tried += 1;
                    // One in twenty where time is short.
                    if tried % 20 >= share(20) {
                        continue;
                    }
                    let [all, later] = failed(world, fault, nth, times);
                    let more: Vec<_> = all.difference(&meant).collect();
                    assert!(more.is_empty(), "{at} {fault:?} at {nth} {times:?}: {more:?}");
                    let goes_on = times.is_none() && broken().contains(fault);
                    assert!(!goes_on || later.is_empty(), "{at} {fault:?} at {nth}: {later:?}");
                }
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
}
