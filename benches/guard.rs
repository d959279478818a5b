//! How long the whole pack takes to judge a plan in an organization of 100,000 users and 1,000,000
//! memberships, the child process included: `cargo bench --bench guard [-- FOLDER] [CHANGES…]`.
//!
//! Plans of 100, 1,000, 10,000 and 100,000 changes, or of so many. With FOLDER, each plan's input
//! document is written there as `input-CHANGES.json`, for `benches/opa.py` to hand to real OPA.
//! Each is judged twice: from nothing, and from when the plan is made, as the program does it, whose
//! child loads the policies while the target is read. Figures are the best of five, on whatever
//! machine this is.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and writes files")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up has no figures")]
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

#[expect(dead_code, reason = "shared with tests and benches that serve it over the network")]
#[path = "../tests/support/largest.rs"]
mod largest;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use largest::Size;
use muster::config::{Desired, parse};
use muster::edge::policy_worker::{SUBCOMMAND, Worker};
use muster::edge::project::{ProjectFiles, read_project};
use muster::edge::session::Session;
use muster::guard::input::{Asked, Document};
use muster::guard::rego::{Bounds, Outline};
use muster::guard::{Regime, builtin, judge};
use muster::live::Live;
use muster::plan::{Plan, plan};
use tokio::runtime::Runtime;

const SIZE: Size =
    Size { users: 100_000, groups: 10_000, members: 100, workspaces: 25, bindings: 2_000 };

/// The organization as it is, in the embedded twin's seed.
fn write(root: &Path) {
    SIZE.write_project(root, "https://unused.example");
    let served = "  provider: sandbox\n  personality: greenlake\n  seed: live.json\n";
    let project = fs::read_to_string(root.join("muster.yaml")).unwrap();
    let target = "  provider: greenlake\n  url: \"https://unused.example\"\n";
    assert!(project.contains(target));
    let mut project = project.replace(target, served);
    for w in 0..SIZE.workspaces {
        project = project.replace(&format!(", credential: env:SCALE_W{w:02}"), "");
    }
    fs::write(root.join("muster.yaml"), project).unwrap();
    // As in an organization that is looked after: every group has an owner.
    let groups = fs::read_to_string(root.join("groups.yaml")).unwrap();
    let owned = groups.replace("members: [", "owner: user00001@scale.example, members: [");
    fs::write(root.join("groups.yaml"), owned).unwrap();
    fs::write(root.join("live.json"), SIZE.seed(false).to_string()).unwrap();
}

/// Declares so many changes: of ten, four are of users' names, four are new memberships, one is a
/// new user and one a membership that ends.
fn change(root: &Path, count: usize) -> ProjectFiles {
    let mut files = read_project(root).unwrap();
    let (named, joined, left) = (count * 4 / 10, count * 4 / 10, count / 10);
    for file in &mut files.sources {
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        if file.name.ends_with("users.yaml") {
            for (n, line) in lines.iter_mut().skip(1).take(named).enumerate() {
                *line = line.replace(&format!("Family{n} "), &format!("Changed{n} "));
            }
            let new = |n| {
                format!(
                    "  new{n:05}@scale.example: {{ name: {{ givenName: New, familyName: New{n} }}, countryCode: GB }}"
                )
            };
            lines.extend((0..count / 10).map(new));
        } else {
            let groups = &mut lines[1..=SIZE.groups];
            for at in 0..joined {
                let (group, more) = (at % SIZE.groups, at / SIZE.groups);
                let newcomer = (group * 131 + 17 * 300 + 5 + more) % SIZE.users;
                let members = format!("members: [user{newcomer:05}@scale.example, ");
                groups[group] = groups[group].replacen("members: [", &members, 1);
            }
            for line in groups.iter_mut().rev().take(left) {
                let last = line.rfind(", user").unwrap();
                let end = line.rfind(']').unwrap();
                line.replace_range(last..end, "");
            }
        }
        file.bytes = (lines.join("\n") + "\n").into_bytes();
    }
    files
}

/// The most memory that a child of this process has had so far, in KiB, until it is told to end.
fn watch(over: &Arc<AtomicBool>) -> std::thread::JoinHandle<u64> {
    let over = Arc::clone(over);
    let peak = AtomicU64::new(0);
    std::thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            for child in children() {
                let status =
                    fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
                let high = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
                let kib = high.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
                peak.fetch_max(kib.unwrap_or(0), Ordering::Relaxed);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        peak.load(Ordering::Relaxed)
    })
}

