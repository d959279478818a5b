//! What earlier runs remember of what they created, and the plan that is made with it.

use muster::kind::{Address, Key};
use muster::live::{Given, Live, Recorded, RemoteId, Unkept};
use muster::plan::{Plan, plan};
use serde_json::{Value, json};

use super::cycle::{desired, live};
use super::memory::now;
use super::simulation::Simulation;
use super::world::World;

const PROJECT: &str = "organization: acme
target: { provider: sandbox }
manage:
  users: { domains: [example.com], onRemove: report }
  groups: { names: [\"*\"], onRemove: report }
";

/// The plan for one user of these attributes, where the server shows `user` as number 1.
fn planned(yaml: &str, user: &Value, project: &str, remember: impl Fn(&mut Live)) -> Plan {
    let world = World {
        live: json!({ "users": [user] }),
        project: project.to_owned(),
        files: vec![("people.yaml".to_owned(), format!("users:\n  new@example.com: {yaml}\n"))],
    };
    let server = Simulation::new(&world.live, "rfc7644");
    let (mut live, _) = live(&server, "rfc7644").unwrap();
    remember(&mut live);
    plan(&desired(&world), &live, now())
}

fn remembered(live: &mut Live, named: Option<&str>, unkept: Vec<Unkept>) {
    let given = named.map_or(Given::AsSent, |name| Given::Other(Key::new(name)));
    remember(live, given, unkept);
}

fn remember(live: &mut Live, given: Given, unkept: Vec<Unkept>) {
    let id = RemoteId::new(live.objects()[0].id.as_str());
    let recorded = Recorded { id, given, unkept };
    live.memory.insert(Address::user("new@example.com"), recorded);
}

fn says(plan: &Plan, id: &str) -> bool {
    plan.findings.iter().any(|finding| finding.id == id)
}

#[test]
fn an_object_that_the_target_named_otherwise_is_found_by_its_id() {
    let name = || vec![Unkept::new("userName", &json!("new@example.com"))];
    let user = json!({"userName": "new-7@example.com", "title": "Dr"});
    let known = |live: &mut Live| remembered(live, Some("new-7@example.com"), name());
    let same = planned("{ title: Dr }", &user, PROJECT, known);
    assert!(same.is_empty() && says(&same, "named-otherwise"), "{same:#?}");
    // What else differs is planned, under the name it has.
    let other = planned("{ title: Prof }", &user, PROJECT, known);
    assert_eq!(other.summary().update, 1);
    assert_eq!(other.changes[0].fields.len(), 1);
    // Without the memory, or where the id was given again, it is somebody else.
    for plan in [
        planned("{ title: Dr }", &user, PROJECT, |_| {}),
        planned("{ title: Dr }", &user, PROJECT, |live| remembered(live, Some("x"), name())),
        planned("{ title: Dr }", &user, PROJECT, |live| remembered(live, None, name())),
    ] {
        assert_eq!(plan.summary().create, 1, "{plan:#?}");
    }
    // A name outside `manage` is left alone, whoever made the account, and is not made again.
    let outside = json!({"userName": "new-7", "title": "Dr"});
    let known = |live: &mut Live| remembered(live, Some("new-7"), name());
    let plan = planned("{ title: Prof, active: false }", &outside, PROJECT, known);
    assert!(plan.is_empty() && says(&plan, "outside-jurisdiction"), "{plan:#?}");
}

#[test]
fn a_protected_object_is_not_taken_over_by_its_id() {
    let project = format!("{PROJECT}protected: {{ users: [new-7] }}\n");
    let name = vec![Unkept::new("userName", &json!("new@example.com"))];
    let plan = planned("{ title: Dr }", &json!({"userName": "new-7"}), &project, |live| {
        remembered(live, Some("new-7"), name.clone());
    });
    assert!(plan.is_empty() && says(&plan, "outside-jurisdiction"), "{plan:#?}");
}

#[test]
fn an_object_whose_name_nobody_saw_is_found_by_its_id_alone() {
    let unseen = |live: &mut Live| remember(live, Given::Unseen, Vec::new());
    let user = json!({"userName": "new-7@example.com"});
    let plan = planned("{ title: Dr }", &user, PROJECT, unseen);
    assert_eq!((plan.summary().create, plan.summary().update), (0, 1), "{plan:#?}");
    assert_eq!(plan.changes[0].fields.len(), 2, "the name and the title");
    // What is protected or outside `manage` is never reached, and nothing is created beside it.
    let protected = format!("{PROJECT}protected: {{ users: [new-7@example.com] }}\n");
    let elsewhere = json!({"userName": "new-7"});
    for (user, project) in [(&user, protected.as_str()), (&elsewhere, PROJECT)] {
        let plan = planned("{ title: Dr }", user, project, unseen);
        assert!(plan.is_empty() && says(&plan, "ambiguous"), "{plan:#?}");
    }
    // What goes by a declared name is that item.
    let plan = planned(
        "{}\n  eve@example.com: {}",
        &json!({"userName": "eve@example.com"}),
        PROJECT,
        unseen,
    );
    assert_eq!((plan.summary().create, plan.changes.len()), (1, 1), "{plan:#?}");
    assert!(plan.findings.iter().all(|one| one.id != "ambiguous"), "{plan:#?}");
}

#[test]
fn what_the_target_did_not_keep_is_not_planned_again() {
    let emails = json!([{"value": "a@x", "type": "work"}]);
    let shown = json!({"userName": "new@example.com", "emails": [{"value": "a@x"}]});
    let both = "{ title: Dr, emails: [{ value: a@x, type: work }] }";
    let memory = || vec![Unkept::new("title", &json!("Dr")), Unkept::new("emails.type", &emails)];
    let known = |live: &mut Live| remembered(live, None, memory());
    assert_eq!(planned(both, &shown, PROJECT, |_| {}).changes[0].fields.len(), 2);
    let quiet = planned(both, &shown, PROJECT, known);
    assert!(quiet.is_empty() && says(&quiet, "unheld"), "{quiet:#?}");
    // Another value is tried; and of a list, whatever else differs is.
    for (yaml, user) in [
        ("{ title: Prof, emails: [{ value: a@x, type: work }] }", &shown),
        (both, &json!({"userName": "new@example.com", "emails": [{"value": "b@x"}]})),
    ] {
        assert_eq!(planned(yaml, user, PROJECT, known).summary().update, 1, "{yaml}");
    }
    // Whether an account can be used is never taken for granted.
    let memory = || vec![Unkept::new("active", &json!(false))];
    let active = json!({"userName": "new@example.com", "active": true});
    let plan = planned("{ active: false }", &active, PROJECT, |live| {
        remembered(live, None, memory());
    });
    assert_eq!(plan.summary().update, 1);
}
