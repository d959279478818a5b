//! Paths that lead to no plain file: pipes, sockets, devices, folders, links. None is replaced.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use super::folder::Folder;

/// A project on the embedded sandbox, which keeps its state.
fn project() -> Folder {
    let project = "organization: acme\n\
        target: { provider: sandbox, state: state }\n\
        manage: { users: { domains: [example.com] } }\n";
    Folder::with(&[("muster.yaml", project), ("a.yaml", "users: { ada@example.com: {} }\n")])
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// One of everything that is no plain file, in a folder that is not read as desired state.
/// No device itself is among them: a fault would take it from the machine where tests run as root.
const OTHERS: [&str; 6] =
    [".at/folder", ".at/link", ".at/dangling", ".at/device", ".at/socket", ".at/pipe"];

fn others(folder: &Folder) {
    let at = |name: &str| folder.file(".at").join(name);
    folder.write(".at/kept", "kept");
    std::fs::create_dir(at("folder")).unwrap();
    symlink("kept", at("link")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("/dev/stdout", at("device")).unwrap();
    drop(UnixListener::bind(at("socket")).unwrap());
    pipe(&at("pipe"));
}

#[test]
fn a_plan_takes_the_place_of_nothing_but_a_file() {
    let folder = project();
    others(&folder);
    let before = folder.listing();
    for name in OTHERS {
        let ended = folder.muster(&["plan", "--out", name]).run().exits(64).shows_nothing();
        ended.says("`--out` cannot keep the plan").says(name).says("help: name a new file");
    }
    assert_eq!(folder.listing(), before, "not even the sandbox was begun");
    pipe(&folder.file("plan.json.tmp"));
    folder.muster(&["plan", "--out", "plan.json"]).run().exits(1).says("plan.json.tmp` is there");
    std::fs::remove_file(folder.file("plan.json.tmp")).unwrap();
    folder.muster(&["plan", "--out", "plan.json"]).run().exits(0);
    folder.muster(&["plan", "--out", "plan.json"]).run().exits(0);
}

#[test]
fn the_state_of_the_sandbox_takes_the_place_of_nothing_but_a_file() {
    let folder = project();
    others(&folder);
    let project = folder.read("muster.yaml");
    for name in OTHERS {
        folder.write("muster.yaml", project.replace("state: state", &format!("state: {name}")));
        let kind = || folder.file(name).symlink_metadata().unwrap().file_type();
        let before = kind();
        folder.muster(&["plan"]).run().exits(1).says("the sandbox's state file");
        let serve = ["sandbox", "serve", "--state", name];
        folder.muster(&serve).run().exits(1).says("the sandbox's state file");
        assert_eq!(kind(), before, "{name}");
    }
    assert_eq!(folder.read(".at/kept"), "kept");
}

#[test]
fn files_that_are_written_anew_take_no_place_at_all() {
    for name in &OTHERS[1..] {
        let folder = project();
        others(&folder);
        folder.muster(&["init", name]).run().exits(1);
        folder.muster(&["import", "--out", name]).run().exits(1);
        let before = folder.file(name).symlink_metadata().unwrap().file_type();
        std::fs::create_dir(folder.file("into")).unwrap();
        let into = folder.file("into/muster.yaml");
        std::fs::rename(folder.file(name), &into).unwrap();
        folder.muster(&["init", "into"]).run().exits(1).says("is there already");
        assert_eq!(into.symlink_metadata().unwrap().file_type(), before, "{name}");
    }
}

/// Runs within bounds: what is read without end does not fit.
fn ends(folder: &Folder, arguments: &[&str], status: i32, words: &str) {
    let ended = folder.bounded(512, arguments).run().exits(status);
    ended.says(words);
}

#[test]
fn a_pipe_is_waited_for_nowhere() {
    let not_a_file = "a pipe, and not a file";
    let folder = project();
    pipe(&folder.file("plan.json"));
    ends(&folder, &["apply", "plan.json", "--yes"], 5, not_a_file);
    pipe(&folder.file("seed.json"));
    ends(&folder, &["sandbox", "serve", "--seed", "seed.json"], 1, not_a_file);
    pipe(&folder.file("state.lock"));
    ends(&folder, &["plan"], 1, not_a_file);
    std::fs::remove_file(folder.file("state.lock")).unwrap();
    pipe(&folder.file("state"));
    ends(&folder, &["plan"], 1, "it is a pipe, and only a file is replaced");
    std::fs::remove_file(folder.file("state")).unwrap();
    std::fs::create_dir(folder.file(".muster")).unwrap();
    pipe(&folder.file(".muster/journal.jsonl"));
    ends(&folder, &["plan"], 0, not_a_file);
    ends(&folder, &["apply", "--yes"], 1, not_a_file);
    let project = "organization: acme\n\
        target: { provider: scim, url: 'http://127.0.0.1:1', credential: 'file:secret.json' }\n\
        manage: { users: { domains: [example.com] } }\n";
    folder.write("muster.yaml", project);
    pipe(&folder.file("secret.json"));
    ends(&folder, &["plan"], 1, not_a_file);
    std::fs::remove_file(folder.file("muster.yaml")).unwrap();
    pipe(&folder.file("muster.yaml"));
    for command in ["plan", "check", "import", "doctor"] {
        ends(&folder, &[command], 1, "reading a pipe or a device may never end");
    }
}

#[test]
fn what_has_no_end_is_not_read() {
    let folder = project();
    for device in ["/dev/zero", "/dev/urandom", "/dev/stdin"] {
        ends(&folder, &["apply", device, "--yes"], 5, "a device, and not a file");
    }
    let huge = |name: &str| {
        folder.write(name, "");
        let file = std::fs::File::options().write(true).open(folder.file(name)).unwrap();
        file.set_len(1 << 40).unwrap();
    };
    huge("plan.json");
    ends(&folder, &["apply", "plan.json", "--yes"], 5, "and no more are read");
    huge("seed.json");
    ends(&folder, &["sandbox", "serve", "--seed", "seed.json"], 1, "and no more are read");
    huge("state");
    ends(&folder, &["plan"], 1, "and no more are read");
    std::fs::remove_file(folder.file("state")).unwrap();
    huge(".muster/journal.jsonl");
    ends(&folder, &["plan"], 0, "move it away");
}
