//! The driver: does what [`next`] decides.

use std::time::Duration;

use super::{Answer, Next, Observed, Past, Rules, Stop, Why, answer, next};
use crate::provider::scim::Trouble;
use crate::provider::scim::call;
use crate::provider::{Request, Response, Transport};

/// One thing to make true: how to observe it and how to send the request.
pub(in crate::provider) trait Operation {
    /// How the target and the step are to be treated.
    fn rules(&self) -> Rules;

    /// Looks at the target.
    ///
    /// # Errors
    ///
    /// [`Stop`] where nothing can be said: nothing is sent then.
    fn observe(&mut self, past: &Past) -> impl Future<Output = Result<Observed, Stop>> + Send;

    /// The request, built from the last observation.
    ///
    /// # Errors
    ///
    /// [`Stop`] where there is none.
    fn request(&mut self) -> Result<Request, Stop>;

    /// Proves, right before the request leaves, that it may still take away what it takes.
    ///
    /// # Errors
    ///
    /// [`Stop`] where it may not: nothing is sent then.
    fn prove(&self) -> impl Future<Output = Result<(), Stop>> + Send {
        std::future::ready(Ok(()))
    }

    /// What an answer shows of the object. Only an operation that makes something new may take
    /// it for an observation: of an object that is there, an answer may hide what is lost.
    fn shown(&mut self, request: &Request, response: &Response) -> Option<Observed> {
        let (_, _) = (request, response);
        None
    }

    /// What a request without success means.
    fn answer(&mut self, trouble: &Trouble) -> Answer {
        answer(trouble)
    }

    /// Why the step ends, in words.
    fn words(&self, why: &Why) -> String;

    /// How the step ends that was tried and is not so.
    fn failed(&self, why: &Why) -> Stop {
        Stop::Failed(self.words(why))
    }
}

/// How a step ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Ended {
    /// A request of this run made it so.
    Done,
    /// It was so already.
    Unchanged,
}

/// Makes it so.
///
/// # Errors
///
/// [`Stop`]: why it is not so.
pub(in crate::provider) async fn converge<T: Transport, O: Operation>(
    transport: &T,
    operation: &mut O,
) -> Result<Ended, Stop> {
    drive(transport, operation, Past::default()).await
}

async fn drive<T: Transport, O: Operation>(
    transport: &T,
    operation: &mut O,
    mut past: Past,
) -> Result<Ended, Stop> {
    let mut seen: Option<Observed> = None;
    loop {
        match next(seen.as_ref(), &past, &operation.rules()) {
            Next::Look => {
                let observed = operation.observe(&past).await;
                seen = Some(observed.map_err(|stop| unseen(stop, &past))?);
                past.looks += 1;
            }
            Next::Wait(wait) => {
                pause(transport, wait, &past).await?;
                past.waits += 1;
                seen = None;
            }
            Next::Send => {
                let request = operation.request()?;
                operation.prove().await.map_err(|stop| unseen(stop, &past))?;
                let (answer, shown) = send(transport, operation, &request).await?;
                past.record(answer);
                seen = shown;
            }
            Next::Done => return Ok(Ended::Done),
            Next::Unchanged => return Ok(Ended::Unchanged),
            Next::Stale(why) => return Err(Stop::Stale(operation.words(&why))),
            Next::Fail(why) => return Err(operation.failed(&why)),
            Next::Damaged(what) => return Err(Stop::Damaged(what)),
        }
    }
}

/// Looks until what was written before shows: the step of an operation that sends nothing.
///
/// # Errors
///
/// [`Stop`]: why it is not so.
pub(in crate::provider) async fn read_back<T: Transport, O: Operation>(
    transport: &T,
    operation: &mut O,
) -> Result<(), Stop> {
    let mut past = Past::default();
    past.record(Answer::Done);
    drive(transport, operation, past).await.map(|_| ())
}

/// Waits: for the server, if it had no room or failed, and otherwise for what was written to show.
/// Why the server is not waited for any longer stands beside what it said last.
async fn pause<T: Transport>(transport: &T, wait: Duration, past: &Past) -> Result<(), Stop> {
    let said = match &past.answer {
        Some(Answer::Throttled { words, .. } | Answer::Lost(words)) => words,
        _ => {
            transport.pause(wait).await;
            return Ok(());
        }
    };
    let waited = transport.obey(wait).await;
    waited.map_err(|error| unseen(Stop::Failed(format!("{said}; {error}")), past))
}

/// That nothing can be seen after a request was sent is worth saying.
fn unseen(stop: Stop, past: &Past) -> Stop {
    match stop {
        Stop::Failed(words) if past.may_have_written => {
            Stop::Failed(format!("sent, but not seen since: {words}"))
        }
        other => other,
    }
}

/// Sends the request once.
async fn send<T: Transport, O: Operation>(
    transport: &T,
    operation: &mut O,
    request: &Request,
) -> Result<(Answer, Option<Observed>), Stop> {
    match call::write_once(transport, request).await {
        Ok(response) => {
            let shown = operation.shown(request, &response);
            let is_promise = response.status == 202;
            Ok(if is_promise { (Answer::Accepted, None) } else { (Answer::Done, shown) })
        }
        Err(trouble) if trouble.is_refused_credential() || trouble.is_too_long() => {
            Err(trouble.into())
        }
        Err(trouble) => Ok((operation.answer(&trouble), None)),
    }
}
