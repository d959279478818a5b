//! The twin of HPE GreenLake keeps HPE's rules, over the model and over real HTTP.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod bindings;
mod directory;
mod domains;
mod faults;
mod platform;
mod served;
mod tokens;
mod world;
