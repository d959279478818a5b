//! The state of a run: which step may begin, and what becomes of those that wait.

use std::collections::{BTreeMap, BTreeSet};

use super::known::{Known, referred};
use super::{Op, Outcome, Phase, Receipt, Step, StepId};
use crate::guard::administrators::Delta;
use crate::kind::{Address, FieldName};
use crate::live::{RemoteId, Usability};

/// Why a run is halted that was stopped from outside.
const INTERRUPTED: &str = "interrupted";

/// The steps of a run, and what became of them so far.
pub(super) struct State {
    pub(super) steps: Vec<Step>,
    receipts: Vec<Option<Receipt>>,
    /// How many steps each step still waits for.
    waiting: Vec<usize>,
    /// The steps that wait for each step.
    waiters: Vec<Vec<StepId>>,
    ready: BTreeSet<(Phase, StepId)>,
    /// Steps that could run, were it not that too few administrators would remain.
    held: BTreeSet<(Phase, StepId)>,
    /// Memberships that steps did not write: the look afterwards does not ask for them.
    unwritten: BTreeSet<Address>,
    /// How many steps of each phase have not ended.
    left: BTreeMap<Phase, usize>,
    pub(super) known: Known,
    pub(super) halted: Option<String>,
    pub(super) interrupted: bool,
    /// The step under way that may lower the number of administrators: one at a time, across all
    /// objects, so that each is counted before the next.
    lowering: Option<StepId>,
    /// Why no further step may lower it.
    pub(super) too_few: Option<String>,
    /// Why nobody knows how many of them a step left.
    pub(super) uncounted: Option<String>,
}

impl State {
    pub(super) fn new(steps: Vec<Step>, known: Known) -> Self {
        let mut waiters = vec![Vec::new(); steps.len()];
        let mut waiting = vec![0; steps.len()];
        let mut ready = BTreeSet::new();
        for (at, step) in steps.iter().enumerate() {
            let before: BTreeSet<StepId> = step.after.iter().chain(&step.ends).copied().collect();
            waiting[at] = before.len();
            for id in before {
                waiters[id].push(at);
            }
            if waiting[at] == 0 {
                ready.insert((step.phase, at));
            }
        }
        let mut left: BTreeMap<Phase, usize> = BTreeMap::new();
        for step in &steps {
            *left.entry(step.phase).or_default() += 1;
        }
        let receipts = vec![None; steps.len()];
        Self {
            steps,
            receipts,
            waiting,
            waiters,
            ready,
            held: BTreeSet::new(),
            unwritten: BTreeSet::new(),
            left,
            known,
            halted: None,
            interrupted: false,
            lowering: None,
            too_few: None,
            uncounted: None,
        }
    }

    /// Adds a step that no other waits for, and that is begun at once.
    pub(super) fn append(&mut self, step: Step) -> Step {
        let step = Step { id: self.steps.len(), ..step };
        *self.left.entry(step.phase).or_default() += 1;
        self.steps.push(step.clone());
        self.receipts.push(None);
        self.waiting.push(0);
        self.waiters.push(Vec::new());
        step
    }

    /// The ids that a step needs, as far as they are known.
    pub(super) fn ids_of(&self, step: &Step) -> BTreeMap<Address, RemoteId> {
        referred(&step.op)
            .filter_map(|address| Some((address.clone(), self.known.id(address)?.clone())))
            .collect()
    }

    /// Stops the run from outside: nothing new is begun.
    pub(super) fn interrupt(&mut self) {
        if self.halted.is_none() {
            self.halted = Some(INTERRUPTED.to_owned());
            self.interrupted = true;
        }
    }

    /// Halts the run because too few administrators remained. That is said beside whatever else
    /// halted it, and weighs more than that it was stopped from outside.
    pub(super) fn lost(&mut self, why: String) {
        let before = self.halted.take().filter(|_| !self.interrupted);
        self.interrupted = false;
        self.halted = Some(match before {
            Some(before) => format!("{before}; {why}"),
            None => why,
        });
    }

    /// The next step that may run now: none of a phase while one before it has steps left, and none
    /// that would leave too few administrators.
    pub(super) fn next(&mut self) -> Option<StepId> {
        loop {
            let (phase, id) = self.ready.first().copied()?;
            if self.left.first_key_value().is_some_and(|(current, _)| *current < phase) {
                return None;
            }
            self.ready.remove(&(phase, id));
            if self.may_begin(id) {
                return Some(id);
            }
            self.held.insert((phase, id));
        }
    }

    /// Whether a step that lowers the number of administrators may begin: no other is under way, and
    /// enough remain.
    fn may_begin(&mut self, id: StepId) -> bool {
        let step = &self.steps[id];
        if !step.lowers() || self.too_few.is_some() || self.halted.is_some() {
            return true;
        }
        self.lowering.is_none()
            && (!step.may_wait || self.known.administrators.permits(&step.administrators))
    }

