//! Arguments, one short function a subcommand, exit statuses.

mod apply;
mod args;
mod base;
mod check;
mod context;
mod doctor;
mod domains;
mod exit;
mod failures;
mod flags;
mod guardrails;
mod import;
mod init;
mod judge;
mod plan;
mod policy;
mod sandbox;
mod variables;
mod why;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

pub use exit::{Exit, Failure};

use args::{Cli, Command};
use base::{Base, understand};
use context::read_files;

use crate::edge::{environment, policy_worker, runtime, terminal};

/// Runs muster with these arguments, the program's name first, and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = Cli::command().try_get_matches_from(arguments);
    let parsed = matches.and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error).into(),
    };
    if matches!(cli.command, Command::PolicyWorker) {
        return policy_worker::run_worker();
    }
    match variables::look_at(&matches).and_then(|()| obey(&cli)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal::note(&failure.message);
            failure.exit.into()
        }
    }
}

/// What clap has to say: help and version are answers, everything else is a wrong command line.
fn usage(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        let _ = error.print();
        return Exit::Usage;
    }
    let told = error.render();
    let told = match terminal::stdout_style().colour {
        true => told.ansi().to_string(),
        false => told.to_string(),
    };
    match terminal::data(&told) {
        Ok(()) => Exit::Ok,
        Err(unwritten) => {
            let failure = Failure::from(unwritten);
            terminal::note(&failure.message);
            failure.exit
        }
    }
}

fn obey(cli: &Cli) -> Result<Exit, Failure> {
    let chdir = cli.chdir.as_deref();
    if let Some(folder) = chdir {
        environment::enter(folder).map_err(|error| {
            Failure::new(Exit::Error, &error, "name a folder that is there with `-C`")
        })?;
    }
    match &cli.command {
        Command::Init(args) => init::run(chdir, args),
        Command::Schema => {
            terminal::data(&format!("{:#}\n", crate::config::schema()))?;
            Ok(Exit::Ok)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "muster", &mut script);
            terminal::data(&String::from_utf8_lossy(&script))?;
            Ok(Exit::Ok)
        }
        Command::PolicyWorker => Ok(Exit::Usage),
        Command::Check(args) => {
            let mut files = read_files()?;
            let base = Base::read(&args.base, &mut files)?;
            let mut context = understand(files, base)?;
            context.ask(&args.ask);
            let ended = block_on(check::run(&context, args));
            // The process ends here: giving a million items back one by one would only take time.
            std::mem::forget(context);
            ended
        }
        Command::Plan(args) => block_on(plan::run(read_files()?, chdir, args)),
        Command::Apply(args) => block_on(apply::run(read_files()?, args)),
        Command::Import(args) => block_on(import::run(args)),
        Command::Doctor(args) => {
            let files = read_files()?;
            block_on(doctor::run(&files, *args))
        }
        Command::Why(args) => block_on(why::why(read_files()?, args)),
        Command::WhoCan(args) => block_on(why::who_can(read_files()?, args)),
        Command::Domains(args) => block_on(domains::run(read_files()?, args)),
        Command::Policy(command) => block_on(policy::run(command)),
        Command::Sandbox(command) => block_on(sandbox::run(command)),
    }
}

fn block_on(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    match runtime::block_on(work) {
        Ok(ended) => ended,
        Err(error) => Err(Failure::new(Exit::Error, &error, "")),
    }
}
