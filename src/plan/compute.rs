//! The plan, pass by pass.

use jiff::Timestamp;

use super::Plan;
use super::align::align;
use super::annotate::annotate;
use super::diff::diff;
use super::gate::gate;
use super::inputs::Inputs;
use super::jurisdiction::Jurisdiction;
use super::order::order;
use crate::config::Desired;
use crate::live::Live;

/// What there is to do at `now`. Total: whatever cannot be done is a finding.
#[must_use]
pub fn plan(desired: &Desired, live: &Live, now: Timestamp) -> Plan {
    plan_under(desired, None, live, now).0
}

/// The same for a change to a base, with the plan as the base's guard sees it: the same changes, with
/// its own administrators, privileged roles and population. `by_base` is what is desired, under the
/// guard of the base ([`Desired::guarded_by`]). The administrators of the base are counted in both.
#[must_use]
pub fn plan_under(
    desired: &Desired,
    by_base: Option<&Desired>,
    live: &Live,
    now: Timestamp,
) -> (Plan, Option<Plan>) {
    let jurisdiction = Jurisdiction::of(&desired.project);
    let aligned = align(desired, live, &jurisdiction, now);
    let base = by_base.map(|by_base| &by_base.project.administrators);
    let inputs =
        Inputs { desired, live, jurisdiction: &jurisdiction, aligned: &aligned, base, now };
    let wanted = diff(inputs);
    let allowed = gate(inputs, wanted);
    let ordered = order(inputs, allowed);
    let seen_by_base = by_base.map(|desired| {
        let jurisdiction = Jurisdiction::of(&desired.project);
        let inputs = Inputs { desired, jurisdiction: &jurisdiction, base: None, ..inputs };
        annotate(inputs, ordered.clone())
    });
    (annotate(inputs, ordered), seen_by_base)
}
