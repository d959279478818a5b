//! A server that wants to be waited for: as long as `--max-wait` says, in all, and no longer.

use std::time::{Duration, Instant};

use serde_json::json;

use super::folder::{Folder, people, project_at};
use super::served::Served;

/// The most time that a run may take that does not wait.
const AT_ONCE: Duration = Duration::from_secs(30);

/// A project with twelve people of whom nobody is live, on a server with this fault.
fn world(fault: &str) -> (Folder, Served) {
    let folder = Folder::with(&[("people.yaml", &people(12))]);
    let served = Served::start(folder.path(), &["--fault", fault]);
    folder.write("muster.yaml", project_at(served.url()));
    (folder, served)
}

#[test]
fn a_read_that_would_wait_too_long_ends_at_once() {
    for status in ["429", "503"] {
        let (folder, _served) = world(&format!("GET /Users={status}:3600"));
        for command in ["plan", "apply", "import", "domains", "policy audit", "who-can x --live"] {
            let began = Instant::now();
            let arguments: Vec<&str> = command.split(' ').collect();
            let yes: &[&str] = if command == "apply" { &["--yes"] } else { &[] };
            let ended = folder.muster(&[&arguments, yes].concat()).run().exits(69).shows_nothing();
            let ended =
                ended.says(&format!("answered {status}")).says("a wait of 1h, and 15m that");
            ended.says("help: run it again later, or let it wait longer, as with `--max-wait 2h`");
            assert!(began.elapsed() < AT_ONCE, "{command}");
        }
    }
}

#[test]
fn waits_are_taken_out_of_one_sum() {
    let fault = "GET /Users*2=429:1;GET /Groups*1=503:1";
    let (folder, _served) = world(fault);
    folder.muster(&["plan", "--max-wait", "1m"]).run().exits(0);
    let (folder, _served) = world(fault);
    let ended = folder.muster(&["plan"]).env("MUSTER_MAX_WAIT", "1s").run().exits(69);
    ended.says("of the 1s that this run may wait for it in all");
    let (folder, _served) = world("GET /Users*1=500");
    let ended = folder.muster(&["plan", "--max-wait", "0s"]).run().exits(69);
    ended.says("answered 500").says("a wait of 150ms");
    for wrong in ["soon", "15", "-1m", "1y"] {
        let wrong = format!("--max-wait={wrong}");
        folder.muster(&["plan", &wrong]).run().exits(64).says("such as 90s, 15m");
    }
}

#[test]
fn a_write_that_would_wait_too_long_stops_the_run() {
    for (fault, words) in [
        ("POST /Users#3=429:3600", "a wait of 1h"),
        ("POST /Groups#1=429:3600", "a wait of 1h"),
        ("POST /Users#5=503", "a wait of "),
    ] {
        let (folder, served) = world(fault);
        let long = if fault.ends_with("503") { "0s" } else { "15m" };
        let began = Instant::now();
        let apply = ["apply", "--yes", "--format", "json", "--max-wait", long];
        let told = folder.muster(&apply).run().exits(6).json();
        assert!(began.elapsed() < AT_ONCE, "{fault}");
        let halted = told["halted"].as_str().unwrap();
        assert!(halted.contains(words) && halted.contains("`--max-wait`"), "{halted}");
        let receipts = told["receipts"].as_array().unwrap();
        let of = |result: &str| {
            receipts.iter().filter(|one| one["result"] == result).collect::<Vec<_>>()
        };
        let failed = of("failed");
        assert!(failed.iter().any(|one| {
            let cause = one["cause"].as_str().unwrap();
            cause.contains("answered ") && cause.contains(words)
        }));
        let later = of("pending").len() + of("skipped").len();
        assert!(!of("done").is_empty() && later > 0, "{receipts:?}");
        let text = folder.read(".muster/journal.jsonl");
        assert_eq!(text.matches("\"event\":\"end\"").count(), 1);
        folder.muster(&["apply", "--yes"]).run().exits(0);
        assert_eq!(served.users().len(), 12);
        let again = folder.muster(&["apply", "--yes", "--format", "json"]).run().exits(0);
        assert_eq!(again.json()["receipts"], json!([]));
    }
}
