//! `muster policy test`.

use super::args::TestArgs;
use super::rules::guardrails;
use crate::cli::exit::{Exit, Failure};
use crate::cli::judge::own_program;
use crate::edge::policy_tests::{Question, run_tests};
use crate::edge::terminal;
use crate::guard::PolicyError;
use crate::guard::rego::{Bounds, lacks};
use crate::report::policy_tests::Told;

/// `muster policy test`.
pub(super) async fn run(args: &TestArgs) -> Result<Exit, Failure> {
    let (_, guardrails) = guardrails()?;
    let question = Question {
        policies: &guardrails.all,
        settings: &guardrails.settings,
        pattern: args.run.as_deref(),
    };
    let bounds = Bounds::default();
    let report = run_tests(&own_program()?, &question, &bounds).await;
    let report = report.map_err(|error| untested(&error))?;
    if report.results.is_empty() {
        let pattern = args.run.as_deref().unwrap_or_default();
        let what = format!("no test has a name that `{pattern}` matches");
        return Err(Failure::new(Exit::Error, &what, "`muster policy test` names all of them"));
    }
    let lacks = match args.run {
        // Not all tests were run, so nothing can be said of what there is not.
        Some(_) => Vec::new(),
        None => lacks(&guardrails.outline, &report.results),
    };
    let told = Told { report: &report, lacks: &lacks, verbose: args.verbose };
    terminal::text(&told.text(terminal::stdout_style()))?;
    Ok(if told.passes() { Exit::Ok } else { Exit::Error })
}

fn untested(error: &PolicyError) -> Failure {
    let error = error.to_string();
    let lead = if error.contains('\n') { "\n  " } else { " " };
    let what = format!("no test was run:{lead}{}", error.replace('\n', "\n  "));
    let exit = Exit::Error;
    Failure::new(exit, &what, "mend this first: tests of rules that cannot be loaded say nothing")
}
