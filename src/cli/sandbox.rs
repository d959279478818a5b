//! `muster sandbox serve`: the embedded server, on its own.

use super::args::{SandboxCommand, ServeArgs};
use super::exit::{Exit, Failure};
use crate::edge::sandbox::{SandboxOptions, start};
use crate::edge::session::{SessionError, personality, seed};
use crate::edge::signal::Interrupts;
use crate::edge::{environment, terminal};
use crate::sandbox::Faults;

/// `muster sandbox …`.
pub(super) async fn run(command: &SandboxCommand) -> Result<Exit, Failure> {
    match command {
        SandboxCommand::Serve(args) => serve(args).await,
    }
}

fn failure(exit: Exit, error: &SessionError) -> Failure {
    Failure::new(exit, &error.what, &error.remedy)
}

async fn serve(args: &ServeArgs) -> Result<Exit, Failure> {
    let mut faults = Faults::default();
    for text in &args.fault {
        let fault = Faults::parse(text).map_err(|error| Failure::new(Exit::Usage, &error, ""))?;
        faults.extend(fault);
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
            .map_err(|error| failure(Exit::Usage, &error))?,
        faults,
        token,
        seed: args
            .seed
            .as_deref()
            .map(seed)
            .transpose()
            .map_err(|error| failure(Exit::Error, &error))?,
        state_file: args.state.clone(),
        ..SandboxOptions::default()
    };
    let mut interrupts = Interrupts::listen();
    let server = start(options).await.map_err(|error| {
        Failure::new(Exit::Error, &error.to_string(), "look at --port, --seed, --state")
    })?;
    terminal::data(&format!("{}\n", server.url()));
    terminal::note("Serving SCIM 2.0 there until interrupted.\n");
    interrupts.next().await;
    server.stop().await;
    Ok(Exit::Ok)
}
