//! One base URL before all proxies: what HPE publishes goes through the proxy of its file, what it
//! does not publish goes to the server itself. Whatever speaks HTTP can be sent through it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use reqwest::Client;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::prism::Prism;

/// Which file says what is below a path.
const PATHS: [(&str, &str); 5] = [
    ("/identity/v2beta1/scim/v2/", "scim"),
    ("/authorization/v1beta1/", "authorization"),
    ("/workspaces/v1/", "workspaces"),
    ("/workspaces/v1beta1/", "workspace-groups"),
    ("/audit-log/v2beta1/", "audit-logs"),
];

/// A request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// Which of HPE's files they were held to, if any.
    pub(crate) spec: Option<&'static str>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    /// How they break it.
    pub(crate) violation: Option<String>,
}

/// The proxies and what they saw. All of it ends with this.
pub(crate) struct Front {
    port: u16,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    upstream: String,
    proxies: Vec<(&'static str, Prism)>,
    client: Client,
    exchanges: Mutex<Vec<Exchange>>,
}

impl Front {
    /// Starts a proxy for each of HPE's files before a server, and the one URL before them.
    pub(crate) async fn start(specs: &[&str], upstream: &str) -> Front {
        // Only the first install counts; any later one is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let wanted = PATHS.iter().filter(|(_, spec)| specs.contains(spec));
        let proxies = wanted.map(|(_, spec)| (*spec, Prism::start(spec, upstream))).collect();
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            proxies,
            client: Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap(),
            exchanges: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let service = Router::new().fallback(forward).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Front { port, shared, task }
    }

    /// The base URL of everything.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What went through so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.shared.exchanges.lock().unwrap().clone()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let named = PATHS.iter().find(|(prefix, _)| path.starts_with(prefix));
    let proxy = named.and_then(|(_, spec)| shared.proxies.iter().find(|(name, _)| name == spec));
    let base = proxy.map_or_else(|| shared.upstream.clone(), |(_, prism)| prism.url());
    let target = head.uri.path_and_query().map(ToString::to_string).unwrap();
    let mut sent = shared.client.request(head.method.clone(), format!("{base}{target}"));
    for (name, value) in &head.headers {
        if !["host", "content-length", "connection"].contains(&name.as_str()) {
            sent = sent.header(name, value);
        }
    }
    let answer = sent.body(to_bytes(body, 1 << 24).await.unwrap()).send().await.unwrap();
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let bytes = answer.bytes().await.unwrap();
    let exchange = Exchange {
        spec: proxy.map(|(spec, _)| *spec),
        method: head.method.to_string(),
        path,
        status,
        violation: proxy.and_then(|_| violation(&bytes)),
    };
    shared.exchanges.lock().unwrap().push(exchange);
    let mut response = Response::builder().status(status);
    for (name, value) in &headers {
        if !["transfer-encoding", "content-length", "connection"].contains(&name.as_str()) {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(bytes)).unwrap()
}

/// What Prism says in the place of an answer.
fn violation(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let kind = body.get("type").and_then(Value::as_str)?;
    kind.contains("/prism/errors#").then(|| body.to_string())
}
