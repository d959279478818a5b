//! The twin in memory, behind the transport that the network has.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use muster::provider::greenlake::{Platform, Workspace};
use muster::provider::{Request, Response, Transport, TransportError};
use muster::sandbox::greenlake::{GreenLake, Limits, Rate, State};
use muster::sandbox::{self, Model as _};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::prefix::beside::Beside;
use super::prefix::witness::Witness;

/// The workspaces of every generated organization.
pub(crate) const WORKSPACES: [(&str, &str); 3] = [
    ("main", "3f2c0e1a9b1c4d7e8f60718293a4b5c6"),
    ("prod", "0000000000004000800000000000000b"),
    ("lab", "0000000000004000800000000000000c"),
];

/// The instant at which everything happens.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// A twin, and a token for each of its workspaces.
pub(crate) struct Twin {
    model: Mutex<GreenLake>,
    tokens: Vec<String>,
    /// Somebody who is there at every request, where there is.
    witness: Mutex<Option<Witness>>,
}

/// The way to one part of the twin.
pub(crate) struct Way<'a> {
    twin: &'a Twin,
    base: &'static str,
    token: &'a str,
}

impl Twin {
    pub(crate) fn new(seed: &Value) -> Self {
        let mut model = GreenLake::new(State::seed(seed, now()).unwrap());
        model.limits = Limits { rate: Rate::Unlimited, ..Limits::default() };
        let tokens = WORKSPACES.map(|(name, id)| {
            let path = format!("/authorization/v2/oauth2/{id}/token");
            let mut request = sandbox::Request::new("POST", &path);
            let form =
                format!("grant_type=client_credentials&client_id=c-{name}&client_secret=s-{name}");
            request.body = form.into_bytes();
            let answer = model.handle(&request, now(), None).value();
            answer["access_token"].as_str().unwrap().to_owned()
        });
        Self { model: Mutex::new(model), tokens: tokens.to_vec(), witness: Mutex::default() }
    }

    /// The same twin, apart from this one, with somebody who is there at every request.
    pub(crate) fn witnessed(&self, witness: Witness) -> Self {
        Self {
            model: Mutex::new(self.model.lock().unwrap().clone()),
            tokens: self.tokens.clone(),
            witness: Mutex::new(Some(witness)),
        }
    }

    /// What was witnessed.
    pub(crate) fn testimony(&self) -> Witness {
        self.witness.lock().unwrap().take().unwrap()
    }

    /// All there is.
    pub(crate) fn export(&self) -> Value {
        self.model.lock().unwrap().state.export()
    }

    /// The ways: to the directory, and to each workspace.
    pub(crate) fn ways(&self) -> (Way<'_>, Vec<Way<'_>>) {
        let way = |base, token| Way { twin: self, base, token };
        let directory = way("/identity/v2beta1/scim/v2", &*self.tokens[0]);
        (directory, self.tokens.iter().map(|token| way("", token)).collect())
    }
}

/// The platform that these ways lead to.
pub(crate) fn platform<'a>(
    (directory, ways): &'a (Way<'a>, Vec<Way<'a>>),
) -> Platform<'a, Way<'a>> {
    let workspaces = WORKSPACES.iter().zip(ways).map(|((name, id), transport)| Workspace {
        name: (*name).to_owned(),
        id: (*id).to_owned(),
        transport,
    });
    Platform { directory, workspaces: workspaces.collect() }
}

impl Transport for Way<'_> {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let encoded = |text: &String| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let below: String = request.path.iter().map(|part| format!("/{}", encoded(part))).collect();
        let path = format!("{}{below}", self.base);
        let mut asked = sandbox::Request::new(request.method.as_str(), &path)
            .header("authorization", &format!("Bearer {}", self.token));
        for (name, value) in &request.query {
            asked = asked.with(name, value);
        }
        if let Some(body) = &request.body {
            asked = asked.json(body);
        }
        let mut witness = self.twin.witness.lock().unwrap();
        let mut model = self.twin.model.lock().unwrap();
        let mut beside = Beside { twin: &mut model, tokens: &self.twin.tokens };
        let is_write = request.method.is_write();
        let write = is_write.then_some((asked.method.as_str(), path.as_str()));
        if let Some(witness) = witness.as_mut() {
            witness.before(&mut beside, write);
        }
        let answer = beside.twin.handle(&asked, now(), None);
        if let Some(witness) = witness.as_mut() {
            witness.after(&beside);
        }
        let content_type = answer.header("content-type").unwrap_or_default().to_lowercase();
        Ok(Response {
            status: answer.status,
            content_type: content_type.split(';').next().unwrap_or_default().to_owned(),
            location: None,
            etag: None,
            retry_after: None,
            body: answer.body,
            quoted: None,
        })
    }

    async fn pause(&self, _wait: Duration) {}
}
