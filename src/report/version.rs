//! The version of what is published as JSON.

/// The version of the format. It changes when a field changes meaning or goes.
pub const FORMAT_VERSION: &str = "1";
