//! HPE GreenLake, spoken to over real HTTP: the twin answers, and what it holds afterwards is
//! looked at without our client.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "a test writes its project and runs the program")]

mod clocks;
mod every_read;
mod program;
mod raced;
mod tokens;
mod troubles;
mod words;
mod world;

use super::support::seeds;

use serde_json::json;

use world::{FILE, RECOVERY, World, seed};

#[tokio::test]
async fn what_is_declared_is_there_and_the_second_plan_is_empty() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let group = &world.rows("groups", "\"com-admins\"").await[0];
    assert_eq!(group["description"], "Compute Ops Management administrators");
    let members = ["ada@example.com", "raj@example.com", "synced@sync.example.com"];
    assert_eq!(group["members"], json!(members));
    let ada = &world.rows("users", "ada@example.com").await[0];
    assert_eq!((&ada["countryCode"], &ada["posix"]["uid"]), (&json!("GB"), &json!(1000)));
    let roles = world.rows("assignments", "com-admins").await;
    assert_eq!(roles.len(), 2, "{roles:#?}");
    assert_eq!(world.rows("assignments", "tenant-a").await.len(), 1);
    let second = world.turn(FILE).await.unwrap();
    second.is_empty();
    // Users, groups, three groups' members, three workspaces, and the two lists of names of each
    // workspace that has a role for a group.
    assert_eq!(second.reads.reads, 1 + 1 + 3 + 3 + 2 + 2, "{:?}", second.reads);
}

#[tokio::test]
async fn every_sort_of_change_is_made() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let changed = FILE
        .replace("description: Compute Ops Management administrators", "description: The fleet")
        .replace("familyName: Lovelace", "familyName: King")
        .replace("countryCode: IN", "countryCode: US")
        .replace("uid: 1000", "uid: 2000")
        .replace("scope: [racks, tenant-group/both]", "scope: [racks]")
        .replace("  readers: {", "  viewers: { previously: [readers],")
        .replace("group: readers", "group: viewers")
        .replace("members: [ada@example.com, raj@example.com,", "members: [ada@example.com,");
    let turn = world.turn(&changed).await.unwrap();
    turn.is_done();
    let ada = &world.rows("users", "ada@example.com").await[0];
    assert_eq!((&ada["name"]["familyName"], &ada["posix"]["uid"]), (&json!("King"), &json!(2000)));
    assert_eq!(world.rows("users", "raj@example.com").await[0]["countryCode"], "US");
    let group = &world.rows("groups", "\"com-admins\"").await[0];
    assert_eq!(group["members"], json!(["ada@example.com", "synced@sync.example.com"]));
    assert_eq!(group["description"], "The fleet");
    assert_eq!(world.rows("assignments", "viewers").await.len(), 1);
    let roles = world.rows("assignments", "com-admins").await;
    let on_main = roles.iter().find(|role| role["workspace"] == "main").unwrap();
    let scopes = on_main["scope"].to_string();
    assert!(scopes.contains("scope-groups") && !scopes.contains("tenant-groups"), "{scopes}");
    world.turn(&changed).await.unwrap().is_empty();
}

#[tokio::test]
async fn a_leaver_loses_every_role_in_every_workspace() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let raj = "  raj@example.com: { name: { givenName: Raj, familyName: Rao }, countryCode: IN }\n";
    let without = FILE
        .replace("  - { role: ccs.observer, user: raj@example.com, workspace: tenant-a }\n", "")
        .replace(raj, "")
        .replace("ada@example.com, raj@example.com, ", "ada@example.com, ")
        .replace(
            "members: [raj@example.com, synced@sync.example.com]",
            "members: [synced@sync.example.com]",
        );
    assert!(!without.contains("raj@"));
    world.turn(&without).await.unwrap().is_done();
    assert!(!world.organization().await.to_string().contains("raj@"));
    world.turn(&without).await.unwrap().is_empty();
}

