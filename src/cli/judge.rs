//! The guard, asked from the outside: policies run in a child process of this program.

use jiff::Timestamp;

use super::context::Context;
use super::exit::{Exit, Failure};
use super::failures::unjudged;
use crate::edge::policy_worker::{Worker, program};
use crate::guard::input::Document;
use crate::guard::rego::Bounds;
use crate::guard::{PolicyResults, Verdict, judge, judge_declared};
use crate::plan::Plan;

/// Starts the child process that judges by these policies: it loads and tries them meanwhile.
pub(super) fn start(context: &Context) -> Result<Worker, Failure> {
    let exe = own_program()?;
    Worker::start(&exe, &context.policies, &context.settings, Bounds::default())
        .map_err(|error| unjudged(&error))
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
    judge_declared(&context.desired, now, results, &context.regime)
        .map_err(|error| unjudged(&error))
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