    /// Gives up what waits for administrators whom nothing under way will add. Whether there was
    /// such a step.
    pub(super) fn give_up(&mut self) -> bool {
        let held = std::mem::take(&mut self.held);
        for (_, id) in &held {
            let receipt = self.why_not(*id).unwrap_or_else(|| self.too_few_for(*id));
            self.end(*id, receipt);
        }
        !held.is_empty()
    }

    /// The receipt of a step after which too few administrators would remain.
    fn too_few_for(&self, id: StepId) -> Receipt {
        let at_least = self.known.administrators.at_least();
        let missing = self
            .steps
            .iter()
            .find(|step| !step.administrators.is_empty() && !step.lowers() && !self.is_so(step.id));
        let because = missing.unwrap_or(&self.steps[id]).op.address().clone();
        let cause = match missing {
            Some(step) => format!(
                "fewer than {at_least} administrators would remain, because `{} {because}` did not \
                 succeed",
                step.op.verb()
            ),
            None => format!("fewer than {at_least} administrators would remain"),
        };
        Receipt::Skipped { because, cause }
    }

    /// Decides whether a step is to be tried. `None`: it has its receipt already.
    pub(super) fn begin(&mut self, id: StepId) -> Option<(Step, BTreeMap<Address, RemoteId>)> {
        if let Some(receipt) = self.why_not(id).or_else(|| self.leave_out(id)) {
            self.end(id, receipt);
            return None;
        }
        let step = self.steps[id].clone();
        if step.lowers() {
            self.lowering = Some(id);
        }
        if step.may_wait {
            // Whatever becomes of it, it may have had its effect.
            let lowering = step.administrators.iter().filter(|delta| delta.lowers());
            lowering.for_each(|delta| self.known.administrators.take(delta));
        }
        let known = self.ids_of(&step);
        Some((step, known))
    }

    fn why_not(&self, id: StepId) -> Option<Receipt> {
        let step = &self.steps[id];
        if let Some(why) = &self.halted {
            let because = step.op.address().clone();
            return Some(if self.interrupted {
                Receipt::Pending
            } else {
                Receipt::Skipped { because, cause: format!("all writing stopped: {why}") }
            });
        }
        if let Some(why) = self.too_few.as_ref().filter(|_| step.lowers()) {
            let because = step.op.address().clone();
            let cause = format!("nothing more is taken from administrators: {why}");
            return Some(Receipt::Skipped { because, cause });
        }
        if let Some(address) = self.known.disputed(&step.op) {
            let cause = format!("`{address}` shares its id at the target with another object");
            return Some(Receipt::Stale { cause });
        }
        let failed = step.after.iter().find(|before| !self.is_so(**before))?;
        let because = self.steps[*failed].op.address().clone();
        let cause = format!("`{} {because}` did not succeed", self.steps[*failed].op.verb());
        Some(Receipt::Skipped { because, cause })
    }

    fn is_so(&self, id: StepId) -> bool {
        self.receipts[id].as_ref().is_some_and(Receipt::is_so)
    }

    /// Takes users whose id is not known for sure out of a step about members, so that one failure
    /// does not take a whole batch with it. Where memberships were to be written they get a step of
    /// their own with its receipt: every membership is accounted for.
    fn leave_out(&mut self, id: StepId) -> Option<Receipt> {
        let (known, unwritten) = (&self.known, &self.unwritten);
        let step = &mut self.steps[id];
        let group = step.op.address().clone();
        let is_written = |user: &Address| {
            !unwritten.contains(&Address::membership(group.key().clone(), user.key().clone()))
        };
        let users = match &mut step.op {
            Op::VerifyMembers { present, absent, .. } => {
                present.retain(|user| known.is_sure(user) && is_written(user));
                absent.retain(|user| known.is_sure(user) && is_written(user));
                step.administrators.retain(|delta| is_about(delta, present));
                return None;
            }
            Op::Create { members, .. } => {
                // The step that adds members answers for those who are left out here.
                members.retain(|user| known.is_sure(user));
                return None;
            }
            Op::AddMembers { users, .. } | Op::RemoveMembers { users, .. } => users,
            Op::Update { .. } | Op::Delete { .. } => return None,
        };
        let (kept, out): (Vec<_>, Vec<_>) = users.drain(..).partition(|user| known.is_sure(user));
        let Some(because) = out.first().cloned() else {
            *users = kept;
            return None;
        };
        let receipt = if known.is_disputed(&because) {
            Receipt::Stale {
                cause: format!("`{because}` shares its id at the target with another object"),
            }
        } else {
            Receipt::Skipped { cause: format!("`{because}` was not created"), because }
        };
        if kept.is_empty() {
            *users = out;
            return Some(receipt);
        }
        *users = kept;
        self.split_off(id, out, receipt);
        None
    }

