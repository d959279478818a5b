//! The ids of what changes refer to without changing it: the ends of memberships, and the holders
//! of new roles.

use std::collections::BTreeMap;

use crate::kind::{Address, Family};
use crate::live::{Object, RemoteId};
use crate::plan::inputs::Inputs;
use crate::plan::{Action, Change};

/// The id of every object that a change of a membership, or a new binding, refers to and that
/// exists already.
pub(super) fn ids(inputs: Inputs<'_>, changes: &[Change]) -> BTreeMap<Address, RemoteId> {
    let leavers = leavers(inputs, changes);
    let matched = |address: Address| {
        let object = inputs.matched(&address)?;
        Some((address, object.id.clone()))
    };
    let mut ids = BTreeMap::new();
    for change in changes {
        match (change.address.ends(), change.action) {
            (Some((group, user)), action) => {
                ids.extend(matched(group));
                let leaver = leavers.get(&user).filter(|_| action == Action::Delete);
                match leaver {
                    Some(object) => ids.extend([(user, object.id.clone())]),
                    None => ids.extend(matched(user)),
                }
            }
            (None, Action::Create) => ids.extend(change.address.principal().and_then(matched)),
            (None, Action::Update | Action::Delete) => {}
        }
    }
    ids
}

/// The users who are members and not declared; looked for only where a membership ends.
fn leavers<'a>(inputs: Inputs<'a>, changes: &[Change]) -> BTreeMap<&'a Address, &'a Object> {
    let ends =
        |change: &Change| change.family() == Family::Membership && change.action == Action::Delete;
    if !changes.iter().any(ends) {
        return BTreeMap::new();
    }
    let objects = inputs.objects().enumerate();
    let users = objects.filter(|(place, (object, _))| {
        object.kind.family() == Family::Subject && !inputs.aligned.declared.contains(place)
    });
    users.map(|(_, (object, address))| (address, object)).collect()
}
