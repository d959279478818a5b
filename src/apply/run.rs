//! The run: every step gets exactly one receipt, whatever happens.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::journal::{Entry, Journal};
use super::known::Known;
use super::proof::{Basis, Remaining};
use super::sending::{Ended, proved, take_back};
use super::state::State;
use super::{Outcome, Receipt, Report, Step, Writer};

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
            if options.stop.load(Ordering::Relaxed) {
                state.interrupt();
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
                state.too_few.get_or_insert(why.clone());
                state.uncounted.get_or_insert(why);
            }
            Remaining::TooFew { why, helps } => {
                let step = take_back(&state.steps[id], writer).await;
                let how = match (&step, helps) {
                    (Some(_), true) => "muster takes its own removal back",
                    (Some(_), false) => {
                        "taking it back would make nobody an administrator: give the role to \
                         somebody at once"
                    }
                    (None, _) => "it cannot be taken back: give the role to somebody at once",
                };
                let step = step.filter(|_| helps);
                state.lost(format!("{why}; {how}"));
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

fn entry_of(step: &Step) -> Entry {
    Entry::Step {
        step: step.id,
        verb: step.op.verb(),
        address: step.op.address().clone(),
        covers: step.covers.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::executor::block_on;

    use super::super::{NoJournal, Proof};
    use std::collections::BTreeMap;

    use super::super::{Op, Phase, StepId};
    use super::*;
    use crate::kind::{Address, Fields, Key, KindName};
    use crate::live::RemoteId;
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
        Step::new(id, op, covers)
    }

    fn add(id: StepId, users: &[&str], after: Vec<StepId>, ends: Vec<StepId>) -> Step {
        let group = Address::group("g");
        let covers =
            users.iter().map(|user| Address::membership(Key::new("g"), Key::new(user))).collect();
        let users = users.iter().map(|user| Address::user(user)).collect();
        Step { after, ends, ..Step::new(id, Op::AddMembers { group, users }, covers) }
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
    fn what_halts_a_run_after_its_last_step_is_not_forgotten() {
        let halt = Report { halt: Some("look".to_owned()), ..Receipt::Done { id: None }.into() };
        let (outcome, _) = go(vec![create(0, Address::user("a"))], &[("create user/a", halt)]);
        assert!(outcome.receipt(0).unwrap().is_so() && !outcome.is_complete());
        // Whoever interrupts it then stops nothing.
        let writer = Scripted { answers: BTreeMap::new(), seen: Mutex::new(vec![]) };
        let stop = AtomicBool::new(true);
        let options = RunOptions { concurrency: 1, stop: &stop };
        let known = Known::default();
        let outcome = block_on(run(vec![], known.clone(), &writer, &NoJournal, options));
        assert!(outcome.is_complete(), "{outcome:?}");
        let steps = vec![create(0, Address::user("a"))];
        let outcome = block_on(run(steps, known, &writer, &NoJournal, options));
        assert_eq!(outcome.halted.as_deref(), Some("interrupted"));
    }

    #[test]
    fn a_loss_is_told_beside_what_halted_the_run_and_is_no_interruption() {
        let new = || State::new(Vec::new(), Known::default());
        let mut state = new();
        state.interrupt();
        state.lost("too few".to_owned());
        assert_eq!(state.finish().halted.as_deref(), Some("too few"));
        let mut state = new();
        state.halted = Some("damaged".to_owned());
        state.lost("too few".to_owned());
        assert_eq!(state.finish().halted.as_deref(), Some("damaged; too few"));
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
