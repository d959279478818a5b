//! The ids of those who hold the roles that this plan gives.

use super::Action;
use super::align::Aligned;
use super::builder::Builder;
use super::links::Ids;
use crate::kind::KindName;

/// Remembers the id of every holder that is live already.
pub(super) fn remember(builder: &Builder<'_>, aligned: &Aligned, ids: &mut Ids) {
    let given = builder
        .changes
        .iter()
        .filter(|change| change.kind() == KindName::Binding && change.action == Action::Create);
    for holder in given.filter_map(|change| change.address.principal()) {
        let found = aligned.matches.get(&holder).map(|found| found.object);
        let object = found.and_then(|place| builder.live.objects().get(place));
        if let Some(object) = object {
            ids.insert(holder, object.id.clone());
        }
    }
}
