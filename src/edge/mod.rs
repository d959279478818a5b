//! The only place that touches files, network, clock, environment, terminal, child processes.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the one folder where the program meets the world"
)]

pub mod base;
pub mod clock;
pub mod credential;
mod dates;
pub mod dns;
pub mod environment;
pub mod files;
pub mod http;
pub mod journal;
pub mod lease;
pub mod policy_tests;
pub mod policy_worker;
pub mod project;
pub mod runtime;
pub mod sandbox;
pub mod session;
pub mod signal;
pub mod terminal;
pub mod twin;
mod walk;
