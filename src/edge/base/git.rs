//! A commit of a Git repository, read by the `git` program: its files are put into a folder of
//! their own, and the repository is not touched.

use std::io::{BufRead, BufReader, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::error::BaseError;
use crate::edge::walk::{PROJECT_FILE, ends_with_any};

/// The most bytes that one file of a base may have; a larger one is not a file of a project.
const FILE_BYTES: u64 = 64 << 20;

/// A repository, and where in it a project lies.
pub(super) struct Repository {
    top: PathBuf,
    /// The project's folder in it, with `/` between the parts.
    pub(super) folder: String,
}

/// A file of a commit.
struct Entry {
    is_link: bool,
    blob: String,
    size: u64,
    path: String,
}

/// A commit.
pub(super) struct Commit<'r> {
    repository: &'r Repository,
    /// Its id, whole.
    pub(super) id: String,
    entries: Vec<Entry>,
}

impl Repository {
    /// The repository that holds `root`.
    pub(super) fn around(root: &Path) -> Result<Self, BaseError> {
        let text = said(root, &["rev-parse", "--show-toplevel", "--show-prefix"])?;
        let mut lines = text.lines();
        let top = lines.next().filter(|top| !top.is_empty());
        let top = top.ok_or_else(|| BaseError::git("it names no repository"))?;
        let folder = lines.next().unwrap_or_default().trim_end_matches('/').to_owned();
        Ok(Self { top: PathBuf::from(top), folder })
    }

    /// The commit that `reference` names, with its list of files.
    pub(super) fn commit(&self, reference: &str) -> Result<Commit<'_>, BaseError> {
        let name = format!("{reference}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &name];
        let id = said(&self.top, &arguments).map_err(|error| match error {
            BaseError::NoGit(_) => error,
            _ => BaseError::NoCommit { name: reference.to_owned(), shallow: self.is_shallow() },
        })?;
        let id = id.trim().to_owned();
        let listing = output(&self.top, &["ls-tree", "-r", "-l", "-z", "--full-tree", &id])?;
        let entries = listing.split(|byte| *byte == 0).filter(|row| !row.is_empty());
        let entries = entries.filter_map(|row| entry(&String::from_utf8_lossy(row))).collect();
        Ok(Commit { repository: self, id, entries })
    }

    fn is_shallow(&self) -> bool {
        said(&self.top, &["rev-parse", "--is-shallow-repository"])
            .is_ok_and(|text| text.trim() == "true")
    }
}

impl Commit<'_> {
    /// The folders that hold a project file.
    pub(super) fn projects(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter_map(|entry| match entry.path.rsplit_once('/') {
            Some((folder, PROJECT_FILE)) => Some(folder),
            None if entry.path == PROJECT_FILE => Some(""),
            _ => None,
        })
    }

    /// Writes the files under `folder` into a folder of their own, which goes with the value.
    pub(super) fn files(&self, folder: &str) -> Result<TempDir, BaseError> {
        let copied = |error: std::io::Error| BaseError::Copy(error.to_string());
        let place = tempfile::Builder::new().prefix("muster-base-").tempdir().map_err(copied)?;
        let under = |entry: &&Entry| {
            let rest = entry.path.strip_prefix(folder);
            folder.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let wanted: Vec<&Entry> = self.entries.iter().filter(under).collect();
        let (links, files): (Vec<&Entry>, Vec<&Entry>) =
            wanted.into_iter().partition(|entry| entry.is_link);
        let (read, others): (Vec<&Entry>, Vec<&Entry>) =
            files.into_iter().partition(|entry| is_read(entry));
        let at = |entry: &Entry| path_in(place.path(), &entry.path, folder);
        for entry in others {
            // That it is there is all that counts.
            create(&at(entry)?).map_err(copied)?;
        }
        self.contents(&read, |entry, bytes| {
            create(&at(entry)?).and_then(|mut file| file.write_all(bytes)).map_err(copied)
        })?;
        // Last, so that nothing is written through one.
        self.contents(&links, |entry, bytes| {
            link(&String::from_utf8_lossy(bytes), &at(entry)?).map_err(copied)
        })?;
        Ok(place)
    }

    /// Gives the contents of every entry, in order.
    fn contents(
        &self,
        entries: &[&Entry],
        mut take: impl FnMut(&Entry, &[u8]) -> Result<(), BaseError>,
    ) -> Result<(), BaseError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut child = command(&self.repository.top, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| BaseError::NoGit(error.to_string()))?;
        let (Some(mut asks), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(BaseError::git("it has no pipes"));
        };
        let names: Vec<String> = entries.iter().map(|entry| format!("{}\n", entry.blob)).collect();
        let result = std::thread::scope(|scope| {
            scope.spawn(move || names.iter().try_for_each(|name| asks.write_all(name.as_bytes())));
            let mut answers = BufReader::new(answers);
            entries.iter().try_for_each(|entry| take(entry, &blob(&mut answers, entry)?))
        });
        let _ = child.kill();
        let _ = child.wait();
        result
    }
}

