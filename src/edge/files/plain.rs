//! Plain files, and nothing else: a pipe may never end, a device acts, and a link leads elsewhere.

use std::fs::{FileType, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write as _};
use std::path::{Path, PathBuf};

/// What a file that takes another's place is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::edge) enum Care {
    /// Names people: its owner alone can read it, and it survives a power cut.
    Private,
    /// The state of a rehearsal: it survives a kill.
    Rehearsal,
}

/// What is at the end of a path, where it is neither a plain file nor nothing.
fn other_than_file(kind: FileType) -> Option<&'static str> {
    if kind.is_file() {
        None
    } else if kind.is_dir() {
        Some("a folder")
    } else if kind.is_symlink() {
        Some("a link")
    } else {
        Some(special(kind))
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_kind: FileType) -> &'static str {
    "something special"
}

/// Demands that a file can be put at `path`: nothing is there, or a plain file. A rename would
/// take away anything else, for good: as root even a device.
pub(in crate::edge) fn is_replaceable(path: &Path) -> Result<()> {
    let kind = match path.symlink_metadata() {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    match other_than_file(kind) {
        None => Ok(()),
        Some(other) => Err(Error::other(format!("it is {other}, and only a file is replaced"))),
    }
}

/// Puts a file in the place of one that may be there: first beside it, then by a rename, so that
/// no half of it is ever seen. What a run that was killed left beside it is made anew, because a
/// file that is there keeps the permissions it has.
pub(in crate::edge) fn replace(path: &Path, ending: &str, bytes: &[u8], care: Care) -> Result<()> {
    is_replaceable(path)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(ending);
    let beside = PathBuf::from(beside);
    is_replaceable(&beside).map_err(|error| {
        let shown = beside.display();
        Error::other(format!("`{shown}` is there, which muster writes first: {error}"))
    })?;
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if care == Care::Private {
        private(&mut options);
    }
    let mut file = options.open(&beside)?;
    file.write_all(bytes)?;
    if care == Care::Private {
        file.sync_all()?;
    }
    is_replaceable(path)?;
    std::fs::rename(&beside, path)
}

#[cfg(unix)]
pub(in crate::edge) fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
pub(in crate::edge) fn private(_options: &mut OpenOptions) {}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    /// A folder with one of everything that is no plain file.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("folder")).unwrap();
        std::fs::write(at("file"), "kept").unwrap();
        symlink("file", at("link")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        symlink("/dev/null", at("link-to-device")).unwrap();
        drop(UnixListener::bind(at("socket")).unwrap());
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status();
        assert!(made.unwrap().success());
        folder
    }

    #[test]
    fn nothing_but_a_file_is_replaced() {
        let folder = folder();
        let others = ["folder", "link", "dangling", "link-to-device", "socket", "pipe"];
        let kind = |name: &str| folder.path().join(name).symlink_metadata().unwrap().file_type();
        for name in others {
            let before = kind(name);
            let path = folder.path().join(name);
            for care in [Care::Private, Care::Rehearsal] {
                let error = replace(&path, ".tmp", b"new", care).unwrap_err().to_string();
                assert!(error.contains("only a file is replaced"), "{name}: {error}");
            }
            assert_eq!(kind(name), before);
            assert!(!folder.path().join(format!("{name}.tmp")).exists(), "{name}");
        }
        assert!(kind("pipe").is_fifo() && kind("socket").is_socket());
        assert!(is_replaceable(Path::new("/dev/null")).unwrap_err().to_string().contains("device"));
        assert_eq!(std::fs::read_to_string(folder.path().join("file")).unwrap(), "kept");
        for name in ["file", "new"] {
            let path = folder.path().join(name);
            replace(&path, ".tmp", b"new", Care::Private).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        }
    }

    #[test]
    fn what_lies_beside_is_replaced_only_if_it_is_a_file() {
        let folder = folder();
        let path = folder.path().join("plan");
        for name in ["folder", "dangling", "pipe"] {
            let beside = folder.path().join("plan.tmp");
            std::fs::rename(folder.path().join(name), &beside).unwrap();
            let before = beside.symlink_metadata().unwrap().file_type();
            let error = replace(&path, ".tmp", b"new", Care::Private).unwrap_err().to_string();
            assert!(error.contains("plan.tmp` is there, which muster"), "{error}");
            assert_eq!(beside.symlink_metadata().unwrap().file_type(), before);
            std::fs::rename(&beside, folder.path().join(name)).unwrap();
        }
        assert!(!path.exists());
    }
}
