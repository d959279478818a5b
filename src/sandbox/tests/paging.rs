//! Paging: the observed rows, and a listing of all that a careful client can get from each server.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

/// A server with so many users, named so that their order by name is that of their creation.
fn crowd(name: &str, users: usize) -> Sandbox {
    let personality = Personality::named(name).unwrap();
    let users: Vec<Value> =
        (0..users).map(|at| json!({ "userName": format!("u{at:05}") })).collect();
    let state = State::seed_for(&json!({ "users": users }), now(), &personality).unwrap();
    Sandbox::new(state, personality)
}

/// The columns of the observations.
const COLUMNS: [&str; 9] = [
    "scim2-server",
    "scimserver",
    "scimmy",
    "scimmy-express5",
    "scimgateway",
    "open-webui",
    "django-scim2",
    "canaille",
    "polis",
];

/// One server a column, with 2,000 users each.
fn crowds() -> Vec<Sandbox> {
    COLUMNS.iter().map(|name| crowd(name, 2000)).collect()
}

fn row(
    (servers, what): (&mut [Sandbox], &str),
    query: &[(&str, &str)],
    wanted: [&str; 9],
    say: impl Fn(&Response) -> String,
) {
    let found: Vec<String> = servers
        .iter_mut()
        .map(|server| {
            let answer = get(server, "/Users", query);
            if answer.status == 200 { say(&answer) } else { answer.status.to_string() }
        })
        .collect();
    assert_eq!(found, wanted, "{what}, of {COLUMNS:?}");
}

fn number(answer: &Response) -> String {
    rows(answer).len().to_string()
}

#[test]
fn rows_of_a_page() {
    let mut servers = crowds();
    row(
        (&mut servers, "no count"),
        &[],
        ["1000", "100", "20", "20", "200", "20", "50", "2000", "50"],
        number,
    );
    row(
        (&mut servers, "1000"),
        &[("count", "1000")],
        ["1000", "200", "1000", "20", "1000", "100", "1000", "500", "50"],
        number,
    );
    row(
        (&mut servers, "totalResults"),
        &[],
        ["2000", "2000", "2000", "2000", "2000", "2000", "2000", "2000", "50"],
        |answer| answer.value()["totalResults"].to_string(),
    );
    row(
        (&mut servers, "itemsPerPage"),
        &[("count", "100000")],
        ["1000", "200", "100000", "20", "2000", "100", "2000", "500", "50"],
        |answer| answer.value()["itemsPerPage"].to_string(),
    );
    row(
        (&mut servers, "no count, no field"),
        &[],
        ["true", "true", "true", "true", "true", "true", "true", "false", "true"],
        |answer| answer.value().get("itemsPerPage").is_some().to_string(),
    );
    row(
        (&mut servers, "past the end"),
        &[("startIndex", "2001"), ("count", "10")],
        ["0", "0", "10", "20", "0", "0", "0", "500", "0"],
        number,
    );
    row(
        (&mut servers, "startIndex=0"),
        &[("startIndex", "0"), ("count", "10")],
        ["10 1", "10 0", "10 1", "20 1", "10 0", "10 1", "400", "500", "9 1"],
        |answer| format!("{} {}", number(answer), answer.value()["startIndex"]),
    );
    row(
        (&mut servers, "count=0"),
        &[("count", "0")],
        ["0", "0", "0", "20", "0", "0", "0", "500", "50"],
        number,
    );
    row(
        (&mut servers, "count=-1"),
        &[("count", "-1")],
        ["0", "0", "0", "20", "0", "0", "0", "500", "50"],
        number,
    );
}

#[test]
fn order_and_projection() {
    let mut servers = crowds();
    let order = |answer: &Response| {
        let found = rows(answer);
        let mut ascending = found.clone();
        ascending.sort();
        let descending: Vec<String> = ascending.iter().rev().cloned().collect();
        if found == ascending {
            "up"
        } else if found == descending {
            "down"
        } else {
            "mixed"
        }
        .to_string()
    };
    row(
        (&mut servers, "order"),
        &[],
        ["mixed", "up", "up", "up", "up", "down", "mixed", "up", "up"],
        order,
    );
    row(
        (&mut servers, "sortBy userName"),
        &[("sortBy", "userName"), ("sortOrder", "descending"), ("count", "10")],
        ["down", "down", "down", "down", "down", "down", "up", "500", "up"],
        order,
    );
    let keys = |answer: &Response| {
        let body = answer.value();
        let keys: Vec<&str> =
            body["Resources"][0].as_object().unwrap().keys().map(String::as_str).collect();
        keys.join(" ")
    };
    row(
        (&mut servers, "attributes=userName"),
        &[("attributes", "userName")],
        [
            "id schemas userName",
            "id meta schemas userName",
            "id userName",
            "id userName",
            "id meta schemas userName",
            "id meta schemas userName",
            "id meta schemas userName",
            "id schemas userName",
            "id schemas userName",
        ],
        keys,
    );
    row(
        (&mut servers, "attributes=emails.value"),
        &[("attributes", "emails.value")],
        [
            "id schemas",
            "id meta schemas",
            "400",
            "400",
            "id meta schemas",
            "id meta schemas userName",
            "id meta schemas userName",
            "id schemas",
            "id schemas userName",
        ],
        keys,
    );
}

#[test]
fn searches_by_post() {
    let found: Vec<u16> = COLUMNS
        .iter()
        .map(|name| {
            let request = Request::new("POST", "/Users/.search").json(&json!({ "startIndex": 1 }));
            send(&mut crowd(name, 1), &request).status
        })
        .collect();
    assert_eq!(found, [200, 200, 200, 200, 400, 405, 200, 405, 404]);
}

/// What a client gets that advances by the rows received until nothing new comes.
fn all(sandbox: &mut Sandbox) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    loop {
        let start = (seen.len() + 1).to_string();
        let page = get(sandbox, "/Users", &[("startIndex", &start)]);
        let before = seen.len();
        if page.status == 200 {
            seen.extend(rows(&page));
        }
        if seen.len() == before {
            return seen;
        }
    }
}

#[test]
fn a_careful_client_gets_every_row_of_all_but_one() {
    assert_eq!(all(&mut crowd("scim2-server", 2001)).len(), 2001);
    for users in [0, 1, 19, 20, 21, 50, 51, 201] {
        for name in Personality::NAMES {
            let wanted = if name == "scimmy-express5" { users.min(20) } else { users };
            assert_eq!(all(&mut crowd(name, users)).len(), wanted, "{name}, {users}");
        }
    }
}

#[test]
fn a_large_organization_is_listed_without_walking_it_for_every_row() {
    let users: Vec<Value> = (0..5000).map(|at| json!({ "userName": format!("u{at}") })).collect();
    let groups: Vec<Value> = (0..500)
        .map(|at| {
            let members: Vec<String> =
                (0..100).map(|member| format!("u{}", (at * 37 + member) % 5000)).collect();
            json!({ "displayName": format!("g{at}"), "members": members })
        })
        .collect();
    let state = State::seed(&json!({ "users": users, "groups": groups }), now()).unwrap();
    let mut sandbox = Sandbox::new(state, Personality::default());
    let page = get(&mut sandbox, "/Groups", &[("startIndex", "401"), ("count", "1000")]).value();
    assert_eq!(page["Resources"].as_array().unwrap().len(), 100);
    assert_eq!(page["Resources"][0]["members"].as_array().unwrap().len(), 100);
}
