//! `muster sandbox serve` as a process of its own, and plain HTTP to it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use super::program::{Ended, Running, muster, wait_until};

/// A sandbox that is served until it is dropped.
pub(crate) struct Served {
    running: Running,
    url: String,
}

impl Served {
    /// Serves with these further arguments, which name files from `folder`.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_with(folder, arguments, &[])
    }

    /// The same, with these variables.
    pub(crate) fn start_with(
        folder: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let all = [&["sandbox", "serve", "--port", "0"], arguments].concat();
        let program = muster(folder, &all);
        let running =
            variables.iter().fold(program, |program, (name, value)| program.env(name, value));
        let running = running.start();
        wait_until("the URL of the sandbox", || running.out().ends_with('\n'));
        let url = running.out().lines().next().unwrap().to_owned();
        Self { running, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What it has written to stdout so far.
    pub(crate) fn out(&self) -> String {
        self.running.out()
    }

    /// Sends it a signal, and waits for its end.
    pub(crate) fn end(self, signal: Signal) -> Ended {
        self.running.signal(signal);
        self.running.end()
    }

    /// Asks for something; the status and the body.
    pub(crate) fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.ask_as("nobody", method, path, body)
    }

    /// The same, with a bearer token.
    pub(crate) fn ask_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let host = self.url.strip_prefix("http://").unwrap();
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\ncontent-type: application/scim+json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    /// Every user.
    pub(crate) fn users(&self) -> Vec<Value> {
        let (status, list) = self.ask("GET", "/Users?count=1000", None);
        assert_eq!(status, 200, "{list}");
        list["Resources"].as_array().unwrap().clone()
    }

    /// Creates a user.
    pub(crate) fn create_user(&self, name: &str) {
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": name,
        });
        let (status, told) = self.ask("POST", "/Users", Some(&body));
        assert_eq!(status, 201, "{told}");
    }
}

/// An empty file, for a keyboard at which nobody types.
pub(crate) fn typed(folder: &Path, text: &str) -> File {
    let path = folder.join("typed");
    std::fs::write(&path, text).unwrap();
    File::open(path).unwrap()
}
