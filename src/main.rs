//! Arguments in, exit status out.

use std::process::ExitCode;

/// Threads allocate without waiting for each other: reading a large organization takes a fifth
/// less time than with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    muster::cli::run(std::env::args_os())
}
