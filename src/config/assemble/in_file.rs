//! Which file declares a thing.

/// A thing and the number of the file that declares it.
pub(super) type InFile<T> = (usize, T);
