//! The twin of HPE GreenLake behind HTTP on the loopback address.

use std::path::PathBuf;

use super::error::SandboxError;
use super::serve::{self, Clock, Server};
use crate::sandbox::Faults;
use crate::sandbox::greenlake::{GreenLake, Limits, State};

pub use super::serve::{TxtLookup, ZoneListener};

/// A running twin.
pub type GreenLakeServer = Server<GreenLake>;

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
}

/// Starts the twin on 127.0.0.1.
///
/// # Errors
/// The port is taken, the seed is wrong, or the state file cannot be read or written.
pub async fn start_greenlake(options: GreenLakeOptions) -> Result<GreenLakeServer, SandboxError> {
    let clock = serve::clock(options.clock);
    let (state, store) = serve::open(options.state_file, || match &options.seed {
        None => Ok(State::beginning(clock())),
        Some(seed) => State::seed(seed, clock()),
    })?;
    let port = serve::listen(options.port).await?;
    let mut twin = GreenLake::new(state);
    twin.faults = options.faults;
    twin.limits = options.limits;
    twin.token_seconds = options.token_seconds.unwrap_or(twin.token_seconds);
    twin.policy_seconds = options.policy_seconds.unwrap_or(twin.policy_seconds);
    let base_path = String::new();
    let setting = serve::Setting { base_path, clock, txt: options.txt, zone: options.zone };
    Ok(serve::serve(port, twin, store, setting))
}
