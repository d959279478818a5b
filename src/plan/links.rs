//! The diff of memberships: group by group, by merging two sorted lists.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::align::Aligned;
use super::builder::Builder;
use super::jurisdiction::Reach;
use super::objects::about;
use super::{Action, Change, Finding, Level, Population};
use crate::config::{Members, OnRemove};
use crate::kind::{Address, Item, Key, KindName, written};
use crate::live::{Member, MemberRemoval, Object, RemoteId, Usability};

/// The ids of the ends of changed memberships, by address.
pub(super) type Ids = BTreeMap<Address, RemoteId>;

/// What the diff of one group works on.
struct Group<'a> {
    address: &'a Address,
    mode: Members,
    live: Option<&'a Object>,
    declared: Vec<&'a Item>,
}

/// Plans the members of every declared group that has a `members` list.
pub(super) fn plan_links(
    builder: &mut Builder<'_>,
    aligned: &Aligned,
    population: &mut Population,
) -> Ids {
    let mut ids = Ids::new();
    let ranks = ranks(aligned);
    let mut declared = builder.desired.links().peekable();
    for (address, intent) in &builder.desired.intents {
        if address.kind() != KindName::Group {
            continue;
        }
        let planned = aligned.matches.contains_key(address) || aligned.missing.contains(address);
        let key = address.key();
        // Both run in the order of the groups' keys.
        while declared.next_if(|item| item.address.key() < key).is_some() {}
        if intent.members == Members::Unmanaged || !planned {
            continue;
        }
        let mut items = Vec::new();
        while let Some(item) = declared.next_if(|item| item.address.key() == key) {
            items.push(item);
        }
        let live =
            aligned.matches.get(address).and_then(|found| builder.live.objects().get(found.object));
        let group = Group { address, mode: intent.members, live, declared: items };
        plan_group(builder, aligned, (&group, &ranks), &mut ids);
        let count = live.and_then(|object| object.members.as_ref()).map_or(0, Vec::len) as u64;
        population.members.insert(address.clone(), count);
        *population.by_kind.entry(KindName::Membership).or_default() += count;
        *population.in_use.entry(KindName::Membership).or_default() += count;
    }
    ids
}

/// The place of every live object's key in the order of all keys: sorting members by a number is
/// much cheaper than by a name, a million times.
fn ranks(aligned: &Aligned) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).take(aligned.addresses.len()).collect();
    order.sort_by_key(|place| aligned.addresses.get(*place as usize).map(Address::key));
    let mut ranks = vec![0; order.len()];
    for (rank, place) in (0..).zip(order) {
        if let Some(slot) = ranks.get_mut(place as usize) {
            *slot = rank;
        }
    }
    ranks
}

