//! One turn of the pipeline, from files and a server to an outcome.

use std::sync::atomic::AtomicBool;

use futures::executor::block_on;
use muster::apply::{Known, NoJournal, Outcome, RunOptions, Step, run, schedule};
use muster::config::{Desired, SourceText, parse};
use muster::guard::{Approved, Regime, Verdict, approve, judge};
use muster::live::Live;
use muster::plan::{Plan, plan};
use muster::provider::scim::{Dialect, ReadError, ReadOptions, ReadStats, ScimWriter, read};

use super::memory::now;
use super::simulation::Simulation;
use super::world::World;

fn text(name: &str, text: &str) -> SourceText {
    SourceText { name: name.into(), bytes: text.as_bytes().to_vec() }
}

/// What the files of a world say.
pub(crate) fn desired(world: &World) -> Desired {
    let sources: Vec<SourceText> =
        world.files.iter().map(|(name, content)| text(name, content)).collect();
    match parse(&text("muster.yaml", &world.project), &sources, 1) {
        Ok((desired, _)) => desired,
        Err(problems) => panic!("a generated world has problems: {:#?}", problems.sorted()),
    }
}

/// What the server has.
pub(crate) fn live(server: &Simulation, profile: &str) -> Result<(Live, ReadStats), ReadError> {
    let dialect = Dialect::profile(profile).unwrap();
    block_on(read(server, &dialect, &ReadOptions { target: "simulation".to_owned() }))
}

/// The verdict, with one policy that finds nothing: the rest of the guard is what laws are about.
pub(crate) fn verdict(plan: &Plan, desired: &Desired) -> Verdict {
    judge(plan, desired, vec![("law".to_owned(), vec![])], &Regime::expecting(&["law"])).unwrap()
}

/// What became of one turn.
pub(crate) enum Turn {
    Unread(ReadError),
    Refused(Plan, Verdict),
    Applied(Plan, Vec<Step>, Outcome),
}

/// Reads, plans, judges, applies.
pub(crate) fn turn(world: &World, server: &Simulation, profile: &str) -> Turn {
    turn_of(world, server, profile, 4)
}

/// The same, with so many steps under way at once.
pub(crate) fn turn_of(
    world: &World,
    server: &Simulation,
    profile: &str,
    concurrency: usize,
) -> Turn {
    let desired = desired(world);
    let (live, stats) = match live(server, profile) {
        Ok(read) => read,
        Err(error) => return Turn::Unread(error),
    };
    let plan = plan(&desired, &live, now());
    let verdict = verdict(&plan, &desired);
    match approve(plan, verdict) {
        Err(refusal) => Turn::Refused(refusal.plan, refusal.verdict),
        Ok(approved) => {
            let (steps, outcome) =
                carry_out((&approved, &live), server, stats.dialect, concurrency);
            Turn::Applied(approved.plan().clone(), steps, outcome)
        }
    }
}

pub(crate) fn carry_out(
    (approved, live): (&Approved, &Live),
    server: &Simulation,
    dialect: Dialect,
    concurrency: usize,
) -> (Vec<Step>, Outcome) {
    let steps = schedule(approved);
    let writer = ScimWriter::new(server, dialect);
    let stop = AtomicBool::new(false);
    let options = RunOptions { concurrency, stop: &stop };
    let known = Known::of(approved.plan(), live);
    let outcome = block_on(run(steps.clone(), known, &writer, &NoJournal, options));
    (steps, outcome)
}
