//! Every request and every answer, held to HPE's own OpenAPI by a validator that others wrote:
//! Prism's proxy with `--errors` stands between the client and the twin.
//!
//! `tests/greenlake/prism.sh DIR` installs Prism, `MUSTER_TEST_SERVERS=DIR` says where;
//! `MUSTER_OPENAPI` is the folder of HPE's files, which are not ours to publish.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(
    clippy::disallowed_methods,
    reason = "these tests start validators and a proxy before them"
)]

#[path = "openapi/client.rs"]
mod client;
#[path = "openapi/drive.rs"]
mod drive;
#[path = "openapi/front.rs"]
mod front;
#[path = "openapi/operations.rs"]
mod operations;
#[path = "openapi/prism.rs"]
mod prism;
#[path = "openapi/program.rs"]
mod program;

use std::collections::BTreeSet;

use muster::edge::sandbox::greenlake::{GreenLakeOptions, start_greenlake};
use muster::sandbox::Faults;

use client::Client;
use front::{Exchange, Front};

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_keeps_to_hpe_s_openapi() {
    let twin = start_greenlake(GreenLakeOptions {
        seed: Some(drive::seed()),
        ..GreenLakeOptions::default()
    })
    .await
    .unwrap();
    let front = Front::start(&prism::SPECS, &twin.url()).await;
    drive::everything(&Client::enter(&front.url(), drive::MSP).await).await;
    let exchanges = front.exchanges();
    let broken: Vec<&Exchange> = exchanges.iter().filter(|one| one.violation.is_some()).collect();
    assert!(broken.is_empty(), "{} break the OpenAPI: {broken:#?}", broken.len());
    let validated: Vec<&Exchange> = exchanges.iter().filter(|one| one.spec.is_some()).collect();
    let all = operations::all();
    let done: BTreeSet<_> = (validated.iter())
        .filter(|one| one.status < 300)
        .filter_map(|one| operations::of(&all, one))
        .collect();
    let missing: Vec<_> = all.iter().filter(|operation| !done.contains(operation)).collect();
    assert!(missing.is_empty(), "never done: {missing:#?}");
    assert!(!validated.is_empty() && !done.is_empty());
    say(&format!(
        "{} exchanges validated against HPE's OpenAPI, {} operations, {} of them refusals",
        validated.len(),
        done.len(),
        validated.iter().filter(|one| one.status >= 400).count(),
    ));
    twin.stop().await;
}

/// The validator is no ornament: an answer and a request that break the document are noticed.
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_openapi_is_noticed() {
    let twin = start_greenlake(GreenLakeOptions {
        seed: Some(drive::seed()),
        faults: Faults::parse("GET /identity=bare-schemas").unwrap(),
        ..GreenLakeOptions::default()
    })
    .await
    .unwrap();
    let front = Front::start(&["scim"], &twin.url()).await;
    let client = Client::enter(&front.url(), drive::MSP).await;
    let users = "/identity/v2beta1/scim/v2/Users";
    client.get(users).await;
    client.send("POST", users, Some(&serde_json::json!({ "userName": "x" }))).await;
    let exchanges = front.exchanges();
    let violations: Vec<_> = exchanges.iter().filter_map(|one| one.violation.as_ref()).collect();
    assert_eq!(violations.len(), 2, "{exchanges:#?}");
    assert!(violations[0].contains("schemas"), "{violations:?}");
    assert!(violations[1].contains("required"), "{violations:?}");
    twin.stop().await;
}

#[expect(clippy::print_stdout, reason = "the count is what this test is run for")]
fn say(text: &str) {
    println!("{text}");
}
