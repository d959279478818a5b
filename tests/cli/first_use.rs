//! The first minutes with the program, and what surrounds it: help, completions, variables.

use super::folder::Folder;
use super::program::muster;

#[test]
fn a_new_project_is_checked_planned_applied_and_at_rest() {
    let folder = Folder::with(&[]);
    let ended = folder.muster(&["init", "acme"]).run().exits(0).shows_nothing();
    ended.says("wrote acme/muster.yaml").says("Next: muster plan -C acme\n");
    let place = folder.file("acme");
    muster(&place, &["check"]).run().exits(0).shows("acme declares 3 users, 2 groups");
    let plan = ["plan", "--detailed-exitcode"];
    muster(&place, &plan).run().exits(2).shows("Plan: 5 to create, 1 to update, 0 to delete.");
    muster(&place, &["apply", "--yes"]).run().exits(0).shows("Applied: ");
    muster(&place, &plan).run().exits(0).shows("No changes. What is declared is live.");
    muster(&place, &["doctor"]).run().exits(0).shows("The profile that fits is `rfc7644`");
    let inside = place.join("identity");
    muster(&inside, &plan).run().exits(0).shows("No changes");
}

#[test]
fn init_here_takes_the_name_of_the_folder() {
    let folder = Folder::with(&[("acme/x", "")]);
    let ended = muster(&folder.file("acme"), &["init"]).run().exits(0);
    ended.says("Next: muster plan\n");
    assert!(folder.read("acme/muster.yaml").contains("organization: \"acme\""));
    let elsewhere = Folder::with(&[("apex/x", "")]);
    elsewhere.muster(&["init", "-C", "apex"]).run().exits(0).says("Next: muster plan -C apex");
    assert!(elsewhere.read("apex/muster.yaml").contains("organization: \"apex\""));
    assert!(!elsewhere.file("muster.yaml").exists());
    let named = Folder::with(&[]);
    named.muster(&["init"]).env("MUSTER_ORGANIZATION", "a: b # \"c\"").run().exits(0);
    named.muster(&["check"]).run().exits(0).shows("a: b # \"c\" declares");
}

#[test]
fn init_writes_over_nothing() {
    for taken in ["muster.yaml", "identity/example.yaml", "live.json", ".gitignore"] {
        let folder = Folder::with(&[(taken, "mine")]);
        let before = folder.listing();
        let ended = folder.muster(&["init"]).run().exits(1).shows_nothing();
        ended.says(&format!("{taken}` is there already; nothing was written")).says("help: ");
        assert_eq!(folder.listing(), before);
    }
}

#[test]
fn every_command_explains_itself() {
    let folder = Folder::with(&[]);
    let all = folder.muster(&["--help"]).run().exits(0);
    for command in
        ["init", "check", "plan", "apply", "doctor", "sandbox", "schema", "completions", "help"]
    {
        assert!(all.out.contains(&format!("\n  {command} ")), "{command}: {}", all.out);
        if command != "help" {
            let ended = folder.muster(&[command, "--help"]).run().exits(0);
            ended.shows("Usage: muster ").shows("--chdir");
        }
    }
    assert!(!all.out.contains("policy-worker"), "it is for the program itself");
    // Every flag has a variable, named after it.
    for command in [&["plan"][..], &["apply"], &["check"], &["init"], &["sandbox", "serve"]] {
        let help = folder.muster(&[command, &["--help"]].concat()).run().exits(0).out;
        let options = help.split_once("Options:").unwrap().1;
        let flags = options.split("--").skip(1).filter(|flag| !flag.starts_with("help"));
        for flag in flags.filter(|flag| flag.starts_with(|first: char| first.is_ascii_lowercase()))
        {
            assert!(flag.contains("MUSTER_"), "{command:?}: --{flag}");
        }
    }
    let version = folder.muster(&["--version"]).run().exits(0);
    assert_eq!(version.out, format!("muster {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_are_for_every_shell() {
    let folder = Folder::with(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.muster(&["completions", shell]).run().exits(0);
        assert!(script.out.contains("muster") && script.out.contains("detailed-exitcode"));
    }
}

#[test]
fn a_flag_beats_its_variable() {
    let folder = Folder::with(&[]);
    folder.muster(&["init"]).run().exits(0);
    let plan = |arguments: &[&str]| {
        folder.muster(&[&["plan"], arguments].concat()).env("MUSTER_FORMAT", "json").run().exits(0)
    };
    assert_eq!(plan(&[]).json()["summary"]["create"], 5);
    plan(&["--format", "text"]).shows("Plan: 5 to create");
    let at = |day: &str| folder.muster(&["plan", "--at", day]).env("MUSTER_AT", "2199-01-01").run();
    at("2030-01-01").exits(0).shows("membership/engineering/alan@example.com");
    let later = folder.muster(&["plan"]).env("MUSTER_AT", "2199-01-01").run().exits(0);
    assert!(!later.out.contains("membership/engineering/alan"), "{}", later.out);
    let yes = |value: &str| folder.muster(&["apply"]).env("MUSTER_YES", value).run();
    for no in ["", "0", "false", "no", "OFF"] {
        yes(no).exits(5).says("this is no terminal");
    }
    yes("maybe").exits(64).says("'--yes'").says("say 1, true, yes or on");
    yes("1").exits(0);
}

#[test]
fn chdir_is_as_if_started_there() {
    let folder = Folder::with(&[("a/b/x", "")]);
    folder.muster(&["init", "acme"]).run().exits(0);
    let ended = folder.muster(&["plan", "-C", "acme", "--out", "plan.json"]).run().exits(0);
    ended.says("Apply it with: muster apply -C acme plan.json");
    assert!(folder.file("acme/plan.json").exists());
    let apply = ["apply", "plan.json", "--yes"];
    folder.muster(&apply).env("MUSTER_CHDIR", "acme").run().exits(0);
    let here = folder.muster(&["check"]).run().exits(1).shows_nothing();
    here.says("error[no-project]").says("`-C`").says("muster init");
    let flag = folder.muster(&["check", "-C", "acme"]).env("MUSTER_CHDIR", "a/b").run();
    flag.exits(0);
    let nowhere = folder.muster(&["check", "-C", "nowhere"]).run().exits(1).shows_nothing();
    nowhere.says("`nowhere`: No such file").says("help: name a folder that is there");
}

#[test]
fn a_reader_who_leaves_is_no_panic() {
    let folder = Folder::with(&[]);
    folder.muster(&["init"]).run().exits(0);
    let mut command = std::process::Command::new("/bin/sh");
    let line = format!("\"{0}\" schema | :; \"{0}\" plan | :", super::program::MUSTER);
    command.args(["-c", &line]);
    super::program::Program::of(command, folder.path()).run().exits(0);
}
