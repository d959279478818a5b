//! The writer against servers with habits.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::ScimWriter;
use super::dialect::Dialect;
use super::discovery::{Features, ServiceProvider};
use super::fetch;
use super::patch;
use super::server::{Habits, Twist, send, server};
use crate::apply::{NothingTaken, Op, Receipt, Report, Step, Writer as _};
use crate::kind::{Address, FieldName, Fields, KindName};
use crate::live::{RemoteId, Unkept};
use crate::provider::scripted::{Scripted, block_on};
use crate::provider::{Method, Request};
use crate::sandbox::Sandbox;
use crate::sandbox::personality::Act;

pub(super) struct Bench {
    pub(super) fake: Scripted,
    pub(super) sandbox: Arc<Mutex<Sandbox>>,
    pub(super) dialect: Dialect,
}

impl Bench {
    pub(super) fn new(profile: &str, habits: Habits, objects: &[Value]) -> Self {
        let (fake, sandbox) = server(habits, objects);
        let etag = ServiceProvider::Present(Features { etag: true, ..Features::default() });
        Self { fake, sandbox, dialect: Dialect::profile(profile).unwrap().settled(&etag) }
    }

    pub(super) fn write(&self, op: Op) -> Report {
        self.write_all(vec![op]).remove(0)
    }

    /// With one writer, which remembers what it created.
    pub(super) fn write_all(&self, ops: Vec<Op>) -> Vec<Report> {
        self.write_to(ops, false)
    }

    /// The same to groups whose members are administrators, if so.
    pub(super) fn write_to(&self, ops: Vec<Op>, makes_administrators: bool) -> Vec<Report> {
        let writer = ScimWriter::new(&self.fake, self.dialect.clone());
        let mut ids: BTreeMap<Address, RemoteId> = (0..500)
            .map(|n| (user(n), RemoteId::new(&format!("u{n}"))))
            .chain([(Address::group("g"), RemoteId::new("g"))])
            .collect();
        let mut reports = Vec::new();
        for op in ops {
            let address = op.address().clone();
            let step = Step { makes_administrators, ..Step::new(0, op, Vec::new()) };
            let report = block_on(writer.write(&step, &ids, &NothingTaken));
            if let Some(id) = report.receipt.id() {
                ids.insert(address, id.clone());
            }
            reports.push(report);
        }
        reports
    }

    pub(super) fn writes(&self) -> Vec<String> {
        self.fake.calls().into_iter().filter(|call| !call.starts_with("GET")).collect()
    }

    /// The id of the object of that name, which may be new.
    pub(super) fn id_of(&self, name: &str) -> String {
        let state = &self.sandbox.lock().unwrap().state;
        let found = state.user_named(name).or_else(|| state.group_named(name));
        found.unwrap().id().to_owned()
    }

    /// The ids of a group's members, sorted, each as often as it is there.
    pub(super) fn members_of(&self, id: &str) -> Vec<String> {
        let members = self.says(id, "members");
        let value = |member: &Value| member["value"].as_str().unwrap().to_owned();
        let mut ids: Vec<String> = members.as_array().unwrap().iter().map(value).collect();
        ids.sort();
        ids
    }

    fn members(&self) -> Vec<String> {
        self.members_of("g")
    }

    fn says(&self, id: &str, name: &str) -> Value {
        let all = self.sandbox.lock().unwrap().state.export();
        let mut all = ["users", "groups"].iter().flat_map(|kind| all[kind].as_array().unwrap());
        all.find(|object| object["id"] == id).map_or(Value::Null, |object| object[name].clone())
    }

    /// Has somebody else send a request.
    fn somebody(&self, request: &Request) {
        let answer = send(&mut self.sandbox.lock().unwrap(), request).unwrap();
        assert!(answer.status < 300, "{answer:?}");
    }

    /// An update of the object as it is, with `changes` put in.
    pub(super) fn update(&self, kind: KindName, id: &str, changes: &Value) -> Op {
        let found = block_on(fetch::fetch(&self.fake, &self.dialect, kind, id)).unwrap().unwrap();
        let mut after = found.object.fields.clone();
        let changes: Fields = serde_json::from_value(changes.clone()).unwrap();
        let changed: Vec<FieldName> = changes.keys().cloned().collect();
        after.extend(changes);
        Op::Update {
            address: Address::new(kind, found.object.key.clone()),
            remote: found.object.id.clone(),
            expect: found.object.fingerprint(),
            version: None,
            after,
            changed,
        }
    }

