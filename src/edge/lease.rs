//! The lease: one run at a time writes to a target, whichever checkout it is started in.
//!
//! Two runs that each take another administrator away would both find enough of them. A lock on a
//! file in the user's state directory, named after the target, keeps runs of one user on one
//! machine apart; it ends with the process, however that ends.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::files::plain;
use super::{clock, environment};

/// The most bytes of a lease that are quoted.
const HOLDER_BYTES: u64 = 16 << 10;

/// The right to write to a target, until it is dropped.
#[derive(Debug)]
pub struct Lease {
    _file: File,
}

impl Lease {
    /// Takes the lease of a target, for a run in `checkout`.
    ///
    /// # Errors
    ///
    /// In words: another run has it, or the state directory cannot be written.
    pub fn take(target: &str, checkout: &Path) -> Result<Self, String> {
        Self::take_in(&folder(checkout), target, checkout)
    }

    fn take_in(folder: &Path, target: &str, checkout: &Path) -> Result<Self, String> {
        let path = folder.join(format!("{}.lease", name(target)));
        let told = |error: std::io::Error| format!("the lease `{}`: {error}", path.display());
        make_private(folder).map_err(told)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = plain::open(&path, &mut options).map_err(told)?;
        if file.try_lock().is_err() {
            let mut holder = String::new();
            let _ = (&file).take(HOLDER_BYTES).read_to_string(&mut holder);
            return Err(format!(
                "another apply to `{target}` is running: {}; wait until it has ended",
                holder.trim()
            ));
        }
        let (now, checkout) = (clock::now(), checkout.display());
        let holder = format!("process {} since {now}, in `{checkout}`\n", std::process::id());
        file.set_len(0).and_then(|()| file.write_all(holder.as_bytes())).map_err(told)?;
        Ok(Self { _file: file })
    }
}

/// The user's state directory (XDG Base Directory Specification). Where the environment names none,
/// the checkout's own folder keeps at least its own runs apart.
fn folder(checkout: &Path) -> PathBuf {
    let state = environment::variable("XDG_STATE_HOME").map(PathBuf::from);
    let home = || Some(PathBuf::from(environment::variable("HOME")?).join(".local/state"));
    let local = || environment::variable("LOCALAPPDATA").map(PathBuf::from);
    let folder = state.filter(|path| path.is_absolute()).or_else(home).or_else(local);
    folder.map_or_else(|| checkout.join(".muster"), |folder| folder.join("muster"))
}

/// The target as a file name.
fn name(target: &str) -> String {
    let digest = Sha256::digest(target);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_run_at_a_time_has_the_lease_of_a_target() {
        let folder = tempfile::tempdir().unwrap();
        let take = |target| Lease::take_in(folder.path(), target, Path::new("/one"));
        let first = take("scim https://a").unwrap();
        let refused = take("scim https://a").unwrap_err();
        let process = format!("process {} since", std::process::id());
        assert!(refused.contains(&process) && refused.contains("`/one`"), "{refused}");
        assert!(take("scim https://b").is_ok(), "another target");
        drop(first);
        assert!(take("scim https://a").is_ok());
    }
}
