//! The plan, pass by pass.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::align::align;
use super::annotate::annotate;
use super::diff::diff;
use super::draft::Draft;
use super::gate::gate;
use super::inputs::Inputs;
use super::jurisdiction::Jurisdiction;
use super::order::order;
use super::{Change, Finding, Level, Plan};
use crate::config::Desired;
use crate::kind::Address;
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
    with_draft(desired, by_base, live, now, |inputs| {
        let wanted = diff(inputs);
        let allowed = gate(inputs, wanted);
        order(inputs, allowed)
    })
}

/// The plan of some of the changes of `whole`, which was made from the same. What planning denied of
/// them, or of the project, is denied again.
#[must_use]
pub fn plan_of(
    (whole, changes): (&Plan, Vec<Change>),
    desired: &Desired,
    by_base: Option<&Desired>,
    live: &Live,
) -> (Plan, Option<Plan>) {
    let some: BTreeSet<&Address> = changes.iter().map(|change| &change.address).collect();
    let is_about = |finding: &&Finding| {
        finding.level == Level::Deny
            && (finding.addresses.is_empty()
                || finding.addresses.iter().any(|address| some.contains(address)))
    };
    let findings = whole.findings.iter().filter(is_about).cloned().collect();
    with_draft(desired, by_base, live, whole.now, |_| Draft {
        changes: changes.clone(),
        findings,
        ..Draft::default()
    })
}

fn with_draft(
    desired: &Desired,
    by_base: Option<&Desired>,
    live: &Live,
    now: Timestamp,
    draft: impl FnOnce(Inputs<'_>) -> Draft,
) -> (Plan, Option<Plan>) {
    let jurisdiction = Jurisdiction::of(&desired.project);
    let aligned = align(desired, live, &jurisdiction, now);
    let base = by_base.map(|by_base| &by_base.project.administrators);
    let inputs =
        Inputs { desired, live, jurisdiction: &jurisdiction, aligned: &aligned, base, now };
    let ordered = draft(inputs);
    let seen_by_base = by_base.map(|desired| {
        let jurisdiction = Jurisdiction::of(&desired.project);
        let inputs = Inputs { desired, jurisdiction: &jurisdiction, base: None, ..inputs };
        annotate(inputs, ordered.clone())
    });
    (annotate(inputs, ordered), seen_by_base)
}
