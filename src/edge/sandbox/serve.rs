//! Serves a pure model over HTTP on the loopback address, and keeps its state in a file.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

use super::error::SandboxError;
use super::store::Store;
use super::wire::{Door, Line, sent, taken};
use crate::edge::runtime::spawn;
use crate::sandbox::{Kept, Model, Txt};

/// What the time is; asked once a request.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// Asks DNS for the TXT records at a name: each record's text with its strings joined, no record
/// and no such name both as an empty list, and in words why nobody knows.
pub type TxtLookup = Arc<dyn Fn(String) -> BoxFuture<'static, Txt> + Send + Sync>;

/// Hears of the whole zone (name, TXT values), at the start and whenever it changes.
pub type ZoneListener = Arc<dyn Fn(Vec<(String, Vec<String>)>) + Send + Sync>;

/// How long [`Server::stop`] waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a model is served with.
pub(super) struct Setting {
    /// The path below which it is, without a slash at its end.
    pub(super) base_path: String,
    pub(super) clock: Clock,
    /// Asks DNS; none looks into the model's own zone.
    pub(super) txt: Option<TxtLookup>,
    pub(super) zone: Option<ZoneListener>,
}

/// A model, and what must happen before an answer leaves.
struct Shared<M> {
    model: M,
    store: Option<Store>,
    listener: Option<ZoneListener>,
    /// The zone that the listener knows.
    zone: Vec<(String, Vec<String>)>,
    /// The state file could not be written; nothing is answered any more.
    broken: Option<String>,
}

impl<M: Model> Shared<M> {
    /// Writes the effects since the last call, and tells whoever serves the zone.
    fn persist(&mut self) -> Result<(), SandboxError> {
        let effects = self.model.take_effects();
        if effects.is_empty() {
            return Ok(());
        }
        if let Some(store) = &mut self.store {
            store.append(&effects)?;
        }
        self.tell();
        Ok(())
    }

    fn tell(&mut self) {
        let Some(listener) = &self.listener else { return };
        let zone = self.model.zone();
        if zone != self.zone {
            self.zone = zone;
            listener(self.zone.clone());
        }
    }
}

/// A running server. It ends when this is dropped, or in good order by [`Server::stop`].
pub struct Server<M> {
    /// Where it listens.
    pub address: SocketAddr,
    base_path: String,
    shared: Arc<Mutex<Shared<M>>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl<M: Model> Server<M> {
    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.base_path)
    }

    /// Looks at the model, or changes it behind the server's back (faults, counters). A change of
    /// the state itself goes by a request, so that the file hears of it.
    ///
    /// # Errors
    /// The state file could not be written.
    pub async fn with<R>(&self, look: impl FnOnce(&mut M) -> R) -> Result<R, SandboxError> {
        let mut shared = self.shared.lock().await;
        let result = look(&mut shared.model);
        shared.persist()?;
        Ok(result)
    }

    /// Ends the server: no new connections, requests under way are answered (for two seconds).
    pub async fn stop(mut self) {
        // The receiver is gone only if the server ended by itself.
        let _ = self.stop.send(());
        if tokio::time::timeout(PATIENCE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// The state of a file, or the first one; with the file if it is kept.
pub(super) fn open<S: Kept>(
    state_file: Option<PathBuf>,
    seeded: impl FnOnce() -> Result<S, String>,
) -> Result<(S, Option<Store>), SandboxError> {
    match state_file {
        None => Ok((seeded().map_err(SandboxError::Seed)?, None)),
        Some(path) => {
            let (state, store) = Store::open(path, seeded)?;
            Ok((state, Some(store)))
        }
    }
}

/// Takes a port of 127.0.0.1; 0 lets the system choose.
pub(super) async fn listen(port: u16) -> Result<(TcpListener, SocketAddr), SandboxError> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let failed = |cause| SandboxError::Listen { address: wanted, cause };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Serves a model at a port that was taken.
pub(super) fn serve<M: Model + Send + 'static>(
    (listener, address): (TcpListener, SocketAddr),
    model: M,
    store: Option<Store>,
    setting: Setting,
) -> Server<M> {
    let Setting { base_path, clock, txt, zone } = setting;
    let mut shared = Shared { model, store, listener: zone, zone: Vec::new(), broken: None };
    shared.tell();
    let shared = Arc::new(Mutex::new(shared));
    let context = Context { shared: Arc::clone(&shared), base_path: base_path.clone(), clock, txt };
    let service = Router::new()
        .fallback(answer::<M>)
        .with_state(Arc::new(context))
        .into_make_service_with_connect_info::<Line>();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(Door::new(listener), service).with_graceful_shutdown(async {
        // Dropping the sender stops the server as well.
        let _ = stopped.await;
    });
    let task = spawn(async move {
        if let Err(cause) = serving.await {
            tracing::error!(%cause, "the sandbox stopped");
        }
    });
    Server { address, base_path, shared, stop, task }
}

/// What every request is answered with.
struct Context<M> {
    shared: Arc<Mutex<Shared<M>>>,
    base_path: String,
    clock: Clock,
    txt: Option<TxtLookup>,
}

/// Answers one request. DNS is asked while others are answered.
async fn answer<M: Model + Send + 'static>(
    State(context): State<Arc<Context<M>>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let Some(request) = taken(request, &context.base_path).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut shared = context.shared.lock().await;
    let txt = match (shared.model.needs_txt(&request), &context.txt) {
        (None, _) => None,
        (Some(name), None) => {
            let found = shared.model.zone().into_iter().find(|(each, _)| *each == name);
            Some(Ok(found.map_or_else(Vec::new, |(_, values)| values)))
        }
        (Some(name), Some(ask)) => {
            drop(shared);
            let found = ask(name).await;
            shared = context.shared.lock().await;
            Some(found)
        }
    };
    if shared.broken.is_none() {
        let response = shared.model.handle(&request, (context.clock)(), txt.as_ref());
        match shared.persist() {
            Ok(()) => {
                drop(shared);
                return sent(response, &line).await;
            }
            Err(cause) => shared.broken = Some(cause.to_string()),
        }
    }
    let cause = shared.broken.clone().unwrap_or_default();
    tracing::error!(%cause, "the sandbox's state could not be kept");
    (StatusCode::INTERNAL_SERVER_ERROR, cause).into_response()
}

/// The clock that was given, or the system's.
pub(super) fn clock(given: Option<Clock>) -> Clock {
    given.unwrap_or_else(|| Arc::new(system_clock))
}

#[expect(clippy::disallowed_methods, reason = "this is the edge: the sandbox's clock is read here")]
fn system_clock() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
