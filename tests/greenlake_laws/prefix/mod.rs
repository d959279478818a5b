//! Every prefix of every plan about up to six administrators, who are such by any of three ways,
//! beside somebody else who takes administrators away right before each of our writes in turn.
//!
//! After each write of ours enough administrators remain, or it took none away. Where others took
//! more than the margin at once, what that write took is given back, and the run does not end well.

pub(crate) mod beside;
mod case;
mod cases;
mod model;
mod own;
mod ready;
mod sight;
pub(crate) mod witness;

use std::sync::atomic::{AtomicUsize, Ordering};

use super::rng::Rng;
use super::seeds::{self, narrowed, share};
use case::Case;
use ready::{Ready, Run};
use witness::{Deed, Moment, Route, Witness};

/// What was seen in all cases.
#[derive(Default)]
struct Seen {
    approved: AtomicUsize,
    runs: AtomicUsize,
    /// Writes of ours that took an administrator away.
    lowered: AtomicUsize,
    /// Those of them after which too few remained, because of others.
    dips: AtomicUsize,
}

impl Seen {
    fn count(&self, ready: &Ready, run: &Run) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let (lowered, dips) = ready.check(run);
        self.lowered.fetch_add(lowered, Ordering::Relaxed);
        self.dips.fetch_add(dips, Ordering::Relaxed);
    }

    /// Sees that there was something to see: these of the broad run, at least.
    #[track_caller]
    fn suffices(self, least: [usize; 4]) {
        let seen = [self.approved, self.runs, self.lowered, self.dips].map(AtomicUsize::into_inner);
        let mut both = seen.iter().zip(least);
        let is_enough = both.all(|(seen, least)| *seen >= share(least));
        assert!(narrowed() || is_enough, "{seen:?} of {least:?}: the cases are off");
    }
}

/// Tries a case: every prefix of it, each write refused, and somebody else right before each write,
/// who takes as many as the margin and one more, by one route after the other.
fn hold(ready: &Ready, case: &Case, number: usize, seen: &Seen) {
    seen.approved.fetch_add(1, Ordering::Relaxed);
    let smooth = ready.run(Witness::default());
    seen.count(ready, &smooth);
    for write in 1..=smooth.witness.writes {
        seen.count(ready, &ready.run(Witness::default().refusing(write)));
        let turn = number + write;
        let route = Route::ALL[turn % Route::ALL.len()];
        let (at, backwards) = (Moment::Write(write), turn.is_multiple_of(2));
        for times in [case.margin, case.margin + 1].into_iter().filter(|times| *times > 0) {
            let deed = Deed { at, route, times, backwards };
            seen.count(ready, &ready.run(Witness::default().beside(deed)));
        }
        // What is refused took nothing, and the next step meets what others took.
        let deed = Deed { at, route, times: case.margin + 1, backwards };
        seen.count(ready, &ready.run(Witness::default().beside(deed).refusing(write)));
    }
}

/// Tries whatever may go wrong together: somebody else at any request, a write that is refused, and
/// one whose answer is lost.
fn hold_in_a_storm(ready: &Ready, margin: usize, rng: &mut Rng, seen: &Seen) {
    seen.approved.fetch_add(1, Ordering::Relaxed);
    let smooth = ready.run(Witness::default());
    let (requests, writes) = (smooth.witness.requests, smooth.witness.writes);
    for _ in 0..10 {
        let at = match rng.below(3) {
            0 => Moment::EachWrite,
            1 => Moment::Request(1 + rng.below(requests)),
            _ => Moment::Write(1 + rng.below(writes)),
        };
        let route = *rng.pick(&Route::ALL);
        let (times, backwards) = (1 + rng.below(margin + 1), rng.chance(50));
        let mut witness = Witness::default().beside(Deed { at, route, times, backwards });
        if rng.chance(40) {
            witness = witness.refusing(1 + rng.below(writes));
        }
        if rng.chance(40) {
            witness = witness.losing(1 + rng.below(writes));
        }
        seen.count(ready, &ready.run(witness));
    }
}

#[test]
fn every_prefix_keeps_enough_administrators() {
    let (seen, cases) = (Seen::default(), cases::all());
    seeds::law("greenlake_laws::prefix::every_prefix_keeps", cases.len(), |number| {
        let number = usize::try_from(number).unwrap();
        let case = &cases[number % cases.len()];
        if let Some(ready) = Ready::of(case) {
            hold(&ready, case, number, &seen);
        }
    });
    seen.suffices([1_500, 15_000, 20_000, 300]);
}

#[test]
fn every_prefix_in_a_storm() {
    let seen = Seen::default();
    let name = "greenlake_laws::prefix::every_prefix_in_a_storm";
    seeds::law(name, 2000, |number| drawn(number, &seen));
    seen.suffices([500, 5_000, 4_000, 40]);
}

fn drawn(number: u64, seen: &Seen) {
    let case = cases::drawn(number);
    let mut rng = Rng::new(number ^ 0x5707);
    if let Some(ready) = Ready::of(&case) {
        hold_in_a_storm(&ready, case.margin, &mut rng, seen);
    }
}

/// A membership that could not be taken away counts while its account is deleted. Few cases show
/// it, and this is one of them.
#[test]
fn a_removal_that_failed_hides_no_other() {
    drawn(1328, &Seen::default());
}

/// HPE GreenLake's own writer, on its twin.
#[test]
fn every_prefix_on_the_twin() {
    let (seen, cases) = (Seen::default(), cases::all());
    seeds::law("greenlake_laws::prefix::every_prefix_on_the_twin", 240, |number| {
        let number = usize::try_from(number).unwrap();
        let case = &cases[number % cases.len()];
        if let Some(ready) = Ready::on_twin(case) {
            hold(&ready, case, number, &seen);
        }
    });
    seen.suffices([40, 400, 400, 10]);
}
