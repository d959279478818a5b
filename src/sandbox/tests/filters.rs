//! Filters of the observed servers, row by row: how many of four users, of two groups.

use serde_json::json;

use super::*;

#[test]
fn filters() {
    let users = |filter: &'static str| {
        move |sandbox: &mut Sandbox| {
            let own = id(sandbox, "a");
            let answer = get(sandbox, "/Users", &[("filter", &filter.replace("ID", &own))]);
            if answer.status == 200 {
                rows(&answer).len().to_string()
            } else {
                answer.status.to_string()
            }
        }
    };
    row(
        "userName",
        ["1", "1", "1", "1", "1", "1", "4", "1"],
        users(r#"userName eq "a@example.com""#),
    );
    row(
        "other case",
        ["1", "1", "0", "1", "1", "1", "4", "0"],
        users(r#"userName eq "A@example.com""#),
    );
    row("id", ["1", "1", "1", "1", "4", "0", "4", "0"], users(r#"id eq "ID""#));
    row(
        "emails.value",
        ["1", "0", "400", "1", "4", "1", "4", "1"],
        users(r#"emails.value eq "a@example.com""#),
    );
    row("sw", ["1", "1", "1", "1", "4", "1", "4", "500"], users(r#"userName sw "a""#));
    row("active", ["4", "4", "4", "400", "4", "0", "4", "0"], users("active eq true"));
    row(
        "and",
        ["1", "1", "1", "0", "1", "0", "4", "0"],
        users(r#"userName eq "a@example.com" and externalId ne "x""#),
    );
    row(
        "or",
        ["2", "2", "2", "2", "1", "2", "4", "0"],
        users(r#"userName eq "a@example.com" or userName eq "b@example.com""#),
    );
    row(
        "not",
        ["3", "3", "3", "400", "1", "3", "4", "0"],
        users(r#"not (userName eq "a@example.com")"#),
    );
    row(
        "past",
        ["4", "4", "4", "0", "4", "0", "4", "500"],
        users(r#"meta.lastModified gt "2000-01-01T00:00:00Z""#),
    );
    row(
        "future",
        ["0", "0", "0", "0", "4", "0", "4", "500"],
        users(r#"meta.lastModified gt "2099-01-01T00:00:00Z""#),
    );
    row("syntax", ["400", "400", "400", "400", "0", "400", "4", "500"], users("userName eq"));
    row("unknown", ["400", "400", "0", "0", "4", "0", "4", "0"], users(r#"shoeSize eq "x""#));
}

#[test]
fn filters_of_groups() {
    let groups = |filter: &'static str| {
        move |sandbox: &mut Sandbox| {
            // A second group tells "all" from "the one".
            let body = json!({ "schemas": [GROUP], "displayName": "h", "externalId": "e" });
            assert_eq!(post(sandbox, "/Groups", &body).status, 201);
            let own = id(sandbox, "a");
            let answer = get(sandbox, "/Groups", &[("filter", &filter.replace("ID", &own))]);
            if answer.status == 200 {
                rows(&answer).len().to_string()
            } else {
                answer.status.to_string()
            }
        }
    };
    row("displayName", ["1", "1", "1", "1", "1", "0", "2", "1"], groups(r#"displayName eq "g""#));
    row("other case", ["1", "1", "0", "1", "0", "0", "2", "0"], groups(r#"displayName eq "G""#));
    row("externalId", ["1", "1", "1", "1", "2", "0", "2", "0"], groups(r#"externalId eq "e""#));
    row("members", ["1", "0", "400", "1", "2", "0", "2", "0"], groups(r#"members.value eq "ID""#));
}
