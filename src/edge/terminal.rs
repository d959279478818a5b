//! The terminal: data to stdout, everything else to stderr, questions only to a person.

use std::io::{BufRead, IsTerminal, Write};

use crate::report::{Style, inert, inert_json};

/// Why stdout does not hold what was to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// Its reader went away, as `head` does.
    Closed,
    /// It cannot be written, such as a file on a full disk.
    Failed(String),
}

/// Writes text for people to stdout.
///
/// # Errors
///
/// When it was not written, or not all of it.
pub fn text(text: &str) -> Result<(), Unwritten> {
    data(&inert(text, stdout_style()))
}

/// Writes a line of JSON to stdout.
///
/// # Errors
///
/// As [`text`].
pub fn json(value: &impl std::fmt::Display) -> Result<(), Unwritten> {
    data(&(inert_json(value.to_string()) + "\n"))
}

/// Writes what another program reads to stdout, as it is.
///
/// # Errors
///
/// As [`text`].
pub fn data(text: &str) -> Result<(), Unwritten> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Unwritten::Closed,
        _ => Unwritten::Failed(error.to_string()),
    })
}

/// Writes to stderr. Where that cannot be written, nobody is there to be told.
pub fn note(text: &str) {
    let text = inert(text, stderr_style());
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
