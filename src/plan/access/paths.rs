//! The roles of a person, by every path.

use std::collections::{BTreeMap, BTreeSet};

use super::{Hold, Place, Side};

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

/// One state, ready to be asked for the roles of people.
#[derive(Debug)]
pub struct Paths<'a> {
    side: &'a Side,
    parents: BTreeMap<Place, Vec<Place>>,
}

impl<'a> Paths<'a> {
    /// Those of a state.
    #[must_use]
    pub fn of(side: &'a Side) -> Self {
        let mut parents: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for (parent, children) in &side.children {
            for child in children {
                parents.entry(*child).or_default().push(*parent);
            }
        }
        Self { side, parents }
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
        for through in self.side.groups_of(person) {
            let by = |via: Place| {
                let (principal, via, through) = (via, Some(via), Some(*through));
                held(principal).map(move |hold| Path { hold: hold.clone(), via, through })
            };
            if self.parents.contains_key(through) {
                paths.extend(self.above(*through).into_iter().flat_map(by));
            } else {
                paths.extend(by(*through));
            }
        }
        paths.sort();
        paths
    }

    /// The paths of a person to whom roles are of use; none otherwise.
    #[must_use]
    pub fn usable(&self, person: Place) -> Vec<Path> {
        if self.side.presence_of(person).can_use_roles() { self.all(person) } else { Vec::new() }
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
