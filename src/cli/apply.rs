//! `muster apply`: plan, show, ask, write, read back.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::args::{ApplyArgs, Format, RunKind};
use super::base::Base;
use super::context::{Context, instant};
use super::exit::{Exit, Failure};
use super::judge::Workers;
use super::plan::{Planned, Sides, make, make_part, refused, show, sides_to_judge};
use crate::apply::{Entry, Journal, Known as Ids, Outcome, RunOptions, run as carry_out, schedule};
use crate::config::{Project, Provider};
use crate::edge::journal::JournalFile;
use crate::edge::lease::Lease;
use crate::edge::project::ProjectFiles;
use crate::edge::session::{Session, Sight};
use crate::edge::terminal::Unwritten;
use crate::edge::{files, signal, terminal};
use crate::guard::Approved;
use crate::plan::{Plan, PlanFile, revocations};
use crate::report::json::{self, Requests};
use crate::report::{self, text};

/// How many bytes a plan file may have.
const PLAN_BYTES: u64 = 1 << 30;
/// How many steps are under way at once; the transport lets through what the target takes.
const CONCURRENCY: usize = 16;

/// `muster apply`.
pub(super) async fn run(mut files: ProjectFiles, args: &ApplyArgs) -> Result<Exit, Failure> {
    let reviewed = args.plan.as_deref().map(read_plan).transpose()?;
    if !args.yes && !terminal::has_person() {
        return Err(Failure::new(
            Exit::Stale,
            "nobody is here to approve the plan: this is no terminal",
            "look at `muster plan` first, then give `--yes`",
        ));
    }
    let base = Base::read(&args.base, &mut files)?;
    let (sides, worker) = sides_to_judge(files, base, args.target).await?;
    let journal = JournalFile::open(&sides.context.journal())
        .map_err(|error| Failure::new(Exit::Error, &error, ""))?;
    let _lease = lease(&sides.context)?;
    let Sides { mut context, session, sight } = sides;
    context.ask(&args.ask);
    let begun = Begun { worker, sight, journal, reviewed };
    let ended = with_session(&context, args, &session, begun).await;
    session.close().await;
    ended
}

/// The lease of the target; none where it is embedded, and its state is this project's own.
fn lease(context: &Context) -> Result<Option<Lease>, Failure> {
    let target = &context.desired.project.target;
    let Some(url) = target.url.as_ref().filter(|_| target.provider != Provider::Sandbox) else {
        return Ok(None);
    };
    let taken = Lease::take(url.trim_end_matches('/'), &context.root);
    taken.map(Some).map_err(|error| Failure::new(Exit::Error, &error, ""))
}

/// What an apply begins with: what judges, what was read, and what was reviewed and done before.
struct Begun {
    worker: Workers,
    sight: Sight,
    journal: JournalFile,
    reviewed: Option<PlanFile>,
}

async fn with_session(
    context: &Context,
    args: &ApplyArgs,
    session: &Session,
    begun: Begun,
) -> Result<Exit, Failure> {
    let Begun { worker, sight, journal, reviewed } = begun;
    let now = instant(None)?;
    let planned = make(context, worker, sight, now).await?;
    let whole = planned.judged.as_ref().err().map(|refusal| refused(refusal.layer));
    let is_scheduled = matches!(context.asking.run, Some(RunKind::Scheduled));
    let first = context.desired.project.revocations_first && is_scheduled && whole.is_some();
    let is_part = args.revocations_only || first && reviewed.is_none();
    let is_text = args.format.format == Format::Text;
    // JSON is one document, which comes when all is known.
    if is_text || planned.judged.is_err() && !is_part {
        let made = session.requests_made();
        // Nothing is written where the plan could not be shown.
        show(&planned, made.reads + made.writes, args.format.format.into())?;
    }
    let (planned, part_of) = match is_part {
        true => part(context, planned, session, args).await?,
        false => (planned, None),
    };
    let approved = match &planned.judged {
        Ok(approved) => approved,
        Err(refusal) => return Ok(whole.unwrap_or_else(|| refused(refusal.layer))),
    };
    let sealed = planned.seal(context, now);
    if let Some(reviewed) = &reviewed {
        compare(reviewed, &sealed, &journal)?;
    }
    if !approved.plan().is_empty() && !args.yes {
        if args.format.format == Format::Json {
            // The JSON comes at the end; whoever is asked sees what about.
            let made = session.requests_made();
            let (plan, verdict) = (planned.plan(), planned.verdict());
            let style = terminal::stderr_style();
            terminal::note(&text::plan(plan, verdict, made.reads + made.writes, style));
        }
        let question = "\nApply these changes? Only `yes` does it: ";
        if !terminal::confirm(question) {
            return Err(Failure::new(Exit::Stale, "not approved; nothing was written", ""));
        }
    }
    let name = reviewed.as_ref().unwrap_or(&sealed).digest().to_owned();
    let scene = Scene {
        project: &context.desired.project,
        planned: &planned,
        session,
        journal: &journal,
        format: args.format.format,
        part_of,
    };
    let exit = write(approved, &name, &scene).await?;
    // Whatever part was applied, the whole was refused.
    Ok(whole.filter(|_| matches!(exit, Exit::Ok | Exit::Waiting)).unwrap_or(exit))
}

