//! What muster signs in as, and whether a plan takes its own access away: the next run could
//! neither see nor mend it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kind::{Address, Family};
use crate::live::Member;
use crate::plan::inputs::Inputs;
use crate::plan::{Action, Change, Finding, Level};

/// One way in which muster holds a role: directly, or through a group.
struct Way {
    binding: Address,
    group: Option<Address>,
    workspace: String,
}

impl Way {
    /// The addresses whose deletion ends the way: the group, and the membership in it.
    fn deletable(&self, user: &Address) -> Vec<Address> {
        let membership =
            |group: &Address| Address::membership(group.key().clone(), user.key().clone());
        self.group.iter().flat_map(|group| [group.clone(), membership(group)]).collect()
    }
}

/// The findings on changes that take the last role away that muster has in a workspace.
pub(super) fn check(inputs: Inputs<'_>, changes: &[Change]) -> Vec<Finding> {
    let own = &inputs.live.capabilities.own;
    own.iter().filter_map(|user| of(user, inputs, changes)).collect()
}

fn of(user: &Address, inputs: Inputs<'_>, changes: &[Change]) -> Option<Finding> {
    let ways = ways(user, inputs);
    let deletable: BTreeSet<Address> = ways.iter().flat_map(|way| way.deletable(user)).collect();
    let bindings: BTreeSet<&Address> = ways.iter().map(|way| &way.binding).collect();
    let takes = |change: &&Change| {
        let deletes = change.action == Action::Delete && deletable.contains(&change.address);
        deletes || change.removes && bindings.contains(&change.address)
    };
    let taken: Vec<&Change> = changes.iter().filter(takes).collect();
    let gone: BTreeSet<&Address> = taken.iter().map(|change| &change.address).collect();
    let mut left: BTreeMap<&str, bool> = BTreeMap::new();
    for way in &ways {
        let ends = gone.contains(&way.binding)
            || way.deletable(user).iter().any(|address| gone.contains(address));
        *left.entry(way.workspace.as_str()).or_default() |= !ends;
    }
    let lost: Vec<&str> =
        left.into_iter().filter(|(_, stays)| !stays).map(|(name, _)| name).collect();
    if lost.is_empty() {
        return None;
    }
    Some(Finding {
        level: Level::Deny,
        id: "own-access".to_owned(),
        message: format!(
            "muster signs in as `{user}`, and would lose its last role in {}",
            lost.join(", ")
        ),
        addresses: taken.iter().map(|change| change.address.clone()).collect(),
        source: taken.first().and_then(|change| change.source.clone()),
        remedy: "give its user a role of its own there first, or let it sign in as another user"
            .to_owned(),
    })
}

/// The ways in which `user` holds roles now.
fn ways(user: &Address, inputs: Inputs<'_>) -> Vec<Way> {
    let is_user = |member: &Member| match member {
        Member::Known(place) => inputs.aligned.addresses.get(*place as usize) == Some(user),
        Member::Unknown(_) => false,
    };
    let groups: BTreeSet<&Address> = inputs
        .objects()
        .filter(|(object, _)| object.members.iter().flatten().any(is_user))
        .map(|(_, address)| address)
        .collect();
    let bindings = inputs.objects().filter(|(object, _)| object.kind.family() == Family::Grant);
    bindings
        .filter_map(|(object, address)| {
            let holder = address.principal()?;
            let group = groups.contains(&holder).then(|| holder.clone());
            let is_own = holder == *user || group.is_some();
            let workspace = object.fields.get("workspace").and_then(Value::as_str)?.to_owned();
            is_own.then(|| Way { binding: address.clone(), group, workspace })
        })
        .collect()
}
