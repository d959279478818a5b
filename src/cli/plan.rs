//! `muster plan`, and what `muster apply` shares with it.

use std::path::Path;

use futures::future::{Either, select};
use futures::pin_mut;
use jiff::Timestamp;

use super::args::{PlanArgs, PlanFormat};
use super::context::{Context, instant};
use super::exit::{Exit, Failure};
use super::judge::{self, judge_plan};
use crate::config::{Project, Provider};
use crate::edge::policy_worker::Worker;
use crate::edge::project::ProjectFiles;
use crate::edge::session::{Known, Session, Sight};
use crate::edge::{files, journal, runtime, terminal};
use crate::guard::{Approved, Layer, Refusal, Verdict, approve};
use crate::kind::written;
use crate::live::{Live, Memory};
use crate::plan::{Plan, PlanFile, basis, plan};
use crate::provider::scim::{ReadError, ReadErrorKind};
use crate::report::{json, markdown, text};

/// A plan, judged; and what it was made from.
pub(super) struct Planned {
    /// What the target has.
    pub(super) live: Live,
    /// What a writer has to know beside the plan.
    pub(super) known: Known,
    /// The plan, if its verdict lets it through.
    pub(super) judged: Result<Approved, Box<Refusal>>,
}

impl Planned {
    pub(super) fn plan(&self) -> &Plan {
        match &self.judged {
            Ok(approved) => approved.plan(),
            Err(refusal) => &refusal.plan,
        }
    }

    pub(super) fn verdict(&self) -> &Verdict {
        match &self.judged {
            Ok(approved) => approved.verdict(),
            Err(refusal) => &refusal.verdict,
        }
    }

    /// The plan as it is kept in a file.
    pub(super) fn seal(&self, context: &Context, now: Timestamp) -> PlanFile {
        let basis = basis(&context.desired, &self.live, now);
        PlanFile::seal(self.plan(), basis, context.digests(), env!("CARGO_PKG_VERSION"))
    }
}

/// Opens a session with a project's target.
pub(super) async fn open(project: &Project, root: &Path) -> Result<Session, Failure> {
    Session::open(project, root).await.map_err(|error| Failure::of(Exit::Error, &error))
}

/// What the files say and what the target has.
pub(super) struct Sides {
    pub(super) context: Context,
    pub(super) session: Session,
    pub(super) sight: Sight,
}

/// Understands the files and reads the target, both at once. What is wrong with the files is said
/// first, whatever the target answers. The embedded sandbox waits: it keeps files of its own, and
/// nothing is written for a project that cannot be understood.
pub(super) async fn both_sides(files: ProjectFiles) -> Result<Sides, Failure> {
    sides_and(files, |_| ()).await.map(|(sides, ())| sides)
}

/// The same for what will be judged: the worker loads the policies while the target is read.
pub(super) async fn sides_to_judge(files: ProjectFiles) -> Result<(Sides, Worker), Failure> {
    let (sides, worker) = sides_and(files, judge::start).await?;
    match worker {
        Ok(worker) => Ok((sides, worker)),
        Err(failure) => {
            sides.session.close().await;
            Err(failure)
        }
    }
}

/// Both sides, and what is begun as soon as the files are understood.
async fn sides_and<T>(
    files: ProjectFiles,
    begin: impl FnOnce(&Context) -> T,
) -> Result<(Sides, T), Failure> {
    let (project, root) = (files.project.clone(), files.root.clone());
    let understood = async {
        let understood = runtime::apart(move || Context::understand(files)).await;
        let context = understood.map_err(|bug| Failure::new(Exit::Error, &bug, ""))??;
        let begun = begin(&context);
        Ok::<_, Failure>((context, begun))
    };
    let other_side = async {
        let session = open(&project, &root).await?;
        match session.read().await {
            Ok(reading) => Ok((session, reading)),
            Err(error) => {
                session.close().await;
                Err(unread(&error))
            }
        }
    };
    let ((context, begun), other_side) = if project.target.provider == Provider::Sandbox {
        (understood.await?, other_side.await?)
    } else {
        pin_mut!(understood, other_side);
        match select(understood, other_side).await {
            Either::Left((understood, other_side)) => (understood?, other_side.await?),
            Either::Right((read, understood)) => (understood.await?, read?),
        }
    };
    let (session, reading) = other_side;
    match session.settle(reading, &context.desired).await {
        Ok(mut sight) => {
            sight.live.memory = remembered(&context);
            Ok((Sides { context, session, sight }, begun))
        }
        Err(error) => {
            session.close().await;
            Err(unread(&error))
        }
    }
}

