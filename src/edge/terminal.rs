//! The terminal: data to stdout, everything else to stderr, questions only to a person.

use std::io::{BufRead, IsTerminal, Write};

use crate::report::Style;

/// Writes data to stdout. A reader that went away (a closed pipe) is no error of ours.
pub fn data(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Writes to stderr.
pub fn note(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// How stdout wants to be coloured: only a terminal, unless `NO_COLOR` is set to anything.
#[must_use]
pub fn stdout_style() -> Style {
    Style { colour: std::io::stdout().is_terminal() && wants_colour() }
}

/// How stderr wants to be coloured.
#[must_use]
pub fn stderr_style() -> Style {
    Style { colour: std::io::stderr().is_terminal() && wants_colour() }
}

fn wants_colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !set("NO_COLOR") && !dumb
}

/// Whether there is a person to ask: stdin and stderr are terminals.
#[must_use]
pub fn has_person() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question; only the whole word `yes` is one.
#[must_use]
pub fn confirm(question: &str) -> bool {
    note(question);
    let mut answer = String::new();
    match std::io::stdin().lock().read_line(&mut answer) {
        Ok(_) => answer.trim() == "yes",
        Err(_) => false,
    }
}
