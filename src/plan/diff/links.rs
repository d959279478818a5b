//! The diff of memberships: group by group, by merging two sorted lists.

use crate::config::{Members, OnRemove};
use crate::kind::{Address, Family, Item, Key, Source};
use crate::live::{Member, Object};
use crate::plan::grant::lapse;
use crate::plan::inputs::Inputs;
use crate::plan::jurisdiction::Reach;
use crate::plan::{Action, Change};

/// A change of one membership.
pub(in crate::plan) struct Link {
    pub(in crate::plan) change: Change,
    /// The place of the user, where the membership ends only if this plan removes the user.
    pub(in crate::plan) leaver: Option<usize>,
}

/// A declared group that has a `members` list, and the changes that would make its members those
/// that are declared.
pub(in crate::plan) struct GroupDiff<'a> {
    pub(in crate::plan) address: &'a Address,
    /// The declaration of the group.
    pub(in crate::plan) item: &'a Item,
    pub(in crate::plan) mode: Members,
    /// The group as it is; `None`: this plan makes it.
    pub(in crate::plan) live: Option<&'a Object>,
    /// The declared memberships, in order, whether their grants hold or not.
    pub(in crate::plan) declared: Vec<&'a Item>,
    /// Live members that are no user of this read.
    pub(in crate::plan) unknown: usize,
    /// In the order of the users' keys.
    pub(in crate::plan) links: Vec<Link>,
}

impl GroupDiff<'_> {
    /// The line that declares the group.
    pub(in crate::plan) fn source(&self) -> Option<Source> {
        self.item.source.clone()
    }

    /// Whether the target does not show the members of the group.
    pub(in crate::plan) fn is_hidden(&self) -> bool {
        self.live.is_some_and(|group| group.members.is_none())
    }
}

/// Every declared group that has a `members` list and is planned at all, in order.
pub(super) fn groups(inputs: Inputs<'_>) -> Vec<GroupDiff<'_>> {
    let ranks = ranks(&inputs.aligned.addresses);
    let mut found = Vec::new();
    let mut declared = inputs.desired.links().peekable();
    for (address, intent) in &inputs.desired.intents {
        if address.family() != Family::Group {
            continue;
        }
        let aligned = inputs.aligned;
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
        let Some(item) = inputs.desired.items.get(address) else { continue };
        let mut group = GroupDiff {
            address,
            item,
            mode: intent.members,
            live: inputs.matched(address),
            declared: items,
            unknown: 0,
            links: Vec::new(),
        };
        // Without a list of its members there is nothing to compare with.
        if inputs.live.capabilities.members_readable && !group.is_hidden() {
            let (members, unknown) = known_members(inputs, group.live, &ranks);
            group.unknown = unknown;
            group.links = links(inputs, &group, members);
        }
        found.push(group);
    }
    found
}

/// The place of every live object's key in the order of all keys: sorting members by a number is
/// much cheaper than by a name, a million times.
fn ranks(addresses: &[Address]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).take(addresses.len()).collect();
    order.sort_by_key(|place| addresses.get(*place as usize).map(Address::key));
    let mut ranks = vec![0; order.len()];
    for (rank, place) in (0..).zip(order) {
        if let Some(slot) = ranks.get_mut(place as usize) {
            *slot = rank;
        }
    }
    ranks
}

/// The live members that are users of this read, in the order of the keys they have in this
/// plan, each once; and how many others there are.
fn known_members<'a>(
    inputs: Inputs<'a>,
    group: Option<&Object>,
    ranks: &[u32],
) -> (Vec<(&'a Key, usize)>, usize) {
    let members = group.and_then(|group| group.members.as_deref()).unwrap_or_default();
    let mut known = Vec::with_capacity(members.len());
    for member in members {
        if let Member::Known(place) = member {
            known.push(*place as usize);
        }
    }
    let unknown = members.len() - known.len();
    known.sort_by_key(|place| ranks.get(*place));
    known.dedup();
    let key = |place: usize| Some((inputs.aligned.addresses.get(place)?.key(), place));
    (known.into_iter().filter_map(key).collect(), unknown)
}

/// The changes of one group's members.
fn links(inputs: Inputs<'_>, group: &GroupDiff<'_>, live: Vec<(&Key, usize)>) -> Vec<Link> {
    let mut links = Vec::new();
    let mut live = live.into_iter().peekable();
    for item in &group.declared {
        let Some(user) = item.address.member() else { continue };
        while let Some((key, place)) = live.next_if(|(key, _)| *key < user) {
            links.extend(undeclared(inputs, group, key, place));
        }
        let holds = item.grant.as_ref().is_none_or(|grant| grant.holds_at(inputs.now));
        if live.next_if(|(key, _)| *key == user).is_some() {
            links.extend(lapsed(inputs, group, item));
        } else if holds {
            let reason = "listed in `members`".to_owned();
            let change = link(&item.address, Action::Create, Some(item), reason);
            links.push(Link { change, leaver: None });
        }
    }
    for (key, place) in live {
        links.extend(undeclared(inputs, group, key, place));
    }
    links
}

/// The removal of a declared member whose grant does not hold. One that has not begun takes
/// nothing away from an `additive` group: the user may be there for another reason.
fn lapsed(inputs: Inputs<'_>, group: &GroupDiff<'_>, item: &Item) -> Option<Link> {
    let lapse = lapse(item.grant.as_ref()?, inputs.now)?;
    let is_due = lapse.is_over || group.mode == Members::Exact;
    is_due.then(|| removal(group, (&item.address, Some(item)), lapse.reason, None))
}

/// The removal of a member who is not declared, if the group or the user's leaving asks for it.
fn undeclared(inputs: Inputs<'_>, group: &GroupDiff<'_>, user: &Key, place: usize) -> Option<Link> {
    let address = || Address::membership(group.address.key().clone(), user.clone());
    if group.mode == Members::Exact {
        let reason = "not listed in `members` (exact)".to_owned();
        return Some(removal(group, (&address(), None), reason, None));
    }
    let object = inputs.live.objects().get(place)?;
    let own = Address::new(object.kind, object.key.clone());
    let leaves = inputs.jurisdiction.on_remove(object.kind) != OnRemove::Report
        && !inputs.aligned.declared.contains(&place)
        && inputs.jurisdiction.reach(&own) == Reach::Managed;
    leaves.then(|| removal(group, (&address(), None), format!("`{own}` leaves"), Some(place)))
}

fn removal(
    group: &GroupDiff<'_>,
    (address, item): (&Address, Option<&Item>),
    reason: String,
    leaver: Option<usize>,
) -> Link {
    let change = link(address, Action::Delete, item, reason);
    let source = change.source.clone().or_else(|| group.source());
    Link { change: Change { source, removes: true, ..change }, leaver }
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