    fn delete(&self, id: &str) -> Op {
        match self.update(KindName::User, id, &json!({})) {
            Op::Update { address, remote, expect, version, .. } => {
                Op::Delete { address, remote, expect, version }
            }
            other => other,
        }
    }
}

pub(super) fn user(n: usize) -> Address {
    Address::user(&format!("user{n}"))
}

pub(super) fn some(range: std::ops::Range<usize>) -> Vec<Address> {
    range.map(user).collect()
}

pub(super) fn group(members: std::ops::Range<usize>) -> Value {
    let members: Vec<_> = members.map(|n| json!({"value": format!("u{n}")})).collect();
    json!({"id": "g", "displayName": "g", "members": members})
}

pub(super) fn ada() -> Value {
    json!({"id": "1", "userName": "ada", "title": "Dr", "active": true, "x-own": [1],
        "name": {"givenName": "Ada", "middleName": "B"}, "meta": {"version": "v1"}})
}

pub(super) fn add(users: Vec<Address>) -> Op {
    Op::AddMembers { group: Address::group("g"), users }
}

pub(super) fn remove(users: Vec<Address>) -> Op {
    Op::RemoveMembers { group: Address::group("g"), users }
}

pub(super) fn verify(present: Vec<Address>, absent: Vec<Address>) -> Op {
    Op::VerifyMembers { group: Address::group("g"), present, absent }
}

pub(super) fn cause(report: &Report) -> &str {
    match &report.receipt {
        Receipt::Failed { cause } | Receipt::Stale { cause } | Receipt::Damaged { cause } => cause,
        other => panic!("{other:?}"),
    }
}

/// Members are removed by value and not by filter.
fn by_value() -> Habits {
    Habits::of(|manners| {
        manners.group_patch.remove_filter = Act::Unsupported;
        manners.group_patch.remove_values = Act::Right;
    })
}

#[test]
fn members_go_in_and_out_in_batches() {
    let doubling = Habits::of(|manners| manners.group_patch.duplicates = true);
    for (profile, habits, most) in [
        ("rfc7644", Habits::default(), 3 + 1),
        ("rfc7644", Habits::of(|manners| manners.storage.member_caps.0 = Some(30)), 40),
        ("django-scim2", by_value(), 3 + 1),
        ("scimmy", doubling.clone(), 3 + 1),
        ("rfc7644", Habits::failing("PATCH /#1=lost; PATCH /#2=lost; PATCH /#4=lost"), 3 + 1),
        ("scimmy", Habits { faults: "PATCH /#1=lost; PATCH /#3=lost", ..doubling }, 3 + 1),
    ] {
        let bench = Bench::new(profile, habits.clone(), &[group(0..10)]);
        let all = vec![add(some(10..250)), remove(some(0..5)), verify(some(5..250), some(0..5))];
        let reports = bench.write_all(all);
        assert!(reports.iter().all(|report| report.receipt.is_so()), "{habits:?}: {reports:?}");
        let mut expected: Vec<_> = (5..250).map(|n| format!("u{n}")).collect();
        expected.sort();
        assert_eq!(bench.members(), expected, "{habits:?}");
        assert!(bench.writes().len() <= most, "{habits:?}: {:?}", bench.writes());
    }
}

#[test]
fn a_server_that_demands_entity_tags_gets_them() {
    let mut group = group(0..3);
    group["meta"] = json!({"version": "v7"});
    let bench = Bench::new("scimserver", Habits::twisted(Twist::DemandsTags), &[group]);
    assert!(bench.write(add(some(3..5))).receipt.is_so());
    assert!(bench.write(remove(some(0..1))).receipt.is_so());
    assert_eq!(bench.members(), ["u1", "u2", "u3", "u4"]);
}

