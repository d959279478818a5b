//! The writer against servers that do more than they were asked to, or something else.

use serde_json::json;

use super::server::{Habits, Twist};
use super::write_tests::{Bench, ada, add, cause, group, remove, some};
use crate::apply::{Op, Receipt};
use crate::kind::{Address, KindName};
use crate::live::RemoteId;

#[test]
fn a_group_that_loses_others_stops_everything_after_the_first_batch() {
    let replaces = Habits::twisted(Twist::AddReplaces);
    let empties = Habits::twisted(Twist::RemoveEmpties);
    let value = Habits::default();
    for (profile, habits, op, words) in [
        ("rfc7644", replaces, add(some(10..250)), "10 members of `group/g` that were to stay"),
        ("rfc7644", empties, remove(some(0..2)), "8 members of `group/g` that were to stay"),
        ("django-scim2", value, remove(some(0..2)), "say `target.dialect.memberRemoval: filter`"),
    ] {
        let bench = Bench::new(profile, habits.clone(), &[group(0..10)]);
        let report = bench.write(op);
        assert!(matches!(report.receipt, Receipt::Damaged { .. }), "{habits:?}: {report:?}");
        assert!(report.halt.is_some() && cause(&report).contains(words), "{report:?}");
        assert_eq!(bench.writes().len(), 1, "{habits:?}");
    }
}

#[test]
fn an_object_that_loses_something_stops_everything() {
    for erased in ["title", "x-own", "name"] {
        let habits = Habits::twisted(Twist::Erases(erased));
        let bench = Bench::new("rfc7644", habits, &[ada()]);
        let op = bench.update(KindName::User, "1", &json!({"nickName": "a"}));
        let report = bench.write(op);
        assert!(matches!(report.receipt, Receipt::Damaged { .. }), "{report:?}");
        assert!(cause(&report).contains(&format!("`{erased}` of `user/ada`")), "{report:?}");
        assert!(report.halt.is_some(), "{report:?}");
    }
}

#[test]
fn whoever_joins_unasked_is_reported_and_stops_where_it_makes_an_administrator() {
    let habits = Habits::twisted(Twist::Joins("eve"));
    for makes_administrators in [false, true] {
        let bench = Bench::new("rfc7644", habits.clone(), &[group(0..3)]);
        let report = bench.write_to(vec![add(some(3..5))], makes_administrators).remove(0);
        assert_eq!(report.halt.is_some(), makes_administrators, "{report:?}");
        assert_eq!(report.receipt.is_so(), !makes_administrators, "{report:?}");
        assert!(format!("{report:?}").contains("`eve` joined `group/g`"), "{report:?}");
    }
}

#[test]
fn a_user_that_is_made_under_another_name_is_made_once() {
    let renames = Habits::twisted(Twist::Renames("eve-7"));
    let bench = Bench::new("rfc7644", renames, &[group(0..1)]);
    let fields = serde_json::from_value(json!({"userName": "eve", "title": "Dr"})).unwrap();
    let report =
        bench.write(Op::Create { address: Address::user("eve"), fields, members: Vec::new() });
    let Receipt::Differs { id, cause, named, .. } = &report.receipt else { panic!("{report:?}") };
    assert_eq!(
        (id.as_ref().map(RemoteId::as_str), named.as_deref()),
        (Some(bench.id_of("eve-7").as_str()), Some("eve-7"))
    );
    assert!(!cause.contains("unheld") && cause.contains("under the name"), "{cause}");
    assert_eq!(bench.writes().len(), 1);
}

#[test]
fn a_user_that_is_to_be_inactive_and_is_not_is_a_failure() {
    let bench = Bench::new("rfc7644", Habits::dropping(&["active"]), &[]);
    let fields = serde_json::from_value(json!({"userName": "eve", "active": false})).unwrap();
    let report =
        bench.write(Op::Create { address: Address::user("eve"), fields, members: Vec::new() });
    assert!(cause(&report).contains("did not keep `active`"), "{report:?}");
}
