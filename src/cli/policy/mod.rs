//! `muster policy …`: the rules themselves.

mod args;
mod eject;
mod observe;
mod test;

use std::path::{Path, PathBuf};

use args::ExplainArgs;
pub(super) use args::PolicyCommand;

use super::args::{Format, FormatArgs};
use super::context::{problems, read_files};
use super::exit::{Exit, Failure};
use super::guardrails::Guardrails;
use crate::config::nearest;
use crate::edge::{project, terminal};
use crate::guard::rego::Rule;
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

/// The guardrails of the project that is found from here upwards, with its folder; those built in
/// where there is none.
fn guardrails() -> Result<(Option<PathBuf>, Guardrails), Failure> {
    let here = Path::new(".");
    if project::find_root(here).is_err() {
        return Ok((None, Guardrails::built_in()?));
    }
    let read = project::read_project_file(here);
    let (root, file, project) = read.map_err(|found| problems(&found, &[]))?;
    let guardrails = Guardrails::of(&root, &project, &[&file])?;
    Ok((Some(root), guardrails))
}

fn list(args: FormatArgs) -> Result<Exit, Failure> {
    let (_, Guardrails { outline, regime, .. }) = guardrails()?;
    match args.format {
        Format::Text => {
            let style = terminal::stdout_style();
            terminal::data(&policy::list(outline.rules(), &regime, style));
        }
        Format::Json => {
            terminal::data(&format!("{}\n", policy::list_json(outline.rules(), &regime)));
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
            terminal::data(&policy::explain(rule, &guardrails.regime, &texts, style));
        }
        Format::Json => {
            let json = policy::explain_json(rule, &guardrails.regime, &texts);
            terminal::data(&format!("{json}\n"));
        }
    }
    Ok(Exit::Ok)
}

fn folder(rule: &Rule) -> Option<&str> {
    rule.file.rsplit_once('/').map(|(folder, _)| folder)
}

/// The rule of this id.
fn named<'a>(guardrails: &'a Guardrails, id: &str) -> Result<&'a Rule, Failure> {
    let outline = &guardrails.outline;
    outline.get(id).ok_or_else(|| {
        let remedy = match nearest(id, outline.rules().iter().map(|rule| rule.id.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`muster policy list` shows the rules there are".to_owned(),
        };
        Failure::new(Exit::Error, &format!("there is no rule `{id}`"), &remedy)
    })
}
