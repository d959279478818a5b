//! The one write loop: every write at every provider goes through it (design section 3).
//!
//! [`next`] decides, from what was last observed and from what happened so far, what to do next.
//! It is pure, and tested over all sequences of answers and observations (`properties.rs`).
//! [`converge`] does what it says. An [`Operation`] knows *how to observe* and *how to send*, and
//! nothing else: no loop, no retry constant and no read-back of its own.
//!
//! Success is what was observed, never what the server answered. Nothing is sent unless the
//! observation right before it, made after the last answer, showed the object as the plan saw it.

mod answer;
mod drive;
#[cfg(test)]
mod properties;
mod stop;

use std::time::Duration;

pub(super) use answer::{Answer, answer};
pub(super) use drive::{Ended, Operation, converge, read_back};
pub(super) use stop::Stop;

/// How often a request is sent whose answer was lost, or whose precondition failed although the
/// object is as the plan saw it.
pub(super) const SENDS: u32 = 3;
/// How often a create is sent: the second time only after a look proved that there is none.
pub(super) const CREATES: u32 = 2;
/// How often a request is sent that the server had no room for (429): it was certainly not
/// carried out, and a storm passes.
const THROTTLED: u32 = 10;
/// How often an object is looked at after a write, where a read shows what was just written.
const LOOKS: u32 = 3;
/// How often it is looked at where a read may lag behind a write, or the write was only accepted
/// (202, RFC 9110 section 15.3.3).
const LAGGING_LOOKS: u32 = 8;
/// How often something that this run created is waited for: about two minutes of [`backoff`]
/// (incidents, family J).
pub(super) const NOT_YET: u32 = 18;
/// How often a refused request is sent again where an operation asks for it: servers refuse in many
/// ways what this run created and they do not know yet. About five seconds.
const REFUSED: u32 = 4;

/// How long to wait before the try after `tries` tries: 150 ms, doubled each time, at most 10 s.
pub(super) fn backoff(tries: u32) -> Duration {
    Duration::from_millis(150) * 2_u32.pow(tries.min(6))
}

/// What a look at the target showed, compared with what the step wants and what the plan saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Observed {
    /// What the step wants is so.
    Wanted,
    /// It is not, and the object is as the plan saw it: it may be written.
    Expected,
    /// The object is neither: how it differs.
    Changed(String),
    /// There is no such object, although the plan saw one or the server said it made one.
    Absent,
    /// Something is gone that no step takes away: what.
    Damaged(String),
}

/// How the target and the step are to be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// How often the request may be sent when nobody knows what became of it.
    pub(super) sends: u32,
    /// Whether a read may lag behind a write.
    pub(super) is_lagging: bool,
    /// Whether the object, or one that the request refers to, was created in this run and may not
    /// be known everywhere yet.
    pub(super) is_new: bool,
    /// Whether a refused request may be sent again: what it refers to may not be known everywhere
    /// yet, or the next request says less.
    pub(super) retries_refusals: bool,
    /// Whether a refusal is followed by a look. One that costs a whole listing is left out: the
    /// next plan shows what there is.
    pub(super) looks_after_refusal: bool,
}

/// What happened so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// Requests sent, apart from those that the server had no room for.
    pub(super) sends: u32,
    /// Requests that the server had no room for.
    pub(super) throttled: u32,
    /// Whether a request may have had an effect.
    pub(super) may_have_written: bool,
    /// The last answer; `None`: nothing was sent yet.
    pub(super) answer: Option<Answer>,
    /// Looks since the last answer.
    pub(super) looks: u32,
    /// Waits since the last answer.
    pub(super) waits: u32,
}

impl Past {
    /// Takes note of an answer.
    pub(super) fn record(&mut self, answer: Answer) {
        match answer {
            Answer::Throttled { .. } => self.throttled += 1,
            _ => self.sends += 1,
        }
        self.may_have_written |=
            matches!(answer, Answer::Done | Answer::Accepted | Answer::Lost(_));
        self.answer = Some(answer);
        self.looks = 0;
        self.waits = 0;
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Look at the target.
    Look,
    /// Send the request.
    Send,
    /// Wait, then look.
    Wait(Duration),
    /// What the step wants is so, and a request of this run may have made it so.
    Done,
    /// What the step wants is so, and this run did not write it.
    Unchanged,
    /// The object is not what the plan saw: nothing more is sent.
    Stale(Why),
    /// It was tried and is not so.
    Fail(Why),
    /// Something is gone that no step takes away.
    Damaged(String),
}

/// Why a step ends without what it wants. The operation turns it into words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The server refused the request, in these words.
    Refused(String),
    /// The server took the request, and the object does not show it; how it differs.
    NotKept(Option<String>),
    /// The server accepted the request and the object does not show it yet.
    NotYet,
    /// The server took the request, and the object is not there.
    NotThere,
    /// The object is not there any more.
    Gone,
    /// The object is not what the plan saw: how it differs, and the server's words if it was
    /// written at the same time.
    Changed(String, Option<String>),
    /// Something else has the name: the server's words, and how it differs where it is shown.
    Taken(String, Option<String>),
    /// Nobody knows what became of the last request, and it was sent often enough.
    Lost(String),
}

