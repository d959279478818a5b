//! The place of each user in a listing by name, asked once for every member of every group.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::kind::hash_of;

/// Names to places. The first place of a name is kept.
pub(super) struct Index {
    names: Names,
    places: HashTable<u32>,
}

/// All names in one string, by place: scattered over the heap, every look-up would wait for memory.
struct Names {
    text: String,
    /// Where each name ends in `text`.
    ends: Vec<usize>,
}

impl Names {
    fn at(&self, place: u32) -> &str {
        let place = place as usize;
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[from..self.ends[place]]
    }
}

impl Index {
    /// The index of `names`, each at its place.
    pub(super) fn new(names: impl ExactSizeIterator<Item = impl AsRef<str>>) -> Self {
        let count = names.len();
        let mut known = Names { text: String::new(), ends: Vec::with_capacity(count) };
        let mut places = HashTable::with_capacity(count);
        for (place, name) in (0..).zip(names) {
            let name = name.as_ref();
            known.text.push_str(name);
            known.ends.push(known.text.len());
            let is_it = |at: &u32| known.at(*at) == name;
            let rehash = |at: &u32| hash_of(known.at(*at));
            if let Entry::Vacant(free) = places.entry(hash_of(name), is_it, rehash) {
                free.insert(place);
            }
        }
        Self { names: known, places }
    }

    /// The place of `name`.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.places.find(hash_of(name), |at| self.names.at(*at) == name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_at_its_place_and_no_other_is_there() {
        let names: Vec<String> = (0..5_000).map(|n| format!("id-{n}")).collect();
        let index = Index::new(names.iter().map(String::as_str));
        for (place, name) in names.iter().enumerate() {
            assert_eq!(index.find(name), u32::try_from(place).ok());
        }
        assert_eq!(index.find("id-5000"), None);
        assert_eq!(Index::new([""; 0].into_iter()).find(""), None);
        let twice = Index::new(["a", "b", "a", ""].into_iter());
        assert_eq!((twice.find("a"), twice.find("b"), twice.find("")), (Some(0), Some(1), Some(3)));
    }
}
