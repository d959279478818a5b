//! The twin of HPE GreenLake keeps HPE's rules, over the model and over real HTTP.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "greenlake_twin/tokens.rs"]
mod tokens;
#[path = "greenlake_twin/world.rs"]
mod world;
