//! Every read of a run against HPE GreenLake's twin, failed in every way: no role, member or account
//! is taken away that the run without the failure does not take.

use std::collections::BTreeSet;

use muster::sandbox::greenlake::Rate;
use serde_json::Value;

use super::seeds::share;
use super::world::{FILE, World};

/// The faults, in the words of the sandbox.
const FAULTS: [&str; 11] = [
    "401",
    "403",
    "404",
    "500",
    "html",
    "empty",
    "truncated",
    "lost",
    "total:-1",
    "drop:1",
    "hide:1",
];

/// Ada leaves, and a group loses a member and a role.
fn fewer() -> String {
    FILE.replace(
        "members: [ada@example.com, raj@example.com, synced",
        "members: [raj@example.com, synced",
    )
    .replace("  - { role: com-admin, group: com-admins, workspace: prod }\n", "")
    .replace("  - { role: ccs.observer, user: raj@example.com, workspace: tenant-a }\n", "")
}

/// Accounts, members and roles, each as a line.
fn things(organization: &Value) -> BTreeSet<String> {
    let rows = |list: &str| organization[list].as_array().cloned().unwrap_or_default();
    let mut things = BTreeSet::new();
    things.extend(rows("users").iter().map(|user| user["userName"].to_string()));
    for group in rows("groups") {
        let members = group["members"].as_array().cloned().unwrap_or_default();
        things.extend(members.iter().map(|member| format!("{member} of {}", group["displayName"])));
        things.insert(group["displayName"].to_string());
    }
    for role in rows("assignments") {
        things.insert(format!("{} {} {}", role["principal"], role["role"], role["workspace"]));
    }
    things
}

/// A world in which [`FILE`] is applied, and these reads then fail.
async fn world(faults: &str) -> World {
    let world = World::with(&super::world::seed(), "", Rate::Unlimited).await;
    world.turn(FILE).await.unwrap().is_done();
    world.fails(faults).await;
    world
}

#[tokio::test]
async fn every_read_may_fail_in_every_way() {
    let smooth = world("").await;
    let before = things(&smooth.organization().await);
    let turn = smooth.turn(&fewer()).await.unwrap();
    turn.is_done();
    let after = things(&smooth.organization().await);
    let meant: BTreeSet<&String> = before.difference(&after).collect();
    assert!(meant.len() >= 3, "{meant:?}");
    let mut tried = 0_usize;
    for fault in FAULTS {
        for nth in 1..=2 * turn.reads.reads {
            for times in ["*1", ""] {
                tried += 1;
                // One in four; where time is short, one in eighty.
                if tried % 80 >= share(20) {
                    continue;
                }
                let rough = world(&format!("GET /#{nth}+{times}={fault}")).await;
                let ended = rough.turn(&fewer()).await;
                rough.fails("").await;
                let left = things(&rough.organization().await);
                let more: Vec<_> =
                    before.difference(&left).filter(|one| !meant.contains(one)).collect();
                assert!(more.is_empty(), "{fault} at {nth}{times}: {more:?} {ended:#?}");
            }
        }
    }
}
