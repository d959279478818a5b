//! Users, groups and roles as a graph, in two states: before and after.

use std::collections::BTreeMap;

use super::DomainFacts;
use super::inverse::Inverse;
use super::nodes::{Node, Nodes, Place};
use super::twins::Twins;
use crate::kind::{Address, Family, Key, WHOLE_WORKSPACE};
use crate::plan::Presence;

/// One binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its address.
    pub address: Address,
    /// The role.
    pub role: String,
    /// The workspace it holds in; `None`: the whole organization.
    pub workspace: Option<String>,
    /// Whether the role is privileged.
    pub privileged: bool,
    /// Who else manages it, if somebody does.
    pub elsewhere: Option<String>,
}

/// A role that a principal holds, in one of the states.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hold {
    /// The binding's place in [`Graph::roles`].
    pub role: usize,
    /// The parts of the workspace it holds for, as they are written.
    pub scope: Vec<String>,
    /// The resources that `scope` comes to, in order, where one of its names is a set of resources
    /// that muster knows; `None`: the names are all that is known.
    pub resources: Option<Vec<String>>,
}

impl Hold {
    /// A role that is held for these parts of its workspace.
    pub(super) const fn new(role: usize, scope: Vec<String>) -> Self {
        Self { role, scope, resources: None }
    }

    /// The parts of the workspace it holds for, named sets of resources taken apart.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        self.resources.as_deref().unwrap_or(&self.scope)
    }

    /// Whether it holds for the whole of its workspace.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.scope.is_empty() || self.parts().iter().any(|name| name == WHOLE_WORKSPACE)
    }
}

/// One state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Who is there, by place.
    pub presence: Vec<Presence>,
    /// The users of a group, by the group's place.
    pub(super) members: Vec<Vec<Place>>,
    groups: Inverse,
    /// The groups in a group, where the target nests them.
    pub children: BTreeMap<Place, Vec<Place>>,
    /// How many members of a group are neither: nobody knows who they are.
    pub strangers: BTreeMap<Place, u64>,
    /// The resources in each named set of them.
    pub contents: BTreeMap<Place, Vec<String>>,
    /// The roles of a principal.
    pub held: BTreeMap<Place, Vec<Hold>>,
}

impl Side {
    /// A state of so many nodes, of whom none is there.
    pub(super) fn empty(nodes: usize) -> Self {
        Self {
            presence: vec![Presence::Absent; nodes],
            members: vec![Vec::new(); nodes],
            ..Self::default()
        }
    }

    /// Whether the node is there.
    #[must_use]
    pub fn is_present(&self, place: Place) -> bool {
        self.presence_of(place).is_there()
    }

    /// Whether the node is there and how.
    #[must_use]
    pub fn presence_of(&self, place: Place) -> Presence {
        self.presence.get(place as usize).copied().unwrap_or_default()
    }

    /// The users directly in a group.
    #[must_use]
    pub fn members_of(&self, group: Place) -> &[Place] {
        self.members.get(group as usize).map_or(&[], Vec::as_slice)
    }

    /// Works out what [`Side::groups_of`] says, when all members are there.
    pub(super) fn turn_round(&mut self) {
        self.groups = Inverse::of(&self.members);
    }

    /// The groups a user is directly in.
    #[must_use]
    pub fn groups_of(&self, user: Place) -> &[Place] {
        self.groups.groups(user)
    }

    /// How many members a group has, whoever they are.
    #[must_use]
    pub fn count(&self, group: Place) -> u64 {
        let children = self.children.get(&group).map_or(0, Vec::len);
        let strangers = self.strangers.get(&group).copied().unwrap_or_default();
        (self.members_of(group).len() + children) as u64 + strangers
    }

    /// Every group at or below `group`; a cycle is gone round once.
    #[must_use]
    pub fn below(&self, group: Place) -> std::collections::BTreeSet<Place> {
        let mut groups = std::collections::BTreeSet::from([group]);
        let mut open = vec![group];
        while let Some(next) = open.pop() {
            for child in self.children.get(&next).into_iter().flatten() {
                if groups.insert(*child) {
                    open.push(*child);
                }
            }
        }
        groups
    }

    /// The groups of a cycle that `group` is in: those below it that it is below.
    #[must_use]
    pub fn cycle(&self, group: Place) -> Vec<Place> {
        if !self.children.contains_key(&group) {
            return Vec::new();
        }
        let round = |other: &Place| {
            let children = self.children.get(other).into_iter().flatten();
            children.copied().any(|child| child == group || self.below(child).contains(&group))
        };
        if !round(&group) {
            return Vec::new();
        }
        self.below(group).into_iter().filter(round).collect()
    }
}

/// Everybody, in two states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    nodes: Nodes,
    /// Every binding, of either state.
    pub roles: Vec<Role>,
    /// What is.
    pub before: Side,
    /// What will be.
    pub after: Side,
    /// Domains, by name.
    pub domains: BTreeMap<Key, DomainFacts>,
    /// The groups this plan makes although others have exactly their members.
    pub twins: Twins,
}

impl Graph {
    /// A graph for so many nodes, none of which is in it.
    pub(super) fn with_room(nodes: usize) -> Self {
        let before = Side::empty(nodes);
        Self { nodes: Nodes::with_room(nodes), before, ..Self::default() }
    }

    /// Puts a node behind all others: [`Nodes::add`].
    pub(super) fn add(&mut self, node: Node) -> Option<Place> {
        self.nodes.add(node)
    }

    /// Users and groups, by place.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        self.nodes.all()
    }

    /// The nodes that [`Graph::place`] does not find, for a later one has their address.
    pub fn hidden(&self) -> impl Iterator<Item = &Node> {
        self.nodes.hidden()
    }

    /// The node at a place.
    #[must_use]
    pub fn node(&self, place: Place) -> Option<&Node> {
        self.nodes().get(place as usize)
    }

    /// The name of the node at a place; empty where there is none.
    #[must_use]
    pub fn name(&self, place: Place) -> &str {
        self.node(place).map_or("", |node| node.address.key().as_str())
    }

    /// The places of all nodes of a family, in order of places.
    pub fn places(&self, family: Family) -> impl Iterator<Item = Place> {
        let places = (0..).zip(self.nodes());
        places.filter(move |(_, node)| node.address.family() == family).map(|(place, _)| place)
    }

    /// The place of an address.
    #[must_use]
    pub fn place(&self, address: &Address) -> Option<Place> {
        self.nodes.place(address)
    }
}
