//! Plans of sizes that end within seconds only where no pass does more than linear work.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Action, Plan, plan};
use crate::config::{SourceText, parse};
use crate::kind::{Fields, Key, KindName};
use crate::live::{Capabilities, Live, Member, Object, Page, Partial, RemoteId, Seen};

/// Large enough that its square is minutes.
const MANY: usize = 20_000;

pub(super) fn capabilities() -> Capabilities {
    Capabilities::of_test()
}

pub(super) fn object(
    kind: KindName,
    key: &str,
    fields: &Value,
    members: Option<Vec<Member>>,
) -> Object {
    Object {
        kind,
        id: RemoteId::new(&format!("{kind} {key}")),
        key: Key::new(key),
        fields: serde_json::from_value(fields.clone()).unwrap(),
        version: None,
        members,
        hold: None,
        seen: Seen::default(),
    }
}

pub(super) fn user(name: &str) -> Object {
    object(KindName::User, name, &json!({"userName": name, "active": true}), None)
}

pub(super) fn group(name: &str, members: Vec<Member>) -> Object {
    object(KindName::Group, name, &json!({"displayName": name}), Some(members))
}

fn binding(group: &str, role: &str) -> Object {
    let fields = json!({"principal": format!("group/{group}"), "role": role, "workspace": "prod"});
    let key = format!("group/{group}/{role}/prod");
    object(KindName::Binding, &key, &fields, None)
}

/// A live state of these objects, in the order in which kinds are listed.
fn live(objects: Vec<Object>) -> Live {
    live_with(objects, capabilities())
}

/// The same, of a target that can do so much.
pub(super) fn live_with(objects: Vec<Object>, capabilities: Capabilities) -> Live {
    let mut by_kind: BTreeMap<KindName, Vec<Object>> = BTreeMap::new();
    objects.into_iter().for_each(|one| by_kind.entry(one.kind).or_default().push(one));
    let listings = KindName::ALL.iter().map(|kind| {
        let objects = by_kind.remove(kind).unwrap_or_default();
        let page = Page { start_index: 1, total: objects.len() as u64, objects };
        Partial::new(*kind, vec![page]).prove().unwrap()
    });
    Live::new(listings.collect(), capabilities)
}

pub(super) fn planned(project: &str, identity: &str, live: &Live) -> Plan {
    let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
    let project = format!("organization: acme\ntarget: {{ provider: sandbox }}\n{project}");
    let files = [text("identity.yaml", identity)];
    let (desired, _) = parse(&text("muster.yaml", &project), &files, 1).unwrap();
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    plan(&desired, live, now)
}

/// How many findings of this name there are.
fn findings(plan: &Plan, id: &str) -> usize {
    plan.findings.iter().filter(|finding| finding.id == id).count()
}

const MANAGE: &str = "manage:\n  users: { domains: [example.com], onRemove: delete }\n  groups: \
                      { names: [\"*\"], onRemove: delete }\n";

#[test]
fn many_undeclared_groups_that_hold_roles_are_left_alone() {
    let objects = (0..MANY).flat_map(|n| {
        let name = format!("g{n}");
        [group(&name, vec![]), binding(&name, "observer")]
    });
    let plan = planned(MANAGE, "users: {}\n", &live(objects.collect()));
    let stays = "not declared, and it holds a role that stays";
    assert_eq!(plan.unmanaged.iter().filter(|one| one.why == stays).count(), MANY);
    assert_eq!(plan.changes.len(), 0);
    let managed = format!("{MANAGE}  bindings: {{ onRemove: delete }}\n");
    let objects = (0..MANY).flat_map(|n| {
        let name = format!("g{n}");
        [group(&name, vec![]), binding(&name, "observer")]
    });
    let plan = planned(&managed, "users: {}\n", &live(objects.collect()));
    assert_eq!(plan.changes.len(), 2 * MANY);
    assert!(plan.changes.iter().all(|change| change.action == Action::Delete));
}

#[test]
fn many_roles_of_one_large_group_look_at_its_members_once() {
    let project = format!(
        "{MANAGE}  bindings: {{ onRemove: delete }}\nprotected:\n  users: [last@example.com]\n"
    );
    let mut objects: Vec<Object> =
        (0..MANY).map(|n| user(&format!("u{n}@elsewhere.org"))).collect();
    objects.push(user("last@example.com"));
    let members = (0..=u32::try_from(MANY).unwrap()).map(Member::Known).collect();
    objects.push(group("all", members));
    objects.extend((0..MANY).map(|n| binding("all", &format!("role{n}"))));
    let plan = planned(&project, "users: {}\n", &live(objects));
    let why = "a member of its holder is protected or unknown";
    assert_eq!(plan.unmanaged.iter().filter(|one| one.why == why).count(), MANY);
    assert_eq!(plan.changes.len(), 0);
}

#[test]
fn many_claims_look_at_the_users_once() {
    let project = "manage:\n  users: { domains: [\"*\"] }\n  domains: { onRemove: delete }\n";
    let domain = |n: usize| {
        let name = format!("d{n}.org");
        object(KindName::Domain, &name, &json!({"domain": name}), None)
    };
    let mut objects: Vec<Object> = (0..MANY).map(|n| user(&format!("u@d{}.org", 2 * n))).collect();
    objects.extend((0..MANY).map(domain));
    let plan = planned(project, "users: {}\n", &live(objects));
    assert_eq!(findings(&plan, "domain-in-use"), MANY / 2);
    assert_eq!(plan.changes.len(), MANY / 2);
}

#[test]
fn many_addresses_of_one_user_are_compared_and_merged() {
    let email = |n: usize| format!("{{ value: \"a{n}@example.com\", type: work }}");
    let emails: Vec<String> = (0..MANY).map(email).collect();
    let identity = format!("users:\n  ada@example.com:\n    emails: [{}]\n", emails.join(", "));
    let found = |last: &str| -> Live {
        let one = |n: usize| json!({"value": format!("a{n}@example.com"), "type": if n == 0 { last } else { "work" }, "display": n});
        let emails: Vec<Value> = (0..MANY).rev().map(one).collect();
        let fields = json!({"userName": "ada@example.com", "active": true, "emails": emails});
        live(vec![object(KindName::User, "ada@example.com", &fields, None)])
    };
    assert_eq!(planned(MANAGE, &identity, &found("work")).changes, []);
    let plan = planned(MANAGE, &identity, &found("home"));
    let [change] = plan.changes.as_slice() else { panic!("{:?}", plan.changes.len()) };
    let after: &Fields = change.after.as_ref().unwrap();
    let written = after.get("emails").and_then(Value::as_array).unwrap();
    assert_eq!(written.len(), MANY);
    assert_eq!(written[0], json!({"value": "a0@example.com", "type": "work", "display": 0}));
}

#[test]
fn many_former_names_of_one_group_are_looked_up() {
    let names: Vec<String> = (0..3 * MANY).map(|n| format!("old{n}")).collect();
    let identity = format!("groups:\n  new: {{ previously: [{}] }}\n", names.join(", "));
    let plan = planned(MANAGE, &identity, &live(vec![group(&names[3 * MANY - 1], vec![])]));
    let [change] = plan.changes.as_slice() else { panic!("{:?}", plan.changes.len()) };
    assert_eq!((change.action, change.address.to_string().as_str()), (Action::Update, "group/new"));
}
