//! A transport that answers from a closure and writes down what it was asked.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::{Value, json};

use crate::provider::{Request, Response, Transport, TransportError};

type Answer = Result<Response, TransportError>;
type Answerer = dyn FnMut(&Request) -> Answer + Send;

pub(super) struct Scripted {
    answer: Mutex<Box<Answerer>>,
    calls: Mutex<Vec<Request>>,
    pauses: Mutex<Vec<Duration>>,
}

impl Scripted {
    pub(super) fn answering(answer: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        Self {
            answer: Mutex::new(Box::new(answer)),
            calls: Mutex::default(),
            pauses: Mutex::default(),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "what the closures return")]
    pub(super) fn status(status: u16, body: &str) -> Answer {
        Ok(Response {
            status,
            content_type: "application/scim+json".to_owned(),
            location: None,
            etag: None,
            retry_after: None,
            body: body.as_bytes().to_vec(),
            quoted: None,
        })
    }

    pub(super) fn json(value: &Value) -> Answer {
        Self::status(200, &value.to_string())
    }

    /// A page of `rows`, as the request asks for it.
    pub(super) fn page(request: &Request, rows: &[Value], most: usize) -> Answer {
        let start = query(request, "startIndex").unwrap_or(1).max(1);
        let count = query(request, "count").unwrap_or(most).min(most);
        let some: Vec<_> = rows.iter().skip(start - 1).take(count).collect();
        Self::json(&json!({"totalResults": rows.len(), "Resources": some}))
    }

    pub(super) fn calls(&self) -> Vec<String> {
        let calls = self.calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        calls.iter().map(crate::provider::scim::error::shown).collect()
    }

    pub(super) fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

pub(super) fn query(request: &Request, name: &str) -> Option<usize> {
    request.query.iter().find(|(of, _)| *of == name)?.1.parse().ok()
}

impl Transport for Scripted {
    async fn send(&self, request: &Request) -> Answer {
        if let Ok(mut calls) = self.calls.lock() {
            calls.push(request.clone());
        }
        let mut answer = self.answer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        answer(request)
    }

    async fn pause(&self, wait: Duration) {
        if let Ok(mut pauses) = self.pauses.lock() {
            pauses.push(wait);
        }
    }
}

/// Runs a future that never waits for the world.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
