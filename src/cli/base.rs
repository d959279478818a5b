//! The base of a change: read before the change is understood, because it decides the target; its
//! guard is made ready when the change is understood.

use super::args::BaseArgs;
use super::context::{ByBase, Context, Judging};
use super::exit::{Exit, Failure};
use super::failures::problems;
use super::guardrails::Guardrails;
use crate::config::{Desired, Project, SourceText, parse, parse_under};
use crate::edge::base::{BaseError, BaseFiles, read};
use crate::edge::project::ProjectFiles;
use crate::edge::terminal;
use crate::guard::base::{self, Written};
use crate::guard::rego::PolicyFile;
use crate::plan::{Finding, Level};
use crate::report;

/// The base as it is read.
pub(super) struct Base {
    name: String,
    /// Its project; `None` where it has none of this target.
    project: Option<BaseProject>,
}

struct BaseProject {
    /// The project as the change's own file says it.
    head: Project,
    files: ProjectFiles,
    desired: Desired,
    /// Keeps the files, whose policies are read later.
    _files: BaseFiles,
}

impl Base {
    /// Reads the base that is given, and has the change use its target. `None`: none is given.
    pub(super) fn read(args: &BaseArgs, head: &mut ProjectFiles) -> Result<Option<Self>, Failure> {
        let Some(source) = args.source() else { return Ok(None) };
        let mut read = read(&source, &head.root, &head.project)
            .map_err(|error| unread(&source.to_string(), &error))?;
        let name = read.name.clone();
        let Some(files) = read.project.take() else {
            return Ok(Some(Self { name, project: None }));
        };
        let parsed = parse(&files.project_file, &files.sources, workers());
        let (desired, _) = parsed.map_err(|found| misunderstood(&name, &found, &files))?;
        let head_says = head.project.clone();
        head.project.take_target(&files.project);
        let project = BaseProject { head: head_says, files, desired, _files: read };
        Ok(Some(Self { name, project: Some(project) }))
    }

    /// The base's project, where there is one.
    pub(super) fn project(&self) -> Option<&Project> {
        self.project.as_ref().map(|project| &project.files.project)
    }
}

/// Checks the files of a project, which is a change to `base`. Warnings go to stderr.
pub(super) fn understand(files: ProjectFiles, base: Option<Base>) -> Result<Context, Failure> {
    let by_base = base.as_ref().and_then(Base::project);
    let parsed = parse_under(&files.project_file, &files.sources, workers(), by_base);
    let mut texts: Vec<&SourceText> = files.sources.iter().collect();
    texts.push(&files.project_file);
    let (desired, warnings) = parsed.map_err(|found| problems(&found, &texts))?;
    if !warnings.is_empty() {
        terminal::note(&report::diagnostics(&warnings, &texts, terminal::stderr_style()));
    }
    let guardrails = Guardrails::of(&files.root, &desired.project, &texts)?;
    let own = guardrails.own();
    let mut context = Context::guarded(files.root, desired, guardrails);
    context.judging = judging(base, &context, &files.project_file, &own)?;
    Ok(context)
}

/// Makes the base's guard ready for a change that is understood.
fn judging(
    base: Option<Base>,
    head: &Context,
    file: &SourceText,
    own: &[PolicyFile],
) -> Result<Judging, Failure> {
    let Some(Base { name, project }) = base else { return Ok(Judging::Alone) };
    let Some(project) = project else { return Ok(Judging::FirstAdoption { name }) };
    let BaseProject { head: said, files, desired: declared, _files } = project;
    let guarded = head.desired.project.guarded_by(&declared.project);
    let texts: Vec<&SourceText> =
        files.sources.iter().chain(std::iter::once(&files.project_file)).collect();
    let made = Guardrails::of_base(&files.root, &guarded, &texts);
    let (guardrails, unknown) = made.map_err(|failure| of_the_base(&name, failure))?;
    let policies = guardrails.own();
    let here = Written { file, project: &said, waivers: &head.desired.waivers, policies: own };
    let there = Written {
        file: &files.project_file,
        project: &files.project,
        waivers: &declared.waivers,
        policies: &policies,
    };
    let digest = there.digest();
    let mut changes = base::changes(here, there, &name);
    changes.findings.extend(unknown.iter().map(|id| nobody_has(id, &name)));
    // What is desired is copied only for a guard that has something else to say.
    let other = || Context::guarded(files.root, head.desired.guarded_by(&declared), guardrails);
    let context = changes.judges_otherwise.then(other);
    Ok(Judging::Both(Box::new(ByBase { name, changes, declared, context, digest })))
}

/// A rule that the base sets something for, and that is neither in this program nor in the base.
fn nobody_has(id: &str, name: &str) -> Finding {
    Finding {
        level: Level::Warn,
        id: base::ID.to_owned(),
        message: format!("the base `{name}` sets the rule `{id}`, and there is no such rule"),
        addresses: Vec::new(),
        source: None,
        remedy:
            "take it out of `rules` in the base; `muster policy list` shows the rules there are"
                .to_owned(),
    }
}

fn unread(source: &str, error: &BaseError) -> Failure {
    if let BaseError::Files(found) = error {
        let failure = problems(found, &[]);
        return of_the_base(source, failure);
    }
    let (what, remedy) = error.words();
    Failure::new(Exit::Error, &format!("the base `{source}` cannot be read: {what}"), &remedy)
}

fn misunderstood(name: &str, found: &crate::config::Diagnostics, files: &ProjectFiles) -> Failure {
    let mut texts: Vec<&SourceText> = files.sources.iter().collect();
    texts.push(&files.project_file);
    of_the_base(name, problems(found, &texts))
}

/// A failure that lies in the base, which nothing can be judged by then.
fn of_the_base(name: &str, failure: Failure) -> Failure {
    let Failure { exit, message } = failure;
    let first = Failure::new(
        exit,
        &format!("the base `{name}` cannot be understood, so nothing is judged by it"),
        "correct the base first; below is what is wrong there",
    );
    Failure { exit, message: format!("{}{message}", first.message) }
}

/// The number of threads that parse.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