#[tokio::test]
async fn what_others_lead_is_never_written() {
    let world = World::new().await;
    let before = world.organization().await;
    // Nobody declares the guest, the integration's user and group, the API client's role.
    let turn = world.turn(FILE).await.unwrap();
    turn.is_done();
    for (address, why) in [
        ("user/guest@other.example.net", "the organization"),
        ("group/synced", "the SCIM integration"),
        ("binding/user/guest@other.example.net/ccs.observer/main", "projected here"),
        ("binding/api-client/", "API client"),
    ] {
        let is_said = |line: &&String| line.starts_with(address) && line.contains(why);
        assert!(turn.unmanaged.iter().any(|line| is_said(&line)), "{address}: {turn:#?}");
    }
    let after = world.organization().await;
    for list in ["users", "groups", "assignments"] {
        for row in before[list].as_array().unwrap() {
            assert!(after[list].as_array().unwrap().contains(row), "{row}");
        }
    }
    // Declared all the same, it is refused in words.
    let wanted = format!(
        "{FILE}
  - {{ role: ccs.observer, user: guest@other.example.net, workspace: main, scope: [racks] }}
"
    )
    .replace(
        "  synced@sync.example.com: {}",
        "  synced@sync.example.com: { displayName: Else }\n  guest@other.example.net: {}",
    )
    .replace("groups:\n", "groups:\n  synced: { members: [ada@example.com] }\n");
    let turn = world.turn(&wanted).await.unwrap();
    assert!(turn.changes.is_empty(), "{turn:#?}");
    for words in ["user/synced@sync.example.com", "binding/user/guest", "group/synced"] {
        let is_said = |line: &&String| line.contains(words) && line.contains("managed by");
        assert!(turn.said.iter().any(|line| is_said(&line)), "{words}: {turn:#?}");
    }
    assert_eq!(world.organization().await, after);
}

#[tokio::test]
async fn nobody_else_creates_users_where_an_integration_does() {
    let world = World::new().await;
    let wanted = FILE.replace(
        "groups:\n",
        "  new@sync.example.com: { name: { givenName: N, familyName: W }, countryCode: GB }\ngroups:\n",
    );
    let turn = world.turn(&wanted).await.unwrap();
    assert!(turn.denied.iter().any(|line| line.contains("the SCIM integration")), "{turn:#?}");
}

#[tokio::test]
async fn muster_and_the_way_back_in_are_kept() {
    let world = World::new().await;
    let nobody = "users: {}\ngroups: {}\n";
    let turn = world.turn(nobody).await.unwrap();
    let text = world.organization().await.to_string();
    assert!(text.contains("root@example.com") && text.contains(RECOVERY), "{turn:#?}");
    assert!(world.rows("assignments", "root@example.com").await.len() == 1, "{turn:#?}");
    let is_own = |line: &&String| line.contains("root@example.com") && line.contains("runs muster");
    assert_eq!(turn.unmanaged.iter().filter(is_own).count(), 2, "{turn:#?}");
}

#[tokio::test]
async fn an_object_that_changed_hands_after_the_plan_is_left_alone() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let changed = FILE.replace("familyName: Lovelace", "familyName: King");
    let mut state = world.twin.with(|twin| twin.state.export()).await.unwrap();
    for user in state["users"].as_array_mut().unwrap() {
        if user["userName"] == "ada@example.com" {
            user["source"] = json!("SCIM");
        }
    }
    let now = world.time.timestamp();
    let other = muster::sandbox::greenlake::State::seed(&state, now).unwrap();
    let slot = std::sync::Mutex::new(Some(other));
    let turn = world
        .turn_with(&changed, &|world| {
            let other = slot.lock().unwrap().take().unwrap();
            futures::executor::block_on(world.twin.with(|twin| twin.state = other)).unwrap();
        })
        .await
        .unwrap();
    assert_eq!(turn.unmade.len(), 1, "{turn:#?}");
    assert!(turn.unmade[0].contains("is managed by the SCIM integration"), "{turn:#?}");
    assert_eq!(world.rows("users", "Lovelace").await.len(), 1);
}

#[tokio::test]
async fn the_largest_organization_is_read_in_as_few_requests_as_there_are() {
    let mut large = seed();
    let users: Vec<_> =
        (0..5_496).map(|n| json!({"userName": format!("u{n:04}@example.com")})).collect();
    large["users"].as_array_mut().unwrap().extend(users);
    let groups: Vec<_> = (0..199)
        .map(|group| {
            let members: Vec<_> =
                (0..27).map(|n| format!("u{:04}@example.com", (group * 27 + n) % 5_496)).collect();
            json!({"displayName": format!("g{group}"), "members": members})
        })
        .collect();
    large["groups"].as_array_mut().unwrap().extend(groups);
    let world = World::with(&large, "", muster::sandbox::greenlake::Rate::Unlimited).await;
    let desired = world.desired("users: {}\n");
    let session = world.open(&desired).await;
    session.read().await.map(drop).unwrap();
    // And one page of role assignments in each of three workspaces.
    assert_eq!(session.requests_made().reads, 28 + 1 + 200 + 3);
    session.close().await;
}
