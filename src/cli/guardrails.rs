//! The guardrails of a project: those built in, its own, and what it says to them.

use std::path::Path;

use serde_json::Value;

use super::exit::Failure;
use super::failures::{problems, unjudged};
use crate::config::{Diagnostic, Diagnostics, Project, Severity, SourceText};
use crate::edge::project;
use crate::guard::rego::{Outline, PolicyFile, PolicySet};
use crate::guard::{PolicyError, Problem, Regime, builtin, data};
use crate::kind::Source;

/// The guardrails there are.
pub(super) struct Guardrails {
    /// Every policy, those that are turned off too.
    pub(super) all: PolicySet,
    /// Every rule.
    pub(super) outline: Outline,
    /// What the project says to them.
    pub(super) regime: Regime,
    /// The project's data files.
    pub(super) data: Vec<PolicyFile>,
    /// What they add up to: `data.settings`.
    pub(super) settings: Value,
}

impl Guardrails {
    /// Those of the project at `root`. `texts` are the files that problems may point into.
    pub(super) fn of(
        root: &Path,
        project: &Project,
        texts: &[&SourceText],
    ) -> Result<Self, Failure> {
        let read = Read::of(root, project, texts)?;
        read.set(project, texts)
    }

    /// Those of a base, whose files lie at `root`; and the rules that it names and nobody has.
    pub(super) fn of_base(
        root: &Path,
        project: &Project,
        texts: &[&SourceText],
    ) -> Result<(Self, Vec<String>), Failure> {
        let read = Read::of(root, project, texts)?;
        let mut project = project.clone();
        let rules = &mut project.governance.rules;
        let unknown = rules.extract_if(.., |id, _| read.outline.get(id).is_none());
        let unknown = unknown.map(|(id, _)| id).collect();
        Ok((read.set(&project, texts)?, unknown))
    }

    /// The project's own rules and data.
    pub(super) fn own(&self) -> Vec<PolicyFile> {
        let own = self.all.files.iter().filter(|file| !builtin::is_built_in(&file.path));
        own.chain(&self.data).cloned().collect()
    }

    /// Those that come with the program, where there is no project.
    pub(super) fn built_in() -> Result<Self, Failure> {
        let all = builtin::policies();
        let outline = Outline::of(&all).map_err(|error| unjudged(&error))?;
        let regime = Regime::unsaid(&outline);
        Ok(Self { all, outline, regime, data: vec![], settings: serde_json::json!({}) })
    }
}

/// The rules of the pack with those of a project, and the project's data.
struct Read {
    all: PolicySet,
    outline: Outline,
    data: Vec<PolicyFile>,
}

impl Read {
    fn of(root: &Path, project: &Project, texts: &[&SourceText]) -> Result<Self, Failure> {
        let read = project::read_policies(root, project);
        let own = read.map_err(|found| problems(&found, texts))?;
        let files = own.into_iter().map(|(path, text)| PolicyFile { path, text });
        let (rego, data): (Vec<_>, Vec<_>) = files.partition(|file| file.path.ends_with(".rego"));
        let all = builtin::policies().with(policy_set(&project.policies, rego));
        let outline = Outline::of(&all).map_err(|error| unjudged(&error))?;
        Ok(Self { all, outline, data })
    }

    /// The same by what the project says to its guardrails.
    fn set(self, project: &Project, texts: &[&SourceText]) -> Result<Guardrails, Failure> {
        let Self { all, outline, data } = self;
        let regime = Regime::of(&outline, project).map_err(|error| misconfigured(&error, texts))?;
        let settings =
            data::settings(&data, &project.policies).map_err(|error| unjudged(&error))?;
        Ok(Guardrails { all, outline, regime, data, settings })
    }
}

/// What `rules` says wrongly is as wrong as anything else in the project file.
fn misconfigured(error: &PolicyError, texts: &[&SourceText]) -> Failure {
    let PolicyError::Problems(found) = error else { return unjudged(error) };
    let mut diagnostics = Diagnostics::new();
    for Problem { file, line, column, what, remedy } in found {
        diagnostics.push(Diagnostic {
            source: Some(Source { file: file.as_str().into(), line: *line, column: *column }),
            severity: Severity::Error,
            id: "bad-rule",
            what: what.clone(),
            why: "a rule that is told something else than was meant judges by something else"
                .to_owned(),
            remedy: remedy.clone(),
            also: None,
        });
    }
    problems(&diagnostics, texts)
}

/// The project's own policies, with every folder that was looked into.
fn policy_set(named: &[String], files: Vec<PolicyFile>) -> PolicySet {
    let mut folders: Vec<String> = named.to_vec();
    folders.extend(files.iter().map(|file| file.folder().to_owned()));
    folders.sort();
    folders.dedup();
    PolicySet { folders, files }
}
