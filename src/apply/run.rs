//! The run: every step gets exactly one receipt, whatever happens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::journal::{Entry, Journal};
use super::known::{Known, referred};
use super::proof::{Basis, Prover, Remaining};
use super::{Op, Outcome, Phase, Receipt, Report, Step, StepId, Writer};
use crate::guard::administrators::Delta;
use crate::kind::{Address, Family, FieldName};
use crate::live::{RemoteId, Usability};

/// How a run is run.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions<'a> {
    /// How many steps may be under way at once; at least 1.
    pub concurrency: usize,
    /// Set from outside to stop: what is under way is finished, nothing new is begun.
    pub stop: &'a AtomicBool,
}

/// Carries out `steps`. There is no early return: a step that cannot be made is skipped, with the
/// reason, and all others go on, unless the credential was refused or the journal cannot be
/// written.
pub async fn run<W: Writer + Sync, J: Journal>(
    steps: Vec<Step>,
    known: Known,
    writer: &W,
    journal: &J,
    options: RunOptions<'_>,
) -> Outcome {
    let mut state = State::new(steps, known);
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < options.concurrency.max(1) {
            if options.stop.load(Ordering::Relaxed) && state.halted.is_none() {
                state.halted = Some("interrupted".to_owned());
                state.interrupted = true;
            }
            let Some(id) = state.next() else { break };
            let Some((step, known)) = state.begin(id) else { continue };
            if let Err(why) = journal.record(&entry_of(&step)) {
                state.halted.get_or_insert(format!("the journal cannot be written: {why}"));
                state.end(id, Receipt::Pending);
                continue;
            }
            let basis = state.known.basis(&step);
            under_way.push(proved(step, known, basis, writer));
        }
        let Some(ended) = under_way.next().await else {
            if state.give_up() { continue } else { break }
        };
        let Ended { id, report: Report { receipt, halt, made }, broken, remaining } = ended;
        if let Some(why) = halt {
            state.halted.get_or_insert(why);
        }
        state.too_few = state.too_few.take().or(broken);
        let made = made.filter(|made| state.is_its_own(id, &made.id));
        let receipt = state.identified(id, receipt);
        let entry = Entry::Receipt { step: id, receipt: receipt.clone(), made };
        if let Err(why) = journal.record(&entry) {
            state.halted.get_or_insert(format!("the journal cannot be written: {why}"));
        }
        state.end(id, receipt);
        match remaining {
            Remaining::Enough => {}
            Remaining::Unread(why) => {
                let why = format!("the administrators cannot be counted: {why}");
                state.too_few.get_or_insert(why);
            }
            Remaining::TooFew(why) => {
                let step = take_back(&state.steps[id], writer).await;
                let how = match &step {
                    Some(_) => "muster takes its own removal back",
                    None => "it cannot be taken back: give the role to somebody at once",
                };
                state.halted.get_or_insert(format!("{why}; {how}"));
                let Some(step) = step else { continue };
                let step = state.append(step);
                // Giving back must not fail because the journal cannot be written.
                let _ = journal.record(&entry_of(&step));
                let known = state.ids_of(&step);
                under_way.push(proved(step, known, Basis::default(), writer));
            }
        }
    }
    state.finish()
}

/// How a step ended.
struct Ended {
    id: StepId,
    report: Report,
    /// Why no step may lower the number of administrators any more.
    broken: Option<String>,
    remaining: Remaining,
}

/// Writes a step, proved right before it is sent and compared afterwards.
async fn proved<W: Writer + Sync>(
    step: Step,
    known: BTreeMap<Address, RemoteId>,
    basis: Basis,
    writer: &W,
) -> Ended {
    let prover = Prover::new(writer, &step, basis);
    let report = writer.write(&step, &known, &prover).await;
    let may_have_lowered = step.lowers() && report.receipt.may_have_written();
    let remaining = if may_have_lowered { prover.remaining().await } else { Remaining::Enough };
    Ended { id: step.id, report, broken: prover.broken(), remaining }
}

/// The step that gives back what a step took from an administrator; `None` where nothing can.
async fn take_back<W: Writer + Sync>(step: &Step, writer: &W) -> Option<Step> {
    let op = match (&step.op, &step.before) {
        (Op::RemoveMembers { group, users }, _) => {
            Op::AddMembers { group: group.clone(), users: users.clone() }
        }
        (Op::Delete { address, .. }, Some(before)) if address.family() == Family::Grant => {
            let (address, fields) = (address.clone(), before.clone());
            Op::Create { address, fields, members: Vec::new() }
        }
        (Op::Update { address, remote, changed, .. }, Some(before)) => {
            let now = writer.look(address, remote).await.ok()??;
            Op::Update {
                address: address.clone(),
                remote: remote.clone(),
                expect: now.fingerprint(),
                version: now.version.clone(),
                after: before.clone(),
                changed: changed.clone(),
            }
        }
        _ => return None,
    };
    Some(Step {
        op,
        covers: Vec::new(),
        administrators: Vec::new(),
        may_wait: false,
        makes_administrators: false,
        before: None,
        after: Vec::new(),
        ends: Vec::new(),
        ..step.clone()
    })
}

