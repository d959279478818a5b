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
    let jurisdiction = Jurisdiction::of(&desired.project);
    let aligned = align(desired, live, &jurisdiction, now);
    let inputs = Inputs { desired, live, jurisdiction: &jurisdiction, aligned: &aligned, now };
    let wanted = diff(inputs);
    let allowed = gate(inputs, wanted);
    let ordered = order(inputs, allowed);
    annotate(inputs, ordered)
}
