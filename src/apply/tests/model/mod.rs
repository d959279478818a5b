//! A model of several runs of muster, and of somebody else who takes administrators away, explored
//! exhaustively.
//!
//! Whatever muster does in it is done by the code that runs: plans are made, judged and scheduled,
//! and [`run`](crate::apply::run) carries them out, with its state, its proofs, its counts and what
//! it takes back. Only the server, the lease (one run at a time, free again when its holder dies)
//! and the writer's protocol of one step (look, prove, send) are the model's own.

mod explored;
mod plans;
mod played;
mod player;
mod server;

use std::sync::Mutex;

use stateright::{Model, Property};

use plans::{Plans, Wish};
use played::{Place, Played, Progress, after};
use player::{Answer, Asked, play};
use server::{Effect, GROUPS, Server, people};

const ENOUGH: &str = "enough administrators remain after every write of ours";
const BACK: &str = "what left too few is taken back";

/// A protection that is left out, to see that the model finds what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Steps are not proved again.
    NoProof,
    /// Runs do not wait for each other.
    NoLease,
    /// Several steps of a run lower the number of administrators at once.
    Together,
    /// Administrators are not counted after a step.
    NoComparison,
    /// Steps keep no margin.
    NoMargin,
}

/// The size of the model.
#[derive(Clone)]
struct Bounds {
    /// The members of the groups at first.
    members: [u8; GROUPS],
    wishes: Vec<Wish>,
    at_least: u32,
    margin: u8,
    /// The number of foreign writes in all.
    foreign: u8,
    crashes: u8,
    concurrency: usize,
    /// Whether plans are made at any moment, rather than at the start or right before they are
    /// carried out.
    any_plan: bool,
    /// Whether each read is a moment of its own, rather than all that a run waits for.
    fine: bool,
}

struct World {
    bounds: Bounds,
    fault: Option<Fault>,
    plans: Plans,
    played: Mutex<Played>,
}

