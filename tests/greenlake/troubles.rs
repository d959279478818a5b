//! What goes wrong on the way: lost answers, storms, answers that say too little, tokens.

use std::time::Duration;

use muster::provider::scim::ReadErrorKind;
use muster::sandbox::greenlake::Rate;

use super::world::{FILE, World, seed};

#[tokio::test]
async fn answers_that_are_lost_do_no_harm() {
    // Every third write is done, and its answer lost; whatever that leaves open, the next run
    // goes on.
    for fault in ["lost", "late:503", "late:202", "late:204"] {
        let rules = ["POST", "PATCH", "PUT", "DELETE"].map(|method| {
            let paths = ["/identity", "/authorization/v1beta1"];
            paths.map(|path| format!("{method} {path}%35@7={fault}")).join(";")
        });
        let world = World::faulty(&rules.join(";")).await;
        let first = world.turn(FILE).await.unwrap();
        assert_eq!(first.halted, None);
        if !first.unmade.is_empty() {
            panic!("{fault}: {first:#?}");
        }
        world.turn(FILE).await.unwrap().is_empty();
        assert_eq!(world.rows("assignments", "com-admins").await.len(), 2);
    }
}

#[tokio::test]
async fn ids_change_their_form_from_answer_to_answer() {
    for fault in ["alternating-ids", "bare-principals", "bare-schemas"] {
        let world = World::faulty(&format!("/={fault}")).await;
        let first = world.turn(FILE).await.unwrap();
        assert!(first.unmade.is_empty(), "{fault}: {first:#?}");
        world.turn(FILE).await.unwrap().is_empty();
        let changed = FILE
            .replace("scope: [racks, tenant-group/both]", "scope: [racks]")
            .replace("familyName: Lovelace", "familyName: King")
            .replace("members: [ada@example.com, raj@example.com,", "members: [ada@example.com,");
        world.turn(&changed).await.unwrap().is_done();
        world.turn(&changed).await.unwrap().is_empty();
    }
}

#[tokio::test]
async fn replicas_that_lag_are_waited_for() {
    let world = World::new().await;
    let turn = world
        .turn_with(FILE, &|world| {
            let rules = "GET /identity*6=stale:2;GET /authorization/v1beta1*6=stale:2";
            futures::executor::block_on(world.fails(rules));
        })
        .await
        .unwrap();
    turn.is_done();
    world.fails("").await;
    world.turn(FILE).await.unwrap().is_empty();
}

#[tokio::test]
async fn a_storm_of_429_is_sat_out() {
    let rate = Rate::Every { requests: 10, seconds: 1 };
    let world = World::with(&seed(), "", rate).await;
    world.turn(FILE).await.unwrap().is_done();
    world.turn(FILE).await.unwrap().is_empty();
}

#[tokio::test]
async fn reads_that_go_on_for_twenty_minutes_cross_the_end_of_a_token() {
    let world = World::new().await;
    let desired = world.desired(FILE);
    let session = world.open(&desired).await;
    while world.time.seconds() < 20 * 60 {
        session.read().await.map(drop).unwrap();
        world.time.pass(61_000);
    }
    session.close().await;
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let world = World::new().await;
    let desired = world.desired(FILE);
    let session = world.open(&desired).await;
    session.read().await.map(drop).unwrap();
    world.fails("GET /identity#1=401;GET /authorization/v1beta1#1=401").await;
    session.read().await.map(drop).unwrap();
    world.fails("/identity=401").await;
    let error = session.read().await.map(drop).unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::Unauthorized);
    session.close().await;
}

#[tokio::test]
async fn a_credential_that_is_refused_in_mid_apply_stops_all_writing() {
    let world = World::new().await;
    let turn = world
        .turn_with(FILE, &|world| {
            futures::executor::block_on(world.fails("/identity#6+=401"));
        })
        .await
        .unwrap();
    assert!(turn.halted.as_deref().unwrap().contains("credential was refused"), "{turn:#?}");
    world.fails("").await;
    world.turn(FILE).await.unwrap().is_done();
    world.turn(FILE).await.unwrap().is_empty();
}

