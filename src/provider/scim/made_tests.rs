//! What the journal is told of objects whose steps failed: the id and the name that the server
//! gave.

use serde_json::{Value, json};

use super::server::{Habits, Twist};
use super::write_tests::{Bench, ada, cause};
use crate::apply::{Op, Receipt, Report};
use crate::kind::{Address, KindName};
use crate::live::{Made, RemoteId, Unkept};
use crate::provider::Method;
use crate::provider::scripted::Scripted;

fn create(bench: &Bench, fields: &Value) -> Report {
    let fields = serde_json::from_value(fields.clone()).unwrap();
    bench.write(Op::Create { address: Address::user("eve"), fields, members: Vec::new() })
}

fn made(id: &str, named: Option<(&str, &str)>) -> Option<Made> {
    let unkept = named.map(|(_, sent)| Unkept::new("userName", &json!(sent)));
    Some(Made {
        id: RemoteId::new(id),
        named: named.map(|(name, _)| name.to_owned()),
        unkept: unkept.into_iter().collect(),
    })
}

#[test]
fn a_create_that_fails_tells_the_id_and_the_name_it_learned() {
    let twist = Some(Twist::Renames("eve-7"));
    for habits in [
        Habits { twist, ..Habits::dropping(&["active"]) },
        // It never shows what it made, but its answer did.
        Habits { twist, faults: "/Users/=404", ..Habits::dropping(&["title"]) },
    ] {
        let bench = Bench::new("rfc7644", habits.clone(), &[]);
        let report = create(&bench, &json!({"userName": "eve", "title": "Dr", "active": false}));
        assert!(matches!(report.receipt, Receipt::Failed { .. }), "{habits:?}: {report:?}");
        assert_eq!(report.made, made(&bench.id_of("eve-7"), Some(("eve-7", "eve"))), "{habits:?}");
    }
    // What is another's is nobody's to remember.
    let bench = Bench::new("rfc7644", Habits::default(), &[json!({"id": "1", "userName": "eve"})]);
    let report = create(&bench, &json!({"userName": "eve", "title": "Dr"}));
    assert!(cause(&report).contains("taken") && report.made.is_none(), "{report:?}");
    let bench = Bench::new("rfc7644", Habits::default(), &[]);
    assert_eq!(create(&bench, &json!({"userName": "eve"})).made, None);
}

#[test]
fn a_location_tells_the_id_where_there_is_no_body() {
    let answering = |location: &'static str, by_id: u16, listed: Value| {
        let bench = Bench::new("rfc7644", Habits::default(), &[]);
        let fake =
            Scripted::answering(move |request| match (request.method, request.path.get(1)) {
                (Method::Post, _) => {
                    let mut response = Scripted::status(201, "")?;
                    response.location = Some(location.to_owned());
                    Ok(response)
                }
                (_, Some(id)) if by_id == 200 => {
                    Scripted::json(&json!({"id": id, "userName": "eve-7", "title": "Dr"}))
                }
                (_, Some(_)) => Scripted::status(by_id, ""),
                _ => Scripted::page(request, listed.as_array().unwrap(), 100),
            });
        create(&Bench { fake, ..bench }, &json!({"userName": "eve", "title": "Dr"}))
    };
    let seen = answering("https://x/Users/a%2F7", 200, json!([]));
    let Receipt::Differs { id, named, .. } = &seen.receipt else { panic!("{seen:?}") };
    assert_eq!((id.as_ref().map(RemoteId::as_str), named.as_deref()), (Some("a/7"), Some("eve-7")));
    for status in [404, 500] {
        let unseen = answering("https://x/Users/7", status, json!([]));
        assert!(matches!(unseen.receipt, Receipt::Failed { .. }), "{status}: {unseen:?}");
        assert_eq!(unseen.made, made("7", None), "{status}");
        // A location that leads nowhere takes nothing from a look by name.
        let eve = json!([{"id": "8", "userName": "eve", "title": "Dr"}]);
        let found = answering("https://x/Users/eve", status, eve);
        assert_eq!(found.receipt, Receipt::Done { id: Some(RemoteId::new("8")) }, "{status}");
        assert_eq!(found.made, None, "{status}");
    }
    let elsewhere = answering("https://x/jobs/7", 500, json!([]));
    assert!(cause(&elsewhere).contains("shows 0 of that name"), "{elsewhere:?}");
    assert_eq!(elsewhere.made, None);
}

#[test]
fn a_lost_create_is_found_by_its_external_id() {
    let twist = Some(Twist::Renames("eve-7"));
    let habits = Habits { twist, ..Habits::failing("POST /#1=lost") };
    let bench = Bench::new("rfc7644", habits, &[]);
    let report = create(&bench, &json!({"userName": "eve", "externalId": "e7"}));
    let Receipt::Differs { id, named, .. } = &report.receipt else { panic!("{report:?}") };
    let id = id.as_ref().map(RemoteId::as_str);
    assert_eq!((id, named.as_deref()), (Some(bench.id_of("eve-7").as_str()), Some("eve-7")));
    assert_eq!(bench.writes().len(), 1);
}

#[test]
fn a_rename_that_comes_out_otherwise_tells_the_name() {
    // What the server makes of the change, and what is told of it.
    for (answer, name, title, told) in [
        (200, "eve-r", "Dr", made("1", Some(("eve-r", "eve")))),
        (200, "eve-r", "", made("1", Some(("eve-r", "eve")))),
        (200, "ada", "Dr", None),
        (400, "ada", "Dr", None),
        (200, "eve", "Dr", None),
    ] {
        let bench = Bench::new("rfc7644", Habits::default(), &[ada()]);
        let mut op = bench.update(KindName::User, "1", &json!({"userName": "eve"}));
        if let Op::Update { address, .. } = &mut op {
            *address = Address::user("eve");
        }
        let mut now = ada();
        let fake = Scripted::answering(move |request| {
            if request.method.is_write() && answer == 200 {
                (now["userName"], now["title"]) = (json!(name), json!(title));
            }
            let status = if request.method.is_write() { answer } else { 200 };
            Scripted::status(status, &now.to_string())
        });
        let report = Bench { fake, ..bench }.write(op);
        assert_eq!(report.receipt.is_so(), name == "eve", "{report:?}");
        assert_eq!(matches!(report.receipt, Receipt::Damaged { .. }), title.is_empty());
        assert_eq!(report.made, told, "{answer} {name}: {report:?}");
    }
}