    /// Moves users out of a step about members, to one of their own that has ended.
    fn split_off(&mut self, id: StepId, users: Vec<Address>, receipt: Receipt) {
        let new_id = self.steps.len();
        let step = &mut self.steps[id];
        let is_out = |link: &Address| link.ends().is_some_and(|(_, user)| users.contains(&user));
        let (out, kept) = std::mem::take(&mut step.covers).into_iter().partition(is_out);
        step.covers = kept;
        self.unwritten.extend(out.iter().cloned());
        let group = step.op.address().clone();
        let op = match &step.op {
            Op::RemoveMembers { .. } => Op::RemoveMembers { group, users },
            _ => Op::AddMembers { group, users },
        };
        self.steps.push(Step::new(new_id, op, out));
        self.receipts.push(Some(receipt));
        self.waiting.push(0);
        self.waiters.push(Vec::new());
    }

    /// The receipt, where what it says was made or found is no other object of the plan; stale
    /// otherwise.
    pub(super) fn identified(&mut self, id: StepId, receipt: Receipt) -> Receipt {
        match &self.steps[id].op {
            Op::Create { address, .. } => match receipt.id() {
                Some(made) => match self.known.claim(address, made) {
                    Ok(()) => receipt,
                    Err(cause) => Receipt::Stale { cause },
                },
                None => receipt,
            },
            Op::Delete { address, remote, .. } if receipt.is_so() => {
                self.known.release(address, remote);
                receipt
            }
            _ => receipt,
        }
    }

    /// Whether an id that a step learned is that of no other object of the plan: what is
    /// remembered must not make two addresses one object.
    pub(super) fn is_its_own(&self, id: StepId, learned: &RemoteId) -> bool {
        let address = self.steps[id].op.address();
        self.known.owner(address.kind(), learned).is_none_or(|owner| owner == address)
    }

    /// Gives a step its receipt and lets go of those that waited for it.
    pub(super) fn end(&mut self, id: StepId, receipt: Receipt) {
        let phase = self.steps[id].phase;
        if let Some(count) = self.left.get_mut(&phase) {
            *count -= 1;
            if *count == 0 {
                self.left.remove(&phase);
            }
        }
        self.count(id, &receipt);
        self.receipts[id] = Some(receipt);
        for waiter in std::mem::take(&mut self.waiters[id]) {
            self.waiting[waiter] -= 1;
            if self.waiting[waiter] == 0 {
                self.ready.insert((self.steps[waiter].phase, waiter));
            }
        }
    }

    /// Counts the administrators that a step added, and lets those try again that wait for them.
    fn count(&mut self, id: StepId, receipt: &Receipt) {
        if self.lowering == Some(id) {
            self.lowering = None;
            self.ready.append(&mut self.held);
        }
        let step = &self.steps[id];
        if step.lowers() && receipt.may_have_written() {
            self.known.lowered(step, receipt.is_so());
        }
        if !receipt.is_so() {
            self.unwritten.extend(step.op.links());
            return;
        }
        let raises = |delta: &&Delta| !delta.lowers() && shows(receipt, delta);
        for delta in step.administrators.iter().filter(raises) {
            self.known.raised(delta);
            self.ready.append(&mut self.held);
        }
    }

    /// Every step with its receipt. One without was waiting for itself by way of others: an
    /// order that cannot be, refused here rather than forgotten.
    pub(super) fn finish(self) -> Outcome {
        let circle = |step: &Step| Receipt::Skipped {
            because: step.op.address().clone(),
            cause: "it waits for steps that wait for it; split the change in two".to_owned(),
        };
        let receipts: Vec<(Step, Receipt)> = self
            .steps
            .into_iter()
            .zip(self.receipts)
            .map(|(step, receipt)| {
                let receipt = receipt.unwrap_or_else(|| circle(&step));
                (step, receipt)
            })
            .collect();
        // Whoever interrupts a run that has nothing left to do stops nothing.
        let is_done = self.interrupted && receipts.iter().all(|(_, receipt)| receipt.is_so());
        let halted = self.halted.filter(|why| !is_done || why != INTERRUPTED);
        Outcome { receipts, halted: halted.or(self.uncounted) }
    }
}

/// Whether a delta says that one of these users joined.
fn is_about(delta: &Delta, present: &[Address]) -> bool {
    match delta {
        Delta::Join { user, .. } => present.iter().any(|one| one.key() == user),
        _ => true,
    }
}

/// Whether the target shows what `delta` says. An account that did not keep `active` is not known
/// to be one that its person can use.
fn shows(receipt: &Receipt, delta: &Delta) -> bool {
    match (receipt, delta) {
        (Receipt::Differs { unkept, .. }, Delta::Appear { .. } | Delta::Activate { .. }) => {
            !unkept.iter().any(|field| Usability::is_field(&FieldName::other(&field.name)))
        }
        _ => true,
    }
}
