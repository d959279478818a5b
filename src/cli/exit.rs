//! Exit statuses: what a script can tell from how muster ended.

use crate::edge::terminal::Unwritten;
use crate::kind::Diagnostic;
use crate::report::plain;

/// How muster ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All is well.
    Ok = 0,
    /// Something is wrong with the files, or went wrong here.
    Error = 1,
    /// There are changes (`--detailed-exitcode`).
    Changes = 2,
    /// A policy refused the plan, or could not be evaluated.
    Denied = 3,
    /// A limit or an invariant refused the plan.
    Limit = 4,
    /// The plan is stale, altered, or nobody approved it.
    Stale = 5,
    /// Applied in part: a step failed, or a removal is held back.
    Partial = 6,
    /// It waits for something outside, such as DNS.
    Waiting = 7,
    /// The command line is wrong (`EX_USAGE`).
    Usage = 64,
    /// The target could not be read (`EX_UNAVAILABLE`).
    Unreachable = 69,
    /// It was interrupted.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended before its end: the status, and what to say on stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The status.
    pub exit: Exit,
    /// What to say; whole lines.
    pub message: String,
}

impl Failure {
    /// A failure in the usual form: `error: what` and, where there is one, `help: remedy`.
    #[must_use]
    pub fn new(exit: Exit, what: &str, remedy: &str) -> Self {
        Self::with_lines(exit, &[what], remedy)
    }

    /// The same, with further lines below the first. What went wrong may quote a file, a policy or
    /// a server: a line break within one of `lines` is shown and begins no line.
    #[must_use]
    pub fn with_lines(exit: Exit, lines: &[&str], remedy: &str) -> Self {
        let lines: Vec<String> = lines.iter().map(|line| plain(line.trim_end())).collect();
        let mut message = format!("error: {}\n", lines.join("\n  "));
        if !remedy.is_empty() {
            let remedy: Vec<String> = remedy.lines().map(plain).collect();
            message.push_str(&format!("  help: {}\n", remedy.join("\n")));
        }
        Self { exit, message }
    }

    /// The failure that a diagnostic tells of.
    #[must_use]
    pub fn of(exit: Exit, said: &Diagnostic) -> Self {
        Self::new(exit, &said.what, &said.remedy)
    }

    /// The target could not be read.
    #[must_use]
    pub fn unread(exit: Exit, said: &Diagnostic) -> Self {
        let what = format!("the target was not read: {}", said.what);
        Self::with_lines(exit, &[&what, &format!("why: {}", said.why)], &said.remedy)
    }
}

/// Stdout that was not written is status 1: whoever reads it later must not take half of it for
/// the whole. A reader that went away knows that it did, and is told nothing.
impl From<Unwritten> for Failure {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Closed => Self { exit: Exit::Error, message: String::new() },
            Unwritten::Failed(why) => Self::new(
                Exit::Error,
                &format!("the output cannot be written: {why}"),
                "make room where stdout goes, and run it again",
            ),
        }
    }
}