#[test]
fn a_value_list_is_never_tried_unasked() {
    let bench = Bench::new("rfc7644", by_value(), &[group(0..10)]);
    let report = bench.write(remove(some(0..2)));
    assert!(cause(&report).contains("target.dialect.memberRemoval"), "{report:?}");
    assert_eq!(bench.members().len(), 10);
    let refused = Bench::new("canaille", Habits::default(), &[group(0..10)]);
    assert!(cause(&refused.write(remove(some(0..1)))).contains("by hand"));
    assert_eq!(refused.fake.calls(), Vec::<String>::new());
}

#[test]
fn a_group_that_is_not_as_it_should_be_is_a_failure() {
    let bench = Bench::new("rfc7644", Habits::default(), &[group(0..3)]);
    let report = bench.write(verify(some(2..9), some(0..1)));
    let words = "read back it lacks `user3`, `user4`, `user5` and 3 more, and it still has `user0`";
    assert!(cause(&report).contains(words), "{report:?}");
    let hidden = Bench::new("polis", Habits::default(), &[group(0..3)]);
    assert!(cause(&hidden.write(verify(some(0..1), Vec::new()))).contains("cannot be verified"));
    assert!(hidden.write(verify(Vec::new(), Vec::new())).receipt.is_so());
}

#[test]
fn a_new_group_that_lags_is_waited_for() {
    let bench = Bench::new("rfc7644", Habits::failing("/Groups/*9=404"), &[]);
    let fields = serde_json::from_value(json!({"displayName": "g"})).unwrap();
    let create = Op::Create { address: Address::group("g"), fields, members: Vec::new() };
    let reports = bench.write_all(vec![create, add(some(0..2)), verify(some(0..2), Vec::new())]);
    assert!(reports.iter().all(|report| report.receipt.is_so()), "{reports:?}");
    assert_eq!(bench.writes().iter().filter(|call| call.starts_with("POST")).count(), 1);
}

