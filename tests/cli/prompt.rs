//! With a terminal: what is asked, what counts as an answer, and colour. The terminal comes from
//! `script` (util-linux).

use std::io::ErrorKind;
use std::process::Command;

use super::folder::Folder;
use super::program::{Ended, MUSTER, Program};
use super::served::typed;

/// Runs the program on a terminal on which this is typed.
fn on_a_terminal(folder: &Folder, line: &str, keys: &str, variables: &[(&str, &str)]) -> Ended {
    let script = ["/usr/bin/script", "/bin/script"].into_iter().find(|path| {
        Command::new(path).arg("--version").output().map_err(|error| error.kind())
            != Err(ErrorKind::NotFound)
    });
    let Some(script) = script else {
        panic!(
            "`script` is missing; install it: apt-get install bsdutils, dnf install util-linux-script"
        )
    };
    let mut command = Command::new(script);
    command.args(["-qec", &format!("'{MUSTER}' {line}"), "/dev/null"]);
    let program = Program::of(command, folder.path()).env("PATH", "/usr/bin:/bin");
    let program = program.env("SHELL", "/bin/sh").stdin(typed(folder.path(), keys));
    let program = variables.iter().fold(program, |program, (name, value)| program.env(name, value));
    program.start().end_on_a_terminal()
}

fn project() -> Folder {
    let folder = Folder::with(&[]);
    folder.muster(&["init"]).run().exits(0);
    folder
}

const QUESTION: &str = "Apply these changes? Only `yes` does it: ";

#[test]
fn only_yes_is_a_yes() {
    let folder = project();
    let change = ["plan", "--detailed-exitcode"];
    for keys in ["y\n", "YES\n", "\n", "no\n", "yes please\n", "yesyes\n", "'yes'\n", "\u{4}"] {
        let ended = on_a_terminal(&folder, "apply", keys, &[]).exits(5);
        ended.shows(QUESTION).shows("not approved; nothing was written");
        folder.muster(&change).run().exits(2);
    }
    on_a_terminal(&folder, "apply", "yes\n", &[]).exits(0).shows(QUESTION).shows("Applied:");
    folder.muster(&change).run().exits(0);
    // Where there is nothing to approve, nothing is asked.
    let ended = on_a_terminal(&folder, "apply", "", &[]).exits(0);
    assert!(!ended.out.contains(QUESTION), "{}", ended.out);
}

#[test]
fn what_is_asked_about_was_shown_before() {
    for format in ["text", "json"] {
        let folder = project();
        let line = format!("apply --format {format}");
        let ended = on_a_terminal(&folder, &line, "no\n", &[]).exits(5);
        let before = ended.out.split(QUESTION).next().unwrap();
        assert!(before.contains("alan@example.com"), "{format}: {}", ended.out);
    }
}

#[test]
fn a_terminal_is_coloured_unless_it_does_not_want_to() {
    let folder = project();
    let is_coloured = |variables: &[(&str, &str)]| {
        on_a_terminal(&folder, "plan", "", variables).exits(0).out.contains('\x1b')
    };
    assert!(is_coloured(&[("TERM", "xterm")]));
    assert!(is_coloured(&[("TERM", "xterm"), ("NO_COLOR", "")]));
    assert!(!is_coloured(&[("TERM", "xterm"), ("NO_COLOR", "1")]));
    assert!(!is_coloured(&[("TERM", "dumb")]));
}
