//! An apply that is interrupted or killed between any two writes: the receipts are there, the
//! journal can be read and is whole, and the next run ends where an undisturbed one would have.

use std::collections::BTreeMap;
use std::process::Command;

use rustix::process::Signal;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::folder::{Folder, people, project_at};
use super::program::{MUSTER, Program, Running};
use super::twin::{Fate, Twin};

const PEOPLE: usize = 20;

/// A server where a few are there already, with another title and in the wrong group, and one is
/// there who must go.
fn twin() -> Twin {
    Twin::start(&json!({
        "users": [
            { "userName": "user00@example.com", "title": "Analyst" },
            { "userName": "user01@example.com", "title": "Analyst" },
            { "userName": "gone@example.com", "title": "Analyst", "active": true },
        ],
        "groups": [{
            "displayName": "admins",
            "members": ["user00@example.com", "user01@example.com"],
        }],
    }))
}

fn project(twin: &Twin) -> Folder {
    let limits = "limits: { users: { remove: \"3\", update: \"90%\" } }\n";
    Folder::with(&[
        ("muster.yaml", &(project_at(twin.url()) + limits)),
        ("people.yaml", &people(PEOPLE)),
    ])
}

/// What an undisturbed run makes of the server, and by how many writes.
fn undisturbed() -> (BTreeMap<String, Value>, usize) {
    let twin = twin();
    let folder = project(&twin);
    folder.muster(&["apply", "--yes"]).run().exits(0);
    (twin.picture(), twin.writes())
}

/// An apply that is held back after so many writes.
fn held_after(writes: usize) -> (Twin, Folder, Running) {
    let twin = twin();
    let folder = project(&twin);
    twin.hold_after(writes);
    let running = heeding(&folder, &["apply", "--yes", "--format", "json"]).start();
    twin.has_one_held();
    (twin, folder, running)
}

/// The program with hang-ups heeded, even where the tests run under `nohup`, which ignores them for
/// everything that it starts.
fn heeding(folder: &Folder, arguments: &[&str]) -> Program {
    if !cfg!(target_os = "linux") {
        return folder.muster(arguments);
    }
    let mut command = Command::new("/usr/bin/env");
    command.args(["--default-signal=HUP", MUSTER]).args(arguments);
    Program::of(command, folder.path())
}

/// Every line of the journal, after looking that each holds the digest of the one before.
fn journal(folder: &Folder) -> Vec<Value> {
    let text = folder.read(".muster/journal.jsonl");
    let mut previous = "0".repeat(64);
    let mut lines = Vec::new();
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["previous"], previous.as_str(), "the chain is broken at {line}");
        let digest = Sha256::digest(line.as_bytes());
        previous = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        lines.push(value);
    }
    lines
}

fn events<'a>(journal: &'a [Value], event: &str) -> Vec<&'a Value> {
    journal.iter().filter(|line| line["event"] == event).collect()
}

/// A new run does the rest, and another finds nothing to do.
fn converges(twin: &Twin, folder: &Folder, wanted: &BTreeMap<String, Value>) {
    folder.muster(&["apply", "--yes"]).run().exits(0);
    assert_eq!(twin.picture(), *wanted);
    folder.muster(&["plan", "--detailed-exitcode"]).run().exits(0).shows("No changes");
    let before = twin.writes();
    folder.muster(&["apply", "--yes"]).run().exits(0).shows("0 writes made");
    assert_eq!(twin.writes(), before);
}

#[test]
fn the_first_interrupt_ends_in_good_order() {
    let (wanted, _) = undisturbed();
    for (signal, after) in [(Signal::INT, 0), (Signal::TERM, 7), (Signal::HUP, 14)] {
        let (twin, folder, mut running) = held_after(after);
        running.signal(signal);
        running.has_said("stopping: what is under way is finished");
        twin.release(Fate::Done);
        let ended = running.end().exits(130);
        let told = ended.json();
        assert_eq!((&told["complete"], &told["halted"]), (&json!(false), &json!("interrupted")));
        let receipts = told["receipts"].as_array().unwrap();
        let count = |result: &str| receipts.iter().filter(|one| one["result"] == result).count();
        assert_eq!(count("done") + count("alreadySo") + count("pending"), receipts.len());
        assert!(count("done") > 0 && count("pending") > 0, "{}", ended.out);
        let journal = journal(&folder);
        let steps = events(&journal, "step").len();
        assert_eq!(steps, events(&journal, "receipt").len(), "what was begun was ended");
        assert_eq!(steps, count("done") + count("alreadySo"));
        assert_eq!(events(&journal, "end").len(), 1);
        converges(&twin, &folder, &wanted);
    }
}

#[test]
fn the_second_interrupt_ends_at_once() {
    let (wanted, _) = undisturbed();
    let (twin, folder, mut running) = held_after(4);
    running.signal(Signal::INT);
    running.has_said("interrupt again to end at once");
    running.signal(Signal::INT);
    running.end().exits(130);
    twin.release(Fate::Done);
    converges(&twin, &folder, &wanted);
}

