//! A server of raw bytes on loopback: it answers whatever it is told to, HTTP or not.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One request, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: String,
    /// The path and the query, as sent.
    pub(crate) target: String,
    pub(crate) body: serde_json::Value,
    /// The body as text.
    pub(crate) text: String,
    /// The `Authorization` header.
    pub(crate) authorization: String,
    /// How many requests of this method and path there were, this one included.
    pub(crate) nth: usize,
}

impl Ask {
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let query = self.target.split_once('?')?.1;
        query
            .split('&')
            .find_map(|pair| pair.split_once('=').filter(|(of, _)| *of == name))
            .map(|(_, value)| value)
    }

    pub(crate) fn start(&self) -> usize {
        self.query("startIndex").and_then(|start| start.parse().ok()).unwrap_or(1)
    }
}

/// What is sent back before the connection is closed.
pub(crate) enum Reply {
    Bytes(Vec<u8>),
    /// These bytes, and then these again and again until nobody reads any more.
    Endless(Vec<u8>, Vec<u8>),
    /// These bytes, and then one at a time for ever.
    Drip(Vec<u8>),
}

pub(crate) fn status(status: u16, kind: &str, body: &[u8]) -> Reply {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    Reply::Bytes([head.as_bytes(), body].concat())
}

pub(crate) fn json(value: &serde_json::Value) -> Reply {
    text(&value.to_string())
}

pub(crate) fn text(body: &str) -> Reply {
    status(200, "application/scim+json", body.as_bytes())
}

type Handler = dyn Fn(&Ask) -> Reply + Send + Sync;

/// A running server; it ends when this is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Ask>>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(handler: impl Fn(&Ask) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/scim", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Ask>>> = Arc::default();
        let handler: Arc<Handler> = Arc::new(handler);
        let log = Arc::clone(&asked);
        #[expect(clippy::disallowed_methods, reason = "a server for a test")]
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(answer(stream, Arc::clone(&handler), Arc::clone(&log)));
            }
        });
        Self { url, asked, task }
    }

    pub(crate) fn asked(&self) -> Vec<Ask> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn count(&self, method: &str) -> usize {
        self.asked().iter().filter(|ask| ask.method == method).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, handler: Arc<Handler>, log: Arc<Mutex<Vec<Ask>>>) {
    let Some(mut ask) = request(&mut stream).await else { return };
    {
        let mut log = log.lock().unwrap();
        let same = |other: &&Ask| other.method == ask.method && other.path() == ask.path();
        ask.nth = log.iter().filter(same).count() + 1;
        log.push(ask.clone());
    }
    match handler(&ask) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Reply::Endless(head, again) => {
            if stream.write_all(&head).await.is_ok() {
                while stream.write_all(&again).await.is_ok() {}
            }
        }
        Reply::Drip(head) => {
            let _ = stream.write_all(&head).await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    }
    let _ = stream.shutdown().await;
}

async fn request(stream: &mut TcpStream) -> Option<Ask> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    let head = loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut first = text.lines().next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let header = |wanted: &str| {
        let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
        let found = pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let length: usize = header("content-length").parse().unwrap_or(0);
    let authorization = header("authorization");
    while bytes.len() < head + 4 + length {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    }
    let body = serde_json::from_slice(&bytes[head + 4..]).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes[head + 4..]).into_owned();
    Some(Ask { method, target, body, text, authorization, nth: 0 })
}
