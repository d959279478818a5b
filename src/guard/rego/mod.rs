//! The Rego engine, fail-closed.
//!
//! The rules that should run are known from their folders and headers before anything runs
//! ([`Outline`], plain text, safe on any input). Reading the policies' syntax, checking it and
//! evaluating it ([`worker`]) happens in a child process that may die of what it is given; a
//! child that dies is a refusal.

mod answer;
mod at;
mod calls;
mod document;
mod engine;
mod fields;
mod keyed;
mod lint;
mod load;
mod maybe;
mod metadata;
mod outline;
mod prescan;
pub mod protocol;
mod runner;
mod scope;
mod shadow;
mod suite;
mod syntax;
pub mod worker;

pub use engine::Bounds;
pub use outline::{Outline, Rule, Scope};
pub use runner::{Coverage, Outcome, TestReport, TestResult, run_tests};
pub use suite::{Lack, lacks};

use crate::kind::hex;

/// One file of Rego.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// Its name, with `/` between the parts; unique in a set. Its folder is the rule's name.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl PolicyFile {
    /// The folder it is in, as a path; empty where it is in none.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether it holds tests: its name ends in `_test.rego`.
    #[must_use]
    pub fn is_test(&self) -> bool {
        self.path.ends_with("_test.rego")
    }
}

/// Every policy there is to judge by.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySet {
    /// Every folder that was looked into, those that the project names and those below them. One
    /// without a rule at or below it is an error.
    pub folders: Vec<String>,
    /// Every `*.rego` in them.
    pub files: Vec<PolicyFile>,
}

impl PolicySet {
    /// This set with another beside it: the built-in pack and the project's own.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.folders.extend(other.folders);
        self.files.extend(other.files);
        self
    }

    /// This set without its tests: what judging takes.
    #[must_use]
    pub fn without_tests(&self) -> Self {
        let files = self.files.iter().filter(|file| !file.is_test()).cloned().collect();
        Self { folders: Vec::new(), files }
    }

    /// Lower-case hexadecimal SHA-256 over the names and texts, in order of names: what a plan
    /// file binds.
    #[must_use]
    pub fn digest(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut files: Vec<&PolicyFile> = self.files.iter().collect();
        files.sort();
        let mut hash = Sha256::new();
        for file in files {
            for part in [&file.path, &file.text] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hex(&hash.finalize())
    }
}
