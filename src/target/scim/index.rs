//! Which user an id is: an index over a listing, asked once for every member of every group.
//!
//! A million members ask it, so it is a plain open-addressed table and not a tree.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Names to places. The first place of a name is kept.
pub(super) struct Index<'a> {
    names: Vec<&'a str>,
    /// Places into `names`, one more than the place; 0 is free. The length is a power of two.
    slots: Vec<u32>,
}

impl<'a> Index<'a> {
    /// The index of `names`, each at its place.
    pub(super) fn new(names: Vec<&'a str>) -> Self {
        let size = (names.len() * 2).next_power_of_two().max(2);
        let mut index = Self { names: Vec::new(), slots: vec![0; size] };
        for (place, name) in names.iter().enumerate() {
            let slot = index.slot(&names, name);
            if index.slots[slot] == 0 {
                index.slots[slot] = u32::try_from(place + 1).unwrap_or(0);
            }
        }
        index.names = names;
        index
    }

    /// The place of `name`.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.slots[self.slot(&self.names, name)].checked_sub(1)
    }

    /// The slot that holds `name`, or the free one where it belongs.
    fn slot(&self, names: &[&str], name: &str) -> usize {
        let mask = self.slots.len() - 1;
        // Fixed keys: the same run every time.
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let mut slot = usize::try_from(hasher.finish() >> 16).unwrap_or(0) & mask;
        loop {
            match self.slots[slot].checked_sub(1) {
                Some(place) if names[place as usize] != name => slot = (slot + 1) & mask,
                _ => return slot,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_at_its_place_and_no_other_is_there() {
        let names: Vec<String> = (0..5_000).map(|n| format!("id-{n}")).collect();
        let index = Index::new(names.iter().map(String::as_str).collect());
        for (place, name) in names.iter().enumerate() {
            assert_eq!(index.find(name), u32::try_from(place).ok());
        }
        assert_eq!(index.find("id-5000"), None);
        assert_eq!(Index::new(Vec::new()).find(""), None);
    }
}
