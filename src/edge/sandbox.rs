//! The sandbox behind HTTP on the loopback address, with its state in a file.

mod error;
pub mod greenlake;
mod serve;
mod store;
mod wire;

use std::path::PathBuf;

use crate::sandbox::{Faults, Personality, Sandbox, State};

pub use self::error::SandboxError;
pub use self::serve::{Clock, Server};

/// A running SCIM sandbox.
pub type SandboxServer = Server<Sandbox>;

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

/// Starts a sandbox on 127.0.0.1.
///
/// # Errors
/// The port is taken, the seed is wrong, or the state file cannot be read or written.
pub async fn start(options: SandboxOptions) -> Result<SandboxServer, SandboxError> {
    let base_path = options.base_path;
    if !base_path.is_empty() && (!base_path.starts_with('/') || base_path.ends_with('/')) {
        return Err(SandboxError::BasePath(base_path));
    }
    let clock = serve::clock(options.clock);
    let (state, store) = serve::open(options.state_file, || match &options.seed {
        None => Ok(State::default()),
        Some(seed) => State::seed_for(seed, clock(), &options.personality),
    })?;
    let (listener, address) = serve::listen(options.port).await?;
    let mut sandbox = Sandbox::new(state, options.personality);
    sandbox.faults = options.faults;
    sandbox.token = options.token;
    sandbox.base = format!("http://{address}{base_path}");
    let setting = serve::Setting { base_path, clock, txt: None, zone: None };
    Ok(serve::serve((listener, address), sandbox, store, setting))
}

#[cfg(test)]
mod tests;
