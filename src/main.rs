//! Arguments in, exit status out.

use std::process::ExitCode;

use muster::edge::policy_worker;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(only), None) if only == policy_worker::SUBCOMMAND => policy_worker::run_worker(),
        _ => ExitCode::from(64),
    }
}
