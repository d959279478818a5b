//! Why a base cannot be had, and what to do.

use std::path::PathBuf;

use crate::config::Diagnostics;

/// A base that cannot be had.
#[derive(Debug)]
pub enum BaseError {
    /// The `git` program does not start: why.
    NoGit(String),
    /// The complaint of `git`.
    Git(String),
    /// There is no such commit here.
    NoCommit {
        /// The name that was given.
        name: String,
        /// Whether the clone is shallow, so that most commits are missing.
        shallow: bool,
    },
    /// Its files could not be copied: why.
    Copy(String),
    /// There is no such folder.
    NoFolder(PathBuf),
    /// A folder of the base cannot be read: why.
    Unread(PathBuf, std::io::Error),
    /// Several projects of the base are of this target: their folders.
    Several(Vec<String>),
    /// Its files have problems.
    Files(Box<Diagnostics>),
}

impl BaseError {
    pub(super) fn git(what: &str) -> Self {
        Self::Git(what.to_owned())
    }

    /// The failure in words, and the remedy.
    #[must_use]
    pub fn words(&self) -> (String, String) {
        match self {
            Self::NoGit(why) => (
                format!("`git` cannot be started: {why}"),
                "install git, or name a checkout of the base: `--base-dir DIR`".to_owned(),
            ),
            Self::Git(why) => (
                format!("`git` cannot read the repository: {why}"),
                "run in a clone of the repository, or name a checkout of the base: `--base-dir \
                 DIR`"
                    .to_owned(),
            ),
            Self::NoCommit { name, shallow } => {
                let clone = if *shallow { ", and this clone is shallow" } else { "" };
                let branch = name.strip_prefix("origin/").unwrap_or(name);
                (
                    format!("`{name}` names no commit here{clone}"),
                    format!(
                        "fetch it: `git fetch --depth=1 origin {branch}:refs/remotes/origin/{branch}`, then \
                         say `--base origin/{branch}`"
                    ),
                )
            }
            Self::Copy(why) => (
                format!("the files of the base cannot be copied: {why}"),
                "make room in the folder for temporary files, or set TMPDIR".to_owned(),
            ),
            Self::NoFolder(path) => (
                format!("there is no folder `{}`", path.display()),
                "check the base out first, such as with `git worktree add DIR origin/main`"
                    .to_owned(),
            ),
            Self::Unread(folder, why) => (
                format!("`{}` cannot be read: {why}", folder.display()),
                "name the folder of the project itself: `--base-dir DIR`".to_owned(),
            ),
            Self::Several(folders) => (
                format!(
                    "several projects of the base are of this target: `{}`",
                    folders.join("`, `")
                ),
                "check the base out, and name the folder of the right one: `--base-dir DIR`"
                    .to_owned(),
            ),
            Self::Files(_) => (
                "the base cannot be understood".to_owned(),
                "correct the base first: nothing can be judged by it".to_owned(),
            ),
        }
    }
}
