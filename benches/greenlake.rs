//! How long the largest organization takes on HPE GreenLake, against what its limits alone
//! demand: `cargo bench --bench greenlake`.
//!
//! The twin serves it over HTTP on this machine, with limits that are as strict as they can be:
//!
//! - reads: 6,000 in every minute at each endpoint, which is what HPE publishes; and 100 in every
//!   second, which is the same without its slack;
//! - the first fill of a tenth of the organization: 100 writes in every six seconds, which are the
//!   1,000 a minute that HPE publishes;
//! - the first fill of the largest: 1,000 in every 15 seconds, four times as fast, so that the
//!   bench ends in about three minutes. The project says so (`target.dialect`); role assignments
//!   stay at the published rate.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and runs the binary")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up has no figures")]
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

#[path = "../tests/support/largest.rs"]
mod largest;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use largest::{LARGEST, Size};
use muster::edge::sandbox::greenlake::{GreenLakeOptions, GreenLakeServer, start_greenlake};
use muster::sandbox::greenlake::{Limits, Rate};
use serde_json::Value;
use tokio::runtime::Runtime;

/// Requests so far: all, reads, and those that were refused.
#[derive(Clone, Copy)]
struct Count {
    all: u64,
    reads: u64,
    refused: u64,
}

fn serve(runtime: &Runtime, seed: Value, rate: Rate) -> GreenLakeServer {
    let limits = Limits { rate, ..Limits::default() };
    let options = GreenLakeOptions { seed: Some(seed), limits, ..GreenLakeOptions::default() };
    runtime.block_on(start_greenlake(options)).unwrap()
}

fn count(runtime: &Runtime, server: &GreenLakeServer) -> Count {
    let look = server.with(|twin| {
        let counters = &twin.counters;
        Count { all: counters.requests, reads: counters.reads, refused: counters.refused }
    });
    runtime.block_on(look).unwrap()
}

fn muster(folder: &Path, size: Size, arguments: &[&str]) -> Duration {
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_muster"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(size.environment())
        .output()
        .unwrap();
    let took = begun.elapsed();
    let said = [&output.stderr[..], &output.stdout[output.stdout.len().saturating_sub(2_000)..]];
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said.concat()));
    took
}

/// A plan of nothing, when each endpoint takes so many requests in so many seconds.
fn plan(runtime: &Runtime, size: Size, limit: Option<(u32, u32)>) {
    let rate =
        limit.map_or(Rate::Unlimited, |(requests, seconds)| Rate::Every { requests, seconds });
    let server = serve(runtime, size.seed(false), rate);
    let folder = tempfile::tempdir().unwrap();
    size.write_project(folder.path(), &server.url());
    let took = muster(folder.path(), size, &["plan", "--detailed-exitcode"]);
    let asked = count(runtime, &server);
    print!(
        "plan: {:.2} s, {} requests ({} reads), {} refused",
        took.as_secs_f64(),
        asked.all,
        asked.reads,
        asked.refused
    );
    match limit {
        None => println!("; no limit"),
        Some((requests, seconds)) => {
            let own = asked.reads as f64 / f64::from(requests) * f64::from(seconds);
            println!(
                "; {requests} reads in {seconds} s take {own:.2} s: {:.2} x, at most 1.2",
                took.as_secs_f64() / own
            );
        }
    }
    runtime.block_on(server.stop());
}

/// The first fill of an empty organization, when every endpoint takes so many requests in so many
/// seconds. The project says how many that is a minute, as it does for any server whose rates are
/// not those of its profile.
fn fill(runtime: &Runtime, size: Size, requests: u32, seconds: u32) {
    let server = serve(runtime, size.seed(true), Rate::Every { requests, seconds });
    let folder = tempfile::tempdir().unwrap();
    size.write_project(folder.path(), &server.url());
    let project = folder.path().join("muster.yaml");
    let a_minute = requests * 60 / seconds;
    let rates = format!(
        "target:\n  dialect: {{ writesPerMinute: {a_minute}, readsPerMinute: {} }}\n",
        a_minute * 6
    );
    let text = std::fs::read_to_string(&project).unwrap().replace("target:\n", &rates);
    std::fs::write(&project, text).unwrap();
    let took = muster(folder.path(), size, &["apply", "--yes"]);
    let asked = count(runtime, &server);
    let writes = asked.all - asked.reads;
    let own = writes as f64 / f64::from(requests) * f64::from(seconds);
    let busiest = size.users as f64 / f64::from(requests) * f64::from(seconds);
    println!(
        "first fill of {} users: {:.1} s, {} requests ({writes} writes), {} refused ({:.2} %, at most 2)",
        size.users,
        took.as_secs_f64(),
        asked.all,
        asked.refused,
        asked.refused as f64 * 100.0 / asked.all as f64
    );
    println!(
        "  {requests} in {seconds} s: all writes one after the other take {own:.1} s: {:.2} x, at most 1.1; those of users alone {busiest:.1} s: {:.2} x",
        took.as_secs_f64() / own,
        took.as_secs_f64() / busiest
    );
    runtime.block_on(server.stop());
}

fn main() {
    let runtime = Runtime::new().unwrap();
    println!(
        "{} users, {} groups of {} on average, {} workspaces, {} role assignments",
        LARGEST.users, LARGEST.groups, LARGEST.members, LARGEST.workspaces, LARGEST.bindings
    );
    plan(&runtime, LARGEST, None);
    plan(&runtime, LARGEST, Some((6_000, 60)));
    plan(&runtime, LARGEST, Some((100, 1)));
    let tenth = Size { users: 550, groups: 20, members: 27, workspaces: 5, bindings: 200 };
    fill(&runtime, tenth, 100, 6);
    fill(&runtime, LARGEST, 1_000, 15);
}
