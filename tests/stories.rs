//! Every folder of `examples/` is a story: a world, a project, and what muster says. Each is run
//! against its transcript.
//!
//! `MUSTER_UPDATE=1 cargo test --test suite stories` writes the transcripts anew; read the difference.
#![expect(clippy::disallowed_methods, reason = "a test reads its stories and runs the binary")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a story that cannot be set up is a failed test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// Runs the commands of a transcript in a copy of its story, and writes down what they say.
fn retell(story: &Path, transcript: &str) -> String {
    let place = tempfile::tempdir().unwrap();
    copy(story, place.path());
    let mut told = String::new();
    for line in transcript.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("muster"), "{}: `{line}`", story.display());
        let output = Command::new(env!("CARGO_BIN_EXE_muster"))
            .args(words)
            .current_dir(place.path())
            .env_clear()
            .output()
            .unwrap();
        told.push_str(&format!("$ {line}\n"));
        told.push_str(&String::from_utf8_lossy(&output.stdout));
        told.push_str(&String::from_utf8_lossy(&output.stderr));
        told.push_str(&format!("[exit {}]\n\n", output.status.code().unwrap()));
    }
    told.trim_end().to_owned() + "\n"
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name == ".muster" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

fn stories() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let inside = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    // One folder holds a story for each guardrail: refused, and made right.
    let (pack, mut stories): (Vec<PathBuf>, Vec<PathBuf>) =
        inside(&examples).into_iter().partition(|story| story.ends_with("guardrails"));
    stories.extend(pack.iter().flat_map(|folder| inside(folder)));
    stories.sort();
    stories
}

/// What the story says now, where its transcript says something else and is not written anew.
fn is_wrong(story: &Path, update: bool) -> Option<String> {
    let file = story.join("transcript.txt");
    let written = fs::read_to_string(&file).unwrap();
    let told = retell(story, &written);
    if told == written {
        return None;
    }
    if update {
        fs::write(&file, &told).unwrap();
        return None;
    }
    let diff = similar::TextDiff::from_lines(&written, &told)
        .unified_diff()
        .header("transcript.txt", "what muster says now")
        .to_string();
    Some(format!("{}\n{diff}", story.display()))
}

#[test]
fn every_story_ends_as_it_is_told() {
    let update = std::env::var_os("MUSTER_UPDATE").is_some();
    let stories = stories();
    assert!(stories.len() >= 8 + muster::guard::builtin::RULES, "stories are missing: {stories:?}");
    let (left, wrong) = (Mutex::new(stories.iter()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some(story) = left.lock().unwrap().next() else { return };
            let found = is_wrong(story, update);
            wrong.lock().unwrap().extend(found);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(
        wrong.is_empty(),
        "{}\nIf this is right, write it down: MUSTER_UPDATE=1 cargo test --test suite stories",
        wrong.join("\n")
    );
}

/// Runs muster in a folder: its status, and all that it says.
fn said(place: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_muster"))
        .args(arguments)
        .current_dir(place)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

/// The waivers that a plan prints, ready to be pasted but for the reason and the approver.
fn waivers(told: &str) -> Vec<String> {
    let lines = told.lines().map(str::trim).filter(|line| line.starts_with("- { rule: "));
    let filled = |line: &str| line.replace("\"WHY\"", "\"a test\"").replace("\"WHO\"", "sec-lead");
    lines.map(filled).collect()
}

/// The commands that a text names, without what stands for a value.
fn commands(told: &str) -> Vec<Vec<String>> {
    let quoted = told.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let named = quoted.filter_map(|one| one.strip_prefix("muster "));
    let is_word = |word: &&str| !word.starts_with(|first: char| first.is_ascii_uppercase());
    named
        .map(|one| one.split_whitespace().take_while(is_word).map(str::to_owned).collect())
        .collect()
}

/// Commits all that is in a folder.
fn commit(place: &Path) {
    for arguments in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &["commit", "-qm", "base"]]
    {
        let ended = Command::new("git")
            .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
            .args(arguments)
            .current_dir(place)
            .output()
            .unwrap_or_else(|error| panic!("this test needs git (apt-get install git): {error}"));
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn what_is_printed_to_be_pasted_works_when_it_is() {
    let (mut tried, mut known) = (0, std::collections::BTreeSet::new());
    let mut folders: Vec<PathBuf> = Vec::new();
    for story in stories() {
        // The story says what muster prints; another test holds it to that.
        let told = fs::read_to_string(story.join("transcript.txt")).unwrap();
        known.extend(commands(&told));
        if waivers(&told).is_empty() {
            continue;
        }
        let inside = ["refused", "right"].map(|part| story.join(part));
        folders.extend(inside.into_iter().filter(|part| part.is_dir()));
        if story.join("muster.yaml").exists() {
            folders.push(story);
        }
    }
    for folder in folders {
        let place = tempfile::tempdir().unwrap();
        copy(&folder, place.path());
        let (_, told) = said(place.path(), &["plan"]);
        let printed = waivers(&told);
        if printed.is_empty() {
            continue;
        }
        tried += printed.len();
        let file = place.path().join("muster.yaml");
        let project = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{project}approvers: [sec-lead]\n")).unwrap();
        let pasted = format!("waivers:\n  {}\n", printed.join("\n  "));
        fs::write(place.path().join("pasted.yaml"), pasted).unwrap();
        // Into the change and into its base, where a waiver counts only once it is merged.
        commit(place.path());
        for arguments in [&["plan"][..], &["plan", "--base", "main"]] {
            let (_, after) = said(place.path(), arguments);
            assert!(!after.contains("deny[limit/"), "{}: {after}", folder.display());
            assert!(!after.contains("deny[waiver]"), "{}: {after}", folder.display());
        }
    }
    assert!(tried >= 2, "{tried} waivers were printed");
    let place = tempfile::tempdir().unwrap();
    for command in known {
        let mut words: Vec<&str> = command.iter().map(String::as_str).collect();
        words.push("--help");
        let (status, told) = said(place.path(), &words);
        assert_eq!(status, Some(0), "{command:?}: {told}");
    }
}
