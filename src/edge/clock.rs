//! The clock, read once a run: everything below takes the time as an argument.

use jiff::Timestamp;

/// The time now.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::now()
}
