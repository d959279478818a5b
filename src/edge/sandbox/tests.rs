//! The server over real sockets, spoken to by hand.

use std::io::ErrorKind;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::wire::BODY_LIMIT;
use super::*;
use crate::sandbox::{Fault, Matcher, When};

/// Sends text, reads to the end of the connection.
async fn exchange(server: &SandboxServer, text: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(server.address).await?;
    stream.write_all(text.as_bytes()).await?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer).await {
        Ok(_) => Ok(String::from_utf8_lossy(&answer).into_owned()),
        // A reset after some bytes still shows those bytes.
        Err(cause) if cause.kind() == ErrorKind::ConnectionReset => {
            Ok(String::from_utf8_lossy(&answer).into_owned())
        }
        Err(cause) => Err(cause),
    }
}

async fn get(server: &SandboxServer, path: &str) -> String {
    let text = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    exchange(server, &text).await.unwrap()
}

async fn post(server: &SandboxServer, path: &str, body: &Value) -> String {
    let body = body.to_string();
    let length = body.len();
    let text = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    exchange(server, &text).await.unwrap()
}

fn user(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn it_serves_below_its_base_path() {
    let options = SandboxOptions {
        base_path: "/scim/v2".into(),
        seed: Some(json!({ "users": [{ "userName": "a b" }] })),
        ..SandboxOptions::default()
    };
    let server = start(options).await.unwrap();
    let found = get(&server, "/scim/v2/Users?filter=userName+eq+%22a%20b%22&count=5").await;
    assert!(found.starts_with("HTTP/1.1 200"), "{found}");
    let found = body(&found);
    assert_eq!(found["totalResults"], 1);
    let location = found["Resources"][0]["meta"]["location"].as_str().unwrap();
    assert!(location.starts_with(&format!("{}/Users/", server.url())), "{location}");
    for outside in ["/Users", "/scim/v2x/Users", "/"] {
        let answer = get(&server, outside).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{outside}: {answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_state_outlives_a_server_that_was_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.jsonl");
    let options = |path: &std::path::Path| SandboxOptions {
        seed: Some(json!({ "users": [{ "userName": "a" }] })),
        state_file: Some(path.to_path_buf()),
        ..SandboxOptions::default()
    };
    let server = start(options(&path)).await.unwrap();
    assert!(post(&server, "/Users", &user("b")).await.starts_with("HTTP/1.1 201"));
    // As the file is at this instant, so a kill would leave it.
    let left = folder.path().join("left.jsonl");
    std::fs::copy(&path, &left).unwrap();
    let again = start(options(&left)).await.unwrap();
    assert_eq!(body(&get(&again, "/Users").await)["totalResults"], 2);
    assert!(post(&again, "/Users", &user("b")).await.starts_with("HTTP/1.1 409"));
    again.stop().await;
    server.stop().await;
    // Stopped in order, it lets go of its file.
    start(options(&path)).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_no_byte_and_its_effect_stays() {
    let mut faults = Faults::default();
    faults.push(Matcher::new("POST", "/Users", When::Nth(1)), Fault::Lost, None);
    let server = start(SandboxOptions { faults, ..SandboxOptions::default() }).await.unwrap();
    assert_eq!(post(&server, "/Users", &user("a")).await, "");
    assert_eq!(body(&get(&server, "/Users").await)["totalResults"], 1);
    assert!(post(&server, "/Users", &user("a")).await.starts_with("HTTP/1.1 409"));
    server.stop().await;
}

#[tokio::test]
async fn a_cut_answer_promises_more_than_it_sends() {
    let faults = Faults::parse("GET /Users#1=cut:30").unwrap();
    let server = start(SandboxOptions { faults, ..SandboxOptions::default() }).await.unwrap();
    let answer = get(&server, "/Users").await;
    let (head, sent) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(sent.len(), 30);
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(promised.parse::<usize>().unwrap() > 30);
    assert_eq!(body(&get(&server, "/Users").await)["totalResults"], 0);
    server.stop().await;
}

#[tokio::test]
async fn bodies_have_a_limit_and_wrong_options_are_told() {
    let server = start(SandboxOptions::default()).await.unwrap();
    let length = BODY_LIMIT + 1;
    let head = format!(
        "POST /Users HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may answer, and close, before all of it is sent.
    let _ = stream.write_all(&vec![b' '; length]).await;
    let mut start_of_answer = [0; 12];
    stream.read_exact(&mut start_of_answer).await.unwrap();
    assert_eq!(&start_of_answer, b"HTTP/1.1 413");
    drop(stream);

    let taken = SandboxOptions { port: server.address.port(), ..SandboxOptions::default() };
    let error = start(taken).await.err().unwrap().to_string();
    assert!(error.starts_with("cannot listen on 127.0.0.1:"), "{error}");
    let wrong = SandboxOptions { base_path: "scim/".into(), ..SandboxOptions::default() };
    assert!(matches!(start(wrong).await, Err(SandboxError::BasePath(_))));
    let wrong = SandboxOptions { seed: Some(json!({ "users": 1 })), ..SandboxOptions::default() };
    assert!(matches!(start(wrong).await, Err(SandboxError::Seed(_))));
    server.stop().await;
}

#[tokio::test]
async fn the_sandbox_can_be_looked_into() {
    let server = start(SandboxOptions::default()).await.unwrap();
    get(&server, "/Users").await;
    let counters = server.with(|sandbox| sandbox.counters).await.unwrap();
    assert_eq!((counters.requests, counters.reads, counters.writes), (1, 1, 0));
    server.stop().await;
}
