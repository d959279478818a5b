//! The process that judges: policies written by others are read and evaluated in a child that
//! has no environment, no descriptors but three pipes, and limits on memory, processor
//! time and stack. Whatever happens to the child, only a whole and well-formed answer counts.

mod answer;
mod child;
mod failure;

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::value::{RawValue, to_raw_value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::runtime;
use crate::guard::input::Document;
use crate::guard::rego::protocol::{Begin, Hello, Job, Line, Room, VERSION};
use crate::guard::rego::{Bounds, Outline, PolicySet};
use crate::guard::{PolicyError, PolicyResults};
use answer::{Heard, assemble, hear};
pub(super) use failure::failed;

pub use child::run_worker;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "policy-worker";
/// How many changes are evaluated at a time.
const CHUNK: usize = 1_000;
/// How much of what the child complains about is kept, in bytes.
const COMPLAINT: u64 = 8 << 10;

fn raw(value: &impl serde::Serialize) -> Result<Box<RawValue>, PolicyError> {
    to_raw_value(value).map_err(failed)
}

/// A child process that loads, checks and tries the policies while other things are done, such as
/// reading the target. Dropping it ends it.
pub struct Worker {
    child: Child,
    /// Gives the pipe back when the child has taken the policies.
    opening: JoinHandle<Result<Pipe, PolicyError>>,
    stdout: ChildStdout,
    stderr: ChildStderr,
    bounds: Bounds,
}

/// The way to the child.
pub(super) type Pipe = tokio::io::BufWriter<ChildStdin>;

impl Worker {
    /// Starts a child process of `exe` (this program) with these policies. It must be called from
    /// within the runtime.
    ///
    /// # Errors
    ///
    /// A process that cannot be started. What is wrong with the policies is said by
    /// [`Worker::judge`].
    pub fn start(
        exe: &Path,
        policies: &PolicySet,
        settings: &serde_json::Value,
        bounds: Bounds,
    ) -> Result<Self, PolicyError> {
        let hello = Hello { version: VERSION, room: room(&bounds, 0, 0, bounds.clock) };
        let settings = raw(settings)?;
        let job = Job { policies: policies.without_tests(), settings, tests: None };
        let mut child = spawn(exe)?;
        let (stdin, stdout, stderr) = pipes(&mut child)?;
        let opening = runtime::spawn(async move {
            let mut stdin = Pipe::new(stdin);
            send(&mut stdin, &hello).await?;
            send(&mut stdin, &job).await?;
            stdin.flush().await.map_err(failed)?;
            Ok(stdin)
        });
        Ok(Self { child, opening, stdout, stderr, bounds })
    }

    /// What the guardrails find in a document. `outline` has the rules of the policies; each is in
    /// the result, with findings or without.
    ///
    /// # Errors
    ///
    /// Anything but a whole answer by all the rules: wrong policies, a rule that has no answer, a
    /// child that crashes, is killed, takes too long or says something else.
    pub async fn judge(
        self,
        outline: &Outline,
        document: &Document<'_>,
    ) -> Result<PolicyResults, PolicyError> {
        let Self { mut child, opening, stdout, stderr, bounds } = self;
        let header = raw(document.header())?;
        let bytes = size(document)?.saturating_add(header.get().len() as u64);
        let deadline = bounds.deadline(document.len(), bytes);
        let begin = Begin { room: room(&bounds, document.len(), bytes, deadline), header };
        let talk = async {
            let told = tell(opening, document, begin);
            let heard = hear(stdout, bounds.answer);
            let (told, heard, complaint) = tokio::join!(told, heard, complaint(stderr));
            let status = child.wait().await.map_err(failed)?;
            conclude(told, heard, status, &complaint)
        };
        let judged = tokio::time::timeout(deadline, talk).await;
        let heard = match judged {
            Ok(heard) => heard,
            Err(_) => Err(failed(format!("no answer within {} s", deadline.as_secs_f64()))),
        };
        // Ended or not, it is ended now: an answer that counts was complete before this.
        let _ = child.kill().await;
        assemble(outline, document, heard?)
    }
}

/// The room for so many changes, in a document of so many bytes, each evaluation `clock` long.
fn room(bounds: &Bounds, changes: usize, bytes: u64, clock: Duration) -> Room {
    Room {
        memory: bounds.memory.saturating_add(bytes.saturating_mul(8)),
        seconds: bounds.processor(changes, bytes).as_secs().max(1),
        clock: clock.as_secs().max(1),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place that starts the worker")]
pub(super) fn spawn(exe: &Path) -> Result<Child, PolicyError> {
    Command::new(exe)
        .arg(SUBCOMMAND)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("the worker cannot be started: {error}")))
}

pub(super) fn pipes(
    child: &mut Child,
) -> Result<(ChildStdin, ChildStdout, ChildStderr), PolicyError> {
    match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
        (Some(stdin), Some(stdout), Some(stderr)) => Ok((stdin, stdout, stderr)),
        _ => Err(failed("the worker has no pipes")),
    }
}

