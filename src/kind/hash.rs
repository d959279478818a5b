//! What tables are asked by.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

/// A hash that is the same in every run: for tables that are asked and never walked.
#[must_use]
pub fn hash_of(thing: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(thing)
}