/// What earlier runs remember of what they created.
fn remembered(context: &Context) -> Memory {
    journal::memory(&context.journal()).unwrap_or_else(|error| {
        terminal::note(&format!("warning: what earlier runs created is not known: {error}\n"));
        Memory::new()
    })
}

pub(super) fn unread(error: &ReadError) -> Failure {
    let exit = match error.kind {
        ReadErrorKind::NotFound | ReadErrorKind::Unexpected => Exit::Error,
        _ => Exit::Unreachable,
    };
    Failure::unread(exit, &error.said)
}

/// Plans, and asks the guard.
pub(super) async fn make(
    context: &Context,
    worker: Worker,
    sight: Sight,
    now: Timestamp,
) -> Result<Planned, Failure> {
    let Sight { live, known, findings } = sight;
    let mut plan = plan(&context.desired, &live, now);
    // What the target found wrong with the files is as much a part of the plan.
    plan.findings.extend(findings);
    plan.findings.sort();
    let verdict = judge_plan(context, worker, &plan).await?;
    Ok(Planned { live, known, judged: approve(plan, verdict) })
}

/// The status of a plan that was refused.
pub(super) const fn refused(layer: Layer) -> Exit {
    match layer {
        Layer::Invariant | Layer::Limit => Exit::Limit,
        Layer::Policy => Exit::Denied,
    }
}

/// Shows a plan on stdout.
pub(super) fn show(planned: &Planned, requests: u64, format: PlanFormat) -> Result<(), Failure> {
    let (plan, verdict) = (planned.plan(), planned.verdict());
    match format {
        PlanFormat::Markdown => terminal::text(&markdown::plan(plan, verdict))?,
        PlanFormat::Text => {
            terminal::text(&text::plan(plan, verdict, requests, terminal::stdout_style()))?;
        }
        PlanFormat::Json => terminal::json(&json::plan(plan, verdict, requests))?,
    }
    Ok(())
}

/// `muster plan`. `chdir` is the folder that was gone to before anything else (`-C`).
pub(super) async fn run(
    files: ProjectFiles,
    chdir: Option<&Path>,
    args: &PlanArgs,
) -> Result<Exit, Failure> {
    let now = instant(args.at.as_deref())?;
    if args.at.is_some() {
        terminal::note(&format!("This plan is for {}, not for now.\n", written(now)));
    }
    let (sides, worker) = sides_to_judge(files).await?;
    let Sides { mut context, session, sight } = sides;
    context.asking.clone_from(&args.ask);
    let made = session.requests_made();
    session.close().await;
    let planned = make(&context, worker, sight, now).await?;
    show(&planned, made.reads + made.writes, args.format)?;
    let exit = match (&planned.judged, &args.out) {
        (Err(refusal), out) => {
            if let Some(path) = out {
                let path = path.display();
                terminal::note(&format!("The plan was refused, so {path} was not written.\n"));
            }
            refused(refusal.layer)
        }
        (Ok(approved), out) => {
            if let Some(path) = out {
                keep(&planned.seal(&context, now), chdir, path)?;
            }
            let plan = approved.plan();
            let changed = args.detailed_exitcode && !(plan.is_empty() && plan.held.is_empty());
            if changed { Exit::Changes } else { Exit::Ok }
        }
    };
    // The process ends here: giving a million items back one by one would only take time.
    std::mem::forget((planned, context));
    Ok(exit)
}

/// Writes a plan file, and says how it is applied.
fn keep(file: &PlanFile, chdir: Option<&Path>, path: &Path) -> Result<(), Failure> {
    files::write_private(path, &file.to_text()).map_err(|error| {
        Failure::new(Exit::Error, &format!("the plan was not kept: {error}"), "")
    })?;
    let chdir = chdir.map_or_else(String::new, |folder| format!(" -C {}", folder.display()));
    let digest = file.digest().get(..12).unwrap_or_default();
    let path = path.display();
    terminal::note(&format!(
        "Kept as {path} ({digest}). Apply it with: muster apply{chdir} {path}\n"
    ));
    Ok(())
}
