//! Why a sandbox does not start, or cannot go on.

use std::net::SocketAddr;
use std::path::PathBuf;

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
