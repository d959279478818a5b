//! A client that knows a base URL and a token, and nothing of GreenLake.

use reqwest::Method;
use serde_json::Value;

/// Id, secret and workspace of an API client.
pub(crate) type Key = (&'static str, &'static str, &'static str);

pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Client {
    /// Asks for a token and keeps it.
    pub(crate) async fn enter(base: &str, (id, secret, workspace): Key) -> Client {
        let http = reqwest::Client::new();
        let url = format!("{base}/authorization/v2/oauth2/{workspace}/token");
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let request = http.post(url).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let token = answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}"));
        Client { http, base: base.to_owned(), token: token.to_owned() }
    }

    /// The same with a token that opens nothing.
    pub(crate) fn stranger(&self) -> Client {
        Client { http: self.http.clone(), base: self.base.clone(), token: "a.b.c".into() }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        request = request.header("authorization", format!("Bearer {}", self.token));
        if let Some(body) = body {
            let scim = path.starts_with("/identity/v2beta1/");
            let media = if scim { "application/scim+json" } else { "application/json" };
            request = request.header("content-type", media).body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The answer of a status that must be.
    pub(crate) async fn expect(
        &self,
        status: u16,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Value {
        let (found, answer) = self.send(method, path, body).await;
        assert_eq!(found, status, "{method} {path}: {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.send("GET", path, None).await.1
    }

    /// Reads, adds, changes; each must succeed.
    pub(crate) async fn read(&self, path: &str) -> Value {
        self.expect(200, "GET", path, None).await
    }

    pub(crate) async fn add(&self, path: &str, body: &Value) -> Value {
        self.expect(201, "POST", path, Some(body)).await
    }

    pub(crate) async fn change(&self, method: &str, path: &str, body: &Value) -> Value {
        self.expect(200, method, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) {
        self.expect(204, "DELETE", path, None).await;
    }
}
