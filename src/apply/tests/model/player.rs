//! A run of muster up to some moment: the real [`run`] is begun anew, and hears again what it was
//! answered.
//!
//! A future cannot be copied, and a state of the model has to be. What a run was answered so far
//! decides all that it does, so the answers are its state.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use super::Fault;
use super::server::{Effect, Server, number};
use crate::apply::{
    Entry, Journal, Known, MemberNames, Op, Proof, Receipt, Report, RunOptions, Step, StepId,
    Unproved, Writer, run,
};
use crate::kind::Address;
use crate::live::{Object, RemoteId};

/// A request of a run to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// To see the object of a step.
    Look,
    /// To see an object that the proof of a step depends on.
    Prove,
    /// To see an object that is counted after a step.
    Compare,
    /// To write.
    Send(Effect),
}

impl Asked {
    pub(super) const fn is_read(self) -> bool {
        !matches!(self, Self::Send(_))
    }
}

/// The server at the moment at which it answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Answer {
    /// The number of the call; `None`: all calls that read.
    pub(super) call: Option<usize>,
    pub(super) server: Server,
}

struct Call {
    asked: Asked,
    answer: Option<Server>,
    waker: Option<Waker>,
}

#[derive(Default)]
struct Inner {
    calls: Vec<Call>,
    is_proving: bool,
    /// The state that the last proof saw.
    proved: Option<Server>,
    /// The number of answers so far.
    answered: usize,
    /// The steps that are under way, and the number of answers before each.
    open: BTreeMap<StepId, usize>,
    /// The number of answers before the last receipt.
    ended: usize,
    /// The receipts so far, and the steps.
    receipts: DefaultHasher,
}

/// A writer that waits for an answer at each call.
struct Player {
    fault: Option<Fault>,
    inner: Mutex<Inner>,
}

impl Player {
    async fn ask(&self, asked: Asked) -> Server {
        let call = {
            let mut inner = self.inner.lock().unwrap();
            inner.calls.push(Call { asked, answer: None, waker: None });
            inner.calls.len() - 1
        };
        std::future::poll_fn(|context| {
            let call = &mut self.inner.lock().unwrap().calls[call];
            match call.answer {
                Some(server) => Poll::Ready(server),
                None => {
                    call.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn answer(&self, answer: Answer) {
        let mut inner = self.inner.lock().unwrap();
        inner.answered += 1;
        let mut wakers = Vec::new();
        for (number, call) in inner.calls.iter_mut().enumerate() {
            let is_meant = match answer.call {
                Some(meant) => number == meant,
                None => call.asked.is_read() && call.answer.is_none(),
            };
            if is_meant {
                call.answer = Some(answer.server);
                wakers.extend(call.waker.take());
            }
        }
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
    }

    async fn prove(&self, step: &Step, seen: Server, proof: &dyn Proof) -> Result<(), Receipt> {
        if self.fault == Some(Fault::NoProof) {
            return Ok(());
        }
        let group = number(step.op.address());
        let names: Option<MemberNames> = group.map(|group| seen.names(group).collect());
        self.inner.lock().unwrap().is_proving = true;
        let proved = proof.prove(names.as_ref()).await;
        self.inner.lock().unwrap().is_proving = false;
        proved.map_err(|unproved| match unproved {
            Unproved::Moved(cause) => Receipt::Stale { cause },
            Unproved::Unread(cause) => Receipt::Failed { cause },
        })
    }
}

impl Journal for Player {
    fn record(&self, entry: &Entry) -> Result<(), String> {
        let mut inner = self.inner.lock().unwrap();
        let answered = inner.answered;
        match entry {
            Entry::Step { step, .. } => drop(inner.open.insert(*step, answered)),
            Entry::Receipt { step, .. } => {
                inner.open.remove(step);
                inner.ended = answered;
            }
            _ => {}
        }
        format!("{entry:?}").hash(&mut inner.receipts);
        Ok(())
    }
}

impl Writer for Player {
    async fn look(&self, address: &Address, _: &RemoteId) -> Result<Option<Object>, String> {
        let is_proving = self.inner.lock().unwrap().is_proving;
        let mut server = self.ask(if is_proving { Asked::Prove } else { Asked::Compare }).await;
        let mut inner = self.inner.lock().unwrap();
        if is_proving {
            inner.proved = Some(server);
        } else if self.fault == Some(Fault::NoComparison) {
            server = inner.proved.unwrap_or(server);
        }
        Ok(server.look(address))
    }

    async fn write(
        &self,
        step: &Step,
        _: &BTreeMap<Address, RemoteId>,
        proof: &dyn Proof,
    ) -> Report {
        let seen = self.ask(Asked::Look).await;
        let Some(effect) = Effect::of(&step.op) else {
            return verified(&step.op, seen).into();
        };
        if seen.after(effect) == seen {
            return Receipt::AlreadySo { id: None }.into();
        }
        if let Op::Update { address, expect, .. } | Op::Delete { address, expect, .. } = &step.op {
            let is_expected = seen.look(address).is_some_and(|now| now.fingerprint() == *expect);
            if !is_expected {
                return Receipt::Stale { cause: "another".to_owned() }.into();
            }
        }
        if let Err(receipt) = self.prove(step, seen, proof).await {
            return receipt.into();
        }
        self.ask(Asked::Send(effect)).await;
        Receipt::Done { id: None }.into()
    }
}

/// Whether those are members, and those are not, whom the steps before it made so.
fn verified(op: &Op, seen: Server) -> Receipt {
    let Op::VerifyMembers { group, present, absent } = op else {
        return Receipt::Failed { cause: "not of this model".to_owned() };
    };
    let is_so = |users: &[Address], wanted: bool| {
        let (group, users) = (group.clone(), users.to_vec());
        let op = match wanted {
            true => Op::AddMembers { group, users },
            false => Op::RemoveMembers { group, users },
        };
        Effect::of(&op).is_some_and(|effect| seen.after(effect) == seen)
    };
    match is_so(present, true) && is_so(absent, false) {
        true => Receipt::Done { id: None },
        false => Receipt::Failed { cause: "it does not show".to_owned() },
    }
}

/// Whether there is something to go on with.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The progress of a run.
#[derive(Clone)]
pub(super) struct Moment {
    /// The calls that wait for an answer.
    pub(super) pending: Vec<(usize, Asked)>,
    pub(super) has_ended: bool,
    /// The receipts so far, told by a number.
    pub(super) receipts: u64,
    /// The number of answers of which only receipts are kept.
    pub(super) settled: usize,
}

/// Runs the steps up to the last of these answers.
pub(super) fn play(
    steps: &[Step],
    known: &Known,
    (fault, concurrency): (Option<Fault>, usize),
    answers: &[Answer],
) -> Moment {
    let player = Player { fault, inner: Mutex::default() };
    let stop = AtomicBool::new(false);
    let options = RunOptions { concurrency, stop: &stop };
    let mut running = pin!(run(steps.to_vec(), known.clone(), &player, &player, options));
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut polled = running.as_mut().poll(&mut context);
    for answer in answers {
        player.answer(*answer);
        while polled.is_pending() && woken.0.swap(false, Ordering::Relaxed) {
            polled = running.as_mut().poll(&mut context);
        }
    }
    let inner = player.inner.lock().unwrap();
    let pending = inner.calls.iter().enumerate().filter(|(_, call)| call.answer.is_none());
    let pending = pending.map(|(number, call)| (number, call.asked)).collect();
    let receipts = inner.receipts.finish();
    let settled = inner.open.values().copied().fold(inner.ended, usize::min);
    Moment { pending, has_ended: polled.is_ready(), receipts, settled }
}
