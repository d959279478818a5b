//! The process that judges: policies written by others are read and evaluated in a child that
//! has no environment, no descriptors but three pipes, and hard limits on memory, processor
//! time and stack. Whatever happens to the child, only a whole and well-formed answer counts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{ExitCode, Stdio};

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};

use crate::guard::input::Document;
use crate::guard::rego::protocol::{Answer, Hello, Job, Line, RawFinding, VERSION};
use crate::guard::rego::{Bounds, Outline, PolicySet, worker};
use crate::guard::{PolicyError, PolicyResults};
use crate::kind::{Address, Source};
use crate::plan::Finding;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "policy-worker";
/// How many changes are evaluated at a time.
const CHUNK: usize = 1_000;
/// The stack that evaluation has, in bytes.
const STACK: usize = 64 << 20;
/// How many descriptors the child may have: its three pipes and a few that the runtime opens.
const FILES: u64 = 16;
/// How much of what the child complains about is kept, in bytes.
const COMPLAINT: u64 = 8 << 10;

/// What to judge, and by what.
pub struct Question<'a> {
    /// The policies.
    pub policies: &'a PolicySet,
    /// What is mounted as `data.settings`.
    pub settings: &'a serde_json::Value,
    /// The input document.
    pub document: &'a Document<'a>,
}

pub(super) fn failed(why: impl std::fmt::Display) -> PolicyError {
    PolicyError::Worker(why.to_string())
}

fn raw(json: String) -> Result<Box<serde_json::value::RawValue>, PolicyError> {
    serde_json::value::RawValue::from_string(json).map_err(failed)
}

/// Asks a child process of `exe` (this program) what the guardrails find. Every rule of the
/// policies is in the result, with findings or without.
///
/// # Errors
///
/// Anything but a whole answer by all the rules: wrong policies, a rule that has no answer, a
/// child that crashes, is killed, takes too long or says something else.
pub async fn evaluate(
    exe: &Path,
    question: &Question<'_>,
    bounds: &Bounds,
) -> Result<PolicyResults, PolicyError> {
    let outline = Outline::of(question.policies)?;
    let document = question.document;
    let header = serde_json::to_string(document.header()).map_err(failed)?;
    let bytes = size(document)?.saturating_add(header.len() as u64);
    let deadline = bounds.deadline(document.len(), bytes);
    let hello = Hello {
        version: VERSION,
        memory: bounds.memory.saturating_add(bytes.saturating_mul(8)),
        seconds: bounds.processor(document.len(), bytes).as_secs().max(1),
        clock: deadline.as_secs().max(1),
    };
    let job = Job {
        policies: question.policies.without_tests(),
        settings: raw(question.settings.to_string())?,
        header: raw(header)?,
        tests: None,
    };
    let mut child = spawn(exe)?;
    let talk = converse(&mut child, document, (hello, job), bounds.answer);
    let judged = tokio::time::timeout(deadline, talk).await;
    let heard = match judged {
        Ok(heard) => heard,
        Err(_) => Err(failed(format!("no answer within {} s", deadline.as_secs_f64()))),
    };
    // Ended or not, it is ended now: an answer that counts was complete before this.
    let _ = child.kill().await;
    assemble(&outline, document, heard?)
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

/// What the child's answer adds up to.
struct Heard {
    findings: BTreeSet<RawFinding>,
    rules: Vec<String>,
    answers: usize,
}

async fn converse(
    child: &mut Child,
    document: &Document<'_>,
    opening: (Hello, Job),
    most: usize,
) -> Result<Heard, PolicyError> {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(failed("the worker has no pipes"));
    };
    let told = tell(stdin, document, opening);
    let heard = hear(stdout, most);
    let complaint = complaint(stderr);
    let (told, heard, complaint) = tokio::join!(told, heard, complaint);
    let status = child.wait().await.map_err(failed)?;
    // A refusal in words is worth more than the broken pipe that may come of it.
    match heard {
        Err(error @ (PolicyError::Problems(_) | PolicyError::Rule { .. })) => return Err(error),
        _ if !status.success() => return Err(failed(crash(status, &complaint))),
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
    stdin: ChildStdin,
    document: &Document<'_>,
    (hello, job): (Hello, Job),
) -> Result<usize, PolicyError> {
    let mut stdin = tokio::io::BufWriter::new(stdin);
    send(&mut stdin, &hello).await?;
    send(&mut stdin, &job).await?;
    let mut chunks = 0;
    for chunk in document.chunks(CHUNK) {
        let changes = raw(serde_json::to_string(&chunk).map_err(failed)?)?;
        send(&mut stdin, &Line::Changes(changes)).await?;
        chunks += 1;
    }
    send(&mut stdin, &Line::End).await?;
    stdin.flush().await.map_err(failed)?;
    Ok(chunks)
}

pub(super) async fn send(
    stdin: &mut tokio::io::BufWriter<ChildStdin>,
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

/// Reads the whole answer, at most `most` bytes of it.
async fn hear(stdout: impl AsyncRead + Unpin, most: usize) -> Result<Heard, PolicyError> {
    let mut lines = tokio::io::BufReader::new(stdout.take(most as u64));
    let mut heard = Heard { findings: BTreeSet::new(), rules: Vec::new(), answers: 0 };
    let mut done = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).await.map_err(failed)? == 0 {
            break;
        }
        let answer: Answer = serde_json::from_slice(&line)
            .map_err(|error| failed(format!("the worker's answer cannot be read: {error}")))?;
        match answer {
            _ if done => return Err(failed("the worker went on after its last word")),
            Answer::Findings(findings) => {
                heard.answers += 1;
                heard.findings.extend(findings);
            }
            Answer::Done { rules } => {
                heard.rules = rules;
                done = true;
            }
            refusal => {
                if let Some(error) = refusal.refusal() {
                    return Err(error);
                }
            }
        }
    }
    match done {
        true => Ok(heard),
        false => Err(failed("the worker's answer is not complete")),
    }
}