#[tokio::test]
async fn a_token_endpoint_in_trouble_is_told_and_nothing_is_written() {
    for (fault, words) in [
        ("401", "401"),
        ("503", "503"),
        ("html", "access_token"),
        ("empty", "access_token"),
        ("wrong-workspace", "another workspace"),
    ] {
        let world = World::faulty(&format!("POST /authorization/v2/oauth2={fault}")).await;
        let before = world.organization().await;
        let error = world.turn(FILE).await.map(|turn| format!("{turn:?}")).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::Unauthorized, "{fault}: {error}");
        let shown = error.to_string();
        assert!(shown.contains(words) && shown.contains("workspace `"), "{fault}: {shown}");
        assert!(!shown.contains("s-main") && !shown.contains("s-prod"), "{shown}");
        assert_eq!(world.organization().await, before);
    }
}

#[tokio::test]
async fn a_token_endpoint_that_answers_late_is_asked_again_and_then_told() {
    let late = "POST /authorization/v2/oauth2*2=slow:5000";
    let world = World::faulty(late).await.impatient(Duration::from_millis(300));
    world.turn(FILE).await.unwrap().is_done();
    world.fails("POST /authorization/v2/oauth2=slow:5000").await;
    let before = world.organization().await;
    let error = world.turn("users: {}\n").await.map(|turn| format!("{turn:?}")).unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::Unauthorized, "{error}");
    let shown = error.to_string();
    assert!(shown.contains("did not answer in time") && shown.contains("workspace `"), "{shown}");
    assert_eq!(world.organization().await, before);
}

#[tokio::test]
async fn a_precondition_that_is_not_met_is_explained_and_nothing_else_is_lost() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let more = format!(
        "{FILE}  - {{ role: ccs.operator, group: readers, workspace: prod }}
  - {{ role: ccs.operator, group: readers, workspace: main }}
"
    );
    world.fails("POST /authorization/v1beta1/role-assignments#1=412").await;
    let turn = world.turn(&more).await.unwrap();
    assert_eq!((turn.changes.len(), turn.unmade.len()), (2, 1), "{turn:#?}");
    assert!(turn.unmade[0].contains("found a precondition not met"), "{turn:#?}");
    assert_eq!(turn.halted, None);
    assert_eq!(world.rows("assignments", "ccs.operator").await.len(), 1);
    world.turn(&more).await.unwrap().is_done();
    world.turn(&more).await.unwrap().is_empty();
}

#[tokio::test]
async fn a_body_that_says_when_to_ask_again_is_heeded() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let more = format!("{FILE}  - {{ role: ccs.operator, group: readers, workspace: prod }}\n");
    // A second is waited for, by reads and by writes whose outcome is unknown.
    world.fails("GET /authorization/v1beta1#2=503:1;POST /authorization/v1beta1#1=503:1").await;
    world.turn(&more).await.unwrap().is_done();
    assert_eq!(world.rows("assignments", "ccs.operator").await.len(), 1);
    // An hour is not: only the body says so, and nobody asks again.
    let asked = |twin: &mut muster::sandbox::greenlake::GreenLake| twin.counters.refused;
    let before = world.twin.with(asked).await.unwrap();
    world.fails("GET /authorization/v1beta1=503:3600").await;
    let error = world.turn(FILE).await.map(|turn| format!("{turn:?}")).unwrap_err();
    assert!(error.to_string().contains("503"), "{error}");
    let refused = world.twin.with(asked).await.unwrap() - before;
    assert!((1..=3).contains(&refused), "{refused}: one for each workspace at most");
}

#[tokio::test]
async fn nothing_is_taken_while_nobody_says_who_is_an_administrator() {
    let administrators = "administrators: { roles: [ccs.account-admin], atLeast: 1 }\n";
    let world = World::new().await.project(administrators, "");
    world.turn(FILE).await.unwrap().is_done();
    let before = world.organization().await;
    let observer = "  - { role: ccs.observer, user: raj@example.com, workspace: tenant-a }\n";
    for (from, to) in [
        (observer, ""),
        ("members: [ada@example.com, raj@example.com, ", "members: [ada@example.com, "),
        ("scope: [racks, tenant-group/both]", "scope: [racks]"),
    ] {
        assert!(FILE.contains(from), "{from}");
        let turn = world.turn(&FILE.replace(from, to)).await.unwrap();
        assert!(turn.denied[0].contains("nothing says who is an administrator"), "{turn:#?}");
        assert_eq!(world.organization().await, before);
    }
}
