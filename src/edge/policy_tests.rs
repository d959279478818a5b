//! The tests of policies, run in the same kind of child as a judgement: no environment, three
//! pipes, hard limits.

use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::policy_worker::{Pipe, complaint, crash, failed, pipes, send, spawn};
use crate::guard::PolicyError;
use crate::guard::rego::protocol::{Answer, Hello, Job, Room, Tests, VERSION};
use crate::guard::rego::{Bounds, PolicySet, TestReport};

/// What to test.
pub struct Question<'a> {
    /// The policies, with their tests.
    pub policies: &'a PolicySet,
    /// What is mounted as `data.settings`.
    pub settings: &'a serde_json::Value,
    /// Which tests: a regular expression over their names.
    pub pattern: Option<&'a str>,
}

/// Runs the tests in a child process of `exe` (this program).
///
/// # Errors
///
/// Anything but a whole report: wrong policies, a child that crashes, is killed or takes too long.
pub async fn run_tests(
    exe: &Path,
    question: &Question<'_>,
    bounds: &Bounds,
) -> Result<TestReport, PolicyError> {
    let mut child = spawn(exe)?;
    let (stdin, stdout, stderr) = pipes(&mut child)?;
    let tell = async {
        let mut stdin = Pipe::new(stdin);
        let settings = question.settings.to_string();
        let job = Job {
            policies: question.policies.clone(),
            settings: serde_json::value::RawValue::from_string(settings).map_err(failed)?,
            tests: Some(Tests { pattern: question.pattern.map(str::to_owned) }),
        };
        let seconds = bounds.clock.as_secs().max(1);
        let room = Room { memory: bounds.memory, seconds, clock: seconds };
        send(&mut stdin, &Hello { version: VERSION, room }).await?;
        send(&mut stdin, &job).await?;
        stdin.flush().await.map_err(failed)
    };
    let hear = async {
        let mut answer = Vec::new();
        let read = stdout.take(bounds.answer as u64).read_to_end(&mut answer).await;
        read.map_err(failed).map(|_| answer)
    };
    let all = async { tokio::join!(tell, hear, complaint(stderr), child.wait()) };
    let ended = tokio::time::timeout(bounds.clock, all).await;
    let Ok((told, heard, complaint, status)) = ended else {
        // Dropping the child ends it.
        return Err(failed(format!("the tests did not end within {} s", bounds.clock.as_secs())));
    };
    let (heard, status) = (heard?, status.map_err(failed)?);
    let answer: Result<Answer, _> = serde_json::from_slice(&heard);
    match answer {
        Ok(Answer::Tests(report)) if status.success() => told.map(|()| report),
        Ok(answer) => Err(answer.refusal().unwrap_or_else(|| failed("the worker did not test"))),
        Err(_) if !status.success() => Err(failed(crash(status, &complaint))),
        Err(error) => Err(failed(format!("the worker's answer cannot be read: {error}"))),
    }
}
