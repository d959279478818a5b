//! The roles of a person, by every path.

use std::collections::{BTreeMap, BTreeSet};

use super::{Graph, Hold, Place, Presence, Side};

/// One way in which a person holds a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// The role, and for which parts of its workspace.
    pub hold: Hold,
    /// The group that holds the role; `None`: the person does.
    pub via: Option<Place>,
    /// The group the person is in, at or below `via`.
    pub through: Option<Place>,
}

/// The groups of some people in one state, ready to be asked for their roles.
#[derive(Debug)]
pub struct Paths<'a> {
    side: &'a Side,
    groups: BTreeMap<Place, Vec<Place>>,
    parents: BTreeMap<Place, Vec<Place>>,
}

impl<'a> Paths<'a> {
    /// Those of `people`.
    #[must_use]
    pub fn of(graph: &Graph, side: &'a Side, people: &BTreeSet<Place>) -> Self {
        let mut wanted = vec![false; graph.nodes().len()];
        for place in people {
            if let Some(slot) = wanted.get_mut(*place as usize) {
                *slot = true;
            }
        }
        let mut groups: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        let members = (0..).zip(&side.members).filter(|_| !people.is_empty());
        for (group, members) in members {
            for user in members {
                if wanted.get(*user as usize) == Some(&true) {
                    groups.entry(*user).or_default().push(group);
                }
            }
        }
        let mut parents: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for (parent, children) in &side.children {
            for child in children {
                parents.entry(*child).or_default().push(*parent);
            }
        }
        Self { side, groups, parents }
    }

    /// The groups a person is directly in.
    #[must_use]
    pub fn groups(&self, person: Place) -> &[Place] {
        self.groups.get(&person).map_or(&[], Vec::as_slice)
    }

    /// The groups that a group is directly in.
    #[must_use]
    pub fn parents(&self, group: Place) -> &[Place] {
        self.parents.get(&group).map_or(&[], Vec::as_slice)
    }

    /// Every path of a person, whether the account can be used or not.
    #[must_use]
    pub fn all(&self, person: Place) -> Vec<Path> {
        let held = |principal: Place| self.side.held.get(&principal).into_iter().flatten();
        let own = held(person).map(|hold| Path { hold: hold.clone(), via: None, through: None });
        let mut paths: Vec<Path> = own.collect();
        for through in self.groups(person) {
            for via in self.above(*through) {
                paths.extend(held(via).map(|hold| Path {
                    hold: hold.clone(),
                    via: Some(via),
                    through: Some(*through),
                }));
            }
        }
        paths.sort();
        paths
    }

    /// The paths of a person whose account can be used; none otherwise.
    #[must_use]
    pub fn usable(&self, person: Place) -> Vec<Path> {
        match self.side.presence_of(person) {
            Presence::Active => self.all(person),
            Presence::Absent | Presence::Inactive => Vec::new(),
        }
    }

    /// A group and every group it is in, however deep; a cycle is gone round once.
    fn above(&self, group: Place) -> BTreeSet<Place> {
        let mut seen = BTreeSet::from([group]);
        let mut open = vec![group];
        while let Some(next) = open.pop() {
            for parent in self.parents(next) {
                if seen.insert(*parent) {
                    open.push(*parent);
                }
            }
        }
        seen
    }
}
