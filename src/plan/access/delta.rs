//! The access delta: who gains and who loses what.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::resources::{covers, named_by};
use super::{Graph, Hold, Path, Paths, Place, Side};
use crate::config::Desired;
use crate::kind::{Address, Family, Item, Key, Source};
use crate::plan::{Action, Change};

/// One role of one person, by one path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// The role.
    pub role: String,
    /// The workspace it holds in; `None`: the whole organization.
    pub workspace: Option<String>,
    /// The parts of the workspace.
    pub scope: Vec<String>,
    /// The group that holds the role; `None`: the person does.
    pub via: Option<Key>,
    /// The person.
    pub user: Key,
    /// The binding.
    pub binding: Address,
    /// The membership the path goes by; `None` where there is no group.
    pub membership: Option<Address>,
    /// Whether the role is privileged.
    pub privileged: bool,
    /// Whether the person had as much of the role in the same workspace before, or keeps it: by
    /// another path, or by the same in a wider scope.
    pub already: bool,
    /// When it ends: the earlier of the membership's end and the binding's.
    pub until: Option<Timestamp>,
    /// Why, as the files say; empty where they do not.
    pub reason: String,
    /// Who answers for the grant; empty where the files do not say.
    pub owner: String,
    /// The line that asks for it.
    pub source: Option<Source>,
}

/// Who gains and who loses what, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessDelta {
    /// What people hold after the plan, and did not before.
    pub gained: Vec<Holding>,
    /// What people held before the plan, and do not after.
    pub lost: Vec<Holding>,
}

impl AccessDelta {
    /// What `changes` do to the people of `graph`.
    #[must_use]
    pub fn of(graph: &Graph, changes: &[Change], desired: &Desired) -> Self {
        if graph.roles.is_empty() {
            return Self::default();
        }
        let people = affected(graph, changes);
        let before = Paths::of(&graph.before);
        let after = Paths::of(&graph.after);
        let changed: BTreeMap<&Address, &Change> =
            changes.iter().map(|change| (&change.address, change)).collect();
        let teller = Teller { graph, desired, changed };
        let mut delta = Self::default();
        for person in people {
            let (was, is) = (before.usable(person), after.usable(person));
            let new = is.iter().filter(|path| !was.iter().any(|old| same(path, old)));
            delta.gained.extend(new.filter_map(|path| teller.tell(person, path, &was)));
            let gone = was.iter().filter(|path| !is.iter().any(|new| same(path, new)));
            delta.lost.extend(gone.filter_map(|path| teller.tell(person, path, &is)));
        }
        for list in [&mut delta.gained, &mut delta.lost] {
            list.sort();
            list.dedup();
        }
        delta
    }

    /// Whether nobody gains or loses anything.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty()
    }
}

/// Everything that these people hold in one state, in order.
#[must_use]
pub fn holdings(
    graph: &Graph,
    side: &Side,
    desired: &Desired,
    people: &BTreeSet<Place>,
) -> Vec<Holding> {
    let paths = Paths::of(side);
    let teller = Teller { graph, desired, changed: BTreeMap::new() };
    let mut all: Vec<Holding> = Vec::new();
    for person in people {
        let own = paths.usable(*person);
        all.extend(own.iter().filter_map(|path| teller.tell(*person, path, &[])));
    }
    all.sort();
    all.dedup();
    all
}

/// Whether two paths are one: the same role, in the same place, by the same group.
fn same(one: &Path, other: &Path) -> bool {
    (&one.hold, one.via) == (&other.hold, other.via)
}

/// Everybody who holds a role for one of these sets of resources, in either state.
#[must_use]
pub fn holders_for(graph: &Graph, sets: &BTreeSet<&Address>) -> BTreeSet<Place> {
    if sets.is_empty() {
        return BTreeSet::new();
    }
    let is_for = |hold: &Hold| {
        let role = graph.roles.get(hold.role);
        let named = role.map(|role| hold.scope.iter().flat_map(|name| named_by(role, name)));
        named.is_some_and(|mut named| named.any(|set| sets.contains(&set)))
    };
    let held = [&graph.before, &graph.after].into_iter().flat_map(|side| &side.held);
    held.filter(|(_, holds)| holds.iter().any(is_for)).map(|(holder, _)| *holder).collect()
}