/// The workers among the children: one that has not begun its own program yet has the memory of
/// this process.
fn children() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let of_task = |task: fs::DirEntry| fs::read_to_string(task.path().join("children"));
    let lists: Vec<String> = tasks.filter_map(|task| of_task(task).ok()).collect();
    let all = lists.iter().flat_map(|list| list.split_whitespace().map(str::to_owned));
    let is_worker = |child: &String| {
        let command = fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap_or_default();
        command.split('\0').nth(1) == Some(SUBCOMMAND)
    };
    all.filter(is_worker).collect()
}

/// How long the child is given to load the policies, where that is no part of what is measured.
const LOADING: Duration = Duration::from_secs(1);

/// Judges a plan from its document to its verdict: how long that took, and the child's memory.
fn judged(runtime: &Runtime, desired: &Desired, plan: &Plan, loaded: bool) -> (Duration, u64) {
    let exe = PathBuf::from(env!("CARGO_BIN_EXE_muster"));
    let over = Arc::new(AtomicBool::new(false));
    let watch = watch(&over);
    let begun = Instant::now();
    let policies = builtin::policies();
    let outline = Outline::of(&policies).unwrap();
    let regime = Regime::of(&outline, &desired.project).unwrap();
    let settings = serde_json::json!({});
    let start = async { Worker::start(&exe, &policies, &settings, Bounds::default()).unwrap() };
    let worker = runtime.block_on(start);
    let begun = if loaded {
        std::thread::sleep(LOADING);
        Instant::now()
    } else {
        begun
    };
    let asked = Asked { settings: regime.settings.clone(), ..Asked::default() };
    let document = Document::planned(plan, desired, &asked).unwrap();
    let results = runtime.block_on(worker.judge(&outline, &document)).unwrap();
    let verdict = judge(plan, desired, results, &regime).unwrap();
    let took = begun.elapsed();
    over.store(true, Ordering::Relaxed);
    drop(verdict);
    (took, watch.join().unwrap())
}

fn live(runtime: &Runtime, root: &Path) -> Live {
    let files = read_project(root).unwrap();
    let (desired, _) = parse(&files.project_file, &files.sources, 2).unwrap();
    runtime.block_on(async {
        let session = Session::open(&files.project, root).await.unwrap();
        let reading = session.read().await.unwrap();
        let sight = session.settle(reading, &desired).await.unwrap();
        session.close().await;
        sight.live
    })
}

fn main() {
    let arguments = || std::env::args().skip(1).filter(|text| !text.starts_with("--"));
    let mut counts: Vec<usize> = arguments().filter_map(|text| text.parse().ok()).collect();
    if counts.is_empty() {
        counts = vec![100, 1_000, 10_000, 100_000];
    }
    let folder = arguments().find(|text| text.parse::<usize>().is_err());
    let runtime = Runtime::new().unwrap();
    let place = tempfile::tempdir().unwrap();
    write(place.path());
    let live = live(&runtime, place.path());
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    println!("{} users, {} groups of {} on average", SIZE.users, SIZE.groups, SIZE.members);
    for count in counts {
        let files = change(place.path(), count);
        let (desired, _) = parse(&files.project_file, &files.sources, 2).unwrap();
        let plan = plan(&desired, &live, now);
        if let Some(folder) = &folder {
            let document = Document::planned(&plan, &desired, &Asked::default()).unwrap();
            let path = Path::new(folder).join(format!("input-{count}.json"));
            fs::write(path, document.to_json().unwrap()).unwrap();
        }
        let best =
            |loaded| (0..5).map(|_| judged(&runtime, &desired, &plan, loaded)).min().unwrap();
        let ((whole, peak), (judging, _)) = (best(false), best(true));
        println!(
            "{:>6} changes judged in {:>8.1} ms from nothing, {:>8.1} ms from the plan; child {:>4} \
             MiB; {:.1} µs a change",
            plan.changes.len(),
            whole.as_secs_f64() * 1e3,
            judging.as_secs_f64() * 1e3,
            peak / 1024,
            whole.as_secs_f64() * 1e6 / plan.changes.len() as f64
        );
    }
}
