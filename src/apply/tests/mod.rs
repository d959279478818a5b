//! Whole runs, explored.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "an exploration prints its bounds, its states and its time, and looks states up by hash"
)]

mod model;
