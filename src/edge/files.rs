//! Files muster writes for people: plan files, a new project.

pub(super) mod plain;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use plain::Care;

/// Reads a text file of at most `bound` bytes.
///
/// # Errors
///
/// In words, with the path.
pub fn read_text(path: &Path, bound: u64) -> Result<String, String> {
    let told = |why: &dyn std::fmt::Display| format!("`{}`: {why}", path.display());
    let bytes = plain::read(path, bound).map_err(|error| told(&error))?;
    String::from_utf8(bytes).map_err(|_| told(&"it is not UTF-8"))
}

/// Demands that a file can be put at `path` later: nothing is there, or a plain file.
///
/// # Errors
///
/// In words, with the path: a folder, a link, a pipe, a socket or a device is there.
pub fn is_replaceable(path: &Path) -> Result<(), String> {
    plain::is_replaceable(path).map_err(|error| format!("`{}`: {error}", path.display()))
}

/// Writes a file that only its owner can read, in the place of one that may be there: no half of
/// it is ever seen. Plans name people.
///
/// # Errors
///
/// In words, with the path.
pub fn write_private(path: &Path, text: &str) -> Result<(), String> {
    plain::replace(path, ".tmp", text.as_bytes(), Care::Private)
        .map_err(|error| format!("`{}`: {error}", path.display()))
}

/// Whether something is at this path, a dangling link included.
#[must_use]
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Writes a new file, and never over one that is there.
///
/// # Errors
///
/// In words, with the path.
pub fn write_new(path: &Path, text: &str) -> Result<(), String> {
    let told = |error: std::io::Error| format!("`{}`: {error}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(told)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(told)?;
    file.write_all(text.as_bytes()).map_err(told)
}

/// Where a path leads, links followed; `None` where nothing is.
#[must_use]
pub fn real(path: &Path) -> Option<std::path::PathBuf> {
    std::fs::canonicalize(path).ok()
}
