//! The twin of HPE GreenLake keeps HPE's rules, over the model and over real HTTP.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "greenlake_twin/bindings.rs"]
mod bindings;
#[path = "greenlake_twin/directory.rs"]
mod directory;
#[path = "greenlake_twin/domains.rs"]
mod domains;
#[path = "greenlake_twin/faults.rs"]
mod faults;
#[path = "greenlake_twin/platform.rs"]
mod platform;
#[path = "greenlake_twin/served.rs"]
mod served;
#[path = "greenlake_twin/tokens.rs"]
mod tokens;
#[path = "greenlake_twin/world.rs"]
mod world;
