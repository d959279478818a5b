//! Plain files, and nothing else: a pipe may never end, a device acts, and a link leads elsewhere.

use std::fs::{File, FileType, OpenOptions};
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::path::{Path, PathBuf};

/// The purpose of a file that takes another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::edge) enum Care {
    /// Names people: its owner alone can read it, and it survives a power cut.
    Private,
    /// The state of a rehearsal: it survives a kill.
    Rehearsal,
}

/// The thing at the end of a path, where it is neither a plain file nor nothing.
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

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(in crate::edge) enum Unread {
    /// The system says so, or it is no plain file.
    #[error(transparent)]
    System(#[from] Error),
    /// Larger than anything that is read.
    #[error("it has more than {0} bytes, and no more are read")]
    Large(u64),
}

/// Opens a plain file in this way, and waits for nothing: opening a pipe would wait for its other
/// end, and reading one, or a device, may never end. What was opened is asked again, because the
/// path may lead elsewhere by then.
pub(in crate::edge) fn open(path: &Path, options: &mut OpenOptions) -> Result<File> {
    match path.metadata() {
        Ok(metadata) => demand_file(metadata.file_type())?,
        // A file that is to be made.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    unwaiting(options);
    let file = options.open(path)?;
    demand_file(file.metadata()?.file_type())?;
    Ok(file)
}

fn demand_file(kind: FileType) -> Result<()> {
    let Some(other) = other_than_file(kind) else { return Ok(()) };
    Err(Error::other(format!("it is {other}, and not a file")))
}

#[cfg(unix)]
fn unwaiting(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    // A terminal that is opened must not become this process's own.
    options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
}

#[cfg(not(unix))]
fn unwaiting(_options: &mut OpenOptions) {}

/// Reads a plain file of at most `bound` bytes. Its size is not believed: files of `/proc` have
/// none, and others grow meanwhile.
pub(in crate::edge) fn read(path: &Path, bound: u64) -> std::result::Result<Vec<u8>, Unread> {
    let file = open(path, OpenOptions::new().read(true))?;
    let size = file.metadata()?.len();
    if size > bound {
        return Err(Unread::Large(bound));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    take(&file, bound, &mut bytes)?;
    Ok(bytes)
}

/// Reads what an open file has left, within a bound.
pub(in crate::edge) fn take(
    file: &File,
    bound: u64,
    bytes: &mut Vec<u8>,
) -> std::result::Result<(), Unread> {
    file.take(bound.saturating_add(1)).read_to_end(bytes)?;
    if bytes.len() as u64 > bound { Err(Unread::Large(bound)) } else { Ok(()) }
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

    #[test]
    fn nothing_but_a_file_is_read_and_nothing_is_waited_for() {
        let folder = folder();
        let read = |name: &str| read(&folder.path().join(name), 10).map_err(|why| why.to_string());
        for (name, other) in [
            ("folder", "a folder"),
            ("link-to-device", "a device"),
            ("socket", "a socket"),
            ("pipe", "a pipe"),
            ("/dev/zero", "a device"),
        ] {
            assert_eq!(read(name), Err(format!("it is {other}, and not a file")), "{name}");
        }
        assert!(read("dangling").is_err() && read("none").is_err());
        assert_eq!(read("link"), Ok(b"kept".to_vec()), "a link leads to a file");
    }

    #[test]
    fn more_than_the_bound_is_not_read() {
        let folder = folder();
        let path = folder.path().join("file");
        assert_eq!(read(&path, 4).unwrap(), b"kept");
        assert!(matches!(read(&path, 3), Err(Unread::Large(3))));
        OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(matches!(read(&path, 1 << 20), Err(Unread::Large(_))));
        // A file without a size, that has something in it.
        let proc = Path::new("/proc/self/status");
        if proc.exists() {
            assert!(matches!(read(proc, 10), Err(Unread::Large(10))));
        }
    }

    #[test]
    fn a_pipe_that_takes_the_place_of_a_file_is_seen() {
        let folder = folder();
        // As between the look and the opening.
        let options = &mut OpenOptions::new();
        unwaiting(options.read(true));
        let file = options.open(folder.path().join("pipe")).unwrap();
        assert!(demand_file(file.metadata().unwrap().file_type()).is_err());
        for options in [
            OpenOptions::new().read(true).append(true).create(true),
            OpenOptions::new().write(true).create(true).truncate(false),
        ] {
            let error = open(&folder.path().join("pipe"), options).unwrap_err().to_string();
            assert!(error.contains("a pipe, and not a file"), "{error}");
            assert!(open(&folder.path().join("new"), options).is_ok());
        }
    }
}
