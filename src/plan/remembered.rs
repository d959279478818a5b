//! Declared items that an earlier run created or renamed, and to which the target gave another
//! name: found by what the journal remembers of them.

use std::collections::BTreeMap;

use super::jurisdiction::{Jurisdiction, Reach};
use crate::config::Desired;
use crate::kind::{Address, KindName};
use crate::live::{Given, Live, Object, Recorded, RemoteId};

/// A live object that the journal remembers as a declared item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remembered {
    /// Its place in [`Live::objects`].
    pub object: usize,
    /// Whether the item is to be left alone, with the object: only the id says that they are one,
    /// and the object is not ours to write.
    pub is_out_of_reach: bool,
}

/// The live objects that are remembered, by what they were to be.
///
/// An id alone proves little, because servers give ids again: the name must be the one that the
/// target gave the object, too. Where nobody ever saw that name there is nothing but the id, and
/// to pass the object over would create another one in every run. Then it counts if nothing
/// speaks against it: an object that goes by a declared name is that item, and one that is
/// protected or outside `manage` is never written, so that nothing is done about the item at all.
/// What differs is shown in the plan, and an update that succeeds ends the doubt (see
/// [`recorded`](crate::apply::recorded)).
pub(super) fn remembered<'a>(
    desired: &Desired,
    live: &'a Live,
    jurisdiction: &Jurisdiction,
) -> BTreeMap<&'a Address, Remembered> {
    let by_id: BTreeMap<_, (&Address, &Recorded)> = live
        .memory
        .iter()
        .filter(|(_, one)| one.given != Given::AsSent)
        .map(|(address, one)| (identity(address.kind(), &one.id), (address, one)))
        .collect();
    if by_id.is_empty() {
        return BTreeMap::new();
    }
    let objects = live.objects().iter().enumerate();
    objects
        .filter_map(|(place, object)| {
            let (address, one) = by_id.get(&identity(object.kind, &object.id))?;
            let is_out_of_reach = match &one.given {
                Given::AsSent => return None,
                Given::Other(name) if *name == object.key => false,
                Given::Other(_) => return None,
                Given::Unseen => !is_reached(object, desired, jurisdiction)?,
            };
            Some((*address, Remembered { object: place, is_out_of_reach }))
        })
        .collect()
}

/// Whether an object may be written; `None` where it is what it is called: a declared item.
fn is_reached(object: &Object, desired: &Desired, jurisdiction: &Jurisdiction) -> Option<bool> {
    let own = Address::new(object.kind, object.key.clone());
    let is_declared = desired.items.get(&own).is_some();
    (!is_declared).then(|| jurisdiction.reach(&own) == Reach::Managed)
}

fn identity(kind: KindName, id: &RemoteId) -> (KindName, String) {
    (kind, id.compared().into_owned())
}