#[test]
fn an_update_changes_what_it_says_and_nothing_else() {
    let changes = json!({"nickName": "Prof", "name": {"givenName": "Ada2"}});
    for (profile, habits, methods) in [
        ("rfc7644", Habits::default(), vec!["PATCH"]),
        ("rfc7644", Habits::twisted(Twist::DemandsTags), vec!["PATCH"]),
        ("rfc7644", Habits::failing("PATCH /#1=lost"), vec!["PATCH"]),
        ("open-webui", Habits::failing("PATCH /=501"), vec!["PUT"]),
    ] {
        let bench = Bench::new(profile, habits.clone(), &[ada()]);
        let op = bench.update(KindName::User, "1", &changes);
        let report = bench.write(op.clone());
        assert_eq!(report.receipt, Receipt::Done { id: Some(RemoteId::new("1")) }, "{habits:?}");
        assert_eq!(bench.says("1", "nickName"), "Prof");
        assert_eq!(bench.says("1", "name"), json!({"givenName": "Ada2", "middleName": "B"}));
        assert_eq!(bench.says("1", "x-own"), json!([1]));
        let writes: Vec<_> =
            bench.writes().iter().map(|call| call.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(writes, methods, "{habits:?}");
        // Again: it is so already, and nothing is written.
        let before = bench.writes().len();
        assert!(matches!(bench.write(op).receipt, Receipt::AlreadySo { .. }));
        assert_eq!(bench.writes().len(), before);
    }
}

#[test]
fn an_object_that_moved_is_left_alone() {
    let bench = Bench::new("rfc7644", Habits::default(), &[ada()]);
    let update = bench.update(KindName::User, "1", &json!({"title": "Prof"}));
    let delete = bench.delete("1");
    let off = patch::body(&[json!({"op": "replace", "path": "active", "value": false})]);
    bench.somebody(&Request::new(Method::Patch, &["Users", "1"]).with_body(off));
    for op in [update.clone(), delete.clone()] {
        assert!(matches!(bench.write(op).receipt, Receipt::Stale { .. }));
    }
    bench.somebody(&Request::new(Method::Delete, &["Users", "1"]));
    assert!(matches!(bench.write(update).receipt, Receipt::Stale { .. }));
    assert!(matches!(bench.write(delete).receipt, Receipt::AlreadySo { .. }));
    assert_eq!(bench.writes(), Vec::<String>::new());
}

#[test]
fn an_entity_tag_that_moved_is_stale() {
    let mut habits = Habits::twisted(Twist::Busy);
    habits.manners.patch.touches = true;
    let bench = Bench::new("rfc7644", habits, &[ada()]);
    let update = bench.update(KindName::User, "1", &json!({"title": "Prof"}));
    let delete = bench.delete("1");
    for op in [update, delete] {
        let report = bench.write(op);
        assert!(matches!(report.receipt, Receipt::Stale { .. }), "{report:?}");
        assert!(cause(&report).contains("412"), "{report:?}");
    }
    assert_eq!(bench.says("1", "title"), "Dr");
}

#[test]
fn what_a_server_forgets_is_said_with_the_line_to_write() {
    let bench = Bench::new("rfc7644", Habits::dropping(&["title"]), &[ada()]);
    let op = bench.update(KindName::User, "1", &json!({"title": "Prof"}));
    assert!(cause(&bench.write(op)).contains("did not keep `title`"));
    let fields: Fields =
        serde_json::from_value(json!({"userName": "eve", "title": "Prof"})).unwrap();
    let report = bench.write(Op::Create {
        address: Address::user("eve"),
        fields: fields.clone(),
        members: Vec::new(),
    });
    let Receipt::Differs { id: Some(_), cause, unkept, named: None } = &report.receipt else {
        panic!("{report:?}");
    };
    assert!(cause.contains("write `unheld: [user.title]` in `target.dialect`"), "{report:?}");
    assert_eq!(unkept, &[Unkept::new("title", &json!("Prof"))]);
    let soft = Bench::new("soft-delete", Habits::dropping(&["title"]), &[]);
    assert!(
        soft.write(Op::Create { address: Address::user("eve"), fields, members: Vec::new() })
            .receipt
            .is_so()
    );
}

#[test]
fn a_group_is_renamed_and_keeps_its_members() {
    for profile in ["rfc7644", "django-scim2"] {
        let bench = Bench::new(profile, Habits::default(), &[group(0..3)]);
        let op = bench.update(KindName::Group, "g", &json!({"displayName": "h"}));
        assert!(bench.write(op).receipt.is_so());
        assert_eq!(bench.says("g", "displayName"), "h");
        assert_eq!(bench.members().len(), 3);
    }
    // A PUT carries members, so it is never a fallback for a group.
    let habits = Habits::of(|manners| manners.group_patch.rename = Act::Unsupported);
    let bench = Bench::new("rfc7644", habits, &[group(0..3)]);
    let op = bench.update(KindName::Group, "g", &json!({"displayName": "h"}));
    assert!(cause(&bench.write(op)).contains("501"));
    assert!(bench.writes().iter().all(|call| call.starts_with("PATCH")));
}

#[test]
fn gone_is_done_and_so_is_deactivated_where_that_is_all() {
    let bench = Bench::new("rfc7644", Habits::failing("DELETE /#1=lost"), &[ada()]);
    assert!(bench.write(bench.delete("1")).receipt.is_so());
    assert_eq!(bench.writes().len(), 1);
    let habits = Habits::of(|manners| manners.delete.deactivates = true);
    let soft = Bench::new("soft-delete", habits.clone(), &[ada()]);
    let op = soft.delete("1");
    assert_eq!(soft.write(op.clone()).receipt, Receipt::Done { id: None });
    assert_eq!(soft.write(op).receipt, Receipt::AlreadySo { id: None });
    let unsaid = Bench::new("rfc7644", habits, &[ada()]);
    assert!(cause(&unsaid.write(unsaid.delete("1"))).contains("delete: deactivates"));
}

#[test]
fn a_server_that_names_users_by_e_mail_gets_no_other_user() {
    let bench = Bench::new("open-webui", Habits::default(), &[]);
    let create = |value: Value| {
        let fields = serde_json::from_value(value).unwrap();
        bench.write(Op::Create { address: Address::user("ada"), fields, members: Vec::new() })
    };
    let other = json!({"userName": "ada", "emails": [{"value": "ada@x"}]});
    assert!(cause(&create(other)).contains("`ada` would become `ada@x`"));
    assert!(cause(&create(json!({"userName": "ada"}))).contains("has none"));
    assert_eq!(bench.writes(), Vec::<String>::new());
    assert!(create(json!({"userName": "ada", "emails": [{"value": "ADA"}]})).receipt.is_so());
}
