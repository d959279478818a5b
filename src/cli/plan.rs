//! `muster plan`, and what `muster apply` shares with it.

use std::path::Path;

use jiff::Timestamp;

use super::args::{Format, PlanArgs};
use super::context::{Context, instant};
use super::exit::{Exit, Failure};
use super::judge::judge_plan;
use crate::edge::session::Session;
use crate::edge::{files, terminal};
use crate::guard::{Approved, Layer, Refusal, Verdict, approve};
use crate::live::Live;
use crate::plan::{Plan, PlanFile, basis, plan};
use crate::report::{json, text};
use crate::target::scim::{ReadErrorKind, ReadOptions, ReadStats, read};

/// A plan, judged; and what it was made from.
pub(super) struct Planned {
    /// What the target has.
    pub(super) live: Live,
    /// What the read found out on its way.
    pub(super) stats: ReadStats,
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

/// Opens a session with the project's target.
pub(super) async fn open(context: &Context) -> Result<Session, Failure> {
    Session::open(&context.desired.project, &context.root)
        .await
        .map_err(|error| Failure::new(Exit::Error, &error.what, &error.remedy))
}

/// Reads the target, plans, and asks the guard.
pub(super) async fn make(
    context: &Context,
    session: &Session,
    now: Timestamp,
) -> Result<Planned, Failure> {
    let options = ReadOptions { target: session.target.clone() };
    let (live, stats) =
        read(&session.transport, &session.dialect, &options).await.map_err(|error| {
            let what = format!("the target was not read: {}\n  why: {}", error.what, error.why);
            let exit = match error.kind {
                ReadErrorKind::NotFound | ReadErrorKind::Unexpected => Exit::Error,
                _ => Exit::Unreachable,
            };
            Failure::new(exit, &what, &error.remedy)
        })?;
    let plan = plan(&context.desired, &live, now);
    let verdict = judge_plan(context, &plan).await?;
    Ok(Planned { live, stats, judged: approve(plan, verdict) })
}

/// The status of a plan that was refused.
pub(super) const fn refused(layer: Layer) -> Exit {
    match layer {
        Layer::Invariant | Layer::Limit => Exit::Limit,
        Layer::Policy => Exit::Denied,
    }
}

/// Shows a plan on stdout.
pub(super) fn show(planned: &Planned, requests: u64, format: Format) {
    let (plan, verdict) = (planned.plan(), planned.verdict());
    match format {
        Format::Text => {
            terminal::data(&text::plan(plan, verdict, requests, terminal::stdout_style()));
        }
        Format::Json => terminal::data(&format!("{}\n", json::plan(plan, verdict, requests))),
    }
}

/// `muster plan`.
pub(super) async fn run(context: &Context, args: &PlanArgs) -> Result<Exit, Failure> {
    let now = instant(args.at.as_deref())?;
    let session = open(context).await?;
    let planned = make(context, &session, now).await;
    let made = session.requests_made();
    session.close().await;
    let planned = planned?;
    show(&planned, made.reads + made.writes, args.format.format);
    if let Err(refusal) = &planned.judged {
        if let Some(path) = &args.out {
            let path = path.display();
            terminal::note(&format!("The plan was refused, so {path} was not written.\n"));
        }
        return Ok(refused(refusal.layer));
    }
    if let Some(path) = &args.out {
        keep(context, &planned.seal(context, now), path)?;
    }
    Ok(if args.detailed_exitcode && !planned.plan().is_empty() { Exit::Changes } else { Exit::Ok })
}

/// Writes a plan file, and says how it is applied.
fn keep(context: &Context, file: &PlanFile, path: &Path) -> Result<(), Failure> {
    files::write_private(path, &file.to_text()).map_err(|error| {
        Failure::new(Exit::Error, &format!("the plan was not kept: {error}"), "")
    })?;
    let chdir = context.chdir.as_ref();
    let chdir = chdir.map_or_else(String::new, |folder| format!(" -C {}", folder.display()));
    let digest = file.digest().get(..12).unwrap_or_default();
    let path = path.display();
    terminal::note(&format!(
        "Kept as {path} ({digest}). Apply it with: muster apply{chdir} {path}\n"
    ));
    Ok(())
}
