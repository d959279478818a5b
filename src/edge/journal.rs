//! The journal file: appended to, flushed to the disk before the write it speaks of.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::apply::{Chain, Entry, Journal, recorded};
use crate::edge::clock;
use crate::edge::files::plain::{self, Unread};
use crate::live::Memory;

/// The most bytes of a journal that are read.
const MOST_BYTES: u64 = 1 << 30;

/// A journal in a file. One run at a time: the file is locked while it is open.
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    inner: Mutex<(File, Chain)>,
    applied: Vec<String>,
}

impl JournalFile {
    /// Opens the journal at `path` and locks it, making its folder where there is none. A last
    /// line that was cut short by a kill is closed off, not lost.
    ///
    /// # Errors
    ///
    /// In words: it cannot be opened, read or locked; another run has it.
    pub fn open(path: &Path) -> Result<Self, String> {
        let told = |error: std::io::Error| format!("the journal `{}`: {error}", path.display());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(told)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        plain::private(&mut options);
        let mut file = plain::open(path, &mut options).map_err(told)?;
        file.try_lock().map_err(|_| {
            format!(
                "the journal `{}` is in use: another apply of this project is running",
                path.display()
            )
        })?;
        // A line that was cut short may end inside a letter: what is there is kept as it is.
        let mut bytes = Vec::new();
        plain::take(&file, MOST_BYTES, &mut bytes).map_err(|why| unread(path, &why))?;
        let text = String::from_utf8_lossy(&bytes);
        if !text.is_empty() && !text.ends_with('\n') {
            file.seek(SeekFrom::End(0)).and_then(|_| file.write_all(b"\n")).map_err(told)?;
        }
        let chain = Chain::after(text.lines().next_back());
        let applied = text.lines().filter_map(plan_of).collect();
        Ok(Self { path: path.to_owned(), inner: Mutex::new((file, chain)), applied })
    }

    /// Whether a plan file of this digest was applied before, to its end or not.
    #[must_use]
    pub fn knows(&self, plan: &str) -> bool {
        self.applied.iter().any(|digest| digest == plan)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The digest of the last line.
    #[must_use]
    pub fn head(&self) -> String {
        self.inner.lock().map_or_else(|_| String::new(), |inner| inner.1.head().to_owned())
    }
}

/// What the journal at `path` remembers of objects that the target made otherwise than was asked.
/// There is nothing to remember where there is no journal.
///
/// # Errors
///
/// In words, when there is a journal and it cannot be read.
pub fn memory(path: &Path) -> Result<Memory, String> {
    if !path.exists() {
        return Ok(Memory::new());
    }
    // A line that was cut short may end inside a letter.
    let bytes = plain::read(path, MOST_BYTES).map_err(|why| unread(path, &why))?;
    let text = String::from_utf8_lossy(&bytes);
    // Most journals have nothing of the kind, and need not be understood.
    if !text.contains("\"differs\"") && !text.contains("\"made\"") {
        return Ok(Memory::new());
    }
    Ok(recorded(text.lines()))
}

/// The digest of the plan that a line says was begun.
fn plan_of(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    (line.get("event")? == "begin").then(|| line.get("plan")?.as_str().map(str::to_owned))?
}

/// Why the journal at `path` is not read, and what to do.
fn unread(path: &Path, why: &Unread) -> String {
    let remedy = match why {
        Unread::Large(_) => "; move it away, and keep it: the next apply begins a new one",
        Unread::System(_) => "",
    };
    format!("the journal `{}`: {why}{remedy}", path.display())
}

impl Journal for JournalFile {
    fn record(&self, entry: &Entry) -> Result<(), String> {
        let mut inner = self.inner.lock().map_err(|_| "its lock is broken".to_owned())?;
        let (file, chain) = &mut *inner;
        let mut next = chain.clone();
        let line = next.line(entry, &clock::now().to_string())?;
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            // What is there of the line is closed off, so that the next one is a line of its own.
            let _ = file.write_all(b"\n");
            return Err(error.to_string());
        }
        // Only what is about to be written must be on the disk before it is; receipts may follow.
        if matches!(entry, Entry::Begin { .. } | Entry::Step { .. }) {
            file.sync_data().map_err(|error| error.to_string())?;
        }
        *chain = next;
        Ok(())
    }
}