/// A part of a run: how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Part {
    progress: Progress,
    pending: Vec<(usize, Asked)>,
    has_ended: bool,
    /// The number of foreign writes since the last proof began.
    since: u8,
    is_proving: bool,
    /// The last write that can be taken back.
    last: Option<Effect>,
    /// Whether taking it back would have made somebody an administrator since.
    helps: bool,
    /// Whether it has to be taken back.
    is_owed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Run {
    Idle,
    /// The plan is made, by what was seen.
    Planned(Server),
    Active(Server, Vec<Part>),
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Seen {
    server: Server,
    runs: Vec<Run>,
    foreign: u8,
    crashes: u8,
    /// A write of ours left fewer than must remain, with no more foreign writes than the margin.
    too_few: bool,
    /// A removal was not taken back that had to be.
    not_given_back: bool,
    /// A write that no plan names, and that takes nothing back.
    unasked: bool,
    /// A removal was taken back although that made nobody an administrator.
    in_vain: bool,
    has_dipped: bool,
    was_given_back: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Plan(usize),
    /// The run takes the lease and begins.
    Begin(usize),
    /// A part of a run is answered.
    Answer(usize, usize, Option<usize>),
    /// The process of a run dies; it may plan again.
    Crash(usize),
    Foreign(Effect),
}

impl World {
    fn new(bounds: &Bounds, fault: Option<Fault>) -> Self {
        let margin = if fault == Some(Fault::NoMargin) { 0 } else { bounds.margin };
        let at_least = (bounds.at_least, u32::from(margin));
        let start = plans::begun(bounds.members);
        let plans = Plans::new(start, &bounds.wishes, at_least, fault == Some(Fault::Together));
        Self { bounds: bounds.clone(), fault, plans, played: Mutex::default() }
    }

    /// Takes a part of a run to where it is after one more answer, or to its beginning.
    fn play(&self, place: Place, part: &mut Part, answer: Option<Answer>) {
        let (writer, seen, at) = place;
        let Some(planned) = self.plans.of(writer, seen) else { return };
        let how = (self.fault, self.bounds.concurrency);
        let play = |answers: &[Answer]| play(&planned.parts[at], &planned.known, how, answers);
        let (progress, moment) = after(&self.played, place, (part.progress, answer), play);
        part.progress = progress;
        part.pending = moment.pending;
        part.has_ended = moment.has_ended;
    }

    fn begin(&self, state: &mut Seen, writer: usize) {
        let Run::Planned(seen) = state.runs[writer] else { return };
        let Some(planned) = self.plans.of(writer, seen) else {
            state.runs[writer] = Run::Ended;
            return;
        };
        let new = |at: usize| {
            let mut part = Part {
                progress: Progress::default(),
                pending: Vec::new(),
                has_ended: false,
                since: 0,
                is_proving: false,
                last: None,
                helps: false,
                is_owed: false,
            };
            self.play((writer, seen, at), &mut part, None);
            part
        };
        state.runs[writer] = Run::Active(seen, (0..planned.parts.len()).map(new).collect());
    }

    /// Answers calls of a part, and sees what is made of it.
    fn answer(&self, state: &mut Seen, (writer, at): (usize, usize), call: Option<usize>) {
        let Run::Active(seen, mut parts) = state.runs[writer].clone() else { return };
        let part = &mut parts[at];
        let is_meant = |(number, asked): &&(usize, Asked)| match call {
            Some(call) => *number == call,
            None => asked.is_read(),
        };
        for (_, asked) in part.pending.iter().filter(is_meant) {
            match asked {
                Asked::Prove if !part.is_proving => (part.since, part.is_proving) = (0, true),
                Asked::Send(effect) => {
                    let effect = *effect;
                    let planned = self.plans.of(writer, seen);
                    let is_planned = planned
                        .is_some_and(|plan| plan.effects.iter().any(|one| effect.is_part_of(*one)));
                    let gives_back = part.last.and_then(Effect::opposite) == Some(effect);
                    state.unasked |= !is_planned && !gives_back;
                    state.in_vain |= gives_back && !is_planned && !part.helps;
                    if gives_back && part.is_owed {
                        (part.is_owed, state.was_given_back) = (false, true);
                    }
                    self.send(&mut state.server, effect, part, &mut state.too_few);
                    state.has_dipped |= part.is_owed;
                    break;
                }
                _ => {}
            }
        }
        // A write is answered alike whatever the server has.
        let is_read = call.is_none_or(|call| {
            part.pending.iter().any(|(number, asked)| *number == call && asked.is_read())
        });
        let server = if is_read { state.server } else { plans::begun([0; GROUPS]) };
        self.play((writer, seen, at), part, Some(Answer { call, server }));
        state.not_given_back |= part.has_ended && part.is_owed;
        let has_ended = parts.iter().all(|part| part.has_ended);
        state.runs[writer] = if has_ended { Run::Ended } else { Run::Active(seen, parts) };
    }

    /// Has a write its effect, and sees whether enough remain.
    fn send(&self, server: &mut Server, effect: Effect, part: &mut Part, too_few: &mut bool) {
        let after = server.after(effect);
        let (had, has) = (server.administrators(), after.administrators());
        *server = after;
        // What cannot be given back does not hide what can.
        if let Some(back) = effect.opposite() {
            (part.last, part.helps) = (Some(effect), after.after(back).administrators() > has);
        }
        if has >= had {
            return;
        }
        part.is_proving = false;
        if has < self.bounds.at_least {
            part.is_owed = true;
            *too_few |= part.since <= self.bounds.margin;
        }
    }

    /// Answers at once what nothing can come before: with nobody else who writes, a read sees the
    /// same now as later.
    fn settle(&self, state: &mut Seen) {
        let active = state.runs.iter().filter(|run| matches!(run, Run::Active(..))).count();
        if state.foreign > 0 || active > 1 || self.fault == Some(Fault::NoLease) {
            return;
        }
        let place = |runs: &[Run]| {
            runs.iter().enumerate().find_map(|(writer, run)| match run {
                Run::Active(_, parts) => {
                    let reads = |part: &Part| part.pending.iter().any(|(_, one)| one.is_read());
                    Some((writer, parts.iter().position(reads)?))
                }
                _ => None,
            })
        };
        while let Some(place) = place(&state.runs) {
            self.answer(state, place, None);
        }
    }
}

impl Model for World {
    type State = Seen;
    type Action = Act;

    fn init_states(&self) -> Vec<Seen> {
        let server = plans::begun(self.bounds.members);
        let first = if self.bounds.any_plan { Run::Idle } else { Run::Planned(server) };
        vec![Seen {
            server,
            runs: vec![first; self.bounds.wishes.len()],
            foreign: self.bounds.foreign,
            crashes: self.bounds.crashes,
            too_few: false,
            not_given_back: false,
            unasked: false,
            in_vain: false,
            has_dipped: false,
            was_given_back: false,
        }]
    }

    fn actions(&self, state: &Seen, actions: &mut Vec<Act>) {
        let is_held = state.runs.iter().any(|run| matches!(run, Run::Active(..)));
        let is_free = !is_held || self.fault == Some(Fault::NoLease);
        for (writer, run) in state.runs.iter().enumerate() {
            match run {
                Run::Idle if is_free || self.bounds.any_plan => actions.push(Act::Plan(writer)),
                Run::Planned(seen) if is_free => {
                    actions.push(Act::Begin(writer));
                    if !self.bounds.any_plan && *seen != state.server {
                        actions.push(Act::Plan(writer));
                    }
                }
                Run::Active(_, parts) => {
                    for (at, part) in parts.iter().enumerate() {
                        let reads = part.pending.iter().any(|(_, asked)| asked.is_read());
                        if reads && !self.bounds.fine {
                            actions.push(Act::Answer(writer, at, None));
                        }
                        let single = part
                            .pending
                            .iter()
                            .filter(|(_, asked)| self.bounds.fine || !asked.is_read());
                        actions
                            .extend(single.map(|(call, _)| Act::Answer(writer, at, Some(*call))));
                    }
                    if state.crashes > 0 {
                        actions.push(Act::Crash(writer));
                    }
                }
                Run::Idle | Run::Planned(_) | Run::Ended => {}
            }
        }
        if state.foreign > 0 {
            let all = state.server.members.iter().fold(0, |all, members| all | members);
            for person in people(all & state.server.active) {
                actions.push(Act::Foreign(Effect::Activate(person, false)));
                let held =
                    (0..GROUPS).filter(|group| state.server.members[*group] >> person & 1 == 1);
                actions.extend(held.map(|group| Act::Foreign(Effect::Remove(group, 1 << person))));
            }
        }
    }

    fn next_state(&self, last: &Seen, action: Act) -> Option<Seen> {
        let mut state = last.clone();
        match action {
            Act::Plan(writer) => {
                state.runs[writer] = Run::Planned(state.server);
                if !self.bounds.any_plan {
                    self.begin(&mut state, writer);
                }
            }
            Act::Begin(writer) => self.begin(&mut state, writer),
            Act::Answer(writer, at, call) => self.answer(&mut state, (writer, at), call),
            Act::Crash(writer) => {
                state.runs[writer] = Run::Idle;
                state.crashes -= 1;
            }
            Act::Foreign(effect) => {
                state.server = state.server.after(effect);
                state.foreign -= 1;
                for run in &mut state.runs {
                    if let Run::Active(_, parts) = run {
                        for part in parts {
                            part.since = part.since.saturating_add(1);
                            let back = part.last.and_then(Effect::opposite);
                            let now = state.server;
                            let helps = back.is_some_and(|back| {
                                now.after(back).administrators() > now.administrators()
                            });
                            // Whoever was switched off meanwhile is no administrator with a role,
                            // and whoever lost another role is one with this.
                            part.is_owed &= helps;
                            part.helps |= helps;
                        }
                    }
                }
            }
        }
        self.settle(&mut state);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = vec![
            Property::always(ENOUGH, |_, state: &Seen| !state.too_few),
            Property::always(BACK, |_, state: &Seen| !state.not_given_back),
            Property::always("every write is in the plan", |_, state: &Seen| !state.unasked),
            Property::always("nothing is taken back in vain", |_, state: &Seen| !state.in_vain),
        ];
        if self.fault.is_none() {
            let removed = |world: &Self, state: &Seen| {
                state.server.administrators() < plans::begun(world.bounds.members).administrators()
            };
            all.push(Property::sometimes("an administrator goes", removed));
        }
        if self.fault.is_none() && self.bounds.foreign > self.bounds.margin {
            let dips = |_: &Self, state: &Seen| state.has_dipped;
            all.push(Property::sometimes("others take more than the margin", dips));
            let given = |_: &Self, state: &Seen| state.was_given_back;
            all.push(Property::sometimes("a removal is taken back", given));
        }
        all
    }
}
