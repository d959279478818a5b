//! Faults, as a client sees them.

use serde_json::json;

use super::*;
use crate::sandbox::Faults;

fn faulty(rules: &str) -> Sandbox {
    let mut sandbox = server("rfc7644");
    sandbox.faults = Faults::parse(rules).unwrap();
    sandbox
}

fn page(sandbox: &mut Sandbox, start: &str, count: &str) -> (String, i64) {
    let answer = get(sandbox, "/Users", &[("startIndex", start), ("count", count)]);
    let letters = rows(&answer).iter().map(|name| &name[..1]).collect();
    (letters, answer.value()["totalResults"].as_i64().unwrap())
}

#[test]
fn rules_strike_the_requests_they_are_about() {
    let mut sandbox = faulty("GET /Users#2=503; GET /Groups#2+=429:7; GET /Schemas*1=html");
    let mut status = |path: &str| get(&mut sandbox, path, &[]).status;
    let users: Vec<u16> = (0..3).map(|_| status("/Users")).collect();
    assert_eq!(users, [200, 503, 200]);
    let groups: Vec<u16> = (0..3).map(|_| status("/Groups")).collect();
    assert_eq!(groups, [200, 429, 429]);
    assert_eq!(get(&mut sandbox, "/Groups", &[]).header("retry-after"), Some("7"));
    assert!(get(&mut sandbox, "/Schemas", &[]).body.starts_with(b"<"));
    assert!(get(&mut sandbox, "/Schemas", &[]).body.starts_with(b"{"));
}

#[test]
fn chances_follow_their_seed() {
    let run = |seed: u64| -> Vec<u16> {
        let mut sandbox = faulty(&format!("/%30@{seed}=500"));
        (0..200).map(|_| get(&mut sandbox, "/Users", &[]).status).collect()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
    let struck = run(1).iter().filter(|status| **status == 500).count();
    assert!((30..90).contains(&struck), "{struck} of 200 at 30 %");
}

#[test]
fn listings_go_wrong_in_every_way() {
    assert_eq!(page(&mut faulty("/=total:+2"), "1", "10"), ("abcd".into(), 6));
    assert_eq!(page(&mut faulty("/=total:-1"), "1", "10"), ("abcd".into(), 3));
    assert_eq!(page(&mut faulty("/=duplicate:1"), "1", "3"), ("aba".into(), 4));
    assert_eq!(page(&mut faulty("/=overlap:1"), "3", "2"), ("bc".into(), 4));
    assert_eq!(page(&mut faulty("/=short:1"), "1", "3"), ("ab".into(), 4));
    assert_eq!(page(&mut faulty("/=drop:1"), "1", "3"), ("bc".into(), 4));
    assert_eq!(page(&mut faulty("/=hide:1"), "1", "10"), ("bcd".into(), 3));
    let mut drifting = faulty("/=drift:-1");
    let totals: Vec<i64> = (0..3).map(|_| page(&mut drifting, "1", "1").1).collect();
    assert_eq!(totals, [4, 3, 2]);
    let unfiltered = get(&mut faulty("/=unfiltered"), "/Users", &[("filter", "title pr")]);
    assert_eq!(rows(&unfiltered).len(), 4);
    let hostile = get(&mut faulty("/=hostile-ids"), "/Users", &[]).value();
    assert!(hostile["Resources"][0]["id"].as_str().unwrap().starts_with("../"));
}

#[test]
fn answers_are_lost_cut_late_or_refused() {
    let create =
        Request::new("POST", "/Users").json(&json!({ "schemas": [USER], "userName": "e" }));
    let done = |rules: &str| {
        let mut sandbox = faulty(rules);
        let answer = send(&mut sandbox, &create);
        (answer.status, answer.lost, sandbox.state.user_named("e").is_some())
    };
    assert_eq!(done("POST /=lost"), (201, true, true));
    assert_eq!(done("POST /=late:503"), (503, false, true));
    assert_eq!(done("POST /=503"), (503, false, false));
    assert_eq!(done("POST /=empty"), (200, false, false));
    let mut sandbox =
        faulty("GET /#1=truncated; GET /#2=cut:9; GET /#3=huge:2; GET /#4=redirect:http://x/");
    let truncated = get(&mut sandbox, "/Users", &[]);
    assert!(!truncated.body.is_empty() && truncated.value().is_null());
    assert_eq!(get(&mut sandbox, "/Users", &[]).cut_after, Some(9));
    let huge = get(&mut sandbox, "/Users", &[]);
    assert!(huge.body.len() > 2 * 1024 * 1024 && huge.value().is_object());
    let away = get(&mut sandbox, "/Users", &[]);
    assert_eq!((away.status, away.header("location")), (302, Some("http://x/")));
}

#[test]
fn a_lagging_replica_shows_the_past() {
    let mut sandbox = faulty("GET /Groups=stale:2");
    let members = |sandbox: &mut Sandbox| {
        let page = get(sandbox, "/Groups", &[]).value();
        page["Resources"][0]["members"].as_array().unwrap().len()
    };
    let add = |sandbox: &mut Sandbox, letter: &str| {
        let value = json!([{ "value": id(sandbox, letter) }]);
        patch_group(sandbox, &json!([{ "op": "add", "path": "members", "value": value }]))
    };
    assert_eq!(members(&mut sandbox), 2);
    assert_eq!(add(&mut sandbox, "c").1, "ABC");
    assert_eq!(members(&mut sandbox), 2);
    assert_eq!(add(&mut sandbox, "d").1, "ABCD");
    assert_eq!(members(&mut sandbox), 2, "two writes ago");
    let again = json!([{ "op": "remove", "path": "members" }]);
    assert_eq!(patch_group(&mut sandbox, &again).1, "");
    assert_eq!(members(&mut sandbox), 3, "two writes ago");
    assert_eq!(letters(&sandbox, "g"), "");
}

#[test]
fn a_gzip_bomb_is_small_and_unpacks_to_what_it_says() {
    let answer = get(&mut faulty("/=gzip:4"), "/Users", &[]);
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    assert!(answer.body.len() < 64 * 1024, "{}", answer.body.len());
    assert_eq!(&answer.body[..3], &[0x1f, 0x8b, 8]);
}
