//! `muster sandbox serve`: the embedded server, on its own.

use super::args::{SandboxCommand, ServeArgs, Served};
use super::exit::{Exit, Failure};
use crate::edge::sandbox::greenlake::GreenLakeOptions;
use crate::edge::sandbox::{SandboxError, SandboxOptions, start};
use crate::edge::session::{personality, seed};
use crate::edge::signal::Interrupts;
use crate::edge::twin::start_twin;
use crate::edge::{environment, terminal};
use crate::sandbox::Faults;
use crate::sandbox::greenlake::Limits;

/// `muster sandbox …`.
pub(super) async fn run(command: &SandboxCommand) -> Result<Exit, Failure> {
    match command {
        SandboxCommand::Serve(args) => serve(args).await,
    }
}

async fn serve(args: &ServeArgs) -> Result<Exit, Failure> {
    let mut faults = Faults::default();
    for text in &args.fault {
        let fault = Faults::parse(text).map_err(|error| Failure::new(Exit::Usage, &error, ""))?;
        faults.extend(fault);
    }
    match args.provider {
        Served::Scim => serve_scim(args, faults).await,
        Served::Greenlake => serve_greenlake(args, faults).await,
    }
}

fn not_started(error: &SandboxError) -> Failure {
    Failure::new(Exit::Error, &error.to_string(), "look at --port, --seed, --state")
}

fn first_state(args: &ServeArgs) -> Result<Option<serde_json::Value>, Failure> {
    let read = args.seed.as_deref().map(seed).transpose();
    read.map_err(|error| Failure::of(Exit::Error, &error))
}

async fn serve_greenlake(args: &ServeArgs, faults: Faults) -> Result<Exit, Failure> {
    if args.token_env.is_some() {
        let what = "`--token-env` is for SCIM alone; this server gives tokens itself";
        return Err(Failure::new(Exit::Usage, what, "name clients in the seed"));
    }
    let rate = args.rate.unwrap_or_default();
    let options = GreenLakeOptions {
        port: args.port,
        seed: first_state(args)?,
        state_file: args.state.clone(),
        faults,
        limits: Limits { rate, ..Limits::default() },
        ..GreenLakeOptions::default()
    };
    let mut interrupts = Interrupts::listen();
    let twin = start_twin(options, args.dns)
        .await
        .map_err(|error| Failure::new(Exit::Error, &error, "look at --port, --seed, --state"))?;
    terminal::text(&format!("{}\n", twin.server.url()))?;
    let own = if args.dns.is_none() { "serving its zone" } else { "which it asks" };
    terminal::note(&format!(
        "Serving HPE GreenLake's APIs there until interrupted; DNS at {}, {own}.\n",
        twin.dns
    ));
    interrupts.next().await;
    twin.stop().await;
    Ok(Exit::Ok)
}

async fn serve_scim(args: &ServeArgs, faults: Faults) -> Result<Exit, Failure> {
    if args.rate.is_some() {
        let what = "`--rate` is for `--provider greenlake`";
        return Err(Failure::new(Exit::Usage, what, "leave it out"));
    }
    let token = match &args.token_env {
        None => None,
        Some(name) => Some(environment::variable(name).ok_or_else(|| {
            Failure::new(
                Exit::Error,
                &format!("the variable `{name}` is not set"),
                "set it to the token",
            )
        })?),
    };
    let options = SandboxOptions {
        port: args.port,
        personality: personality(&args.personality)
            .map_err(|error| Failure::of(Exit::Usage, &error))?,
        faults,
        token,
        seed: first_state(args)?,
        state_file: args.state.clone(),
        ..SandboxOptions::default()
    };
    let mut interrupts = Interrupts::listen();
    let server = start(options).await.map_err(|error| not_started(&error))?;
    terminal::text(&format!("{}\n", server.url()))?;
    terminal::note("Serving SCIM 2.0 there until interrupted.\n");
    interrupts.next().await;
    server.stop().await;
    Ok(Exit::Ok)
}
