//! The program itself, spoken to by its command line: words and exit statuses.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::world::{FILE, World};

const TENANT_ROLE: &str = "  - { role: ccs.observer, group: readers, workspace: tenant-a }\n";

/// The file, as every built-in guardrail lets it through: roles are given to groups.
fn file() -> String {
    let direct = "  - { role: ccs.observer, user: raj@example.com, workspace: tenant-a }\n";
    assert!(FILE.contains(direct));
    FILE.replace(direct, TENANT_ROLE)
}

/// What an organization is, whoever made it in which order: without ids and instants, sorted.
fn picture(organization: &Value) -> Value {
    match organization {
        Value::Array(rows) => {
            let mut rows: Vec<Value> = rows.iter().map(picture).collect();
            rows.sort_by_key(Value::to_string);
            Value::Array(rows)
        }
        Value::Object(fields) => {
            let is_kept = |name: &str| !matches!(name, "id" | "createdAt" | "updatedAt");
            let kept = fields.iter().filter(|(name, _)| is_kept(name));
            Value::Object(kept.map(|(name, value)| (name.clone(), picture(value))).collect())
        }
        other => other.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apply_that_is_killed_anywhere_ends_the_same_when_it_is_run_again() {
    let file = file();
    let world = World::new().await;
    let (status, said) = world.muster(&file, &["apply", "--yes"]);
    assert_eq!(status, Some(0), "{said}");
    let wanted = picture(&world.organization().await);
    let people = "POST /identity/v2beta1/scim/v2/Users";
    let groups = "POST /identity/v2beta1/scim/v2/Groups";
    let members = "PATCH /identity/v2beta1/scim/v2/Groups";
    let roles = "POST /authorization/v1beta1/role-assignments";
    for (requests, nth, list, has) in [
        (people, 1, "users", "@example.com"),
        (people, 2, "users", "@example.com"),
        (groups, 1, "groups", "displayName"),
        (groups, 2, "groups", "displayName"),
        (members, 1, "groups", "raj@example.com"),
        (roles, 1, "assignments", "principal"),
        (roles, 2, "assignments", "principal"),
    ] {
        let after = format!("{requests} #{nth}");
        let world = World::new().await;
        let there = world.rows(list, has).await.len();
        // That one is carried out, and never answered.
        world.fails(&format!("{requests}#{nth}=slow:600000")).await;
        let mut command = world.program(&file, &["apply", "--yes"]);
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while world.rows(list, has).await.len() < there + nth {
            assert_eq!(running.try_wait().unwrap(), None, "it ended before {after}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(running.try_wait().unwrap(), None, "it ended before {after}");
        running.kill().unwrap();
        running.wait().unwrap();
        world.fails("").await;
        let (status, said) = world.muster(&file, &["apply", "--yes"]);
        assert_eq!(status, Some(0), "after {after}: {said}");
        assert_eq!(picture(&world.organization().await), wanted, "after {after}");
        let (status, said) = world.muster(&file, &["plan", "--detailed-exitcode"]);
        assert_eq!(status, Some(0), "after {after}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alias_that_names_nothing_is_refused_before_anything_is_written() {
    let world = World::new().await;
    let world = world.project("com-admin: compute-ops-mgmt.administrator", "com-admin: nonsense");
    let (status, said) = world.muster(FILE, &["apply", "--yes"]);
    assert_eq!(status, Some(1), "{said}");
    let words = "the alias `com-admin` stands for `nonsense`, which names no role";
    assert!(said.contains(words) && said.contains("muster.yaml"), "{said}");
    let file = FILE.replace("role: com-admin,", "role: no-alias,");
    let world = World::new().await;
    let before = world.organization().await;
    let (status, said) = world.muster(&file, &["apply", "--yes"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("`no-alias` names no role") && said.contains("file.yaml"), "{said}");
    assert_eq!(world.organization().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_the_target_does_not_know_fails_alone_and_in_its_own_words() {
    let world = World::new().await;
    let wrong = file().replace(
        "role: com-admin, group: readers",
        "role: compute-ops-mgmt.nobody, group: readers",
    );
    let (status, said) = world.muster(&wrong, &["apply", "--yes"]);
    assert_eq!(status, Some(6), "{said}");
    assert!(said.contains("binding/group/readers/compute-ops-mgmt.nobody/prod"), "{said}");
    assert!(said.contains("answered 400: `there is no role 'grn:glp/providers/"), "{said}");
    assert_eq!(world.rows("assignments", "com-admins").await.len(), 2);
    // What could be done is done, and nothing of it is done again.
    let (status, said) = world.muster(&file(), &["apply", "--yes"]);
    assert_eq!(status, Some(0), "{said}");
    assert_eq!(world.rows("assignments", "readers").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_takes_and_names_no_administrators_ends_with_its_own_status() {
    let administrators = "administrators: { roles: [ccs.account-admin], atLeast: 1 }\n";
    let world = World::new().await.project(administrators, "");
    let (status, said) = world.muster(&file(), &["apply", "--yes"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("nothing says who is an administrator"), "{said}");
    let (status, said) = world.muster(&file().replace(TENANT_ROLE, ""), &["plan"]);
    assert_eq!(status, Some(4), "{said}");
    assert!(said.contains("administrators-unnamed") && said.contains("roles: ["), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_answers_and_what_does_not() {
    let world = World::new().await;
    let before = world.organization().await;
    let (status, said) = world.muster(FILE, &["doctor"]);
    assert_eq!(status, Some(0), "{said}");
    for words in
        ["Muster acts as:", "user:", "the organization is active", "4 of 5500 users", "tenant-a"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    world.fails("GET /authorization/v1beta1/role-assignments=403").await;
    let (status, said) = world.muster(FILE, &["doctor"]);
    assert_eq!(status, Some(0), "{said}");
    let (_, care) = said.split_once("Take care:").unwrap();
    assert!(care.contains("prod") && care.contains("403"), "{said}");
    world.fails("POST /authorization/v2/oauth2=401").await;
    let (status, said) = world.muster(FILE, &["doctor"]);
    assert_eq!(status, Some(69), "{said}");
    assert!(said.contains("no token from") && !said.contains("s-main"), "{said}");
    assert_eq!(world.organization().await, before);
}