/// What was heard, where it is whole and the child ended well.
fn conclude(
    told: Result<usize, PolicyError>,
    heard: Result<Heard, PolicyError>,
    status: std::process::ExitStatus,
    complaint: &str,
) -> Result<Heard, PolicyError> {
    // A refusal in words is worth more than the broken pipe that may come of it.
    match heard {
        Err(error @ (PolicyError::Problems(_) | PolicyError::Rule { .. })) => return Err(error),
        _ if !status.success() => return Err(failed(crash(status, complaint))),
        _ => {}
    }
    let heard = heard?;
    let chunks = told?;
    // Each chunk is answered, and the rules over the whole plan once.
    if heard.answers != chunks + 1 {
        let answers = heard.answers;
        return Err(failed(format!("the worker gave {answers} answers to {chunks} chunks")));
    }
    Ok(heard)
}

pub(super) fn crash(status: std::process::ExitStatus, complaint: &str) -> String {
    let words = complaint.trim();
    let words = if words.is_empty() { "it said nothing" } else { words };
    format!("the worker ended with {status}: {words}")
}

/// Writes everything, and says in how many chunks.
async fn tell(
    opening: JoinHandle<Result<Pipe, PolicyError>>,
    document: &Document<'_>,
    begin: Begin,
) -> Result<usize, PolicyError> {
    let mut stdin = opening.await.map_err(failed)??;
    send(&mut stdin, &begin).await?;
    let mut chunks = 0;
    for chunk in document.chunks(CHUNK) {
        send(&mut stdin, &Line::Changes(raw(&chunk)?)).await?;
        chunks += 1;
    }
    send(&mut stdin, &Line::End).await?;
    stdin.flush().await.map_err(failed)?;
    Ok(chunks)
}

pub(super) async fn send(
    stdin: &mut Pipe,
    message: &impl serde::Serialize,
) -> Result<(), PolicyError> {
    let mut line = serde_json::to_vec(message).map_err(failed)?;
    line.push(b'\n');
    stdin.write_all(&line).await.map_err(failed)
}

/// Counts bytes and keeps none.
struct Count(u64);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How large the changes are as JSON, in bytes.
fn size(document: &Document<'_>) -> Result<u64, PolicyError> {
    let mut count = Count(0);
    for chunk in document.chunks(CHUNK) {
        serde_json::to_writer(&mut count, &chunk).map_err(failed)?;
    }
    Ok(count.0)
}

/// The beginning of what the child writes to its standard error; all of it is read, so that the
/// child never waits for a reader.
pub(super) async fn complaint(mut stderr: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    let _ = (&mut stderr).take(COMPLAINT).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// This program, to start the child from.
///
/// # Errors
///
/// In words, when the system does not say where it is.
pub fn program() -> Result<std::path::PathBuf, String> {
    std::env::current_exe().map_err(|error| error.to_string())
}