/// Reads one answer of `git cat-file --batch`: a line with the size, the bytes, and a line's end.
fn blob(answers: &mut impl BufRead, entry: &Entry) -> Result<Vec<u8>, BaseError> {
    let short = |error: std::io::Error| BaseError::git(&format!("`{}`: {error}", entry.path));
    let mut head = String::new();
    answers.read_line(&mut head).map_err(short)?;
    let size = head.trim_end().strip_prefix(&format!("{} blob ", entry.blob));
    let size: usize = size
        .and_then(|size| size.parse().ok())
        .filter(|size| *size as u64 == entry.size)
        .ok_or_else(|| BaseError::git(&format!("`{}` cannot be read", entry.path)))?;
    let mut bytes = vec![0; size + 1];
    answers.read_exact(&mut bytes).map_err(short)?;
    bytes.truncate(size);
    Ok(bytes)
}

/// `<mode> blob <id> <size>\t<path>`, as `git ls-tree -l` prints it. Submodules have no blob.
fn entry(row: &str) -> Option<Entry> {
    let (head, path) = row.split_once('\t')?;
    let mut words = head.split_ascii_whitespace();
    let (mode, kind) = (words.next()?, words.next()?);
    let (blob, size) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
    (kind == "blob").then(|| Entry { is_link: mode == "120000", blob, size, path: path.to_owned() })
}

/// Whether the bytes of a file may be those of a project: YAML, a rule, data.
fn is_read(entry: &Entry) -> bool {
    let ends = [".yaml", ".yml", ".rego", ".json"];
    entry.size <= FILE_BYTES && ends_with_any(&entry.path, &ends)
}

/// Where a file of `folder` goes, and nowhere else.
fn path_in(place: &Path, path: &str, folder: &str) -> Result<PathBuf, BaseError> {
    let rest = Path::new(path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/'));
    let is_plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
    if !is_plain {
        return Err(BaseError::git(&format!("`{path}` is not a path of a repository")));
    }
    Ok(place.join(rest))
}

fn create(path: &Path) -> std::io::Result<std::fs::File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::File::create_new(path)
}

#[cfg(unix)]
fn link(target: &str, path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn link(target: &str, path: &Path) -> std::io::Result<()> {
    create(path)?.write_all(target.as_bytes())
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).env("LC_ALL", "C").stdin(Stdio::null());
    // A filter or hook of a project must not run, and no one is asked for a password.
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
    command.env("GIT_NO_LAZY_FETCH", "1");
    command
}

fn output(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, BaseError> {
    let ended =
        command(folder, arguments).output().map_err(|error| BaseError::NoGit(error.to_string()))?;
    if ended.status.success() {
        return Ok(ended.stdout);
    }
    let complaint = String::from_utf8_lossy(&ended.stderr);
    Err(BaseError::git(complaint.lines().next().unwrap_or("it failed and does not say why")))
}

fn said(folder: &Path, arguments: &[&str]) -> Result<String, BaseError> {
    output(folder, arguments).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