fn plan_group(
    builder: &mut Builder<'_>,
    aligned: &Aligned,
    (group, ranks): (&Group<'_>, &[u32]),
    ids: &mut Ids,
) {
    if !builder.live.capabilities.members_readable {
        return refuse_unreadable(builder, group);
    }
    if let Some(item) = builder.desired.items.get(group.address)
        && builder.refuses_members(item, group.live)
    {
        return;
    }
    let planned = builder.changes.len();
    let live = match group.live {
        None => Vec::new(),
        Some(object) => match &object.members {
            Some(members) => known_members(builder, aligned, (group, ranks), members),
            None => return refuse_unreadable(builder, group),
        },
    };
    let mut live = live.into_iter().peekable();
    for item in &group.declared {
        let Some(user) = item.address.member() else { continue };
        while let Some((key, place)) = live.next_if(|(key, _)| *key < user) {
            remove(builder, group, (key, place, None), ids);
        }
        let found = live.next_if(|(key, _)| *key == user);
        if builder.jurisdiction.is_protected_user(user) {
            builder.note_protected(item);
            continue;
        }
        let holds = item.grant.as_ref().is_none_or(|grant| grant.holds_at(builder.now));
        if let Some((key, place)) = found {
            if item.grant.is_some() {
                remove(builder, group, (key, place, Some(item)), ids);
            }
        } else if holds {
            let reason = "listed in `members`".to_owned();
            builder.changes.push(link(&item.address, Action::Create, Some(item), reason));
            let place = aligned.matches.get(&Address::new(KindName::User, user.clone()));
            remember(builder, group, &item.address, place.map(|found| found.object), ids);
        }
    }
    for (key, place) in live {
        remove(builder, group, (key, place, None), ids);
    }
    refuse_too_many(builder, group, planned);
}

/// A group that this plan would make larger than the target takes; the changes from `planned` on
/// are of its members.
fn refuse_too_many(builder: &mut Builder<'_>, group: &Group<'_>, planned: usize) {
    let Some(most) = builder.live.capabilities.max_group_members else { return };
    let Some(item) = builder.desired.items.get(group.address) else { return };
    let changes = builder.changes.get(planned..).unwrap_or_default();
    let of = |action| changes.iter().filter(|change| change.action == action).count();
    let (added, removed) = (of(Action::Create), of(Action::Delete));
    let there = group.live.and_then(|object| object.members.as_ref()).map_or(0, Vec::len);
    let count = there.saturating_sub(removed) + added;
    if added == 0 || count <= most {
        return;
    }
    let message = format!(
        "`{}` would have {count} members, and a group of this target holds at most {most}",
        group.address
    );
    let remedy = "split the group; what a role is bound to can be several groups";
    builder.find(about(item, Level::Deny, "group-too-large", message, remedy));
}

/// Plans the removal of a live member, if there is a reason for it and nothing against it.
fn remove(
    builder: &mut Builder<'_>,
    group: &Group<'_>,
    (user, place, item): (&Key, usize, Option<&Item>),
    ids: &mut Ids,
) {
    let Some(reason) = why_removed(builder, group, item, place) else { return };
    let address = Address::membership(group.address.key().clone(), user.clone());
    if builder.is_disputed(&Address::new(KindName::User, user.clone()))
        || builder.jurisdiction.reach(&address) == Reach::Protected
        || refuse_removal(builder, group, &address)
    {
        return;
    }
    let change = link(&address, Action::Delete, item, reason);
    let source = change.source.clone().or_else(|| group_source(builder, group));
    builder.changes.push(Change { source, removes: true, ..change });
    remember(builder, group, &address, Some(place), ids);
}

/// The live members that are users of this read, in the order of the keys they have in this
/// plan, each once.
fn known_members<'a>(
    builder: &mut Builder<'_>,
    aligned: &'a Aligned,
    (group, ranks): (&Group<'_>, &[u32]),
    members: &[Member],
) -> Vec<(&'a Key, usize)> {
    let mut known = Vec::with_capacity(members.len());
    for member in members {
        if let Member::Known(place) = member {
            known.push(*place as usize);
        }
    }
    let unknown = members.len() - known.len();
    known.sort_by_key(|place| ranks.get(*place));
    known.dedup();
    if unknown > 0 && group.mode == Members::Exact {
        let address = group.address;
        builder.find(Finding {
            level: Level::Warn,
            id: "unknown-members".to_owned(),
            message: format!(
                "`{address}` has {unknown} members that are no user of this target: they are left \
                 alone"
            ),
            addresses: vec![address.clone()],
            source: group_source(builder, group),
            remedy: "look at the group at the target: a nested group, or a user that was deleted"
                .to_owned(),
        });
    }
    let key = |place: usize| Some((aligned.addresses.get(place)?.key(), place));
    known.into_iter().filter_map(key).collect()
}

/// Why a live member is to be removed; `None` if it is to stay.
fn why_removed(
    builder: &Builder<'_>,
    group: &Group<'_>,
    item: Option<&Item>,
    object: usize,
) -> Option<String> {
    let now: Timestamp = builder.now;
    if let Some(item) = item {
        let grant = item.grant.as_ref()?;
        return match (grant.from, grant.until) {
            (_, Some(until)) if now > until => {
                Some(format!("the grant ended: until {}", written(until)))
            }
            (Some(from), _) if now < from && group.mode == Members::Exact => {
                Some(format!("the grant has not begun: from {}", written(from)))
            }
            _ => None,
        };
    }
    if group.mode == Members::Exact {
        return Some("not listed in `members` (exact)".to_owned());
    }
    let user = builder.live.objects().get(object)?;
    let address = Address::new(user.kind, user.key.clone());
    let leaves = match builder.jurisdiction.on_remove(user.kind) {
        OnRemove::Report => false,
        OnRemove::Deactivate | OnRemove::Delete => true,
    };
    let undeclared = !builder.declared.contains(&object);
    let managed = builder.jurisdiction.reach(&address) == Reach::Managed;
    let usability = Usability::of(user, &builder.live.capabilities);
    let left = !usability.can_sign_in() || builder.leaving.contains(&address);
    (leaves && undeclared && managed && left).then(|| format!("`{address}` leaves"))
}

fn group_source(builder: &Builder<'_>, group: &Group<'_>) -> Option<crate::kind::Source> {
    builder.desired.items.get(group.address).and_then(|item| item.source.clone())
}

fn link(address: &Address, action: Action, item: Option<&Item>, reason: String) -> Change {
    let view = match item {
        Some(item) => item.view(),
        None => Item::new(address.clone(), crate::kind::Fields::new()).view(),
    };
    let (before, after) = match action {
        Action::Delete => (Some(view), None),
        Action::Create | Action::Update => (None, Some(view)),
    };
    Change {
        address: address.clone(),
        action,
        before,
        after,
        fields: Vec::new(),
        reason,
        source: item.and_then(|item| item.source.clone()),
        remote: None,
        expect: None,
        version: None,
        removes: false,
        after_these: Vec::new(),
    }
}

/// Remembers the ids of both ends, as far as they exist already.
fn remember(
    builder: &Builder<'_>,
    group: &Group<'_>,
    address: &Address,
    user: Option<usize>,
    ids: &mut Ids,
) {
    let Some((holder, member)) = address.ends() else { return };
    if let Some(object) = group.live {
        ids.insert(holder, object.id.clone());
    }
    if let Some(object) = user.and_then(|place| builder.live.objects().get(place)) {
        ids.insert(member, object.id.clone());
    }
}

/// Whether the target, or the state of the read, forbids removing a member.
fn refuse_removal(builder: &mut Builder<'_>, group: &Group<'_>, address: &Address) -> bool {
    let doubt = [KindName::User, KindName::Group].into_iter().find(|kind| builder.in_doubt(*kind));
    let (id, level, message) = match (doubt, &builder.live.capabilities.member_removal) {
        (Some(kind), _) => {
            let why = builder.live.doubt(kind).unwrap_or_default();
            (
                "unproved-read",
                Level::Warn,
                format!(
                    "a member is not removed, because the read of {} is in doubt: {why}",
                    kind.plural()
                ),
            )
        }
        (None, MemberRemoval::Refused(why)) => {
            ("target-cannot-remove-members", Level::Deny, why.clone())
        }
        (None, MemberRemoval::Possible) => return false,
    };
    builder.find(Finding {
        level,
        id: id.to_owned(),
        message,
        addresses: vec![address.clone()],
        source: group_source(builder, group),
        remedy: "remove the member at the target by hand, or set `memberMode: additive`".to_owned(),
    });
    true
}

fn refuse_unreadable(builder: &mut Builder<'_>, group: &Group<'_>) {
    let Some(item) = builder.desired.items.get(group.address) else { return };
    let message = format!(
        "this target never shows the members of a group, so those of `{}` cannot be compared",
        group.address
    );
    let remedy = "leave `members` out for this target: what cannot be read back is never written";
    let finding = about(item, Level::Deny, "members-unreadable", message, remedy);
    builder.find(finding);
}
