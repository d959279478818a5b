//! What others do to administrators between the plan and its steps.

use std::sync::Mutex;

use muster::sandbox::greenlake::{Rate, State};
use serde_json::{Value, json};

use super::world::{World, seed};

/// Root and these have the administrators' role in `main`.
fn administered(more: &[&str]) -> Value {
    let mut seed = seed();
    for name in more {
        let user = json!({ "userName": name, "active": true });
        let role = json!({ "workspace": "main", "principal": format!("user:{name}"),
            "role": "ccs.account-admin", "scope": ["workspace"] });
        seed["users"].as_array_mut().unwrap().push(user);
        seed["assignments"].as_array_mut().unwrap().push(role);
    }
    seed
}

const ADA: &str = "ada@example.com";
const RAJ: &str = "raj@example.com";

/// The files keep root and ada, and take the role from raj.
const FILE: &str = "
users: { root@example.com: {}, synced@sync.example.com: {}, ada@example.com: {}, raj@example.com: {} }
groups: { readers: { members: [] } }
bindings:
  - { role: ccs.account-admin, user: root@example.com, workspace: main }
  - { role: ccs.account-admin, user: ada@example.com, workspace: main }
";

/// Applies, after somebody else changed what the twin has. The steps that were not made, and
/// whether raj still has the role.
async fn raced(meanwhile: fn(&mut Value)) -> (Vec<String>, bool) {
    let world = World::with(&administered(&[ADA, RAJ]), "", Rate::Unlimited).await;
    let world = world.project("atLeast: 1", "atLeast: 2");
    let mut state = world.twin.with(|twin| twin.state.export()).await.unwrap();
    meanwhile(&mut state);
    let other = Mutex::new(State::seed(&state, world.time.timestamp()).ok());
    let swap = |world: &World| {
        let other = other.lock().unwrap().take().unwrap();
        futures::executor::block_on(world.twin.with(|twin| twin.state = other)).unwrap();
    };
    let turn = world.turn_with(FILE, &swap).await.unwrap();
    assert_eq!(turn.denied, [] as [String; 0]);
    let held = world.rows("assignments", "ccs.account-admin").await;
    (turn.unmade, held.iter().any(|row| row.to_string().contains(RAJ)))
}

fn rows<'a>(state: &'a mut Value, list: &str) -> &'a mut Vec<Value> {
    state[list].as_array_mut().unwrap()
}

#[tokio::test]
async fn a_role_is_taken_where_enough_administrators_remain() {
    assert_eq!(raced(|_| {}).await, (vec![], false));
}

#[tokio::test]
async fn a_role_is_not_taken_when_others_have_lost_theirs() {
    let ways: [fn(&mut Value); 2] = [
        |state| rows(state, "assignments").retain(|row| !row.to_string().contains(ADA)),
        |state| {
            for user in rows(state, "users").iter_mut().filter(|user| user["userName"] == ADA) {
                user["active"] = json!(false);
                user["status"] = json!("INACTIVE");
            }
        },
    ];
    for way in ways {
        let (unmade, has_role) = raced(way).await;
        assert!(has_role, "{unmade:#?}");
        assert!(unmade.iter().any(|one| one.contains("too few administrators")), "{unmade:#?}");
    }
}
