//! The environment.

use std::path::Path;

/// A variable's value, if it is set to some text.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Goes to another folder: every path from here on is meant from there.
///
/// # Errors
///
/// In words, with the path.
pub fn enter(folder: &Path) -> Result<(), String> {
    std::env::set_current_dir(folder).map_err(|error| format!("`{}`: {error}", folder.display()))
}

/// The name of a folder, or none where it has none: the root of the file system.
#[must_use]
pub fn folder_name(folder: &Path) -> Option<String> {
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    Some(real.file_name()?.to_str()?.to_owned())
}