/// The people to whom the changes may do something.
fn affected(graph: &Graph, changes: &[Change]) -> BTreeSet<Place> {
    let mut people: BTreeSet<Place> = BTreeSet::new();
    let mut whole: BTreeSet<Place> = BTreeSet::new();
    let mut sets: BTreeSet<&Address> = BTreeSet::new();
    for change in changes {
        let address = &change.address;
        match change.family() {
            Family::Subject => people.extend(graph.place(address)),
            Family::Membership => {
                people.extend(address.ends().and_then(|(_, user)| graph.place(&user)));
            }
            Family::Group if change.action == Action::Delete => {
                whole.extend(graph.place(address));
            }
            Family::Grant => {
                whole.extend(address.principal().and_then(|holder| graph.place(&holder)));
            }
            Family::Scope => {
                sets.insert(address);
            }
            Family::Group | Family::Plain => {}
        }
    }
    whole.extend(holders_for(graph, &sets));
    for principal in whole {
        people.insert(principal);
        for side in [&graph.before, &graph.after] {
            for group in side.below(principal) {
                people.extend(side.members_of(group));
            }
        }
    }
    people.retain(|place| {
        let is_user = graph.node(*place).is_some_and(|n| n.address.family() == Family::Subject);
        let usable = |side: &Side| side.presence_of(*place).can_use_roles();
        is_user && (usable(&graph.before) || usable(&graph.after))
    });
    people
}

/// Tells a path in names, with what the files say of it.
struct Teller<'a> {
    graph: &'a Graph,
    desired: &'a Desired,
    changed: BTreeMap<&'a Address, &'a Change>,
}

impl Teller<'_> {
    fn tell(&self, person: Place, path: &Path, others: &[Path]) -> Option<Holding> {
        let key = |place: Place| Key::new(self.graph.name(place));
        let user = key(person);
        let through = path.through.map(key);
        let membership = through.map(|group| Address::membership(group, user.clone()));
        let role = self.graph.roles.get(path.hold.role)?;
        let alike = |other: &Path| {
            let other_role = self.graph.roles.get(other.hold.role);
            covers(&other.hold, &path.hold)
                && other_role
                    .is_some_and(|o| (&o.role, &o.workspace) == (&role.role, &role.workspace))
        };
        // What causes it is told first: the membership where that is new, else the binding.
        let mut asks = vec![&role.address];
        if let Some(membership) = &membership {
            let caused = self.changed.contains_key(membership);
            asks.insert(usize::from(!caused), membership);
        }
        let items: Vec<&Item> =
            asks.iter().filter_map(|address| self.desired.items.get(address)).collect();
        let grants = || items.iter().filter_map(|item| item.grant.as_deref());
        // Or the set of resources that the role is held for, where only its contents change.
        let sets = path.hold.scope.iter().flat_map(|name| named_by(role, name));
        let causes = asks.iter().copied().cloned().chain(sets);
        let source = causes.into_iter().find_map(|one| self.changed.get(&one)?.source.clone());
        let owner = self.desired.items.get(&role.address);
        let owner = owner.and_then(|item| item.fields.get("owner")?.as_str()).unwrap_or_default();
        Some(Holding {
            role: role.role.clone(),
            workspace: role.workspace.clone(),
            scope: path.hold.scope.clone(),
            via: path.via.map(key),
            user,
            binding: role.address.clone(),
            privileged: role.privileged,
            already: others.iter().any(alike),
            until: grants().filter_map(|grant| grant.until).min(),
            reason: grants().find_map(|grant| grant.reason.clone()).unwrap_or_default(),
            owner: owner.to_owned(),
            source: source.or_else(|| items.iter().find_map(|item| item.source.clone())),
            membership,
        })
    }
}