/// The beginning of what the child writes to its standard error; all of it is read, so that the
/// child never waits for a reader.
pub(super) async fn complaint(mut stderr: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    let _ = (&mut stderr).take(COMPLAINT).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Puts the findings to their rules, with the sources of what they are about.
fn assemble(
    outline: &Outline,
    document: &Document<'_>,
    heard: Heard,
) -> Result<PolicyResults, PolicyError> {
    let expected: BTreeSet<String> = outline.ids().into_iter().collect();
    let ran: BTreeSet<String> = heard.rules.iter().cloned().collect();
    if ran != expected || ran.len() != heard.rules.len() {
        return Err(PolicyError::Incomplete {
            missing: expected.difference(&ran).cloned().collect(),
            extra: ran.difference(&expected).cloned().collect(),
        });
    }
    let mut parsed = Vec::new();
    for raw in heard.findings {
        let broken = |why: String| PolicyError::Rule { rule: raw.rule.clone(), why };
        let mut addresses = raw
            .addresses
            .iter()
            .map(|text| text.parse::<Address>().map_err(broken))
            .collect::<Result<Vec<_>, _>>()?;
        addresses.sort();
        addresses.dedup();
        parsed.push((raw, addresses));
    }
    let about = parsed.iter().flat_map(|(_, addresses)| addresses).cloned().collect();
    let sources = document.sources(&about);
    let mut results: BTreeMap<String, Vec<Finding>> =
        expected.into_iter().map(|id| (id, Vec::new())).collect();
    for (raw, addresses) in parsed {
        let rule = outline.get(&raw.rule);
        let (Some(rule), Some(findings)) = (rule, results.get_mut(&raw.rule)) else {
            return Err(PolicyError::Incomplete { missing: vec![], extra: vec![raw.rule] });
        };
        let source = place(&raw, &sources);
        findings.push(Finding {
            level: raw.level,
            id: raw.rule,
            message: raw.message,
            addresses,
            source,
            remedy: raw.remedy.unwrap_or_else(|| rule.remedy.clone()),
        });
    }
    let sorted = |(id, mut findings): (String, Vec<Finding>)| {
        findings.sort();
        findings.dedup();
        (id, findings)
    };
    Ok(results.into_iter().map(sorted).collect())
}

/// Where a finding points: to the place that it names itself, else to where the first of its
/// addresses that is written anywhere is written.
fn place(raw: &RawFinding, sources: &BTreeMap<Address, Source>) -> Option<Source> {
    let addresses = raw.addresses.iter().filter_map(|text| text.parse::<Address>().ok());
    let mut written = addresses.filter_map(|address| sources.get(&address));
    let (Some(file), Some(line)) = (raw.file.as_deref(), raw.line) else {
        return written.next().cloned();
    };
    // A finding has no column; an address that is written on that line has.
    let same = written.find(|source| (&*source.file, source.line) == (file, line));
    Some(same.cloned().unwrap_or_else(|| Source { file: file.into(), line, column: 1 }))
}

/// This program, to start the child from.
///
/// # Errors
///
/// In words, when the system does not say where it is.
pub fn program() -> Result<std::path::PathBuf, String> {
    std::env::current_exe().map_err(|error| error.to_string())
}

/// The child's side: limits itself, then serves one judgement on its standard streams.
#[must_use]
pub fn run_worker() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn work() -> std::io::Result<()> {
    let mut read = BufReader::new(std::io::stdin());
    let hello = worker::hello(&mut read)?;
    limit(Resource::Core, 0)?;
    limit(Resource::Fsize, 0)?;
    limit(Resource::Nofile, FILES)?;
    limit(Resource::Cpu, hello.seconds)?;
    limit(Resource::As, hello.memory.saturating_add(STACK as u64))?;
    let serve = move || worker::serve(&mut read, &mut std::io::stdout().lock(), hello);
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(serve)?;
    thread.join().unwrap_or_else(|_| Err(std::io::Error::other("the evaluation panicked")))
}

/// Sets a limit for good, never above the one that is already there.
fn limit(resource: Resource, most: u64) -> std::io::Result<()> {
    let hard = rustix::process::getrlimit(resource).maximum;
    let most = hard.map_or(most, |hard| hard.min(most));
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    Ok(())
}
