//! A server that wants to be waited for: as long as `--max-wait` says, in all, and no longer.

use std::time::{Duration, Instant};

use serde_json::json;

use super::folder::{Folder, people, project_at};
use super::program::Ended;
use super::served::Served;
use super::server::{Ask, Reply, Server, json as answer};

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

/// A plan by a client whose token endpoint refuses so often before it gives a token.
fn plan_as_client(refusals: usize, refusal: &'static str, max_wait: &str) -> (Ended, usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(Server::start(move |ask: &Ask| match ask.path() {
        "/scim/token" if ask.nth <= refusals => {
            Reply::Bytes(format!("{refusal}content-length: 0\r\n\r\n").into_bytes())
        }
        "/scim/token" => answer(&json!({"access_token": "long-enough", "expires_in": 900})),
        _ => answer(&json!({"totalResults": 0, "Resources": []})),
    }));
    let target =
        format!("url: \"{0}\", tokenUrl: \"{0}/token\", credential: \"env:X\"", server.url);
    let project = project_at("U").replace("url: \"U\"", &target);
    let folder = Folder::with(&[("muster.yaml", &project), ("people.yaml", &people(2))]);
    let plan = folder.muster(&["plan", "--max-wait", max_wait]).env("X_CLIENT_ID", "me");
    let ended = plan.env("X_CLIENT_SECRET", "long enough").run();
    (ended, server.count("POST"))
}

#[test]
fn waits_for_a_token_are_taken_out_of_the_same_sum() {
    let began = Instant::now();
    for (refusal, max_wait, said) in [
        ("HTTP/1.1 429 X\r\nretry-after: 3600\r\n", "15m", "a wait of 1h, and 15m that"),
        ("HTTP/1.1 503 X\r\nretry-after: 2\r\n", "1s", "a wait of 2s, and 1s that"),
        ("HTTP/1.1 500 X\r\n", "0s", "a wait of 1s, and 0s that"),
    ] {
        let (ended, asked) = plan_as_client(usize::MAX, refusal, max_wait);
        let ended =
            ended.exits(69).says("no token from").says(said).says("as with `--max-wait 2h`");
        assert!(!ended.err.contains("its secret"), "{}", ended.err);
        assert_eq!(asked, 1, "{refusal}");
    }
    assert!(began.elapsed() < AT_ONCE);
    // What is asked for is waited for, where there is so much time.
    let (ended, asked) = plan_as_client(1, "HTTP/1.1 429 X\r\nretry-after: 1\r\n", "1m");
    ended.exits(0);
    assert_eq!(asked, 2);
}