#[test]
fn a_terminal_that_closes_ends_in_good_order_however_often_it_says_so() {
    let (wanted, _) = undisturbed();
    let (twin, folder, mut running) = held_after(4);
    running.signal(Signal::HUP);
    running.has_said("stopping: what is under way is finished");
    for _ in 0..3 {
        running.signal(Signal::HUP);
    }
    twin.release(Fate::Done);
    let told = running.end().exits(130).json();
    assert_eq!(told["halted"], json!("interrupted"));
    converges(&twin, &folder, &wanted);
}

#[test]
fn a_hang_up_that_is_ignored_stays_ignored() {
    let (wanted, _) = undisturbed();
    let twin = twin();
    let folder = project(&twin);
    twin.hold_after(4);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh", MUSTER, "apply", "--yes"]);
    let running = Program::of(command, folder.path()).start();
    twin.has_one_held();
    running.signal(Signal::HUP);
    twin.release(Fate::Done);
    running.end().exits(0);
    assert_eq!(twin.picture(), wanted);
}

#[test]
fn a_kill_between_any_two_writes_does_no_harm() {
    let (wanted, writes) = undisturbed();
    assert!(writes > 20, "{writes} writes");
    // `.ci/run` tries all of these, `cargo test` every other one.
    let step = if cfg!(feature = "broad") { 1 } else { 2 };
    let places = [0, 1, 2, 5, 11, 17, 19, writes - 3, writes - 2, writes - 1];
    for after in places.into_iter().step_by(step) {
        for fate in [Fate::Done, Fate::Lost] {
            let (twin, folder, running) = held_after(after);
            running.signal(Signal::KILL);
            running.end().exits(128 + 9).shows_nothing();
            let sent = twin.writes();
            twin.release(fate);
            let journal = journal(&folder);
            assert_eq!(events(&journal, "begin").len(), 1, "after {after}");
            assert_eq!(events(&journal, "end").len(), 0, "after {after}");
            let steps = events(&journal, "step");
            assert!(steps.len() >= sent, "{sent} writes sent, {} recorded ahead", steps.len());
            converges(&twin, &folder, &wanted);
            let journal = self::journal(&folder);
            assert_eq!(events(&journal, "begin").len(), 3, "the journal goes on, after {after}");
        }
    }
}

#[test]
fn a_reviewed_plan_that_was_killed_is_not_taken_up_again() {
    let twin = twin();
    let folder = project(&twin);
    folder.muster(&["plan", "--out", "plan.json"]).run().exits(0);
    twin.hold_after(3);
    let running = folder.muster(&["apply", "plan.json", "--yes"]).start();
    twin.has_one_held();
    running.signal(Signal::KILL);
    running.end().exits(128 + 9);
    twin.release(Fate::Lost);
    let before = twin.writes();
    folder.muster(&["apply", "plan.json", "--yes"]).run().exits(5).says("applied before");
    assert_eq!(twin.writes(), before);
}

#[test]
fn two_runs_at_once_are_one_too_many() {
    let (twin, folder, running) = held_after(3);
    let second = folder.muster(&["apply", "--yes"]).run().exits(1).shows_nothing();
    second.says("another apply of this project is running");
    twin.release(Fate::Done);
    running.end().exits(0);
}

#[test]
fn a_journal_whose_last_line_was_torn_goes_on() {
    let (wanted, _) = undisturbed();
    let twin = twin();
    let folder = project(&twin);
    folder.write(".muster/journal.jsonl", "{\"time\":\"2026-11-21T12:00:00Z\",\"previ");
    folder.muster(&["apply", "--yes"]).run().exits(0);
    assert_eq!(twin.picture(), wanted);
    let text = folder.read(".muster/journal.jsonl");
    let (torn, rest) = text.split_once('\n').unwrap();
    let digest: String =
        Sha256::digest(torn.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(rest.lines().next().unwrap().contains(&digest), "{rest}");
}

#[test]
fn two_checkouts_do_not_write_to_one_target_at_once() {
    let (twin, state) = (twin(), tempfile::tempdir().unwrap());
    let [one, other] = [project(&twin), project(&twin)];
    let apply = |folder: &Folder| {
        let state = state.path().to_str().unwrap();
        folder.muster(&["apply", "--yes"]).env("XDG_STATE_HOME", state).run()
    };
    apply(&one).exits(0);
    // The lease is a lock on the only file there.
    let lease = std::fs::read_dir(state.path().join("muster")).unwrap().next().unwrap().unwrap();
    let file = std::fs::File::options().write(true).open(lease.path()).unwrap();
    file.lock().unwrap();
    let refused = apply(&other).exits(1);
    assert!(refused.err.contains("is running: process "), "{refused:?}");
    drop(file);
    apply(&other).exits(0);
}
