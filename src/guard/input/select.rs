//! Which users, groups and bindings the index shows: those that the point is about, and what they
//! reach. A guardrail is never handed a whole directory when ten people change.

use std::collections::BTreeSet;

use serde_json::Value;

use super::header::{Point, person};
use crate::config::Desired;
use crate::kind::{Address, Family, Item, Key};
use crate::plan::access::{Graph, Paths, Place, Side, holders_for};
use crate::plan::{self, Change};

/// What is shown.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Users, by place.
    pub(super) users: BTreeSet<Place>,
    /// Groups, by place.
    pub(super) groups: BTreeSet<Place>,
    /// Bindings, by their place in [`Graph::roles`].
    pub(super) roles: BTreeSet<usize>,
}

/// Who is named beside those that a change is about.
pub(super) struct Named<'a> {
    pub(super) administrators: &'a BTreeSet<Place>,
    pub(super) actor: &'a Key,
}

/// What a point is about.
pub(super) fn select(
    graph: &Graph,
    desired: &Desired,
    point: Point,
    changes: &[Change],
    named: Named<'_>,
) -> Selection {
    let mut selection = Selection::default();
    match point {
        Point::Live | Point::End => {
            selection.users.extend(graph.places(Family::Subject));
            selection.groups.extend(graph.places(Family::Group));
            selection.roles.extend(0..graph.roles.len());
            return selection;
        }
        Point::Check => {
            selection.roles.extend(0..graph.roles.len());
            let holders = graph.after.held.keys().copied();
            holders.for_each(|place| selection.seed(graph, place));
            let below: Vec<Place> = members_below(graph, &graph.after, &selection.groups);
            selection.users.extend(below);
        }
        Point::Plan => selection.touched(graph, changes),
    }
    selection.reach(graph, point);
    // Beside those come people who are only named: what they hold is none of the plan's business.
    selection.users.extend(named.administrators);
    let kept = desired.project.governance.break_glass.keys();
    selection
        .users
        .extend(kept.chain([named.actor]).filter_map(|key| graph.place(&user_address(key))));
    let answering = selection.answering(graph, desired);
    selection.users.extend(answering.iter().filter_map(|address| graph.place(address)));
    selection
}

fn user_address(key: &Key) -> Address {
    Address::of_subject(key.clone())
}

fn members_below(graph: &Graph, side: &Side, groups: &BTreeSet<Place>) -> Vec<Place> {
    let below: BTreeSet<Place> = groups.iter().flat_map(|group| side.below(*group)).collect();
    let members = below.into_iter().flat_map(|group| side.members_of(group).iter().copied());
    members.filter(|place| graph.node(*place).is_some()).collect()
}

impl Selection {
    fn seed(&mut self, graph: &Graph, place: Place) {
        let Some(family) = graph.node(place).map(|node| node.address.family()) else { return };
        match family {
            Family::Subject => self.users.insert(place),
            Family::Group => self.groups.insert(place),
            Family::Membership | Family::Grant | Family::Scope | Family::Plain => false,
        };
    }

    /// What the changes are about, and the people to whom they do something.
    fn touched(&mut self, graph: &Graph, changes: &[Change]) {
        let mut named: BTreeSet<Address> = BTreeSet::new();
        let mut holders: BTreeSet<Address> = BTreeSet::new();
        let mut sets: BTreeSet<&Address> = BTreeSet::new();
        for change in changes {
            match change.family() {
                Family::Grant => holders.extend(change.address.principal()),
                Family::Membership => {
                    named.extend(change.address.ends().into_iter().flat_map(|(g, u)| [g, u]));
                }
                Family::Subject | Family::Group => {
                    named.insert(change.address.clone());
                }
                Family::Scope => {
                    sets.insert(&change.address);
                }
                Family::Plain => {}
            }
        }
        let of_sets = holders_for(graph, &sets).into_iter();
        let of_sets = of_sets.filter_map(|place| graph.node(place).map(|one| one.address.clone()));
        holders.extend(of_sets);
        for address in holders.union(&named) {
            let Some(place) = graph.place(address) else { continue };
            self.seed(graph, place);
            if holders.contains(address) && address.family() == Family::Group {
                let group = BTreeSet::from([place]);
                for side in [&graph.before, &graph.after] {
                    self.users.extend(members_below(graph, side, &group));
                }
            }
        }
    }

    /// All that the users hold, and the groups they hold it by. Of files at rest the groups that
    /// hold nothing as well; of a plan only those that it touches, or it would show ten groups for
    /// every person.
    fn reach(&mut self, graph: &Graph, point: Point) {
        for side in [&graph.before, &graph.after] {
            let paths = Paths::of(side);
            for user in &self.users {
                if point != Point::Plan {
                    self.groups.extend(side.groups_of(*user));
                }
                for path in paths.all(*user) {
                    self.roles.insert(path.hold.role);
                    self.groups.extend(path.via.into_iter().chain(path.through));
                }
            }
            let held = self.groups.iter().filter_map(|group| side.held.get(group)).flatten();
            self.roles.extend(held.map(|hold| hold.role));
        }
    }

    /// Who answers for, or looked at, what is shown.
    fn answering(&self, graph: &Graph, desired: &Desired) -> BTreeSet<Address> {
        let groups = self.groups.iter().filter_map(|place| graph.node(*place));
        let roles = self.roles.iter().filter_map(|at| graph.roles.get(*at));
        let shown = groups.map(|node| &node.address).chain(roles.map(|role| &role.address));
        let items = shown.filter_map(|address| desired.items.get(address));
        let items = items.chain(desired.of_family(Family::Plain));
        items.flat_map(named_by).map(|name| user_address(&person(&name))).collect()
    }
}

/// The people that an item names: its owner, and who reviewed it.
fn named_by(item: &Item) -> Vec<String> {
    let owner = item.fields.get("owner").and_then(Value::as_str).map(str::to_owned);
    let reviewer = item.grant.as_ref().and_then(|grant| grant.reviewed_by.clone());
    owner.into_iter().chain(reviewer).collect()
}

/// Who administers in one state: by role, or by a group that is named.
pub(super) fn administrators(graph: &Graph, side: &Side, desired: &Desired) -> BTreeSet<Place> {
    let rule = &desired.project.administrators;
    let names = plan::names(&rule.groups);
    let by_role = side.held.iter().filter(|(_, holds)| {
        let mut roles = holds.iter().filter_map(|hold| graph.roles.get(hold.role));
        roles.any(|role| rule.roles.contains(&role.role))
    });
    let mut holders: BTreeSet<Place> = by_role.map(|(place, _)| *place).collect();
    if !rule.groups.is_empty() {
        let named = graph.places(Family::Group);
        holders.extend(named.filter(|group| names.is_match(graph.name(*group))));
    }
    let is_user = |place: &Place| {
        graph.node(*place).is_some_and(|node| node.address.family() == Family::Subject)
    };
    let groups: BTreeSet<Place> = holders.iter().copied().filter(|p| !is_user(p)).collect();
    let mut people: BTreeSet<Place> = holders.into_iter().filter(is_user).collect();
    people.extend(members_below(graph, side, &groups));
    people.retain(|place| side.presence_of(*place).can_sign_in());
    people
}
