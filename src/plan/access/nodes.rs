//! The nodes of a graph, by place and by address.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::kind::{Address, hash_of};
use crate::live::Seen;

/// The place of a node in [`Graph::nodes`](super::Graph::nodes).
pub type Place = u32;

/// One user or group; other live objects are nodes without edges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name in this plan.
    pub address: Address,
    /// What the target says of it beside its fields.
    pub seen: Seen,
    /// Who else manages it, if somebody does.
    pub elsewhere: Option<String>,
}

/// Nodes, and a table from address to place.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    list: Vec<Node>,
    /// The places by what their addresses hash to. It is only asked, never walked, so its order is
    /// nobody's.
    places: HashTable<Place>,
    /// The places that are not found, for another node of that address came later.
    hidden: Vec<Place>,
}

/// The table says nothing that the list does not.
impl PartialEq for Nodes {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Eq for Nodes {}

impl Nodes {
    /// Room for so many, none of which is there.
    pub(super) fn with_room(count: usize) -> Self {
        let places = HashTable::with_capacity(count);
        Self { list: Vec::with_capacity(count), places, hidden: Vec::new() }
    }

    /// Puts a node behind all others. Of two with one address the last is found.
    ///
    /// `None` where there is no place left: places have 32 bits.
    pub(super) fn add(&mut self, node: Node) -> Option<Place> {
        let place = Place::try_from(self.list.len()).ok()?;
        let list = &self.list;
        let is_it = |at: &Place| address_at(list, *at) == Some(&node.address);
        let rehash = |at: &Place| address_at(list, *at).map_or(0, hash_of);
        match self.places.entry(hash_of(&node.address), is_it, rehash) {
            Entry::Occupied(mut known) => {
                self.hidden.push(std::mem::replace(known.get_mut(), place));
            }
            Entry::Vacant(free) => {
                free.insert(place);
            }
        }
        self.list.push(node);
        Some(place)
    }

    /// All of them, by place.
    pub(super) fn all(&self) -> &[Node] {
        &self.list
    }

    /// The nodes that have the address of a later one.
    pub(super) fn hidden(&self) -> impl Iterator<Item = &Node> {
        self.hidden.iter().filter_map(|place| self.list.get(*place as usize))
    }

    /// The place of an address.
    pub(super) fn place(&self, address: &Address) -> Option<Place> {
        let is_it = |at: &Place| address_at(&self.list, *at) == Some(address);
        self.places.find(hash_of(address), is_it).copied()
    }
}

fn address_at(list: &[Node], place: Place) -> Option<&Address> {
    list.get(place as usize).map(|node| &node.address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_found_however_many_there_are() {
        let node = |number: u32| Node {
            address: Address::user(&format!("user{number}@example.com")),
            seen: Seen::default(),
            elsewhere: None,
        };
        let mut nodes = Nodes::with_room(3);
        for number in 0..1_000 {
            assert_eq!(nodes.add(node(number)), Some(number));
        }
        assert_eq!(nodes.add(node(7)), Some(1_000), "a name that is there twice");
        for number in (0..1_000).filter(|number| *number != 7) {
            assert_eq!(nodes.place(&node(number).address), Some(number));
        }
        assert_eq!(nodes.place(&node(7).address), Some(1_000));
        assert_eq!(nodes.hidden().collect::<Vec<_>>(), [&node(7)]);
        assert_eq!(nodes.place(&node(1_000).address), None);
        assert_eq!(nodes.place(&Address::group("user1@example.com")), None);
    }
}
