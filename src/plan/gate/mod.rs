//! The third pass: what must not be planned. A change that something forbids becomes a finding,
//! an object that is left alone, or something to wait for.

mod clocks;
mod deactivation;
mod holds;
mod leftovers;
mod members;
mod protected;
mod quota;
mod roles;
mod target;

use std::collections::BTreeSet;

use super::Change;
use super::diff::{Diff, Wanted};
use super::draft::Draft;
use super::inputs::Inputs;
use crate::kind::{Address, Family};
use crate::live::Live;

pub(super) use clocks::decide as dates_decide;

/// One gate for declared objects: takes out what must not be planned, and says so.
type Gate = for<'a> fn(Inputs<'a>, Vec<Wanted<'a>>) -> (Vec<Wanted<'a>>, Draft);

/// The gates for declared objects. A change that one of them takes out does not come to the next.
const GATES: [Gate; 7] = [
    target::refused_kinds,
    protected::declared,
    holds::domains,
    target::attributes,
    holds::objects,
    target::immutable,
    protected::narrowed,
];

/// Lets through what may be planned.
pub(super) fn gate(inputs: Inputs<'_>, diff: Diff<'_>) -> Draft {
    let shared = shared_names(inputs.live);
    let objects = declared(inputs, diff.wanted);
    let objects = objects.join(leftovers::gate(inputs, diff.leftovers, &shared));
    let leaving = leaving(&objects.changes);
    let members = members::gate(inputs, diff.groups, (&shared, &leaving));
    let undecided = Draft::from(inputs.aligned.findings.clone());
    let draft = clocks::hold(inputs, undecided.join(objects).join(members).in_order());
    let findings = [
        roles::check(inputs),
        quota::check(inputs, &draft.changes),
        deactivation::check(inputs.desired, inputs.live),
    ];
    draft.join(Draft::from(findings.concat()))
}

fn declared(inputs: Inputs<'_>, wanted: Vec<Wanted<'_>>) -> Draft {
    let (wanted, mut draft) =
        GATES.iter().fold((wanted, Draft::default()), |(wanted, said), gate| {
            let (wanted, more) = gate(inputs, wanted);
            (wanted, said.join(more))
        });
    draft.changes = wanted.into_iter().filter_map(|one| one.change).map(|change| *change).collect();
    draft
}

/// The users that changes deactivate or delete.
fn leaving(changes: &[Change]) -> BTreeSet<Address> {
    let leaves = |change: &&Change| change.removes && change.family() == Family::Subject;
    changes.iter().filter(leaves).map(|change| change.address.clone()).collect()
}

/// The names that more than one live object has: neither is touched.
fn shared_names(live: &Live) -> BTreeSet<Address> {
    let mut seen = BTreeSet::new();
    let mut shared = BTreeSet::new();
    for object in live.objects() {
        if !seen.insert((object.kind, &object.key)) {
            shared.insert(Address::new(object.kind, object.key.clone()));
        }
    }
    shared
}
