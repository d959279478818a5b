//! What there is, as items: the state as it is, or as a plan would leave it.

use std::collections::BTreeMap;

use super::{Action, Change, Plan};
use crate::kind::{Address, Family, FieldName, Fields};
use crate::live::Live;

/// Which state is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// As it is.
    Now,
    /// As the plan would leave it.
    Then,
}

/// One thing that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// What.
    pub address: Address,
    /// What it says.
    pub fields: Fields,
    /// The fields in which it differs from what the files say.
    pub differs: Vec<FieldName>,
}

/// Everything that is there and no link, in order of addresses.
#[must_use]
pub fn observe(plan: &Plan, live: &Live, moment: Moment) -> Vec<Observation> {
    let mut seen: BTreeMap<&Address, Fields> = live
        .objects()
        .iter()
        .zip(plan.graph.nodes())
        .map(|(object, node)| (&node.address, object.fields.clone()))
        .collect();
    let things = plan.changes.iter().filter(|change| change.family() != Family::Membership);
    if moment == Moment::Then {
        for change in things.clone() {
            become_so(&mut seen, change);
        }
    }
    let mut differs: BTreeMap<&Address, &[FieldName]> = BTreeMap::new();
    if moment == Moment::Now {
        differs.extend(things.map(|change| (&change.address, change.fields.as_slice())));
    }
    let observed = |(address, fields): (&Address, Fields)| Observation {
        address: address.clone(),
        fields,
        differs: differs.get(address).copied().unwrap_or_default().to_vec(),
    };
    seen.into_iter().map(observed).collect()
}

fn become_so<'a>(seen: &mut BTreeMap<&'a Address, Fields>, change: &'a Change) {
    if change.action == Action::Delete {
        seen.remove(&change.address);
        return;
    }
    let fields = seen.entry(&change.address).or_default();
    for (name, value) in change.after.iter().flatten() {
        fields.insert(name.clone(), value.clone());
    }
}
