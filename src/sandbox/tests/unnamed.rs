//! What is known of the servers without a name.

use serde_json::{Value, json};

use super::*;

#[test]
fn what_is_known_of_the_unnamed() {
    let mut x1 = server("x1");
    let members: Vec<Value> = (0..101).map(|_| json!({ "value": id(&x1, "c") })).collect();
    let operations = json!([{ "op": "add", "path": "members", "value": members }]);
    assert_eq!(patch_group(&mut x1, &operations), (400, "AB".into()));
    let half = json!({ "op": "add", "path": "members", "value": members[..60] });
    assert_eq!(patch_group(&mut x1, &json!([half, half])).0, 400);
    assert_eq!(patch_group(&mut x1, &json!([half])), (200, "ABC".into()));

    let mut x2 = server("x2");
    let body = json!({ "schemas": [USER], "userName": "E@Example.com" });
    let made = send(&mut x2, &Request::new("POST", "/Users").json(&body));
    assert_eq!(made.value()["userName"], "e@example.com");
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "z" }]);
    assert_eq!(patch_user(&mut x2, "a", &rename).value()["scimType"], "mutability");
    let mut answers: Vec<Response> =
        (0..600).map(|_| get(&mut x2, "/Users", &[("count", "0")])).collect();
    let limited = answers.pop().unwrap();
    assert_eq!((limited.status, limited.header("retry-after")), (429, Some("60")));
    let later: jiff::Timestamp = "2026-11-21T12:01:00Z".parse().unwrap();
    assert_eq!(x2.handle(&Request::new("GET", "/Users"), later).status, 200);

    let mut x3 = server("x3");
    assert_eq!(get(&mut x3, "/Users", &[("count", "1001")]).status, 400);
    let path = format!("/Users/{}", id(&x3, "a"));
    assert_eq!(send(&mut x3, &Request::new("DELETE", &path)).status, 204);
    let kept = get(&mut x3, &path, &[]).value();
    assert_eq!(kept["active"], false);
    assert!(kept.get("displayName").is_none());
    assert_eq!(letters(&x3, "g"), "AB");
    let body = json!({ "schemas": [USER], "userName": "a@example.com" });
    let again = send(&mut x3, &Request::new("POST", "/Users").json(&body));
    assert_eq!((again.status, again.header("content-type")), (500, Some("text/html")));
}