fn entry_of(step: &Step) -> Entry {
    Entry::Step {
        step: step.id,
        verb: step.op.verb(),
        address: step.op.address().clone(),
        covers: step.covers.clone(),
    }
}

struct State {
    steps: Vec<Step>,
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
    known: Known,
    halted: Option<String>,
    interrupted: bool,
    /// The step under way that may lower the number of administrators: one at a time, across all
    /// objects, so that each is counted before the next.
    lowering: Option<StepId>,
    /// Why no further step may lower it.
    too_few: Option<String>,
}

impl State {
    fn new(steps: Vec<Step>, known: Known) -> Self {
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
        }
    }

    /// Adds a step that no other waits for, and that is begun at once.
    fn append(&mut self, step: Step) -> Step {
        let step = Step { id: self.steps.len(), ..step };
        *self.left.entry(step.phase).or_default() += 1;
        self.steps.push(step.clone());
        self.receipts.push(None);
        self.waiting.push(0);
        self.waiters.push(Vec::new());
        step
    }

    /// The ids that a step needs, as far as they are known.
    fn ids_of(&self, step: &Step) -> BTreeMap<Address, RemoteId> {
        referred(&step.op)
            .filter_map(|address| Some((address.clone(), self.known.id(address)?.clone())))
            .collect()
    }

    /// The next step that may run now: none of a phase while one before it has steps left, and none
    /// that would leave too few administrators.
    fn next(&mut self) -> Option<StepId> {
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
    fn give_up(&mut self) -> bool {
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
    fn begin(&mut self, id: StepId) -> Option<(Step, BTreeMap<Address, RemoteId>)> {
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
        self.steps.push(Step {
            id: new_id,
            op,
            covers: out,
            phase: Phase::Main,
            makes_administrators: false,
            administrators: Vec::new(),
            may_wait: false,
            before: None,
            after: Vec::new(),
            ends: Vec::new(),
        });
        self.receipts.push(Some(receipt));
        self.waiting.push(0);
        self.waiters.push(Vec::new());
    }

    /// The receipt, where what it says was made or found is no other object of the plan; stale
    /// otherwise.
    fn identified(&mut self, id: StepId, receipt: Receipt) -> Receipt {
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
    fn is_its_own(&self, id: StepId, learned: &RemoteId) -> bool {
        let address = self.steps[id].op.address();
        self.known.owner(address.kind(), learned).is_none_or(|owner| owner == address)
    }

    /// Gives a step its receipt and lets go of those that waited for it.
    fn end(&mut self, id: StepId, receipt: Receipt) {
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
            self.known.lowered(step);
        }
        if !receipt.is_so() {
            self.unwritten.extend(step.covers.iter().filter(|one| one.member().is_some()).cloned());
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
    fn finish(self) -> Outcome {
        let circle = |step: &Step| Receipt::Skipped {
            because: step.op.address().clone(),
            cause: "it waits for steps that wait for it; split the change in two".to_owned(),
        };
        let receipts = self
            .steps
            .into_iter()
            .zip(self.receipts)
            .map(|(step, receipt)| {
                let receipt = receipt.unwrap_or_else(|| circle(&step));
                (step, receipt)
            })
            .collect();
        Outcome { receipts, halted: self.halted }
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::executor::block_on;

    use super::super::{NoJournal, Proof};
    use super::*;
    use crate::kind::{Fields, Key, KindName};
    use crate::live::{Made, Object};

    /// Answers by address; what it is not told of is done.
    struct Scripted {
        answers: BTreeMap<String, Report>,
        seen: Mutex<Vec<String>>,
    }

    impl Writer for Scripted {
        async fn look(&self, _: &Address, _: &RemoteId) -> Result<Option<Object>, String> {
            Ok(None)
        }

        async fn write(
            &self,
            step: &Step,
            _ids: &BTreeMap<Address, RemoteId>,
            _proof: &dyn Proof,
        ) -> Report {
            let name = format!("{} {}", step.op.verb(), step.op.address());
            self.seen.lock().unwrap().push(name.clone());
            let made = matches!(step.op, Op::Create { .. }).then(|| RemoteId::new(&name));
            self.answers.get(&name).cloned().unwrap_or_else(|| Receipt::Done { id: made }.into())
        }
    }

    fn create(id: StepId, address: Address) -> Step {
        let covers = vec![address.clone()];
        let op = Op::Create { address, fields: Fields::new(), members: Vec::new() };
        Step {
            id,
            op,
            covers,
            phase: Phase::Main,
            makes_administrators: false,
            administrators: vec![],
            may_wait: false,
            before: None,
            after: vec![],
            ends: vec![],
        }
    }

    fn add(id: StepId, users: &[&str], after: Vec<StepId>, ends: Vec<StepId>) -> Step {
        let group = Address::group("g");
        let covers =
            users.iter().map(|user| Address::membership(Key::new("g"), Key::new(user))).collect();
        let users = users.iter().map(|user| Address::user(user)).collect();
        Step {
            id,
            op: Op::AddMembers { group, users },
            covers,
            phase: Phase::Main,
            makes_administrators: false,
            administrators: vec![],
            may_wait: false,
            before: None,
            after,
            ends,
        }
    }

    fn go(steps: Vec<Step>, answers: &[(&str, Report)]) -> (Outcome, Vec<String>) {
        let answers =
            answers.iter().map(|(name, report)| ((*name).to_owned(), report.clone())).collect();
        let writer = Scripted { answers, seen: Mutex::new(vec![]) };
        let stop = AtomicBool::new(false);
        let options = RunOptions { concurrency: 2, stop: &stop };
        let outcome = block_on(run(steps, Known::default(), &writer, &NoJournal, options));
        (outcome, writer.seen.into_inner().unwrap())
    }

    fn failed() -> Report {
        Receipt::Failed { cause: "no".to_owned() }.into()
    }

    #[test]
    fn one_failure_takes_nothing_else_with_it() {
        let steps = vec![
            create(0, Address::user("a")),
            create(1, Address::user("b")),
            create(2, Address::group("g")),
            add(3, &["a", "b"], vec![2], vec![0, 1]),
        ];
        let (outcome, _) = go(steps, &[("create user/a", failed())]);
        assert_eq!(outcome.receipts.len(), 5, "the membership left out has a receipt of its own");
        assert!(outcome.receipt(3).unwrap().is_so());
        let (left, receipt) = &outcome.receipts[4];
        assert_eq!(left.covers, [Address::membership(Key::new("g"), Key::new("a"))]);
        assert!(
            matches!(receipt, Receipt::Skipped { because, .. } if *because == Address::user("a"))
        );
    }

    #[test]
    fn what_needs_a_failed_step_is_skipped_and_says_why() {
        let steps = vec![
            create(0, Address::group("g")),
            create(1, Address::user("a")),
            add(2, &["a"], vec![0], vec![1]),
        ];
        let (outcome, seen) = go(steps, &[("create group/g", failed())]);
        assert!(
            matches!(outcome.receipt(2), Some(Receipt::Skipped { because, .. }) if *because == Address::group("g"))
        );
        assert!(!seen.contains(&"add members group/g".to_owned()));
    }

    #[test]
    fn a_refused_credential_stops_all_writing() {
        let steps: Vec<Step> =
            (0..20).map(|n| create(n, Address::user(&format!("u{n}")))).collect();
        let halt = Report {
            receipt: Receipt::Failed { cause: "401".to_owned() },
            halt: Some("401".to_owned()),
            made: None,
        };
        let (outcome, seen) = go(steps, &[("create user/u3", halt)]);
        assert!(seen.len() <= 5, "{seen:?}");
        assert_eq!(outcome.receipts.len(), 20);
        assert!(outcome.halted.is_some());
    }

    #[test]
    fn deletions_come_when_everything_else_has_ended() {
        let mut delete = create(0, Address::user("z"));
        delete.phase = Phase::deletion_of(KindName::User);
        let steps = vec![delete, create(1, Address::user("a")), create(2, Address::user("b"))];
        let (_, seen) = go(steps, &[("create user/a", failed())]);
        assert_eq!(seen.last().map(String::as_str), Some("create user/z"));
    }

    #[test]
    fn steps_that_wait_for_each_other_are_skipped_not_forgotten() {
        let mut a = create(0, Address::user("a"));
        let mut b = create(1, Address::user("b"));
        a.after.push(1);
        b.after.push(0);
        let (outcome, seen) = go(vec![a, b, create(2, Address::user("c"))], &[]);
        assert_eq!(seen, ["create user/c"]);
        assert_eq!(outcome.receipts.len(), 3);
        assert!(!outcome.is_complete());
    }

    #[test]
    fn one_object_is_never_two() {
        let (a, b) = (Address::user("a"), Address::user("b"));
        let made = |id: &str| Report::from(Receipt::Done { id: Some(RemoteId::new(id)) });
        let mut known = Known::default();
        known.claim(&b, &RemoteId::new("B-1")).unwrap();
        known.claim(&Address::group("g"), &RemoteId::new("7")).unwrap();
        let binding: Address = "binding/user/a/viewer/main".parse().unwrap();
        let steps = vec![
            create(0, a.clone()),
            add(1, &["a"], vec![], vec![0]),
            add(2, &["b"], vec![], vec![0]),
            create(3, binding),
            // Another kind may have the same id, and others go on.
            create(4, Address::user("c")),
            add(5, &["c"], vec![4], vec![0]),
        ];
        let mut steps = steps;
        steps[3].ends.push(0);
        let answers = BTreeMap::from([
            ("create user/a".to_owned(), made("B-1")),
            ("create user/c".to_owned(), made("7")),
        ]);
        let writer = Scripted { answers, seen: Mutex::new(vec![]) };
        let stop = AtomicBool::new(false);
        let options = RunOptions { concurrency: 2, stop: &stop };
        let outcome = block_on(run(steps, known, &writer, &NoJournal, options));
        for step in 0..4 {
            let receipt = outcome.receipt(step).unwrap();
            assert!(matches!(receipt, Receipt::Stale { .. }), "{step}: {receipt:?}");
        }
        assert!((4..6).all(|step| outcome.receipt(step).unwrap().is_so()));
        let seen = writer.seen.into_inner().unwrap();
        assert_eq!(seen, ["create user/a", "create user/c", "add members group/g"]);
        // Two that this run makes do not share an id either.
        let steps = vec![create(0, a), create(1, b)];
        let answers = [("create user/a", made("1")), ("create user/b", made("1"))];
        let (outcome, _) = go(steps, &answers);
        let stale = |step| matches!(outcome.receipt(step), Some(Receipt::Stale { .. }));
        assert_eq!([0, 1].into_iter().filter(|step| stale(*step)).count(), 1);
    }

    #[test]
    fn an_id_that_is_free_again_is_given_again() {
        let (a, b) = (Address::user("a"), Address::user("b"));
        let mut known = Known::default();
        known.claim(&b, &RemoteId::new("1")).unwrap();
        known.release(&a, &RemoteId::new("1"));
        assert!(known.claim(&a, &RemoteId::new("1")).is_err());
        known.release(&b, &RemoteId::new("1"));
        assert!(known.claim(&a, &RemoteId::new("1")).is_ok());
    }

    /// Keeps what was recorded.
    #[derive(Default)]
    struct Kept(Mutex<Vec<Entry>>);

    impl super::super::Journal for Kept {
        fn record(&self, entry: &Entry) -> Result<(), String> {
            self.0.lock().unwrap().push(entry.clone());
            Ok(())
        }
    }

    #[test]
    fn an_id_that_a_failed_step_learned_is_recorded_unless_it_is_that_of_another() {
        let made = |id: &str| Made { id: RemoteId::new(id), named: None, unkept: Vec::new() };
        let answer = |id: &str| Report { made: Some(made(id)), ..failed() };
        let answers = BTreeMap::from([
            ("create user/a".to_owned(), answer("7")),
            ("create user/b".to_owned(), answer("1")),
        ]);
        let writer = Scripted { answers, seen: Mutex::new(vec![]) };
        let mut known = Known::default();
        known.claim(&Address::user("other"), &RemoteId::new("1")).unwrap();
        let stop = AtomicBool::new(false);
        let options = RunOptions { concurrency: 1, stop: &stop };
        let steps = vec![create(0, Address::user("a")), create(1, Address::user("b"))];
        let kept = Kept::default();
        let outcome = block_on(run(steps, known, &writer, &kept, options));
        assert!(!outcome.is_complete());
        let recorded = kept.0.into_inner().unwrap().into_iter().filter_map(|entry| match entry {
            Entry::Receipt { step, made, .. } => Some((step, made)),
            _ => None,
        });
        assert_eq!(recorded.collect::<Vec<_>>(), [(0, Some(made("7"))), (1, None)]);
    }

    struct Broken;

    impl super::super::Journal for Broken {
        fn record(&self, _entry: &Entry) -> Result<(), String> {
            Err("disk full".to_owned())
        }
    }

    #[test]
    fn what_cannot_be_recorded_is_not_done() {
        let writer = Scripted { answers: BTreeMap::new(), seen: Mutex::new(vec![]) };
        let stop = AtomicBool::new(false);
        let options = RunOptions { concurrency: 2, stop: &stop };
        let steps = vec![create(0, Address::user("a")), create(1, Address::user("b"))];
        let outcome = block_on(run(steps, Known::default(), &writer, &Broken, options));
        assert!(writer.seen.into_inner().unwrap().is_empty());
        assert!(outcome.halted.unwrap().contains("disk full"));
    }
}
