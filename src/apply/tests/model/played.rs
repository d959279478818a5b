//! The progress of runs, each kept once.
//!
//! A run is played from its beginning whenever it is to go on, so what was played is remembered. Two
//! histories are one progress that differ only in what steps were shown that have ended, of which a
//! run keeps the receipt, or in the order in which reads were answered.

use std::collections::HashMap;
use std::sync::Mutex;

use super::player::{Answer, Moment};
use super::server::Server;

/// The part of the run of a writer whose plan is made by what was seen.
pub(super) type Place = (usize, Server, usize);

/// A progress, by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Progress(usize);

/// All progress that was played.
#[derive(Default)]
pub(super) struct Played {
    all: Vec<(Vec<Answer>, Moment)>,
    begun: HashMap<Place, Progress>,
    next: HashMap<(Progress, Answer), Progress>,
    alike: HashMap<(Place, u64, Vec<Answer>, Vec<usize>), Progress>,
}

impl Played {
    fn known(&self, place: Place, (from, answer): (Progress, Option<Answer>)) -> Option<Progress> {
        match answer {
            None => self.begun.get(&place).copied(),
            Some(answer) => self.next.get(&(from, answer)).copied(),
        }
    }

    fn keep(
        &mut self,
        place: Place,
        (from, answer): (Progress, Option<Answer>),
        (answers, moment): (Vec<Answer>, Moment),
    ) -> Progress {
        let mut open = answers.get(moment.settled..).unwrap_or_default().to_vec();
        // Reads that were asked together are collected by what they are of.
        open.sort_by_key(|answer| answer.call);
        let new = Progress(self.all.len());
        let pending = moment.pending.iter().map(|(call, _)| *call).collect();
        let alike = (place, moment.receipts, open, pending);
        let kept = *self.alike.entry(alike).or_insert(new);
        if kept == new {
            self.all.push((answers, moment));
        }
        match answer {
            None => self.begun.insert(place, kept),
            Some(answer) => self.next.insert((from, answer), kept),
        };
        kept
    }
}

/// The progress of a run after one more answer, or at its beginning.
pub(super) fn after(
    played: &Mutex<Played>,
    place: Place,
    step: (Progress, Option<Answer>),
    play: impl FnOnce(&[Answer]) -> Moment,
) -> (Progress, Moment) {
    let answers = {
        let played = played.lock().unwrap();
        if let Some(known) = played.known(place, step) {
            return (known, played.all[known.0].1.clone());
        }
        let before = step.1.map(|_| played.all[step.0.0].0.clone());
        before.into_iter().flatten().chain(step.1).collect::<Vec<_>>()
    };
    let moment = play(&answers);
    let mut played = played.lock().unwrap();
    let progress = played.keep(place, step, (answers, moment));
    (progress, played.all[progress.0].1.clone())
}
