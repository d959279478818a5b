//! The guard, asked from the outside: policies run in a child process of this program.

use futures::future::join;
use jiff::Timestamp;

use super::args::RunKind;
use super::context::{ByBase, Context, Judging};
use super::exit::{Exit, Failure};
use super::failures::unjudged;
use crate::edge::policy_worker::{Worker, program};
use crate::guard::base::{self, ByBase as Judged};
use crate::guard::input::Document;
use crate::guard::rego::Bounds;
use crate::guard::{PolicyResults, Verdict, judge, judge_by_base, judge_declared};
use crate::kind::Address;
use crate::plan::{Finding, Plan};

/// Starts the child process that judges by these policies: it loads and tries them meanwhile.
pub(super) fn start(context: &Context) -> Result<Worker, Failure> {
    let exe = own_program()?;
    Worker::start(&exe, &context.policies, &context.settings, Bounds::default())
        .map_err(|error| unjudged(&error))
}

/// The processes that judge a plan.
pub(super) struct Workers {
    pub(super) head: Worker,
    /// That of the base, where its guard differs.
    base: Option<Worker>,
}

/// Starts all that a plan is judged by.
pub(super) fn start_all(context: &Context) -> Result<Workers, Failure> {
    let other = context.judging.other().map(|(_, base)| start(base)).transpose()?;
    Ok(Workers { head: start(context)?, base: other })
}

/// A plan as the guard of its base sees it.
pub(super) struct SeenByBase {
    /// The same changes, with the base's administrators, privileged roles and population.
    pub(super) plan: Plan,
    /// The plan under the base's `manage`, where that differs.
    pub(super) wider: Option<Plan>,
}

/// Judges a plan by its own guard, and by that of its base.
pub(super) async fn judge_all(
    context: &Context,
    workers: Workers,
    plan: &Plan,
    seen: Option<SeenByBase>,
) -> Result<Verdict, Failure> {
    let own = judge_plan(context, workers.head, plan);
    let other = context.judging.other().zip(workers.base).zip(seen.as_ref());
    let mut verdict = match other {
        None => own.await?,
        Some((((by_base, base), worker), seen)) => {
            let ByBase { name, declared, .. } = by_base;
            let document = Document::planned(&seen.plan, &base.desired, &base.asked());
            let document = document.map_err(|error| unjudged(&error))?;
            let (own, results) = join(own, ask(base, worker, &document)).await;
            let (mut verdict, results) = (own?, results?);
            let judged = judge_by_base(&seen.plan, &base.desired, results, &base.regime);
            let judged = judged.map_err(|error| unjudged(&error))?;
            let wider = seen.wider.as_ref();
            let judged = Judged { name, verdict: judged, desired: declared, plan: wider };
            let joined = verdict.join(judged, &context.desired, Some(plan));
            joined.map_err(|error| unjudged(&error))?;
            verdict
        }
    };
    if let Judging::Both(by_base) = &context.judging {
        let added = verdict.add_uncovered(plan, &context.desired, &by_base.declared);
        added.map_err(|error| unjudged(&error))?;
    }
    let takes = plan.changes.iter().filter(|change| change.takes_away());
    let about =
        about_the_guard(&context.judging, || takes.map(|one| one.address.clone()).collect());
    if let Some(about) = about.or_else(|| alone(context)) {
        verdict.record_changed(base::ID, about);
    }
    Ok(verdict)
}

/// The findings on the guard itself; `None`: no base is given. `takes` is what a plan takes away.
fn about_the_guard(
    judging: &Judging,
    takes: impl FnOnce() -> Vec<Address>,
) -> Option<Vec<Finding>> {
    match judging {
        Judging::Both(by_base) => Some(by_base.changes.findings.clone()),
        Judging::FirstAdoption { name } => Some(base::first_adoption(name, takes())),
        Judging::Alone => None,
    }
}

/// The warning of a reviewed or unattended run that no base judges.
fn alone(context: &Context) -> Option<Vec<Finding>> {
    match context.asking.run {
        Some(RunKind::PullRequest | RunKind::Scheduled) => Some(vec![base::judged_by_itself()]),
        Some(RunKind::Local) | None => None,
    }
}

/// Judges a plan by all three layers.
pub(super) async fn judge_plan(
    context: &Context,
    worker: Worker,
    plan: &Plan,
) -> Result<Verdict, Failure> {
    let document = Document::planned(plan, &context.desired, &context.asked());
    let document = document.map_err(|error| unjudged(&error))?;
    let results = ask(context, worker, &document).await?;
    judge(plan, &context.desired, results, &context.regime).map_err(|error| unjudged(&error))
}

/// Judges what is declared, offline, by the guardrails alone.
pub(super) async fn judge_files(context: &Context, now: Timestamp) -> Result<Verdict, Failure> {
    let worker = start(context)?;
    let kinds = context.outline.kinds();
    let document = Document::declared(&context.desired, now, &kinds, &context.asked());
    let document = document.map_err(|error| unjudged(&error))?;
    let results = ask(context, worker, &document).await?;
    let judged = judge_declared(&context.desired, now, results, &context.regime);
    judged.map_err(|error| unjudged(&error))
}

/// The same by the guard of the base as well.
pub(super) async fn judge_declared_by_all(
    context: &Context,
    now: Timestamp,
) -> Result<Verdict, Failure> {
    let mut verdict = judge_files(context, now).await?;
    if let Some((by_base, base)) = context.judging.other() {
        let ByBase { name, declared, .. } = by_base;
        let judged = judge_files(base, now).await?;
        let judged = Judged { name, verdict: judged, desired: declared, plan: None };
        let joined = verdict.join(judged, &context.desired, None);
        joined.map_err(|error| unjudged(&error))?;
    }
    if let Some(about) = about_the_guard(&context.judging, Vec::new) {
        verdict.record_changed(base::ID, about);
    }
    Ok(verdict)
}

/// What the guardrails find in a document.
pub(super) async fn ask(
    context: &Context,
    worker: Worker,
    document: &Document<'_>,
) -> Result<PolicyResults, Failure> {
    worker.judge(&context.outline, document).await.map_err(|error| unjudged(&error))
}

/// This program, to run policies in.
pub(super) fn own_program() -> Result<std::path::PathBuf, Failure> {
    program().map_err(|error| {
        let what = format!("muster cannot find its own program to run policies in: {error}");
        Failure::new(Exit::Denied, &what, "start it by its path")
    })
}
