//! What is promised about HPE GreenLake: what nobody may touch is never touched, an import is the
//! organization, and reading costs what it must.
//!
//! `MUSTER_LAW_SEEDS=N` tries another number of seeds than the usual 10,000; `MUSTER_LAW_SEED=S`
//! tries one.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a law that is broken is a failed test")]
#![expect(
    clippy::disallowed_methods,
    reason = "seeds are chosen by the environment, and the program is run"
)]

#[path = "support/holders.rs"]
mod holders;
#[path = "greenlake_laws/import.rs"]
mod import;
#[path = "support/largest.rs"]
mod largest;
#[path = "greenlake_laws/leaver.rs"]
mod leaver;
#[path = "greenlake_laws/memory.rs"]
mod memory;
#[path = "greenlake_laws/reach.rs"]
mod reach;
#[path = "greenlake_laws/requests.rs"]
mod requests;
#[path = "laws/rng.rs"]
#[expect(dead_code, reason = "other laws use the rest of it")]
mod rng;
#[path = "greenlake_laws/turn.rs"]
mod turn;
#[path = "greenlake_laws/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use memory::Twin;
use muster::apply::schedule;
use muster::config::OnRemove;
use muster::guard::approve;
use muster::kind::{Family, KindName};
use muster::plan::access::holdings;
use reach::Untouchable;
use turn::{apply, planned, verdict};
use world::World;

/// Holds a law against every seed; a seed that breaks it is named with the line to run again.
fn law(name: &str, usual: u64, holds: impl Fn(u64) + Sync) {
    let given = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, last) = match given("MUSTER_LAW_SEED") {
        Some(seed) => (seed, seed + 1),
        None => (0, given("MUSTER_LAW_SEEDS").unwrap_or(usual)),
    };
    assert!(first < last, "a law held against nothing holds nothing");
    let next = AtomicU64::new(first);
    let broken: Mutex<Option<(u64, String)>> = Mutex::default();
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= last {
                return;
            }
            if let Err(cause) = catch_unwind(AssertUnwindSafe(|| holds(seed))) {
                let words = cause.downcast_ref::<String>().cloned();
                let words =
                    words.or_else(|| cause.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                let mut first = broken.lock().unwrap();
                if first.as_ref().is_none_or(|(known, _)| seed < *known) {
                    *first = Some((seed, words.unwrap_or_default()));
                }
                next.store(last, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    if let Some((seed, words)) = broken.into_inner().unwrap() {
        panic!("{words}\nagain: MUSTER_LAW_SEED={seed} cargo test --test greenlake_laws {name}");
    }
}

/// Whether somebody asked for other seeds than the usual ones, so that nothing can be said of how
/// much there was to see.
fn narrowed() -> bool {
    ["MUSTER_LAW_SEED", "MUSTER_LAW_SEEDS"].iter().any(|name| std::env::var_os(name).is_some())
}

#[test]
fn no_plan_is_about_what_nobody_may_touch_and_leavers_lose_everything() {
    let [changed, scheduled, left, access] = [(); 4].map(|()| AtomicUsize::new(0));
    law("no_plan", 10_000, |seed| {
        let world = World::generate(seed);
        let desired = world.desired();
        let twin = Twin::new(&world.seed);
        let before = twin.export();
        let forbidden = Untouchable::of(&before, &world.own);
        let (plan, _, live) = planned(&desired, &twin);
        access.fetch_add(holders::check(&desired, &live, &plan), Ordering::Relaxed);
        changed.fetch_add(usize::from(!plan.is_empty()), Ordering::Relaxed);
        for change in &plan.changes {
            forbidden.check_change(change, &plan);
        }
        left.fetch_add(leaver::check_plan(&world, &desired, &before, &plan), Ordering::Relaxed);
        let verdict = verdict(&plan, &desired);
        let on_remove = desired.project.manage.on_remove(KindName::User);
        let deactivates = on_remove == OnRemove::Deactivate;
        if let Ok(approved) = approve(plan, verdict) {
            assert!(!deactivates, "the platform keeps no `active`, and leavers would stay");
            scheduled.fetch_add(1, Ordering::Relaxed);
            for step in schedule(&approved) {
                forbidden.check_op(&step.op, approved.plan());
            }
        }
    });
    let seen = [changed, scheduled, left, access].map(AtomicUsize::into_inner);
    assert!(
        narrowed() || (seen[0] > 9_000 && seen[1] > 2_000 && seen[2] > 5_000 && seen[3] > 50_000),
        "{seen:?}: the generator is off"
    );
}

#[test]
fn an_apply_leaves_nothing_to_do_and_every_byte_that_is_not_ours() {
    let (applied, left) = (AtomicUsize::new(0), AtomicUsize::new(0));
    law("an_apply", 600, |seed| {
        let world = World::generate(seed);
        let desired = world.desired();
        let twin = Twin::new(&world.seed);
        let before = twin.export();
        let (_, _, live) = planned(&desired, &twin);
        let Some(plan) = apply(&desired, &twin) else { return };
        applied.fetch_add(1, Ordering::Relaxed);
        let after = twin.export();
        Untouchable::of(&before, &world.own).check_rows(&before, &after, &plan);
        left.fetch_add(leaver::check_rows(&world, &desired, &before, &after), Ordering::Relaxed);
        let (again, _, live_now) = planned(&desired, &twin);
        assert!(again.is_empty(), "{:#?}", again.changes);
        // What `who-can --live` says is what the plan said, worked out from what was there before.
        let names = holders::Names::of(&live, &desired, &plan).and(&live_now);
        let worked_out = holders::State::of(&live, &names).after(&live, &plan.changes, &names);
        let people = again.graph.places(Family::Subject).collect();
        let held = holdings(&again.graph, &again.graph.before, &desired, &people);
        holders::agree("after the apply", &names.rows_of(&held), &worked_out.rows());
        let is = holders::State::of(&live_now, &names).rows();
        holders::agree("at the target", &is, &worked_out.rows());
    });
    let seen = [applied.into_inner(), left.into_inner()];
    assert!(narrowed() || (seen[0] > 200 && seen[1] > 100), "{seen:?}: the generator is off");
}
