//! Creations side by side: each kind has a rate of its own at the target, so one after the other
//! they would take the sum of the times, and abreast they take the longest.

use std::collections::BTreeMap;

use crate::kind::KindName;
use crate::plan::Change;

/// The same changes, every kind spread evenly over the whole; within a kind the order stays.
pub(super) fn abreast<'a>(changes: impl Iterator<Item = &'a Change>) -> Vec<&'a Change> {
    let mut counts: BTreeMap<KindName, u64> = BTreeMap::new();
    let numbered: Vec<(u64, &Change)> = changes
        .map(|change| {
            let count = counts.entry(change.kind()).or_default();
            *count += 1;
            (*count - 1, change)
        })
        .collect();
    let mut placed: Vec<(u64, &Change)> = numbered
        .into_iter()
        .map(|(number, change)| {
            let count = counts.get(&change.kind()).copied().unwrap_or(1);
            // Of a million places; what is equal keeps the order of the kinds.
            (number * 1_000_000 / count.max(1), change)
        })
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, change)| change).collect()
}
