//! The only place that touches files, network, clock, environment, terminal, child processes.

pub mod sandbox;
