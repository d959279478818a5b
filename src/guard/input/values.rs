//! Values that several parts of the document hold: sources, names, instants.

use jiff::Timestamp;
use schemars::JsonSchema;

use crate::kind::Key;

/// A place in a file.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the shape that `Source` has in JSON, for the schema only")]
pub(super) struct SourceView {
    /// The file, relative to the project.
    file: String,
    /// The line, from 1.
    line: u32,
    /// The column, from 1.
    column: u32,
}

/// A name as it stands in an address: a `/` in it is written `%2F`. Whoever takes an address
/// apart, or puts one together, finds the name it has in the index.
pub(super) fn segment(key: &Key) -> String {
    key.as_str().replace('%', "%25").replace('/', "%2F")
}

/// A person who is named in the files or by whoever asks, however that is written.
pub(super) fn person(written: &str) -> Key {
    let key = Key::new(written.trim());
    key.as_str().strip_prefix("user/").map(Key::new).unwrap_or(key)
}

/// An instant as text, "" where there is none.
pub(super) fn instant(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// An instant in nanoseconds since 1970, 0 where there is none; as far as 64 bits reach.
pub(super) fn nanoseconds(at: Option<Timestamp>) -> i64 {
    let Some(at) = at else { return 0 };
    let exact = at.as_nanosecond();
    i64::try_from(exact).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}
