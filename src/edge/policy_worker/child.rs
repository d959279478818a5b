//! The child's side: it limits itself, and then reads and judges.

use std::io::{BufReader, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::guard::rego::protocol::Room;
use crate::guard::rego::worker;

/// The stack that evaluation has, in bytes.
const STACK: usize = 64 << 20;
/// How many descriptors the child may have: its three pipes and a few that the runtime opens.
const FILES: u64 = 16;

/// Limits itself, then serves one judgement on its standard streams.
#[must_use]
pub fn run_worker() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn work() -> std::io::Result<()> {
    let mut read = BufReader::new(std::io::stdin());
    let hello = worker::hello(&mut read)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nofile, FILES)?;
    // More is given once it is known how much there is to judge; nothing that a policy can say
    // calls the system, so nobody else can ask for it.
    give(hello.room, Firm::No)?;
    let serve = move || {
        let mut raise = |room: Room| give(room, Firm::Yes);
        worker::serve(&mut read, &mut std::io::stdout().lock(), hello, &mut raise)
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(serve)?;
    thread.join().unwrap_or_else(|_| Err(std::io::Error::other("the evaluation panicked")))
}

/// Whether a limit may be raised again.
#[derive(Clone, Copy)]
enum Firm {
    Yes,
    No,
}

fn give(room: Room, firm: Firm) -> std::io::Result<()> {
    set(Resource::Cpu, room.seconds, firm)?;
    set(Resource::As, room.memory.saturating_add(STACK as u64), firm)
}

/// Sets a limit for good.
fn limit(resource: Resource, most: u64) -> std::io::Result<()> {
    set(resource, most, Firm::Yes)
}

/// Sets a limit, never above the one that is already there.
fn set(resource: Resource, most: u64, firm: Firm) -> std::io::Result<()> {
    let hard = rustix::process::getrlimit(resource).maximum;
    let most = hard.map_or(most, |hard| hard.min(most));
    let maximum = match firm {
        Firm::Yes => Some(most),
        Firm::No => hard,
    };
    setrlimit(resource, Rlimit { current: Some(most), maximum })?;
    Ok(())
}
