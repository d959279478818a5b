//! The twin over real HTTP: its state outlives it, and it asks whom it was told to ask.

use std::sync::{Arc, Mutex};

use muster::edge::sandbox::greenlake::{GreenLakeOptions, GreenLakeServer, start_greenlake};
use muster::sandbox::Faults;
use muster::sandbox::greenlake::State;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::world::{MAIN, SCIM, new_user, seed, text};

fn client() -> Client {
    // Only the first install counts; any later one is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

async fn token(server: &GreenLakeServer) -> String {
    let url = format!("{}/authorization/v2/oauth2/{MAIN}/token", server.url());
    let form = "grant_type=client_credentials&client_id=c-main&client_secret=s-main";
    let request = client().post(url).body(form);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = request.send().await.unwrap().text().await.unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    text(&answer["access_token"])
}

async fn ask(
    server: &GreenLakeServer,
    token: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let request = client().request(method, format!("{}{path}", server.url()));
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = match body {
        Some(body) => request.body(body.to_string()),
        None => request,
    };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_state_survives_and_so_do_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let options = GreenLakeOptions {
        seed: Some(seed()),
        state_file: Some(folder.path().join("state.jsonl")),
        ..GreenLakeOptions::default()
    };
    let server = start_greenlake(options.clone()).await.unwrap();
    let bearer = token(&server).await;
    let path = format!("{SCIM}/Users");
    let body = Some(new_user("kept@example.com"));
    let (status, made) = ask(&server, &bearer, Method::POST, &path, body).await;
    assert_eq!(status, 201, "{made}");
    let ada = ask(&server, &bearer, Method::GET, &path, None).await.1["Resources"][1].clone();
    let gone = text(&ada["meta"]["location"]);
    // Several effects: the group changes, the user goes, the log grows.
    assert_eq!(ask(&server, &bearer, Method::DELETE, &gone, None).await.0, 204);
    let before = server.with(|twin| twin.state.export()).await.unwrap();
    // Dropped in the middle, not stopped: the file has what was answered.
    drop(server);
    let server = loop {
        match start_greenlake(options.clone()).await {
            Ok(server) => break server,
            // The old server's task lets go of the file when it is next looked at.
            Err(error) => assert!(error.to_string().contains("in use"), "{error}"),
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(server.with(|twin| twin.state.export()).await.unwrap(), before);
    let found = ask(&server, &bearer, Method::GET, &text(&made["meta"]["location"]), None).await;
    assert_eq!(found, (200, made));
    server.stop().await;
}

#[tokio::test]
async fn dns_is_asked_and_the_zone_is_told() {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let told: Arc<Mutex<Vec<usize>>> = Arc::default();
    let (asks, tells) = (Arc::clone(&asked), Arc::clone(&told));
    let options = GreenLakeOptions {
        seed: Some(seed()),
        txt: Some(Arc::new(move |name| {
            asks.lock().unwrap().push(name);
            Box::pin(async { Err("timed out".into()) })
        })),
        zone: Some(Arc::new(move |zone| tells.lock().unwrap().push(zone.len()))),
        ..GreenLakeOptions::default()
    };
    let server = start_greenlake(options).await.unwrap();
    let bearer = token(&server).await;
    let requests = "/identity/v1alpha1/domain-requests";
    let list = ask(&server, &bearer, Method::GET, requests, None).await.1;
    let path = format!("{requests}/{}/verify", text(&list["items"][1]["id"]));
    let (status, body) = ask(&server, &bearer, Method::POST, &path, None).await;
    assert_eq!((status, &body["lifeCycleState"]), (200, &json!("PENDING")));
    assert_eq!(*asked.lock().unwrap(), ["new.example.com"]);
    let value = Some(json!(["x"]));
    let (status, _) = ask(&server, "", Method::PUT, "/-/zone/new.example.com.", value).await;
    assert_eq!(status, 204);
    assert_eq!(*told.lock().unwrap(), [1, 2]);
    server.stop().await;
}

#[tokio::test]
async fn without_a_resolver_it_looks_into_its_own_zone() {
    let options = GreenLakeOptions { seed: Some(seed()), ..GreenLakeOptions::default() };
    let server = start_greenlake(options).await.unwrap();
    let bearer = token(&server).await;
    let requests = "/identity/v1alpha1/domain-requests";
    let claim = ask(&server, &bearer, Method::GET, requests, None).await.1["items"][1].clone();
    let record = text(&claim["dnsTxtRecord"]);
    let publish =
        || server.with(|twin| twin.publish("New.example.com", std::slice::from_ref(&record)));
    publish().await.unwrap();
    let path = format!("{requests}/{}/verify", text(&claim["id"]));
    let (_, body) = ask(&server, &bearer, Method::POST, &path, None).await;
    assert_eq!(body["lifeCycleState"], "VERIFIED");
    server.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_is_lost_on_the_wire() {
    let options = GreenLakeOptions {
        seed: Some(seed()),
        faults: Faults::parse("GET /identity=lost").unwrap(),
        ..GreenLakeOptions::default()
    };
    let server = start_greenlake(options).await.unwrap();
    let bearer = token(&server).await;
    let url = format!("{}{SCIM}/Users", server.url());
    let request = client().get(url).header("authorization", format!("Bearer {bearer}"));
    assert!(request.send().await.is_err());
    server.stop().await;
}

#[test]
fn a_seed_says_what_is_wrong_with_it() {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    for (document, part) in [
        (json!([]), "not a JSON object"),
        (json!({ "people": [] }), "`people`"),
        (json!({ "provider": "scim" }), "greenlake"),
        (json!({ "users": [{}] }), "`users[0]`: missing field `userName`"),
        (json!({ "users": [{ "userName": "a", "nick": "b" }] }), "unknown field `nick`"),
        (json!({ "users": [{ "userName": "a" }, { "userName": "A" }] }), "`users[1]`"),
        (json!({ "groups": [{ "displayName": "g", "members": ["x"] }] }), "no user `x`"),
        (json!({ "clients": [{ "id": "x", "secret": "y" }] }), "no workspace"),
        (json!({ "policies": [{ "domain": "x", "connection": "y" }] }), "no SSO profile"),
    ] {
        let error = State::seed(&document, now).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn what_is_exported_is_a_seed_of_the_same() {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let state = State::seed(&seed(), now).unwrap();
    let exported = state.export();
    let again = State::seed(&exported, now).unwrap();
    assert_eq!(again.export(), exported);
    assert!(exported["users"].as_array().unwrap().len() == 5);
}
