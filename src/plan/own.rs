//! What muster signs in as, and whether a plan takes its own access away: the next run could
//! neither see nor mend it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::align::Aligned;
use super::builder::Builder;
use super::{Action, Change, Finding, Level};
use crate::kind::{Address, KindName};
use crate::live::Member;

/// One way in which muster holds a role: directly, or through a group.
struct Way {
    binding: Address,
    group: Option<Address>,
    workspace: String,
}

/// The findings on changes that take the last role away that muster has in a workspace.
pub(super) fn check(builder: &Builder<'_>, aligned: &Aligned) -> Vec<Finding> {
    let own = &builder.live.capabilities.own;
    own.iter().filter_map(|user| of(user, builder, aligned)).collect()
}

fn of(user: &Address, builder: &Builder<'_>, aligned: &Aligned) -> Option<Finding> {
    let ways = ways(user, builder, aligned);
    let taken: Vec<&Change> = builder
        .changes
        .iter()
        .filter(|change| ways.iter().any(|way| takes(change, way, user)))
        .collect();
    let mut left: BTreeMap<&str, bool> = BTreeMap::new();
    for way in &ways {
        let stays = !taken.iter().any(|change| takes(change, way, user));
        *left.entry(way.workspace.as_str()).or_default() |= stays;
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
fn ways(user: &Address, builder: &Builder<'_>, aligned: &Aligned) -> Vec<Way> {
    let objects = || builder.live.objects().iter().zip(&aligned.addresses);
    let is_user = |member: &Member| match member {
        Member::Known(place) => aligned.addresses.get(*place as usize) == Some(user),
        Member::Unknown(_) => false,
    };
    let groups: BTreeSet<&Address> = objects()
        .filter(|(object, _)| object.members.iter().flatten().any(is_user))
        .map(|(_, address)| address)
        .collect();
    let bindings = objects().filter(|(object, _)| object.kind == KindName::Binding);
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

/// Whether a change ends a way.
fn takes(change: &Change, way: &Way, user: &Address) -> bool {
    let address = &change.address;
    let ends_membership = change.action == Action::Delete
        && address
            .ends()
            .is_some_and(|(group, member)| way.group.as_ref() == Some(&group) && member == *user);
    let ends_group = change.action == Action::Delete && way.group.as_ref() == Some(address);
    let ends_role = change.removes && *address == way.binding;
    ends_membership || ends_group || ends_role
}
