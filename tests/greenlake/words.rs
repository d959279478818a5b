//! What cannot be done as it is written, or as things are: said before anything is written.

use muster::provider::scim::ReadErrorKind;

use super::world::{FILE, World, seed};

async fn denied(from: &str, to: &str) -> String {
    let world = World::new().await;
    let before = world.organization().await;
    assert!(FILE.contains(from));
    let turn = world.turn(&FILE.replace(from, to)).await.unwrap();
    assert!(!turn.denied.is_empty(), "{turn:#?}");
    assert_eq!(world.organization().await, before);
    turn.denied.join("; ")
}

#[tokio::test]
async fn a_scope_that_names_nothing_is_said_with_where_it_is() {
    let words = denied("scope: [racks, tenant-group/both]", "scope: [prod-racks]").await;
    assert!(words.contains("workspace `prod` has one"), "{words}");
    let words = denied("scope: [racks, tenant-group/both]", "scope: [both]").await;
    assert!(words.contains("a scope group and a tenant group are named `both`"), "{words}");
    let grn = "grn:glp/workspaces/0000000000004000800000000000000b";
    let words = denied("scope: [racks, tenant-group/both]", &format!("scope: [\"{grn}\"]")).await;
    assert!(words.contains("lies in another workspace"), "{words}");
}

#[tokio::test]
async fn a_user_that_lacks_what_is_demanded_is_not_tried() {
    let words = denied("countryCode: IN", "title: Dr").await;
    assert!(words.contains("`raj@example.com` cannot be created") && words.contains("countryCode"));
}

#[tokio::test]
async fn a_name_may_be_written_with_its_prefix_or_as_a_grn() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let prefixed = FILE.replace("scope: [racks, tenant", "scope: [scope-group/racks, tenant");
    world.turn(&prefixed).await.unwrap().is_empty();
}

#[tokio::test]
async fn a_workspace_without_enhanced_iam_is_explained() {
    let mut old = seed();
    old["workspaces"][1]["enhancedIam"] = false.into();
    old["assignments"].as_array_mut().unwrap().pop();
    let world = World::with(&old, "", muster::sandbox::greenlake::Rate::Unlimited).await;
    let error = world.turn(FILE).await.map(|turn| format!("{turn:?}")).unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::NotEnabled);
    assert!(error.to_string().contains("workspace `prod`"), "{error}");
    assert!(error.to_string().contains("enhanced IAM is not on"), "{error}");
    // Where nobody speaks of bindings it is a doubt, and the directory is planned.
    let world = world.project("  bindings: { onRemove: delete }\n", "");
    let (bindings, _) = FILE.split_once("bindings:").unwrap();
    let (_, live) = world.plan(bindings).await.unwrap();
    assert!(live.doubt(muster::kind::KindName::Binding).unwrap().contains("prod"));
}

#[tokio::test]
async fn an_organization_that_is_not_active_is_explained() {
    let mut inactive = seed();
    inactive["organization"]["state"] = "INACTIVE".into();
    inactive["groups"] = serde_json::json!([]);
    let world = World::with(&inactive, "", muster::sandbox::greenlake::Rate::Unlimited).await;
    let error = world.turn(FILE).await.map(|turn| format!("{turn:?}")).unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("HPE_GL_IDENTITY_INVALID_ORGANIZATION_STATE"), "{shown}");
    assert!(
        shown.contains("the organization is not active") && shown.contains("debugId"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_role_that_was_given_meanwhile_is_not_given_twice() {
    let world = World::new().await;
    world.turn(FILE).await.unwrap().is_done();
    let more = format!("{FILE}  - {{ role: ccs.operator, group: readers, workspace: prod }}\n");
    // The plan is made; then somebody else gives the same role, the same way and another way.
    for (scope, is_so) in [("workspace", true), ("prod-racks", false)] {
        let mut state = world.twin.with(|twin| twin.state.export()).await.unwrap();
        let given = serde_json::json!({"workspace": "prod", "principal": "group:readers",
            "role": "ccs.operator", "scope": [scope]});
        state["assignments"].as_array_mut().unwrap().push(given);
        let now = world.time.timestamp();
        let other = muster::sandbox::greenlake::State::seed(&state, now).unwrap();
        let original = world.twin.with(|twin| twin.state.clone()).await.unwrap();
        let slot = std::sync::Mutex::new(Some(other));
        let turn = world
            .turn_with(&more, &|world| {
                let other = slot.lock().unwrap().take().unwrap();
                futures::executor::block_on(world.twin.with(|twin| twin.state = other)).unwrap();
            })
            .await
            .unwrap();
        assert_eq!(turn.changes.len(), 1, "{turn:#?}");
        assert_eq!(turn.unmade.is_empty(), is_so, "{turn:#?}");
        if !is_so {
            assert!(turn.unmade[0].contains("by somebody else since the plan"), "{turn:#?}");
        }
        assert_eq!(world.rows("assignments", "ccs.operator").await.len(), 1);
        world.twin.with(|twin| twin.state = original).await.unwrap();
    }
}
