//! Files that are hostile, through the program: refused in words, within bounds of memory and
//! processor time, with nothing shown as if it were an answer and nothing written.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::corpus::{Case, DESIRED, PROJECT, Where, cases};
use super::folder::Folder;
use super::program::Ended;

/// The memory that a refusal may take, in MiB: of addresses, which is more than what is resident.
const MIB: usize = 256;

fn laid_out(case: &Case) -> Folder {
    let folder = Folder::with(&[("muster.yaml", PROJECT), ("identity.yaml", DESIRED)]);
    let name = if case.file == Where::Project { "muster.yaml" } else { "identity.yaml" };
    folder.write(name, &case.bytes);
    if case.check == "empty-source" {
        fs::create_dir(folder.file("teams")).unwrap();
    }
    folder
}

/// Runs a command on every case, and says what is wrong with how it ended.
fn each_case(arguments: &[&str]) {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() >= 45, "{}", cases.len());
    for case in &cases {
        let folder = laid_out(case);
        let before = folder.listing();
        let ended = folder.bounded(MIB, arguments).run();
        let file = if case.file == Where::Project { "muster.yaml" } else { "identity.yaml" };
        let (line, column) = case.place;
        let is_right = ended.status == 1
            && ended.out.is_empty()
            && ended.err.contains(&format!("error[{}]: ", case.check))
            && ended.err.contains(&format!("--> {file}:{line}:{column}\n"))
            && ended.err.contains("  why: ")
            && ended.err.contains("  help: ")
            && ended.err.chars().all(|letter| letter == '\n' || !letter.is_control())
            && ended.err.len() < 1 << 19
            && folder.listing() == before;
        if !is_right {
            let told: String = ended.err.chars().take(2_000).collect();
            wrong.push(format!("{}: status {}\n{}{told}", case.name, ended.status, ended.out));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn check_refuses_every_hostile_file() {
    each_case(&["check"]);
}

#[test]
fn plan_refuses_every_hostile_file() {
    each_case(&["plan", "--out", "plan.json"]);
}

#[test]
fn apply_refuses_every_hostile_file() {
    each_case(&["apply", "--yes", "--format", "json"]);
}

/// A sound project, ready to be spoilt; `check` and `plan` must both refuse it.
fn spoilt(spoil: impl Fn(&Folder)) -> [Ended; 2] {
    ["check", "plan"].map(|command| {
        let folder = Folder::with(&[("muster.yaml", PROJECT), ("identity.yaml", DESIRED)]);
        spoil(&folder);
        folder.bounded(MIB, &[command]).run().shows_nothing()
    })
}

#[test]
fn tricks_of_the_file_system_are_refused() {
    let outside = Folder::with(&[("secret.yaml", "users: { eve@example.com: {} }\n")]);
    type Trick<'a> = (&'a str, &'a dyn Fn(&Folder));
    let tricks: &[Trick<'_>] = &[
        ("error[not-a-file]", &|folder| {
            let pipe = folder.file("more.yaml");
            mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        }),
        ("error[not-a-file]", &|folder| {
            fs::create_dir(folder.file("empty")).unwrap();
            fs::remove_file(folder.file("muster.yaml")).unwrap();
            fs::create_dir(folder.file("muster.yaml")).unwrap();
        }),
        ("error[leaves-the-project]", &|folder| {
            symlink(outside.file("secret.yaml"), folder.file("more.yaml")).unwrap();
        }),
        ("error[leaves-the-project]", &|folder| {
            symlink("/", folder.file("everything")).unwrap();
        }),
        ("error[link-in-a-circle]", &|folder| {
            symlink(".", folder.file("again")).unwrap();
        }),
        ("error[unreadable]", &|folder| {
            symlink("nowhere.yaml", folder.file("more.yaml")).unwrap();
        }),
        ("error[encoding]", &|folder| {
            let name = std::ffi::OsStr::from_bytes(b"\xff.yaml");
            fs::write(folder.path().join(name), DESIRED).unwrap();
        }),
        ("error[nested-project]", &|folder| folder.write("inside/muster.yaml", PROJECT)),
        ("error[declared-twice]", &|folder| folder.write("more.yaml", DESIRED)),
        ("error[empty-source]", &|folder| {
            folder.write("muster.yaml", format!("{PROJECT}sources: [people]\n"));
            fs::create_dir(folder.file("people")).unwrap();
        }),
        ("error[unreadable]", &|folder| {
            folder.write("muster.yaml", format!("{PROJECT}policies: [policies]\n"));
        }),
        ("error[empty-source]", &|folder| {
            folder.write("muster.yaml", format!("{PROJECT}policies: [policies]\n"));
            fs::create_dir(folder.file("policies")).unwrap();
        }),
    ];
    for (words, spoil) in tricks {
        for ended in spoilt(spoil) {
            let ended = ended.exits(1).says(words).says("  help: ");
            assert!(!ended.err.contains("eve@example.com"), "{}", ended.err);
        }
    }
}

#[test]
fn a_policy_that_cannot_be_judged_by_is_a_refusal() {
    for rego in [
        "package muster.own\n\ndeny contains {\"id\": \"own\"} if {\n",
        "package muster.own\n\nimport data.nothing.of.the.kind\n",
        "",
        "\u{feff}package a",
        &format!("package muster.own\nx := {}1{}\n", "[".repeat(20_000), "]".repeat(20_000)),
    ] {
        for ended in spoilt(|folder| {
            folder.write("muster.yaml", format!("{PROJECT}policies: [policies]\n"));
            folder.write("policies/own/rule.rego", rego);
        }) {
            ended.exits(3).says("nothing was judged, so nothing is let through").says("help: ");
        }
    }
}

#[test]
fn a_seed_or_a_state_that_is_no_directory_is_refused() {
    let project =
        PROJECT.replace("provider: sandbox", "provider: sandbox, seed: live.json, state: state");
    for (seed, words) in [
        ("", "is no JSON"),
        ("[1, 2", "is no JSON"),
        (&*"[".repeat(100_000), "is no JSON"),
        (r#"{"users": "everybody"}"#, "seed"),
        (r#"{"users": [{"title": "nobody"}]}"#, "userName"),
        (r#"{"users": [{"userName": "a"}, {"userName": "A"}]}"#, "`A`"),
        (r#"{"groups": [{"displayName": "g", "members": ["nobody"]}]}"#, "nobody"),
        (r#"{"people": []}"#, "people"),
    ] {
        let folder = Folder::with(&[("muster.yaml", &project), ("identity.yaml", DESIRED)]);
        folder.write("live.json", seed);
        folder.bounded(MIB, &["plan"]).run().exits(1).shows_nothing().says(words).says("help: ");
    }
    let folder = Folder::with(&[("muster.yaml", &project), ("identity.yaml", DESIRED)]);
    folder.write("live.json", "{}");
    folder.write("state", "this was something else\n");
    let ended = folder.bounded(MIB, &["plan"]).run().exits(1).shows_nothing();
    ended.says("line 1 is no snapshot").says("move the file away");
    assert_eq!(folder.read("state"), "this was something else\n");
}
