//! Running the program: bounded, with an environment of its own, and never in silence about a
//! panic.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The program under test.
pub(crate) const MUSTER: &str = env!("CARGO_BIN_EXE_muster");
/// How long between two looks, and how many looks before a run counts as hung: two minutes.
const LOOK: Duration = Duration::from_millis(5);
const LOOKS: usize = 24_000;

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit status; a signal as the shell tells it, 128 and its number.
    pub(crate) status: i32,
    /// What it wrote to stdout.
    pub(crate) out: String,
    /// What it wrote to stderr.
    pub(crate) err: String,
}

impl Ended {
    /// Demands a status.
    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "\n--- stdout\n{}\n--- stderr\n{}", self.out, self.err);
        self
    }

    /// Demands words on stderr.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "`{words}` is not said:\n{}", self.err);
        self
    }

    /// Demands that stdout is empty.
    #[track_caller]
    pub(crate) fn shows_nothing(self) -> Self {
        assert_eq!(self.out, "", "{}", self.err);
        self
    }

    /// Demands words on stdout.
    #[track_caller]
    pub(crate) fn shows(self, words: &str) -> Self {
        assert!(self.out.contains(words), "`{words}` is not shown:\n{}", self.out);
        self
    }

    /// What stdout holds as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// A run to be.
pub(crate) struct Program {
    command: Command,
}

/// The program with these arguments, in this folder.
pub(crate) fn muster(folder: &Path, arguments: &[&str]) -> Program {
    let mut command = Command::new(MUSTER);
    command.args(arguments);
    Program::of(command, folder)
}

/// The same, with no more address space than `mib` MiB, which bounds the memory it can touch,
/// and no more processor time than two seconds. The C library's arenas are one: each of the
/// others would reserve 64 MiB of addresses that nobody touches.
pub(crate) fn bounded(mib: usize, folder: &Path, arguments: &[&str]) -> Program {
    let mut command = Command::new("/bin/sh");
    let limits = format!("ulimit -v {} && ulimit -t 2 && ulimit -c 0 && exec \"$@\"", mib << 10);
    command.args(["-c", &limits, "sh", MUSTER]).args(arguments);
    Program::of(command, folder).env("MALLOC_ARENA_MAX", "1")
}

impl Program {
    /// A command in this folder, with an empty environment and nobody at the keyboard.
    pub(crate) fn of(mut command: Command, folder: &Path) -> Self {
        command.current_dir(folder).env_clear().stdin(Stdio::null());
        Self { command }
    }

    /// With a variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With a file as its keyboard.
    pub(crate) fn stdin(mut self, file: File) -> Self {
        self.command.stdin(file);
        self
    }

    /// Runs it to its end.
    #[track_caller]
    pub(crate) fn run(self) -> Ended {
        self.start().end()
    }

    /// Runs it to its end; what it writes to stdout goes there, and is not seen.
    #[track_caller]
    pub(crate) fn run_into(self, stdout: Stdio) -> Ended {
        self.start_into(Some(stdout)).end()
    }

    /// Starts it. What it writes goes to files, so that it never waits for a reader.
    pub(crate) fn start(self) -> Running {
        self.start_into(None)
    }

    fn start_into(mut self, stdout: Option<Stdio>) -> Running {
        let kept = tempfile::tempdir().unwrap();
        let file = |name: &str| File::create(kept.path().join(name)).unwrap();
        let out = file("out");
        let stdout = stdout.unwrap_or_else(|| out.into());
        let child = self.command.stdout(stdout).stderr(file("err")).spawn();
        let program = self.command.get_program().to_owned();
        let child = child.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        Running { child, kept }
    }
}

/// A run under way; it is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    kept: tempfile::TempDir,
}

impl Running {
    fn written(&self, name: &str) -> String {
        let mut bytes = Vec::new();
        let path: PathBuf = self.kept.path().join(name);
        File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// What it has written to stdout so far.
    pub(crate) fn out(&self) -> String {
        self.written("out")
    }

    /// What it has written to stderr so far.
    pub(crate) fn err(&self) -> String {
        self.written("err")
    }

    /// Waits until it has said these words on stderr.
    pub(crate) fn has_said(&mut self, words: &str) {
        wait_until(&format!("`{words}`"), || self.err().contains(words));
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for its end. No run may panic, and none may colour what is no terminal.
    #[track_caller]
    pub(crate) fn end(self) -> Ended {
        let ended = self.end_on_a_terminal();
        assert!(!format!("{}{}", ended.out, ended.err).contains('\x1b'), "{ended:?}");
        ended
    }

    /// The same, for a run that has a terminal.
    #[track_caller]
    pub(crate) fn end_on_a_terminal(mut self) -> Ended {
        let mut status = None;
        for _ in 0..LOOKS {
            status = self.child.try_wait().unwrap();
            if status.is_some() {
                break;
            }
            sleep(LOOK);
        }
        let (out, err) = (self.written("out"), self.written("err"));
        let Some(status) = status else { panic!("it does not end:\n{out}\n{err}") };
        assert!(!err.contains("panicked at") && !out.contains("panicked at"), "{err}{out}");
        let status = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap();
        Ended { status, out, err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again until it is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..LOOKS {
        if is_so() {
            return;
        }
        sleep(LOOK);
    }
    panic!("waited in vain for {what}");
}
