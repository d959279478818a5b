//! What every command begins with: the project, its files, its guardrails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::args::AskArgs;
use super::exit::{Exit, Failure};
use super::failures::problems;
use super::guardrails::Guardrails;
use crate::config::{Desired, SourceText, parse};
use crate::edge::project::ProjectFiles;
use crate::edge::{clock, project, terminal};
use crate::guard::Regime;
use crate::guard::input::{Asked, Run};
use crate::guard::rego::{Outline, PolicyFile, PolicySet};
use crate::plan::Digests;
use crate::report;

/// The project, read and checked.
pub(super) struct Context {
    /// The folder that holds `muster.yaml`.
    pub(super) root: PathBuf,
    /// What the files say.
    pub(super) desired: Desired,
    /// Every policy that is not turned off, the built-in pack included.
    pub(super) policies: PolicySet,
    /// Their rules.
    pub(super) outline: Outline,
    /// What the project says to its guardrails.
    pub(super) regime: Regime,
    /// The data files of the project's policies.
    pub(super) data: Vec<PolicyFile>,
    /// What they add up to.
    pub(super) settings: Value,
    /// Who asks.
    pub(super) asking: AskArgs,
}

/// The project as it lies on the disk, found and read, and not yet understood.
pub(super) fn read_files() -> Result<ProjectFiles, Failure> {
    project::read_project(Path::new(".")).map_err(|found| problems(&found, &[]))
}

impl Context {
    /// Reads and checks the project that is found from here upwards.
    pub(super) fn load() -> Result<Self, Failure> {
        Self::understand(read_files()?)
    }

    /// Checks the files of a project. Warnings go to stderr.
    pub(super) fn understand(files: ProjectFiles) -> Result<Self, Failure> {
        let parsed = parse(&files.project_file, &files.sources, workers());
        let mut texts: Vec<&SourceText> = files.sources.iter().collect();
        texts.push(&files.project_file);
        let (desired, warnings) = parsed.map_err(|found| problems(&found, &texts))?;
        if !warnings.is_empty() {
            terminal::note(&report::diagnostics(&warnings, &texts, terminal::stderr_style()));
        }
        let guardrails = Guardrails::of(&files.root, &desired.project, &texts)?;
        let Guardrails { all, outline, regime, data, settings } = guardrails;
        let (policies, outline) = regime.without_off(&all, &outline);
        let (root, asking) = (files.root, AskArgs::default());
        Ok(Self { root, desired, regime, policies, outline, data, settings, asking })
    }

    /// Who asks, and by which settings.
    pub(super) fn asked(&self) -> Asked {
        Asked {
            actor: self.asking.actor.clone().unwrap_or_default(),
            run: self.asking.run.map_or_else(Run::default, Run::from),
            settings: self.regime.settings.clone(),
        }
    }

    /// What plans are computed from, apart from the target.
    pub(super) fn digests(&self) -> Digests {
        let digest = |file: &PolicyFile| {
            let one = PolicySet { folders: vec![], files: vec![file.clone()] };
            (file.path.clone(), one.digest())
        };
        let policies: BTreeMap<String, String> =
            self.policies.files.iter().chain(&self.data).map(digest).collect();
        Digests { desired: self.desired.digests.clone(), policies }
    }

    /// Where muster keeps what it needs between runs: the journal.
    pub(super) fn journal(&self) -> PathBuf {
        self.root.join(".muster").join("journal.jsonl")
    }
}

/// How many threads parse.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The instant a command is for: now, or what `--at` says (a day is its first instant, UTC).
pub(super) fn instant(at: Option<&str>) -> Result<Timestamp, Failure> {
    let Some(text) = at else { return Ok(clock::now()) };
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let day = text.parse::<Date>().ok().and_then(|day| day.to_zoned(TimeZone::UTC).ok());
    day.map(|zoned| zoned.timestamp()).ok_or_else(|| {
        let what = format!("`{text}` is neither a day nor an instant");
        Failure::new(Exit::Usage, &what, "write 2027-01-31, or 2027-01-31T08:00:00Z")
    })
}