/// Decides what to do next. `seen`: what was observed since the last answer, if anything.
pub(super) fn next(seen: Option<&Observed>, past: &Past, rules: &Rules) -> Next {
    match seen {
        None => unseen(past, rules),
        Some(Observed::Damaged(what)) => Next::Damaged(what.clone()),
        Some(Observed::Wanted) if past.may_have_written => Next::Done,
        Some(Observed::Wanted) => Next::Unchanged,
        Some(Observed::Expected) => expected(past, rules),
        Some(Observed::Changed(how)) => changed(how, past, rules),
        Some(Observed::Absent) => absent(past, rules),
    }
}

/// Nothing was observed since the last answer.
fn unseen(past: &Past, rules: &Rules) -> Next {
    let has_waited = past.waits > past.looks;
    match &past.answer {
        Some(Answer::Refused(words))
            if !may_try_again(past, rules) && !rules.looks_after_refusal =>
        {
            Next::Fail(Why::Refused(words.clone()))
        }
        Some(Answer::Throttled { words, wait }) => {
            let wait = wait.unwrap_or_else(|| backoff(past.throttled));
            if past.throttled >= THROTTLED {
                Next::Fail(Why::Refused(words.clone()))
            } else if has_waited {
                Next::Look
            } else {
                Next::Wait(wait)
            }
        }
        // The server may still be at it, or may not know yet what the request refers to.
        Some(Answer::Lost(_)) if !has_waited && past.looks == 0 => Next::Wait(backoff(past.sends)),
        Some(Answer::Refused(_) | Answer::Missing(_))
            if !has_waited && past.looks == 0 && may_try_again(past, rules) =>
        {
            Next::Wait(backoff(past.sends))
        }
        _ => Next::Look,
    }
}

/// Whether a refused request may be sent again, which its operation says; and one about something
/// missing, which may not be known yet.
const fn may_try_again(past: &Past, rules: &Rules) -> bool {
    match past.answer {
        Some(Answer::Refused(_)) => rules.retries_refusals && past.sends <= REFUSED,
        Some(Answer::Missing(_)) => rules.is_new && past.sends < NOT_YET,
        _ => false,
    }
}

/// How often to look before what is seen counts.
const fn looks(past: &Past, rules: &Rules) -> u32 {
    match past.answer {
        Some(Answer::Accepted) => LAGGING_LOOKS,
        _ if rules.is_lagging => LAGGING_LOOKS,
        _ => LOOKS,
    }
}

/// The object is as the plan saw it.
fn expected(past: &Past, rules: &Rules) -> Next {
    let again = Next::Wait(backoff(past.looks));
    match &past.answer {
        None | Some(Answer::Throttled { .. }) => Next::Send,
        Some(Answer::Done | Answer::Accepted) if past.looks < looks(past, rules) => again,
        Some(Answer::Done) => Next::Fail(Why::NotKept(None)),
        Some(Answer::Accepted) => Next::Fail(Why::NotYet),
        Some(Answer::Lost(_)) if rules.is_lagging && past.looks < LOOKS => again,
        Some(Answer::Lost(_)) if past.sends < rules.sends => Next::Send,
        Some(Answer::Lost(words)) => Next::Fail(Why::Lost(words.clone())),
        // The entity tag also moves with what is not compared, such as a group's members.
        Some(Answer::Precondition(_)) if past.sends < rules.sends => Next::Send,
        Some(Answer::Precondition(words)) => Next::Stale(Why::Refused(words.clone())),
        Some(Answer::Refused(_) | Answer::Missing(_)) if may_try_again(past, rules) => Next::Send,
        Some(Answer::Refused(words) | Answer::Missing(words)) => {
            Next::Fail(Why::Refused(words.clone()))
        }
        Some(Answer::Taken(_)) if rules.is_lagging && past.looks < LAGGING_LOOKS => again,
        Some(Answer::Taken(words)) => Next::Fail(Why::Taken(words.clone(), None)),
    }
}

/// The object is neither what the step wants nor what the plan saw.
fn changed(how: &str, past: &Past, rules: &Rules) -> Next {
    let how = how.to_owned();
    match &past.answer {
        None | Some(Answer::Throttled { .. }) => Next::Stale(Why::Changed(how, None)),
        Some(Answer::Done | Answer::Accepted)
            if past.looks < looks(past, rules)
                && (rules.is_lagging || past.answer == Some(Answer::Accepted)) =>
        {
            Next::Wait(backoff(past.looks))
        }
        Some(Answer::Done) => Next::Fail(Why::NotKept(Some(how))),
        Some(Answer::Accepted) => Next::Fail(Why::NotYet),
        Some(Answer::Lost(words) | Answer::Precondition(words) | Answer::Missing(words)) => {
            Next::Stale(Why::Changed(how, Some(words.clone())))
        }
        Some(Answer::Refused(words)) => Next::Fail(Why::Refused(words.clone())),
        Some(Answer::Taken(words)) => Next::Fail(Why::Taken(words.clone(), Some(how))),
    }
}

/// The object is not there.
fn absent(past: &Past, rules: &Rules) -> Next {
    let patience = if rules.is_new { NOT_YET } else { looks(past, rules) };
    match &past.answer {
        Some(Answer::Done | Answer::Accepted) if past.looks < patience => {
            Next::Wait(backoff(past.looks))
        }
        Some(Answer::Done | Answer::Accepted) => Next::Fail(Why::NotThere),
        Some(Answer::Refused(words)) => Next::Fail(Why::Refused(words.clone())),
        _ => Next::Stale(Why::Gone),
    }
}
