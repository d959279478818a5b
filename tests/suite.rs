//! Every test that needs nothing but this repository, as one program: linking the crate into one
//! program instead of fifteen saves most of the time that `cargo test` takes on a fresh clone.
//!
//! `cargo test --test suite laws::` runs one module of it.

mod support;

mod cli;
mod config_parse;
mod domains;
mod greenlake;
mod greenlake_domains;
mod greenlake_laws;
mod greenlake_twin;
mod guard;
mod hostile_servers;
mod hostile_text;
mod hostile_yaml;
mod laws;
mod matrix;
mod project_files;
mod stories;