/// The part of a plan that only takes access away, judged by itself and shown, with the whole as
/// JSON where that is asked for.
async fn part(
    context: &Context,
    whole: Planned,
    session: &Session,
    args: &ApplyArgs,
) -> Result<(Planned, Option<Value>), Failure> {
    let changes = revocations(whole.plan());
    let (some, all) = (changes.len(), whole.plan().changes.len());
    terminal::note(&format!(
        "Only what takes access away is applied: {some} of {all} changes. People who gain something \
         in the same plan, and what is renamed or replaced, are left alone.\n"
    ));
    let made = session.requests_made();
    let requests = made.reads + made.writes;
    let is_text = args.format.format == Format::Text;
    let part_of = (!is_text).then(|| json::plan(whole.plan(), whole.verdict(), requests));
    let planned = match make_part(context, whole, changes).await {
        Ok(planned) => planned,
        Err(failure) => {
            part_of.iter().try_for_each(terminal::json)?;
            return Err(failure);
        }
    };
    if is_text {
        show(&planned, requests, args.format.format.into())?;
    } else if let (Some(whole), true) = (&part_of, planned.judged.is_err()) {
        let part = json::plan(planned.plan(), planned.verdict(), requests);
        terminal::json(&json::part_of(part, whole))?;
    }
    Ok((planned, part_of))
}

/// What writing needs beside the approved plan.
struct Scene<'a> {
    project: &'a Project,
    planned: &'a Planned,
    session: &'a Session,
    journal: &'a JournalFile,
    format: Format,
    /// The whole that the plan is a part of, as JSON.
    part_of: Option<Value>,
}

fn read_plan(path: &Path) -> Result<PlanFile, Failure> {
    let stale = |what: String| {
        Failure::new(Exit::Stale, &what, "make a new plan: `muster plan --out FILE`")
    };
    let text = files::read_text(path, PLAN_BYTES).map_err(stale)?;
    PlanFile::read(&text).map_err(|error| stale(format!("`{}`: {error}", path.display())))
}

/// Refuses a reviewed plan that is not the plan of now, or that was applied before.
fn compare(reviewed: &PlanFile, now: &PlanFile, journal: &JournalFile) -> Result<(), Failure> {
    let stale =
        |what: &str| Failure::new(Exit::Stale, what, "make a new plan and have it reviewed");
    if journal.knows(reviewed.digest()) {
        return Err(stale("this plan was applied before"));
    }
    reviewed.still_holds(now).map_err(|error| stale(&error.to_string()))
}

/// Carries out an approved plan and says what became of it.
async fn write(approved: &Approved, name: &str, scene: &Scene<'_>) -> Result<Exit, Failure> {
    let Scene { planned, session, journal, .. } = scene;
    let plan = approved.plan();
    let steps = schedule(approved);
    let begin = Entry::Begin {
        organization: plan.organization.clone(),
        target: plan.target.clone(),
        plan: name.to_owned(),
        steps: steps.len(),
    };
    journal.record(&begin).map_err(|error| {
        Failure::new(Exit::Error, &format!("nothing was written: the journal: {error}"), "")
    })?;
    let stop = signal::stop_on_interrupt();
    let writer = session.writer(&planned.known, plan.ids.clone());
    let writer = match session.domain_steps(scene.project, &planned.live) {
        Some(steps) => writer.with_domains(steps),
        None => writer,
    };
    let options = RunOptions { concurrency: CONCURRENCY, stop: &stop };
    let known = Ids::of(plan, &planned.live);
    let outcome = carry_out(steps, known, &writer, *journal, options).await;
    if let Err(error) = journal.record(&Entry::End { complete: outcome.is_complete() }) {
        terminal::note(&format!("warning: the journal could not be closed: {error}\n"));
    }
    let exit = status(&outcome, plan, &stop);
    match tell(&outcome, scene) {
        Ok(()) => Ok(exit),
        Err(unwritten) => Ok(untold(unwritten, exit)),
    }
}

/// The status where the receipts could not be shown: that of what was applied, if it is not well.
fn untold(unwritten: Unwritten, exit: Exit) -> Exit {
    let failure = Failure::from(unwritten);
    terminal::note(&failure.message);
    terminal::note("The plan was carried out; the journal says what became of each step.\n");
    if exit == Exit::Ok { failure.exit } else { exit }
}

fn tell(outcome: &Outcome, scene: &Scene<'_>) -> Result<(), Unwritten> {
    let Scene { planned, session, journal, format, part_of, .. } = scene;
    let made = session.requests_made();
    let requests = Requests { reads: made.reads, writes: made.writes };
    match format {
        Format::Text => {
            let told = report::outcome(outcome, requests, terminal::stdout_style());
            terminal::text(&format!("\n{told}"))
        }
        Format::Json => {
            let plan = json::plan(planned.plan(), planned.verdict(), made.reads + made.writes);
            let told = json::outcome(plan, outcome, requests, &journal.head());
            terminal::json(&match part_of {
                Some(whole) => json::part_of(told, whole),
                None => told,
            })
        }
    }
}

fn status(outcome: &Outcome, plan: &Plan, stop: &AtomicBool) -> Exit {
    let is_whole = plan.waiting.is_empty() && plan.held.is_empty();
    if plan.skew.is_some() && outcome.only_waits() {
        // Done but for what a date decides: one of two clocks is wrong.
        Exit::Unreachable
    } else if outcome.is_complete() && is_whole {
        Exit::Ok
    } else if stop.load(Ordering::Relaxed) {
        Exit::Interrupted
    } else if outcome.only_waits() && plan.held.is_empty() {
        Exit::Waiting
    } else {
        Exit::Partial
    }
}
