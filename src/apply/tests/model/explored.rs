//! The explorations, and the protections that they find to be needed. `cargo test` takes seconds, the
//! feature `broad` minutes for four writers and two crashes, and `model` as long as more than that
//! needs.

use std::time::Instant;

use stateright::{Checker, HasDiscoveries, Model};

use super::{BACK, Bounds, ENOUGH, Fault, Wish, World};

/// Five administrators, `p0` to `p4`, two of them in two groups; `p5` may become one.
const MEMBERS: [u8; 3] = [0b00_0011, 0b00_0110, 0b01_1100];

const fn leaves(person: u8) -> Wish {
    Wish { leave: 1 << person, join: 0, off: 0, gone: 0 }
}

/// One administrator leaves the groups, one is switched off, one makes room for another, and one is
/// deleted.
const WISHES: [Wish; 4] = [
    leaves(0),
    Wish { off: 1 << 1, ..leaves(1) },
    Wish { join: 1 << 5, ..leaves(3) },
    Wish { leave: 0, join: 0, off: 0, gone: 1 << 4 },
];

/// So many writers; two administrators must remain, with a margin of one.
fn of(writers: usize) -> Bounds {
    Bounds {
        members: MEMBERS,
        wishes: WISHES[..writers].to_vec(),
        at_least: 2,
        margin: 1,
        foreign: 1,
        crashes: 1,
        concurrency: 1,
        any_plan: false,
        fine: false,
    }
}

/// Explores all of it.
fn holds(name: &str, bounds: &Bounds) {
    let begun = Instant::now();
    let checker = World::new(bounds, None).checker().threads(2).spawn_bfs().join();
    let Bounds { wishes, margin, foreign, crashes, concurrency, any_plan, fine, .. } = bounds;
    println!(
        "{name}: {} unique states of {}, {:.1} s: writers {}, margin {margin}, foreign writes \
         {foreign}, crashes {crashes}, steps at once {concurrency}, plans at any moment \
         {any_plan}, every read a moment {fine}",
        checker.unique_state_count(),
        checker.state_count(),
        begun.elapsed().as_secs_f64(),
        wishes.len(),
    );
    checker.assert_properties();
}

/// Explores until a property is broken, which has to be this one.
fn finds(fault: Fault, broken: &'static str, bounds: &Bounds) {
    let checker = World::new(bounds, Some(fault)).checker().threads(1);
    let checker = checker.finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let states = checker.unique_state_count();
    let path = checker.assert_any_discovery(broken).into_actions();
    println!("{fault:?}: `{broken}` is broken after {states} states by {path:?}");
}

#[test]
fn two_writers_who_plan_at_any_moment() {
    holds("any moment", &Bounds { any_plan: true, crashes: 0, ..of(2) });
}

#[test]
fn more_foreign_writes_than_the_margin_are_answered() {
    let beyond = Bounds { at_least: 3, foreign: 2, crashes: 0, ..of(1) };
    holds("beyond", &beyond);
    // The account is switched off as well: whoever is, gets no group back.
    let off = WISHES[1..2].to_vec();
    holds("beyond, off", &Bounds { wishes: off, at_least: 4, margin: 0, foreign: 1, ..beyond });
}

#[test]
fn every_protection_is_needed() {
    finds(Fault::NoProof, ENOUGH, &Bounds { foreign: 0, crashes: 0, ..of(4) });
    let alone = Bounds { margin: 0, foreign: 0, crashes: 0, ..of(4) };
    finds(
        Fault::NoLease,
        ENOUGH,
        &Bounds { at_least: 4, wishes: WISHES[..2].to_vec(), ..alone.clone() },
    );
    // Both lowerings are of one run, in groups that have nothing to do with each other.
    let leave = Wish { leave: 0b00_1001, ..leaves(0) };
    let apart = Bounds { members: [0b001, 0b010, 0b1100], wishes: vec![leave], ..alone };
    finds(Fault::Together, ENOUGH, &Bounds { foreign: 1, ..apart });
    finds(Fault::NoComparison, BACK, &Bounds { at_least: 3, foreign: 2, crashes: 0, ..of(1) });
    finds(Fault::NoMargin, ENOUGH, &Bounds { at_least: 4, crashes: 0, ..of(1) });
}

#[cfg(feature = "broad")]
#[test]
fn four_writers() {
    holds("four, two crashes", &Bounds { crashes: 2, ..of(4) });
    holds("three, beyond", &Bounds { foreign: 2, crashes: 0, ..of(3) });
    holds("two crashes at any moment", &Bounds { crashes: 2, any_plan: true, ..of(2) });
    holds("at once", &Bounds { concurrency: 2, crashes: 0, ..of(2) });
    holds("fine", &Bounds { fine: true, at_least: 3, foreign: 2, crashes: 0, ..of(1) });
}

#[cfg(feature = "model")]
#[test]
fn more_than_four_writers_need() {
    holds("three at any moment", &Bounds { any_plan: true, ..of(3) });
    holds("fine, at once", &Bounds { fine: true, concurrency: 2, crashes: 0, ..of(2) });
    holds("four, beyond", &Bounds { foreign: 2, ..of(4) });
}
