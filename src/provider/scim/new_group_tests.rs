//! Groups that are created with their first members.

use serde_json::json;

use super::server::{Habits, Twist};
use super::write_tests::{Bench, add, group, some, verify};
use crate::apply::{Op, Receipt, Report};
use crate::kind::Address;
use crate::provider::scripted::Scripted;
use crate::sandbox::personality::Unknown;

/// Creates the group `g` with these members, and has the step that adds them follow.
fn made_together(bench: &Bench, members: Vec<Address>) -> Vec<Report> {
    let fields = serde_json::from_value(json!({"displayName": "g"})).unwrap();
    let create = Op::Create { address: Address::group("g"), fields, members: members.clone() };
    bench.write_all(vec![create, add(members.clone()), verify(members, Vec::new())])
}

/// The methods of all requests, in order.
fn methods(bench: &Bench) -> Vec<String> {
    let calls = bench.fake.calls();
    calls.iter().map(|call| call.split(' ').next().unwrap().to_owned()).collect()
}

#[test]
fn a_group_is_created_with_its_members_and_looked_at_once() {
    let bench = Bench::new("rfc7644", Habits::default(), &[]);
    let reports = made_together(&bench, some(0..3));
    assert!(reports.iter().all(|one| matches!(one.receipt, Receipt::Done { .. })), "{reports:?}");
    assert_eq!(methods(&bench), ["POST", "GET"]);
    assert_eq!(bench.members_of(&bench.id_of("g")), ["u0", "u1", "u2"]);
}

#[test]
fn members_that_a_server_does_not_take_at_creation_are_added() {
    let dropping = Habits::of(|manners| {
        manners.storage.members_on_write.0 = false;
        manners.echo.empty = false;
    });
    let refused = Unknown::Refused("invalidValue");
    let refusing = Habits::of(|manners| manners.storage.unknown_member = refused);
    let losing = Habits::failing("POST /#1=lost");
    for (habits, posts, patches) in [(dropping, 1, 1), (refusing, 2, 1), (losing, 1, 0)] {
        let bench = Bench::new("rfc7644", habits.clone(), &[]);
        let reports = made_together(&bench, some(0..3));
        assert!(reports.iter().all(|one| one.receipt.is_so()), "{habits:?}: {reports:?}");
        let count = |method: &str| methods(&bench).iter().filter(|one| *one == method).count();
        assert_eq!((count("POST"), count("PATCH")), (posts, patches), "{habits:?}");
        assert_eq!(bench.members_of(&bench.id_of("g")), ["u0", "u1", "u2"], "{habits:?}");
    }
}

#[test]
fn a_group_that_is_refused_with_members_and_without_is_asked_for_twice() {
    let bench = Bench::new("rfc7644", Habits::default(), &[group(0..1)]);
    let fields = serde_json::from_value(json!({"displayName": "g"})).unwrap();
    let create = Op::Create { address: Address::group("g"), fields, members: some(0..3) };
    assert!(matches!(bench.write(create).receipt, Receipt::AlreadySo { .. }));
    assert_eq!(bench.writes().len(), 1, "a name that is taken is no refusal of members");
    let fake = Scripted::answering(|_| Scripted::status(400, "{\"detail\":\"no\"}"));
    let fields = serde_json::from_value(json!({"displayName": "h"})).unwrap();
    let create = Op::Create { address: Address::group("h"), fields, members: some(0..3) };
    let bench = Bench { fake, ..bench };
    assert!(matches!(bench.write(create).receipt, Receipt::Failed { .. }));
    assert_eq!(bench.writes().len(), 2);
}

#[test]
fn whoever_joins_a_group_while_it_is_created_is_told_of() {
    let habits = Habits::twisted(Twist::Joins("u9"));
    let bench = Bench::new("rfc7644", habits, &[]);
    let reports = made_together(&bench, some(0..3));
    let Receipt::Differs { cause, .. } = &reports[1].receipt else { panic!("{reports:?}") };
    assert!(cause.contains("joined `group/g`, and no step asks for it"), "{cause}");
}
