//! Flags that several commands have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::edge::base::BaseSource;
use crate::guard::input::Run;

/// How to show things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs: versioned JSON.
    Json,
}

/// How to show things.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct FormatArgs {
    /// How to show it
    #[arg(long, value_enum, default_value = "text", env = "MUSTER_FORMAT")]
    pub(super) format: Format,
}

/// What a run is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RunKind {
    /// Somebody at a terminal.
    Local,
    /// A change under review.
    PullRequest,
    /// A job that nobody watches.
    Scheduled,
}

impl From<RunKind> for Run {
    fn from(kind: RunKind) -> Self {
        match kind {
            RunKind::Local => Self::Local,
            RunKind::PullRequest => Self::PullRequest,
            RunKind::Scheduled => Self::Scheduled,
        }
    }
}

/// Who asks: what guardrails are told.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct AskArgs {
    /// The userName of who asks for the change, such as the author of a pull request
    #[arg(long, value_name = "USER", env = "MUSTER_ACTOR")]
    pub(super) actor: Option<String>,
    /// What the run is a part of
    #[arg(long, value_enum, value_name = "KIND", env = "MUSTER_RUN")]
    pub(super) run: Option<RunKind>,
}

/// The base of a change, whose guard judges it too.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct BaseArgs {
    /// The tip of the target branch, such as origin/main: its guard judges this change too
    #[arg(long, value_name = "REF", env = "MUSTER_BASE", conflicts_with = "base_dir")]
    pub(super) base: Option<String>,
    /// The same, as a folder that holds a checkout of the target branch
    #[arg(long, value_name = "DIR", env = "MUSTER_BASE_DIR")]
    pub(super) base_dir: Option<PathBuf>,
}

impl BaseArgs {
    /// Where the base is to be had, if one is given.
    pub(super) fn source(&self) -> Option<BaseSource> {
        let reference = self.base.clone().filter(|name| !name.is_empty());
        let folder = self.base_dir.clone().filter(|path| !path.as_os_str().is_empty());
        reference.map(BaseSource::Reference).or(folder.map(BaseSource::Folder))
    }
}

/// What a variable that stands for a switch may say; empty is as good as not set.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("say 1, true, yes or on; or 0, false, no or off".to_owned()),
    }
}
