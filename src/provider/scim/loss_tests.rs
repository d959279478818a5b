//! The writer against servers that lose what is written, or let somebody in with it.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::ScimWriter;
use super::dialect::Dialect;
use super::server::{Habits, Twist};
use super::write_tests::{Bench, ada, add, cause, group, some};
use crate::apply::{Op, Receipt, Report, Step, Writer as _};
use crate::kind::{Address, KindName};
use crate::provider::Method;
use crate::provider::scripted::{Scripted, block_on};

#[test]
fn an_object_that_is_gone_after_it_was_written_stops_everything() {
    let deletes = Habits::twisted(Twist::Deletes);
    let bench = Bench::new("rfc7644", deletes.clone(), &[ada()]);
    let update = bench.update(KindName::User, "1", &json!({"title": "Prof"}));
    let report = bench.write(update);
    assert!(matches!(report.receipt, Receipt::Damaged { .. }), "{report:?}");
    assert!(report.halt.is_some() && cause(&report).contains("`user/ada`"), "{report:?}");
    let bench = Bench::new("rfc7644", deletes, &[group(0..3)]);
    let report = bench.write(add(some(3..5)));
    assert!(matches!(report.receipt, Receipt::Damaged { .. }), "{report:?}");
    assert!(report.halt.is_some() && cause(&report).contains("`group/g`"), "{report:?}");
}

#[test]
fn whoever_joins_a_group_with_an_update_stops_where_it_makes_an_administrator() {
    let mut habits = Habits::twisted(Twist::Joins("eve"));
    habits.manners.echo.empty = false;
    let nobody = json!({"id": "g", "displayName": "g"});
    for (makes_administrators, before) in
        [(false, group(0..3)), (true, group(0..3)), (true, nobody)]
    {
        let bench = Bench::new("rfc7644", habits.clone(), &[before]);
        let update = bench.update(KindName::Group, "g", &json!({"displayName": "g2"}));
        let report = bench.write_to(vec![update], makes_administrators).remove(0);
        assert_eq!(report.halt.is_some(), makes_administrators, "{report:?}");
        assert_eq!(report.receipt.is_so(), !makes_administrators, "{report:?}");
        assert!(format!("{report:?}").contains("`eve` joined `group/g`"), "{report:?}");
    }
}

#[test]
fn a_new_account_that_is_not_what_was_created_is_made_no_administrator() {
    let inactive = Habits::twisted(Twist::StartsInactive);
    let renamed = Habits::twisted(Twist::Renames("mallory"));
    for (habits, words) in [
        (inactive, "`user/eve` was created and is inactive"),
        (renamed, "`user/eve` was created and is shown as `mallory`"),
    ] {
        for makes_administrators in [false, true] {
            let bench = Bench::new("rfc7644", habits.clone(), &[group(0..3)]);
            let fields = serde_json::from_value(json!({"userName": "eve"})).unwrap();
            let eve = Address::user("eve");
            let create = Op::Create { address: eve.clone(), fields, members: Vec::new() };
            let reports = bench.write_to(vec![create, add(vec![eve])], makes_administrators);
            assert_eq!(reports[1].receipt.is_so(), !makes_administrators, "{reports:?}");
            if makes_administrators {
                assert!(cause(&reports[1]).contains(words), "{reports:?}");
                assert_eq!(bench.writes().len(), 1, "the account alone was written");
            }
        }
    }
}

#[test]
fn whoever_is_in_a_new_group_of_administrators_from_the_start_stops_everything() {
    let habits = Habits::twisted(Twist::StartsWith("eve"));
    let bench = Bench::new("rfc7644", habits, &[]);
    let fields = serde_json::from_value(json!({"displayName": "g"})).unwrap();
    let create = Op::Create { address: Address::group("g"), fields, members: Vec::new() };
    let reports = bench.write_to(vec![create, add(some(0..2))], true);
    assert!(reports[1].halt.is_some(), "{reports:?}");
    assert!(cause(&reports[1]).contains("`eve` joined `group/g`"), "{reports:?}");
}

#[test]
fn an_account_that_was_to_be_inactive_joins_as_the_files_say() {
    let bench = Bench::new("rfc7644", Habits::default(), &[group(0..3)]);
    let fields = serde_json::from_value(json!({"userName": "eve", "active": false})).unwrap();
    let eve = Address::user("eve");
    let create = Op::Create { address: eve.clone(), fields, members: Vec::new() };
    let reports = bench.write_to(vec![create, add(vec![eve])], true);
    assert!(reports.iter().all(|report| report.receipt.is_so()), "{reports:?}");
}

/// HPE GreenLake shows members on a listing of their own: changes of the description by a server
/// that leaves the group with these members.
fn described(after: &'static [&'static str], makes_administrators: bool) -> Report {
    const URN: &str = "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Group";
    let is_written = Arc::new(Mutex::new(false));
    let fake = Scripted::answering(move |request| {
        let mut is_written = is_written.lock().unwrap();
        if request.method == Method::Patch {
            *is_written = true;
            return Scripted::status(204, "");
        }
        if request.path.len() == 2 {
            let description = if *is_written { "new" } else { "old" };
            return Scripted::json(&json!({"id": "g", "displayName": "g",
                URN: {"groupDescription": description, "source": "local"}}));
        }
        let members: &[&str] = if *is_written { after } else { &["u1", "u2", "u3"] };
        let user = |id: &&str| json!({"id": id, "userName": format!("{id}@x.org")});
        let rows: Vec<Value> = members.iter().map(user).collect();
        Scripted::page(request, &rows, 200)
    });
    let dialect = Dialect::profile("greenlake").unwrap();
    let found = block_on(super::fetch::fetch(&fake, &dialect, KindName::Group, "g")).unwrap();
    let found = found.unwrap().object;
    let mut wanted = found.fields.clone();
    let description = crate::kind::FieldName::fixed("description");
    wanted.insert(description.clone(), Value::from("new"));
    let op = Op::Update {
        address: Address::group("g"),
        remote: found.id.clone(),
        expect: found.fingerprint(),
        version: None,
        after: wanted,
        changed: vec![description],
    };
    let step = Step { makes_administrators, ..Step::new(0, op, Vec::new()) };
    block_on(ScimWriter::new(&fake, dialect).write(
        &step,
        &std::collections::BTreeMap::new(),
        &crate::apply::NothingTaken,
    ))
}

#[test]
fn members_on_a_listing_of_their_own_are_compared_when_the_group_is_written() {
    let report = described(&["u1", "u2", "u3"], true);
    assert!(matches!(report.receipt, Receipt::Done { .. }), "{report:?}");
    let report = described(&["u1"], false);
    assert!(matches!(report.receipt, Receipt::Damaged { .. }), "{report:?}");
    assert!(cause(&report).contains("2 members of `group/g` (`u2`, `u3`)"), "{report:?}");
    let report = described(&["u1", "u2", "u3", "eve"], true);
    assert!(report.halt.is_some() && cause(&report).contains("`eve` joined"), "{report:?}");
    let report = described(&["u1", "u2", "u3", "eve"], false);
    assert!(matches!(report.receipt, Receipt::Differs { .. }), "{report:?}");
}
