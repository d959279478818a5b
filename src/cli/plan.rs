//! `muster plan`, and what `muster apply` shares with it.

use std::path::Path;

use futures::future::{Either, select};
use futures::pin_mut;
use jiff::Timestamp;

use super::args::{BaseArgs, PlanArgs, PlanFormat, TargetArgs};
use super::base::{Base, understand};
use super::context::{Context, instant};
use super::exit::{Exit, Failure};
use super::judge::{self, SeenByBase, Workers, judge_all};
use crate::config::{Project, Provider};
use crate::edge::project::ProjectFiles;
use crate::edge::session::{Known, Session, Sight};
use crate::edge::{files, journal, runtime, terminal};
use crate::guard::{Approved, Layer, Refusal, Verdict, approve};
use crate::kind::written;
use crate::live::{Live, Memory};
use crate::plan::{Change, Plan, PlanFile, basis, plan as whole_plan, plan_of, plan_under};
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
pub(super) async fn open(
    project: &Project,
    root: &Path,
    target: TargetArgs,
) -> Result<Session, Failure> {
    let opened = Session::open_with(project, root, target.options()).await;
    opened.map_err(|error| Failure::of(Exit::Error, &error))
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
pub(super) async fn both_sides(files: ProjectFiles, target: TargetArgs) -> Result<Sides, Failure> {
    sides_and(files, None, target, |_| ()).await.map(|(sides, ())| sides)
}

/// The same for what will be judged: the worker loads the policies while the target is read.
pub(super) async fn sides_to_judge(
    files: ProjectFiles,
    base: Option<Base>,
    target: TargetArgs,
) -> Result<(Sides, Workers), Failure> {
    let (sides, worker) = sides_and(files, base, target, judge::start_all).await?;
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
    base: Option<Base>,
    target: TargetArgs,
    begin: impl FnOnce(&Context) -> T,
) -> Result<(Sides, T), Failure> {
    let (project, root) = (files.project.clone(), files.root.clone());
    let understood = async {
        let understood = runtime::apart(move || understand(files, base)).await;
        let context = understood.map_err(|bug| Failure::new(Exit::Error, &bug, ""))??;
        let begun = begin(&context);
        Ok::<_, Failure>((context, begun))
    };
    let other_side = async {
        let session = open(&project, &root, target).await?;
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
            sight.live.skew = session.skew();
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
    workers: Workers,
    sight: Sight,
    now: Timestamp,
) -> Result<Planned, Failure> {
    let Sight { live, known, findings } = sight;
    let other = context.judging.other().map(|(_, base)| &base.desired);
    let (mut plan, seen) = plan_under(&context.desired, other, &live, now);
    // What the target found wrong with the files is as much a part of the plan.
    plan.findings.extend(findings);
    plan.findings.sort();
    let judged = judged(context, workers, (plan, seen), &live).await?;
    Ok(Planned { live, known, judged })
}

/// Plans some of the changes of a plan by themselves, and asks the guard.
pub(super) async fn make_part(
    context: &Context,
    whole: Planned,
    changes: Vec<Change>,
) -> Result<Planned, Failure> {
    let other = context.judging.other().map(|(_, base)| &base.desired);
    let plans = plan_of((whole.plan(), changes), &context.desired, other, &whole.live);
    let Planned { live, known, .. } = whole;
    let workers = judge::start_all(context)?;
    let judged = judged(context, workers, plans, &live).await?;
    Ok(Planned { live, known, judged })
}

async fn judged(
    context: &Context,
    workers: Workers,
    (plan, seen_by_base): (Plan, Option<Plan>),
    live: &Live,
) -> Result<Result<Approved, Box<Refusal>>, Failure> {
    let wider = context.judging.other().filter(|(by_base, _)| by_base.changes.manages_otherwise);
    let wider = wider.map(|(_, base)| whole_plan(&base.desired, live, plan.now));
    let seen = seen_by_base.map(|plan| SeenByBase { plan, wider });
    let verdict = judge_all(context, workers, &plan, seen).await?;
    Ok(approve(plan, verdict))
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
    mut files: ProjectFiles,
    chdir: Option<&Path>,
    args: &PlanArgs,
) -> Result<Exit, Failure> {
    let now = instant(args.at.as_deref())?;
    if let Some(path) = &args.out {
        has_room(path)?;
    }
    if args.at.is_some() {
        terminal::note(&format!("This plan is for {}, not for now.\n", written(now)));
    }
    let base = Base::read(&args.base, &mut files)?;
    let (sides, worker) = sides_to_judge(files, base, args.target).await?;
    let Sides { mut context, session, mut sight } = sides;
    context.ask(&args.ask);
    // By a day that somebody names no clock decides.
    if args.at.is_some() && sight.live.skew.take().is_some() {
        let what = "warning: the target's clock and this machine's disagree; a plan without `--at`";
        terminal::note(&format!("{what} says by how much, and holds what a date decides.\n"));
    }
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
                keep(&planned.seal(&context, now), (chdir, &args.base), path)?;
            }
            let plan = approved.plan();
            let changed = args.detailed_exitcode && !(plan.is_empty() && plan.held.is_empty());
            match plan.skew {
                // What the target says of the time cannot be believed, or our own clock.
                Some(_) => Exit::Unreachable,
                None if changed => Exit::Changes,
                None => Exit::Ok,
            }
        }
    };
    // The process ends here: giving a million items back one by one would only take time.
    std::mem::forget((planned, context));
    Ok(exit)
}

/// Refuses a place for the plan where it cannot be kept, before the target is asked for anything.
fn has_room(path: &Path) -> Result<(), Failure> {
    files::is_replaceable(path).map_err(|error| {
        let remedy = "name a new file, or one to write over; `--format json` prints the plan";
        Failure::new(Exit::Usage, &format!("`--out` cannot keep the plan in {error}"), remedy)
    })
}

/// Writes a plan file, and says how it is applied.
fn keep(
    file: &PlanFile,
    (chdir, base): (Option<&Path>, &BaseArgs),
    path: &Path,
) -> Result<(), Failure> {
    files::write_private(path, &file.to_text()).map_err(|error| {
        Failure::new(Exit::Error, &format!("the plan was not kept: {error}"), "")
    })?;
    let chdir = chdir.map_or_else(String::new, |folder| format!(" -C {}", folder.display()));
    let digest = file.digest().get(..12).unwrap_or_default();
    let path = path.display();
    terminal::note(&format!(
        "Kept as {path} ({digest}). Apply it with: muster apply{chdir}{base} {path}\n"
    ));
    Ok(())
}
