//! Files muster writes for people: plan files, a new project.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Reads a text file of at most `bound` bytes.
///
/// # Errors
///
/// In words, with the path.
pub fn read_text(path: &Path, bound: u64) -> Result<String, String> {
    let told = |error: std::io::Error| format!("`{}`: {error}", path.display());
    let size = std::fs::metadata(path).map_err(told)?.len();
    if size > bound {
        return Err(format!("`{}` has {size} bytes, and at most {bound} are read", path.display()));
    }
    std::fs::read_to_string(path).map_err(told)
}

/// Writes a file that only its owner can read: first beside it, then in its place, so that no
/// half of it is ever seen. Plans name people. What lies beside it from a run that was killed is
/// made anew, because a file that is there keeps the permissions it has.
///
/// # Errors
///
/// In words, with the path.
pub fn write_private(path: &Path, text: &str) -> Result<(), String> {
    let told = |error: std::io::Error| format!("`{}`: {error}", path.display());
    let mut beside = path.as_os_str().to_owned();
    beside.push(".tmp");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(told(error)),
        _ => {}
    }
    let mut file = options.open(&beside).map_err(told)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(told)?;
    std::fs::rename(&beside, path).map_err(told)
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
