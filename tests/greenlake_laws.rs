//! What is promised about HPE GreenLake: what nobody may touch is never touched, an import is the
//! organization, and reading costs what it must.
//!
//! [`seeds`] says how many are tried.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a law that is broken is a failed test")]
#![expect(
    clippy::disallowed_methods,
    reason = "seeds are chosen by the environment, and the program is run"
)]

mod import;
mod leaver;
mod memory;
mod prefix;
mod reach;
mod requests;
mod turn;
mod world;

use super::support::{holders, largest, rng, seeds};

use std::sync::atomic::{AtomicUsize, Ordering};

use memory::Twin;
use muster::apply::{Op, Step, schedule};
use muster::config::OnRemove;
use muster::guard::approve;
use muster::kind::{Family, KindName};
use muster::plan::Plan;
use muster::plan::access::holdings;
use reach::Untouchable;
use seeds::{narrowed, share};
use turn::{apply, planned, verdict};
use world::World;

/// Holds a law against every seed of the generated worlds.
fn law(name: &str, of_broad: usize, holds: impl Fn(u64) + Sync) {
    seeds::law(&format!("greenlake_laws::{name}"), of_broad, holds);
}

/// Law 14: a role is taken whatever becomes of others, unless the number of administrators needs it.
fn takes_without_waiting(step: &Step, plan: &Plan) {
    if let Op::Delete { address, .. } = &step.op
        && address.family() == Family::Grant
        && plan.administration.bindings.get(address) != Some(&false)
    {
        assert!(step.after.is_empty(), "{step:#?}");
    }
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
                takes_without_waiting(&step, approved.plan());
            }
        }
    });
    let seen = [changed, scheduled, left, access].map(AtomicUsize::into_inner);
    assert!(
        narrowed()
            || (seen[0] > share(9_000)
                && seen[1] > share(2_000)
                && seen[2] > share(5_000)
                && seen[3] > share(50_000)),
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
    assert!(
        narrowed() || (seen[0] > share(200) && seen[1] > share(100)),
        "{seen:?}: the generator is off"
    );
}
