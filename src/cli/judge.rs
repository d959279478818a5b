//! The guard, asked from the outside: policies run in a child process of this program.

use jiff::Timestamp;

use super::context::{Context, unjudged};
use super::exit::{Exit, Failure};
use crate::edge::policy_worker::{Question, evaluate, program};
use crate::guard::input::Document;
use crate::guard::rego::{Bounds, Outline};
use crate::guard::{PolicyResults, Verdict, judge, judge_declared};
use crate::plan::Plan;

/// Judges a plan by all three layers.
pub(super) async fn judge_plan(context: &Context, plan: &Plan) -> Result<Verdict, Failure> {
    let document = Document::planned(plan, &context.desired, &context.asked());
    let document = document.map_err(|error| unjudged(&error))?;
    let results = ask(context, &document).await?;
    judge(plan, &context.desired, results, &context.regime).map_err(|error| unjudged(&error))
}

/// Judges what is declared, offline, by the guardrails alone.
pub(super) async fn judge_files(context: &Context, now: Timestamp) -> Result<Verdict, Failure> {
    let outline = Outline::of(&context.policies).map_err(|error| unjudged(&error))?;
    let document = Document::declared(&context.desired, now, &outline.kinds(), &context.asked());
    let document = document.map_err(|error| unjudged(&error))?;
    let results = ask(context, &document).await?;
    judge_declared(&context.desired, now, results, &context.regime)
        .map_err(|error| unjudged(&error))
}

/// What the guardrails find in a document.
pub(super) async fn ask(
    context: &Context,
    document: &Document<'_>,
) -> Result<PolicyResults, Failure> {
    let exe = own_program()?;
    let question = Question { policies: &context.policies, settings: &context.settings, document };
    evaluate(&exe, &question, &Bounds::default()).await.map_err(|error| unjudged(&error))
}

/// This program, to run policies in.
pub(super) fn own_program() -> Result<std::path::PathBuf, Failure> {
    program().map_err(|error| {
        let what = format!("muster cannot find its own program to run policies in: {error}");
        Failure::new(Exit::Denied, &what, "start it by its path")
    })
}
