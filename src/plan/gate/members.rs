//! Changes of members that must not be planned.

use std::collections::BTreeSet;

use super::protected::declared_finding;
use crate::config::Members;
use crate::kind::{Address, Key};
use crate::live::{Hold, MemberRemoval, Usability};
use crate::plan::diff::{GroupDiff, Link};
use crate::plan::draft::Draft;
use crate::plan::inputs::Inputs;
use crate::plan::{Action, Change, Finding, Level, Unmanaged};

/// Lets the changes of members through that may be planned. `removed`: the names that several live
/// objects have, and the users that this plan removes.
pub(super) fn gate(
    inputs: Inputs<'_>,
    groups: Vec<GroupDiff<'_>>,
    removed: (&BTreeSet<Address>, &BTreeSet<Address>),
) -> Draft {
    let gated = groups.into_iter().map(|group| of_group(inputs, group, removed));
    gated.fold(Draft::default(), Draft::join)
}

fn of_group(
    inputs: Inputs<'_>,
    mut group: GroupDiff<'_>,
    (shared, leaving): (&BTreeSet<Address>, &BTreeSet<Address>),
) -> Draft {
    let capabilities = &inputs.live.capabilities;
    if !capabilities.members_readable {
        return unreadable(&group);
    }
    if let Some(finding) = elsewhere(&group) {
        return Draft::from(vec![finding]);
    }
    if group.is_hidden() {
        return unreadable(&group);
    }
    let protected: BTreeSet<&Key> = group
        .declared
        .iter()
        .filter_map(|item| item.address.member())
        .filter(|user| inputs.jurisdiction.is_protected_user(user))
        .collect();
    let declared = group.declared.iter();
    let declared =
        declared.filter(|item| item.address.member().is_some_and(|user| protected.contains(user)));
    let mut draft = Draft::from(declared.map(|item| declared_finding(item)).collect::<Vec<_>>());
    draft.findings.extend(unknown_members(&group));
    for link in std::mem::take(&mut group.links) {
        let Some(user) = link.change.address.member() else { continue };
        if protected.contains(user) || !is_due(inputs, &link, leaving) {
            continue;
        }
        if link.change.action == Action::Delete {
            let address = Address::of_subject(user.clone());
            if shared.contains(&address) {
                let why = "two live objects share this name".to_owned();
                draft.unmanaged.push(Unmanaged { address, why });
                continue;
            }
            if inputs.jurisdiction.is_protected_user(user) {
                continue;
            }
            if let Some(finding) = refused_removal(inputs, &group, &link.change.address) {
                draft.findings.push(finding);
                continue;
            }
        }
        draft.changes.push(link.change);
    }
    draft.findings.extend(too_large(inputs, &group, &draft.changes));
    draft
}

/// Whether the user of a membership that only ends with the user is gone, or goes by this plan.
fn is_due(inputs: Inputs<'_>, link: &Link, leaving: &BTreeSet<Address>) -> bool {
    let Some(user) = link.leaver.and_then(|place| inputs.live.objects().get(place)) else {
        return true;
    };
    !Usability::of(user, &inputs.live.capabilities).can_sign_in()
        || leaving.contains(&Address::new(user.kind, user.key.clone()))
}

/// A group whose members another system manages, said once.
fn elsewhere(group: &GroupDiff<'_>) -> Option<Finding> {
    let Some(Hold::Elsewhere(who)) = group.live?.hold.as_ref() else { return None };
    let message = format!("the members of `{}` are managed by {who}", group.address);
    let remedy = "leave `members` out of the YAML, or use a group of your own";
    Some(Finding::about(group.item, Level::Warn, "managed-elsewhere", message, remedy))
}

fn unreadable(group: &GroupDiff<'_>) -> Draft {
    let message = format!(
        "this target never shows the members of a group, so those of `{}` cannot be compared",
        group.address
    );
    let remedy = "leave `members` out for this target: what cannot be read back is never written";
    let finding = Finding::about(group.item, Level::Deny, "members-unreadable", message, remedy);
    Draft::from(vec![finding])
}

fn unknown_members(group: &GroupDiff<'_>) -> Option<Finding> {
    let GroupDiff { address, unknown, mode, .. } = group;
    (*unknown > 0 && *mode == Members::Exact).then(|| Finding {
        level: Level::Warn,
        id: "unknown-members".to_owned(),
        message: format!(
            "`{address}` has {unknown} members that are not users of this target: they are \
             left alone"
        ),
        addresses: vec![(*address).clone()],
        source: group.source(),
        remedy: "look at the group at the target: a nested group, or a user that was deleted"
            .to_owned(),
    })
}

/// Why the target, or the state of the read, forbids removing a member.
fn refused_removal(
    inputs: Inputs<'_>,
    group: &GroupDiff<'_>,
    address: &Address,
) -> Option<Finding> {
    let mut read_with = address.kind().spec().depends_on.iter().copied();
    let doubt = read_with.find(|kind| inputs.in_doubt(*kind));
    let (id, level, message) = match (doubt, &inputs.live.capabilities.member_removal) {
        (Some(kind), _) => {
            let why = inputs.live.doubt(kind).unwrap_or_default();
            let plural = kind.plural();
            let message =
                format!("a member is not removed, because the read of {plural} is in doubt: {why}");
            ("unproved-read", Level::Warn, message)
        }
        (None, MemberRemoval::Refused(why)) => {
            ("target-cannot-remove-members", Level::Deny, why.clone())
        }
        (None, MemberRemoval::Possible) => return None,
    };
    Some(Finding {
        level,
        id: id.to_owned(),
        message,
        addresses: vec![address.clone()],
        source: group.source(),
        remedy: "remove the member at the target by hand, or set `memberMode: additive`".to_owned(),
    })
}

/// A group that this plan would make larger than the target takes.
fn too_large(inputs: Inputs<'_>, group: &GroupDiff<'_>, changes: &[Change]) -> Option<Finding> {
    let most = inputs.live.capabilities.max_group_members?;
    let of = |action| changes.iter().filter(|change| change.action == action).count();
    let (added, removed) = (of(Action::Create), of(Action::Delete));
    let there = group.live.and_then(|object| object.members.as_ref()).map_or(0, Vec::len);
    let count = there.saturating_sub(removed) + added;
    if added == 0 || count <= most {
        return None;
    }
    let message = format!(
        "`{}` would have {count} members, and a group of this target holds at most {most}",
        group.address
    );
    let remedy = "split the group; what a role is bound to can be several groups";
    Some(Finding::about(group.item, Level::Deny, "group-too-large", message, remedy))
}
