//! The sandbox behind HTTP on the loopback address, with its state in a file.

pub mod greenlake;
mod store;
mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

use self::store::Store;
use crate::edge::runtime::spawn;
use crate::sandbox::{Faults, Personality, Sandbox, State};

/// What the time is; asked once a request.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// Largest body that is taken, in bytes.
const BODY_LIMIT: usize = 16 * 1024 * 1024;
/// How long [`SandboxServer::stop`] waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// How to start a sandbox. `Default` is an empty RFC 7644 server on any free port, open to all on
/// this machine, that forgets.
#[derive(Clone, Default)]
pub struct SandboxOptions {
    /// The port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    /// The path of the base URL, `/scim/v2`; empty is the root.
    pub base_path: String,
    /// How it differs from RFC 7644.
    pub personality: Personality,
    /// What goes wrong.
    pub faults: Faults,
    /// The bearer token that requests need.
    pub token: Option<String>,
    /// The first state, if there is no state file yet ([`State::seed`]).
    pub seed: Option<serde_json::Value>,
    /// Where the state survives the process.
    pub state_file: Option<PathBuf>,
    /// The clock; none is the system's.
    pub clock: Option<Clock>,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port is taken, or not ours to take.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// The seed is wrong.
    #[error("the sandbox's seed: {0}")]
    Seed(String),
    /// The base path is not a path.
    #[error("the base path `{0}` must be empty or begin with `/` and not end with one")]
    BasePath(String),
    /// The state file cannot be used.
    #[error("the sandbox's state file `{path}`: {what}", path = path.display())]
    StateFile {
        /// Which.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
}

/// What the requests share.
struct Shared {
    sandbox: Sandbox,
    store: Option<Store>,
    /// The state file could not be written; nothing is answered any more.
    broken: Option<String>,
}

/// A running sandbox. It ends when this is dropped, or in good order by [`SandboxServer::stop`].
pub struct SandboxServer {
    /// Where it listens.
    pub address: SocketAddr,
    base_path: String,
    shared: Arc<Mutex<Shared>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl SandboxServer {
    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.base_path)
    }

    /// Looks at the sandbox, or changes it behind the server's back (faults, counters). A change of
    /// the state itself goes by [`Sandbox::handle`], so that the file hears of it.
    ///
    /// # Errors
    /// The state file could not be written.
    pub async fn with<R>(&self, look: impl FnOnce(&mut Sandbox) -> R) -> Result<R, SandboxError> {
        let mut shared = self.shared.lock().await;
        let result = look(&mut shared.sandbox);
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
    /// Writes the effects since the last call; they are in the file before the answer leaves.
    fn persist(&mut self) -> Result<(), SandboxError> {
        let effects = self.sandbox.take_effects();
        match &mut self.store {
            Some(store) if !effects.is_empty() => store.append(&effects),
            _ => Ok(()),
        }
    }
}

/// Starts a sandbox on 127.0.0.1.
///
/// # Errors
/// The port is taken, the seed is wrong, or the state file cannot be read or written.
pub async fn start(options: SandboxOptions) -> Result<SandboxServer, SandboxError> {
    let path = options.base_path.as_str();
    if !path.is_empty() && (!path.starts_with('/') || path.ends_with('/')) {
        return Err(SandboxError::BasePath(options.base_path));
    }
    let clock = options.clock.unwrap_or_else(|| Arc::new(system_clock));
    let seeded = || match &options.seed {
        None => Ok(State::default()),
        Some(seed) => State::seed_for(seed, clock(), &options.personality),
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
    let mut sandbox = Sandbox::new(state, options.personality);
    sandbox.faults = options.faults;
    sandbox.token = options.token;
    sandbox.base = format!("http://{address}{}", options.base_path);
    let shared = Arc::new(Mutex::new(Shared { sandbox, store, broken: None }));
    let service = Router::new()
        .fallback(wire::answer)
        .with_state(wire::Context {
            shared: Arc::clone(&shared),
            base_path: options.base_path.clone(),
            clock,
        })
        .into_make_service_with_connect_info::<wire::Line>();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(wire::Door::new(listener), service).with_graceful_shutdown(async {
        // Dropping the sender stops the server as well.
        let _ = stopped.await;
    });
    let task = spawn(async move {
        if let Err(cause) = serving.await {
            tracing::error!(%cause, "the sandbox stopped");
        }
    });
    Ok(SandboxServer { address, base_path: options.base_path, shared, stop, task })
}

#[expect(clippy::disallowed_methods, reason = "this is the edge: the sandbox's clock is read here")]
fn system_clock() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[cfg(test)]
mod tests;
