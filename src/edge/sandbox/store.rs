//! The sandbox's state in a file: JSON Lines, the first a snapshot, then one line an effect.
//!
//! A kill at any instant leaves either the old file or a file whose last line may be torn: lines
//! are appended before the answer leaves, the snapshot is written beside and renamed. (Power loss
//! is another matter: nothing is synced, for it is a rehearsal's state.)

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::error::SandboxError;
use crate::edge::files::plain::{self, Care, Unread, is_replaceable, replace};
use crate::sandbox::Kept;

/// The most bytes of a state that are read.
const MOST_BYTES: u64 = 2 << 30;

/// An open state file. One process at a time has it.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    file: File,
    /// Held as long as the store is; the system lets go of it with the process.
    _lock: File,
}

impl Store {
    /// Reads the state, or takes the seed if there is no file, and writes it as one snapshot.
    pub(super) fn open<S: Kept>(
        path: PathBuf,
        seed: impl FnOnce() -> Result<S, String>,
    ) -> Result<(S, Store), SandboxError> {
        is_replaceable(&path).map_err(|cause| wrong(&path, format!("cannot be kept: {cause}")))?;
        let lock = lock(&path)?;
        let state = match read(&path)? {
            Some(bytes) => load(&bytes).map_err(|what| wrong(&path, what))?,
            None => seed().map_err(SandboxError::Seed)?,
        };
        let file = compact(&path, &state)?;
        Ok((state, Store { path, file, _lock: lock }))
    }

    /// Appends effects, in one write.
    pub(super) fn append<E: Serialize>(&mut self, effects: &[E]) -> Result<(), SandboxError> {
        let mut lines = Vec::new();
        for effect in effects {
            serde_json::to_writer(&mut lines, effect)
                .map_err(|cause| wrong(&self.path, cause.to_string()))?;
            lines.push(b'\n');
        }
        self.file
            .write_all(&lines)
            .map_err(|cause| wrong(&self.path, format!("cannot be written: {cause}")))
    }
}

/// The state of a file's bytes. A last line without its end is a write that a kill tore: its
/// answer never left, so it is left out.
fn load<S: Kept>(bytes: &[u8]) -> Result<S, String> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut lines = bytes[..whole].split(|byte| *byte == b'\n').enumerate();
    let remedy = "move the file away to begin with the seed";
    let Some((_, snapshot)) = lines.next().filter(|(_, line)| !line.is_empty()) else {
        return Err(format!("has no snapshot in its first line; {remedy}"));
    };
    let mut state: S = serde_json::from_slice(snapshot)
        .map_err(|cause| format!("line 1 is no snapshot: {cause}; {remedy}"))?;
    for (at, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let effect: S::Effect = serde_json::from_slice(line)
            .map_err(|cause| format!("line {} is no effect: {cause}; {remedy}", at + 1))?;
        state.apply(&effect);
    }
    Ok(state)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, SandboxError> {
    match plain::read(path, MOST_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(Unread::System(cause)) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(wrong(path, format!("cannot be read: {cause}"))),
    }
}

/// Writes the snapshot beside the file, renames it into place, and opens it to append.
fn compact<S: Kept>(path: &Path, state: &S) -> Result<File, SandboxError> {
    let mut snapshot = serde_json::to_vec(state).map_err(|cause| wrong(path, cause.to_string()))?;
    snapshot.push(b'\n');
    let failed = |cause: std::io::Error| wrong(path, format!("cannot be written: {cause}"));
    replace(path, ".new", &snapshot, Care::Rehearsal).map_err(failed)?;
    plain::open(path, OpenOptions::new().append(true)).map_err(failed)
}

#[expect(clippy::disallowed_methods, reason = "this is the edge")]
fn lock(path: &Path) -> Result<File, SandboxError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|cause| wrong(path, format!("its folder cannot be made: {cause}")))?;
    }
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let file = plain::open(&with_suffix(path, ".lock"), &mut options)
        .map_err(|cause| wrong(path, format!("cannot be locked: {cause}")))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(wrong(path, "is in use by another sandbox; stop that one first".into()))
        }
        Err(TryLockError::Error(cause)) => Err(wrong(path, format!("cannot be locked: {cause}"))),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn wrong(path: &Path, what: String) -> SandboxError {
    SandboxError::StateFile { path: path.to_path_buf(), what }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the files of a test")]

    use serde_json::json;

    use super::*;
    use crate::sandbox::{Effect, Personality, Request, Sandbox, State};

    fn seeded() -> Result<State, String> {
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        State::seed(&json!({ "users": [{ "userName": "a" }, { "userName": "b" }] }), now)
    }

    #[test]
    fn a_file_cut_at_any_byte_is_the_state_after_some_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.jsonl");
        let (state, mut store) = Store::open(path.clone(), seeded).unwrap();
        let snapshot = std::fs::read(&path).unwrap().len();
        let mut sandbox = Sandbox::new(state, Personality::default());
        let mut states = vec![sandbox.state.clone()];
        let now: jiff::Timestamp = "2026-11-21T12:00:01Z".parse().unwrap();
        let core = "urn:ietf:params:scim:schemas:core:2.0:";
        let a = sandbox.state.user_named("a").unwrap().id().to_string();
        for request in [
            Request::new("POST", "/Users")
                .json(&json!({ "schemas": [format!("{core}User")], "userName": "é \" \n" })),
            Request::new("POST", "/Groups").json(&json!({
                "schemas": [format!("{core}Group")],
                "displayName": "g",
                "members": [{ "value": a }],
            })),
            Request::new("DELETE", &format!("/Users/{a}")),
        ] {
            let status = sandbox.handle(&request, now).status;
            assert!(status < 300, "{status}");
            store.append(&sandbox.take_effects()).unwrap();
            states.push(sandbox.state.clone());
        }
        let bytes = std::fs::read(&path).unwrap();
        let mut furthest = 0;
        for length in snapshot..=bytes.len() {
            let state: State = load(&bytes[..length]).unwrap();
            let at = states.iter().position(|each| *each == state).unwrap();
            assert!(at >= furthest);
            furthest = at;
        }
        assert_eq!(furthest, states.len() - 1, "nothing that was answered is lost");
        for length in 0..snapshot {
            assert!(load::<State>(&bytes[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn what_follows_a_torn_line_is_not_glued_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.jsonl");
        let (state, store) = Store::open(path.clone(), seeded).unwrap();
        drop(store);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(b"{\"put\":{\"ki");
        std::fs::write(&path, bytes).unwrap();
        let (again, mut store) = Store::open(path.clone(), seeded).unwrap();
        assert_eq!(again, state);
        let delete = Effect::Delete {
            kind: crate::sandbox::Kind::User,
            id: state.user_named("a").unwrap().id().into(),
            detach: None,
        };
        store.append(&[delete]).unwrap();
        drop(store);
        let (again, _store): (State, Store) = Store::open(path, seeded).unwrap();
        assert_eq!(again.users().len(), 1);
    }

    #[test]
    fn a_file_has_one_owner_and_damage_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.jsonl");
        let (_, store) = Store::open(path.clone(), seeded).unwrap();
        let error = Store::open(path.clone(), seeded).unwrap_err().to_string();
        assert!(error.contains("in use by another sandbox"), "{error}");
        drop(store);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend_from_slice(b"nonsense\n{}\n");
        std::fs::write(&path, &bytes).unwrap();
        let error = Store::open(path.clone(), seeded).unwrap_err().to_string();
        assert!(error.contains("line 2 is no effect"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "a file that is not understood is kept");
    }
}
