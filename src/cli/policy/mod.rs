//! `muster policy …`: the rules themselves.

mod args;
mod eject;
mod observe;
mod rules;
mod test;

use args::ExplainArgs;
pub(super) use args::PolicyCommand;
use rules::{folder, guardrails, named};

use super::args::{Format, FormatArgs};
use super::context::read_files;
use super::exit::{Exit, Failure};
use super::guardrails::Guardrails;
use crate::edge::terminal;
use crate::report::policy;

/// `muster policy …`.
pub(super) async fn run(command: &PolicyCommand) -> Result<Exit, Failure> {
    match command {
        PolicyCommand::List(args) => list(*args),
        PolicyCommand::Explain(args) => explain(args),
        PolicyCommand::Eject(args) => eject::run(args),
        PolicyCommand::Test(args) => test::run(args).await,
        PolicyCommand::Input(args) => observe::input(read_files()?, args).await,
        PolicyCommand::Audit(args) => observe::audit(read_files()?, args).await,
    }
}

fn list(args: FormatArgs) -> Result<Exit, Failure> {
    let (_, Guardrails { outline, regime, .. }) = guardrails()?;
    match args.format {
        Format::Text => {
            let style = terminal::stdout_style();
            terminal::text(&policy::list(outline.rules(), &regime, style))?;
        }
        Format::Json => {
            terminal::json(&policy::list_json(outline.rules(), &regime))?;
        }
    }
    Ok(Exit::Ok)
}

fn explain(args: &ExplainArgs) -> Result<Exit, Failure> {
    let (_, guardrails) = guardrails()?;
    let rule = named(&guardrails, &args.rule)?;
    let of_rule =
        |path: &str| args.source && path.rsplit_once('/').map(|(at, _)| at) == folder(rule);
    let files = guardrails.all.files.iter().filter(|file| !file.is_test());
    let texts: Vec<_> = files.filter(|file| of_rule(&file.path)).collect();
    match args.format.format {
        Format::Text => {
            let style = terminal::stdout_style();
            terminal::text(&policy::explain(rule, &guardrails.regime, &texts, style))?;
        }
        Format::Json => {
            let json = policy::explain_json(rule, &guardrails.regime, &texts);
            terminal::json(&json)?;
        }
    }
    Ok(Exit::Ok)
}
