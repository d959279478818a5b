//! What several modules of tests use.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up is a failed test")]
#![expect(clippy::disallowed_methods, reason = "tests lay out folders and run the program")]

pub(crate) mod corpus;
pub(crate) mod holders;
pub(crate) mod largest;
pub(crate) mod lies;
pub(crate) mod memory;
pub(crate) mod program;
pub(crate) mod rng;
pub(crate) mod seeds;
pub(crate) mod server;
pub(crate) mod tls;
