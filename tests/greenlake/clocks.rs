//! Role bindings with dates, while two clocks disagree.

use muster::live::Skew;
use muster::plan::plan;

use super::world::{FILE, World};

#[tokio::test]
async fn a_role_is_neither_given_nor_taken_by_a_date_while_clocks_disagree() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let ended = "group: readers, workspace: prod, until: 2020-01-01, scope: [prod-racks]";
    let narrowed = "group: com-admins, workspace: prod, until: 2199-01-01, scope: [prod-racks]";
    let file = FILE
        .replace("group: readers, workspace: prod, scope: [prod-racks]", ended)
        .replace("group: com-admins, workspace: prod", narrowed)
        + "  - { role: ccs.observer, group: readers, workspace: prod }\n"
        + "  - { role: ccs.observer, group: com-admins, workspace: prod, until: 2199-01-01 }\n";
    let (made, mut live) = world.plan(&file).await.unwrap();
    let desired = world.desired(&file);
    let addresses = |all: Vec<String>| {
        let mut all = all;
        all.sort();
        all
    };
    let due = addresses(made.changes.iter().map(|one| one.address.to_string()).collect());
    assert_eq!(due.len(), 4, "{due:#?}");
    let theirs = "2016-11-21T10:00:00Z".parse().unwrap();
    live.skew = Skew::between(made.now, theirs);
    let held = plan(&desired, &live, made.now);
    let kept = addresses(held.changes.iter().map(|one| one.address.to_string()).collect());
    let waits = addresses(held.waiting.iter().map(|one| one.address.to_string()).collect());
    assert_eq!(kept.len(), 1, "{kept:#?}");
    assert!(kept[0].contains("readers") && kept[0].contains("observer"), "{kept:#?}");
    assert_eq!(addresses([kept, waits].concat()), due);
    assert!(held.skew.is_some() && made.skew.is_none());
    // Nobody gains or loses by it, either.
    assert!(held.access != made.access);
    let said = held.findings.iter().find(|one| one.id == "clocks-disagree").unwrap();
    assert!(said.message.contains("3 held"), "{}", said.message);
}
