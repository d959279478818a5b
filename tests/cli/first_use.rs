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
    // Every flag has a variable, named after it, but for those that write.
    let by_hand = ["yes", "revocations-only", "out", "state"];
    for command in [&["plan"][..], &["apply"], &["check"], &["init"], &["sandbox", "serve"]] {
        let help = folder.muster(&[command, &["--help"]].concat()).run().exits(0).out;
        let options = help.split_once("Options:").unwrap().1;
        let flags = options.split("--").skip(1).filter(|flag| !flag.starts_with("help"));
        for flag in flags.filter(|flag| flag.starts_with(|first: char| first.is_ascii_lowercase()))
        {
            let has_none = by_hand.iter().any(|name| {
                flag.starts_with(&format!("{name} ")) || flag.starts_with(&format!("{name}\n"))
            });
            assert_eq!(flag.contains("MUSTER_"), !has_none, "{command:?}: --{flag}");
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
    let detailed =
        |value: &str| folder.muster(&["plan"]).env("MUSTER_DETAILED_EXITCODE", value).run();
    for no in ["", "0", "false", "no", "OFF"] {
        detailed(no).exits(0);
    }
    detailed("maybe").exits(64).says("'--detailed-exitcode'").says("say 1, true, yes or on");
    detailed("1").exits(2);
}

#[test]
fn no_variable_makes_a_command_write() {
    let folder = Folder::with(&[]);
    folder.muster(&["init"]).run().exits(0);
    folder.muster(&["plan"]).run().exits(0);
    let before = folder.listing();
    for value in ["1", "true", "0", "maybe"] {
        let ended = folder.muster(&["apply"]).env("MUSTER_YES", value).run().exits(5);
        ended.says("warning: `MUSTER_YES` is ignored").says("type it: muster apply --yes");
    }
    let kept = |name: &str| folder.file(name).exists();
    let ended = folder.muster(&["plan"]).env("MUSTER_OUT", "plan.json").run().exits(0);
    ended.says("warning: `MUSTER_OUT` is ignored").shows("Plan: ");
    assert!(!kept("plan.json"));
    assert_eq!(folder.listing().len(), before.len());
    // What is typed counts, and of a variable that another command has no word is lost.
    let typed = folder.muster(&["plan", "--out", "plan.json"]).env("MUSTER_OUT", "x").run();
    assert!(!typed.exits(0).err.contains("MUSTER_OUT") && kept("plan.json") && !kept("x"));
    for command in [&["check"][..], &["plan"], &["policy", "list"]] {
        let ended = folder.muster(command).env("MUSTER_YES", "1").run().exits(0);
        assert!(!ended.err.contains("MUSTER_YES"), "{}", ended.err);
    }
    assert!(!folder.muster(&["plan"]).env("MUSTER_OUT", "").run().err.contains("ignored"));
    let ended = folder.muster(&["apply", "--yes"]).env("MUSTER_YES", "0").run().exits(0);
    assert!(!ended.err.contains("MUSTER_YES"));
    folder.muster(&["import"]).env("MUSTER_OUT", "other").run().exits(0).says("is ignored");
    assert!(!kept("other") && kept("identity"));
}

#[test]
fn one_format_is_set_for_a_whole_job() {
    let folder = Folder::with(&[]);
    folder.muster(&["init"]).run().exits(0);
    let told = |command: &[&str]| {
        folder.muster(command).env("MUSTER_FORMAT", "markdown").run().exits(0).out
    };
    assert!(told(&["plan"]).starts_with("## "));
    for command in [&["check"][..], &["policy", "list"], &["apply", "--yes"], &["domains"]] {
        let plain = folder.muster(command).run().exits(0).out;
        if command[0] != "apply" {
            assert_eq!(told(command), plain, "{command:?}");
        }
        let typed = [command, &["--format", "markdown"]].concat();
        let ended = folder.muster(&typed).run().exits(64).shows_nothing();
        ended.says("has no format `markdown`").says("help: write text or json");
    }
    assert!(told(&["apply", "--yes"]).contains("No changes"));
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
