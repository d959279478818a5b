//! Flags that several commands have.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use crate::edge::base::BaseSource;
use crate::edge::session::SessionOptions;
use crate::guard::input::Run;

/// How to show things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For people.
    Text,
    /// For programs: versioned JSON.
    Json,
}

/// The format that only plans have. `MUSTER_FORMAT` may name it for a whole job: what is no plan is
/// text then. Typed at such a command it is a mistake.
pub(super) const OF_PLANS: &str = "markdown";

/// How to show things.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct FormatArgs {
    /// How to show it
    #[arg(long, default_value = "text", env = "MUSTER_FORMAT", value_parser = formats())]
    pub(super) format: Format,
}

fn formats() -> impl TypedValueParser<Value = Format> {
    let text = PossibleValue::new("text").help("For people");
    let json = PossibleValue::new("json").help("For programs: versioned JSON");
    let of_plans = PossibleValue::new(OF_PLANS).hide(true);
    let names = PossibleValuesParser::new([text, json, of_plans]);
    names.map(|name| if name == "json" { Format::Json } else { Format::Text })
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

impl fmt::Display for BaseArgs {
    /// The flag as it is typed, after a blank; nothing where no base is given.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source() {
            None => Ok(()),
            Some(BaseSource::Reference(name)) => write!(formatter, " --base {name}"),
            Some(BaseSource::Folder(path)) => write!(formatter, " --base-dir {}", path.display()),
        }
    }
}

/// The treatment of the target.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct TargetArgs {
    /// The time to wait for the target in all, such as 90s, 15m or 2h, where it asks for it or
    /// fails; the pace of published rates does not count
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "15m",
        env = "MUSTER_MAX_WAIT",
        value_parser = duration
    )]
    max_wait: Duration,
}

impl TargetArgs {
    /// The options that a session with the target is opened with.
    pub(super) fn options(self) -> SessionOptions {
        SessionOptions { max_wait: Some(self.max_wait), ..SessionOptions::default() }
    }
}

/// A duration as people write it.
fn duration(text: &str) -> Result<Duration, String> {
    let read = text.trim().parse::<SignedDuration>().ok();
    let read = read.and_then(|read| Duration::try_from(read).ok());
    read.ok_or_else(|| "say how long with a unit, such as 90s, 15m or 1h30m".to_owned())
}

/// What a variable that stands for a switch may say; empty is as good as not set.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "" | "0" | "false" | "no" | "off" => Ok(false),
        _ => Err("say 1, true, yes or on; or 0, false, no or off".to_owned()),
    }
}
