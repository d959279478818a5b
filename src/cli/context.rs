//! What every command begins with: the project, its files, its guardrails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use super::args::AskArgs;
use super::exit::{Exit, Failure};
use super::failures::problems;
use super::guardrails::Guardrails;
use crate::config::{Desired, instant_of};
use crate::edge::project::ProjectFiles;
use crate::edge::{clock, project};
use crate::guard::Regime;
use crate::guard::base::GuardChanges;
use crate::guard::input::{Asked, Run};
use crate::guard::rego::{Outline, PolicyFile, PolicySet};
use crate::plan::Digests;

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
    /// The base that judges too.
    pub(super) judging: Judging,
}

/// The project as it lies on the disk, found and read, and not yet understood.
pub(super) fn read_files() -> Result<ProjectFiles, Failure> {
    project::read_project(Path::new(".")).map_err(|found| problems(&found, &[]))
}

impl Context {
    /// The context of what is desired, with its guardrails.
    pub(super) fn guarded(root: PathBuf, desired: Desired, guardrails: Guardrails) -> Self {
        let Guardrails { all, outline, regime, data, settings } = guardrails;
        let (policies, outline) = regime.without_off(&all, &outline);
        let (asking, judging) = (AskArgs::default(), Judging::Alone);
        Self { root, desired, regime, policies, outline, data, settings, asking, judging }
    }

    /// Takes note of who asks.
    pub(super) fn ask(&mut self, asking: &AskArgs) {
        self.asking.clone_from(asking);
        if let Judging::Both(by_base) = &mut self.judging
            && let Some(context) = &mut by_base.context
        {
            context.asking.clone_from(asking);
        }
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
        let (desired, base) = (self.desired.digests.clone(), self.judging.digest());
        Digests { desired, policies, base }
    }

    /// Where muster keeps what it needs between runs: the journal.
    pub(super) fn journal(&self) -> PathBuf {
        self.root.join(".muster").join("journal.jsonl")
    }
}

/// The part that a base has in the judgement of a change.
pub(super) enum Judging {
    /// No base is given.
    Alone,
    /// The base has no project of this target.
    FirstAdoption {
        /// The base's name.
        name: String,
    },
    /// The base's guard judges too.
    Both(Box<ByBase>),
}

/// The guard of a base, made ready.
pub(super) struct ByBase {
    /// The base's name.
    pub(super) name: String,
    /// The differences between the change's guard and the base's.
    pub(super) changes: GuardChanges,
    /// The desired state of the base itself.
    pub(super) declared: Desired,
    /// The change under the base's guard, where that differs from its own.
    pub(super) context: Option<Context>,
    /// The digest of the base's guard.
    pub(super) digest: String,
}

impl Judging {
    /// The base's guard, and the change under it, where it differs from the change's own.
    pub(super) fn other(&self) -> Option<(&ByBase, &Context)> {
        match self {
            Self::Both(by_base) => Some((&**by_base, by_base.context.as_ref()?)),
            Self::Alone | Self::FirstAdoption { .. } => None,
        }
    }

    /// The digest of the base's guard, where there is one.
    pub(super) fn digest(&self) -> Option<String> {
        match self {
            Self::Both(by_base) => Some(by_base.digest.clone()),
            Self::Alone | Self::FirstAdoption { .. } => None,
        }
    }
}

/// The instant a command is for: now, or what `--at` says (a day is its first instant, UTC).
pub(super) fn instant(at: Option<&str>) -> Result<Timestamp, Failure> {
    let Some(text) = at else { return Ok(clock::now()) };
    instant_of(text).map_err(|why| {
        let what = format!("`--at {text}` is neither a day nor an instant: {why}");
        Failure::new(Exit::Usage, &what, "write 2027-01-31, or 2027-01-31T08:00:00Z")
    })
}
