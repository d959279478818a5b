//! The twin of HPE GreenLake behind HTTP on the loopback address.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State as Given};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

use super::store::Store;
use super::wire::{Door, Line, sent, taken};
use super::{Clock, PATIENCE, SandboxError, spawn, system_clock};
use crate::sandbox::Faults;
use crate::sandbox::greenlake::{GreenLake, Limits, State, Txt};

/// Asks DNS for the TXT records at a name: each record's text with its strings joined, no record
/// and no such name both as an empty list, and in words why nobody knows.
pub type TxtLookup = Arc<dyn Fn(String) -> BoxFuture<'static, Txt> + Send + Sync>;

/// Hears of the whole zone (name, TXT values), at the start and whenever it changes.
pub type ZoneListener = Arc<dyn Fn(Vec<(String, Vec<String>)>) + Send + Sync>;

/// How to start the twin. `Default` is an organization with one workspace `main` and one client
/// whose id and secret are `sandbox`, on any free port, that forgets.
#[derive(Clone, Default)]
pub struct GreenLakeOptions {
    /// The port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    /// The first state, if there is no state file yet ([`State::seed`]).
    pub seed: Option<serde_json::Value>,
    /// Where the state survives the process.
    pub state_file: Option<PathBuf>,
    /// What goes wrong.
    pub faults: Faults,
    /// How many requests it takes from one principal.
    pub limits: Limits,
    /// How long a token lives, in seconds; none is HPE's quarter of an hour.
    pub token_seconds: Option<u32>,
    /// How long an authentication policy is `Configuring`, in seconds; none is 5.
    pub policy_seconds: Option<u32>,
    /// The clock; none is the system's.
    pub clock: Option<Clock>,
    /// Asks DNS when a domain is verified; none looks into the twin's own zone.
    pub txt: Option<TxtLookup>,
    /// Hears of the zone.
    pub zone: Option<ZoneListener>,
    /// Where the zone is served, for [`GreenLakeServer::dns_address`].
    pub dns: Option<SocketAddr>,
}

/// What the requests share.
struct Shared {
    twin: GreenLake,
    store: Option<Store>,
    listener: Option<ZoneListener>,
    /// The zone that the listener knows.
    zone: Vec<(String, Vec<String>)>,
    /// The state file could not be written; nothing is answered any more.
    broken: Option<String>,
}

/// What every request is answered with.
#[derive(Clone)]
struct Context {
    shared: Arc<Mutex<Shared>>,
    clock: Clock,
    txt: Option<TxtLookup>,
}

/// A running twin. It ends when this is dropped, or in good order by [`GreenLakeServer::stop`].
pub struct GreenLakeServer {
    /// Where it listens.
    pub address: SocketAddr,
    dns: Option<SocketAddr>,
    shared: Arc<Mutex<Shared>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl GreenLakeServer {
    /// The base URL of all APIs, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its zone is served, if it is.
    #[must_use]
    pub fn dns_address(&self) -> Option<SocketAddr> {
        self.dns
    }

    /// Looks at the twin, or changes it behind the server's back (faults, limits, zone).
    ///
    /// # Errors
    /// The state file could not be written.
    pub async fn with<R>(&self, look: impl FnOnce(&mut GreenLake) -> R) -> Result<R, SandboxError> {
        let mut shared = self.shared.lock().await;
        let result = look(&mut shared.twin);
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

impl Shared {
    /// Writes the effects since the last call, and tells whoever serves the zone.
    fn persist(&mut self) -> Result<(), SandboxError> {
        let effects = self.twin.take_effects();
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
        let zone = zone(&self.twin);
        if zone != self.zone {
            self.zone = zone;
            listener(self.zone.clone());
        }
    }
}

fn zone(twin: &GreenLake) -> Vec<(String, Vec<String>)> {
    let names = twin.state.zone();
    names.map(|(name, values)| (name.to_string(), values.to_vec())).collect()
}

/// Starts the twin on 127.0.0.1.
///
/// # Errors
/// The port is taken, the seed is wrong, or the state file cannot be read or written.
pub async fn start_greenlake(options: GreenLakeOptions) -> Result<GreenLakeServer, SandboxError> {
    let clock = options.clock.unwrap_or_else(|| Arc::new(system_clock));
    let seeded = || match &options.seed {
        None => Ok(State::beginning(clock())),
        Some(seed) => State::seed(seed, clock()),
    };
    let (state, store) = match options.state_file {
        None => (seeded().map_err(SandboxError::Seed)?, None),
        Some(path) => {
            let (state, store) = Store::open(path, seeded)?;
            (state, Some(store))
        }
    };
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let failed = |cause| SandboxError::Listen { address: wanted, cause };
    let listener = TcpListener::bind(wanted).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let mut twin = GreenLake::new(state);
    twin.faults = options.faults;
    twin.limits = options.limits;
    twin.token_seconds = options.token_seconds.unwrap_or(twin.token_seconds);
    twin.policy_seconds = options.policy_seconds.unwrap_or(twin.policy_seconds);
    let mut shared = Shared { twin, store, listener: options.zone, zone: Vec::new(), broken: None };
    shared.tell();
    let shared = Arc::new(Mutex::new(shared));
    let service = Router::new()
        .fallback(answer)
        .with_state(Context { shared: Arc::clone(&shared), clock, txt: options.txt })
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
    Ok(GreenLakeServer { address, dns: options.dns, shared, stop, task })
}

/// Answers one request. DNS is asked while others are answered.
async fn answer(
    Given(context): Given<Context>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let Some(request) = taken(request, "").await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let mut shared = context.shared.lock().await;
    let txt = match (shared.twin.needs_txt(&request), &context.txt) {
        (None, _) => None,
        (Some(name), None) => {
            let found = zone(&shared.twin).into_iter().find(|(each, _)| *each == name);
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
        let response = shared.twin.handle(&request, (context.clock)(), txt.as_ref());
        match shared.persist() {
            Ok(()) => {
                drop(shared);
                return sent(response, &line).await;
            }
            Err(cause) => shared.broken = Some(cause.to_string()),
        }
    }
    let cause = shared.broken.clone().unwrap_or_default();
    tracing::error!(%cause, "the twin's state could not be kept");
    (StatusCode::INTERNAL_SERVER_ERROR, cause).into_response()
}
