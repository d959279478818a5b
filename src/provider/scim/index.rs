//! Which user an id is: an index over a listing, asked once for every member of every group.
//!
//! A million members ask it, so it is a plain open-addressed table and not a tree.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Names to places. The first place of a name is kept.
///
/// The names are copied into one string: scattered over the heap, every look-up would wait for
/// memory.
pub(super) struct Index {
    text: String,
    /// Where each name ends in `text`.
    ends: Vec<usize>,
    /// A free one is `None`. The length is a power of two.
    slots: Vec<Option<Slot>>,
}

/// A name's place, and a part of its hash that tells most other names apart without a look.
#[derive(Clone, Copy)]
struct Slot {
    tag: u32,
    place: u32,
}

impl Index {
    /// The index of `names`, each at its place.
    pub(super) fn new(names: impl ExactSizeIterator<Item = impl AsRef<str>>) -> Self {
        let size = (names.len() * 2).next_power_of_two().max(2);
        let mut index = Self {
            text: String::new(),
            ends: Vec::with_capacity(names.len()),
            slots: vec![None; size],
        };
        for name in names {
            let name = name.as_ref();
            let (at, tag) = index.slot(name);
            if index.slots[at].is_none() {
                let place = u32::try_from(index.ends.len()).ok();
                index.slots[at] = place.map(|place| Slot { tag, place });
            }
            index.text.push_str(name);
            index.ends.push(index.text.len());
        }
        index
    }

    /// The place of `name`.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.slots[self.slot(name).0].map(|slot| slot.place)
    }

    fn name(&self, place: u32) -> &str {
        let place = place as usize;
        let from = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[from..self.ends[place]]
    }

    /// The slot that holds `name`, or the free one where it belongs; and its tag.
    fn slot(&self, name: &str) -> (usize, u32) {
        let mask = self.slots.len() - 1;
        // Fixed keys: the same run every time.
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let [high, low] = [hasher.finish() >> 32, hasher.finish() & u64::from(u32::MAX)];
        let tag = u32::try_from(high).unwrap_or(0);
        let mut at = usize::try_from(low).unwrap_or(0) & mask;
        while let Some(slot) = self.slots[at] {
            if slot.tag == tag && self.name(slot.place) == name {
                break;
            }
            at = (at + 1) & mask;
        }
        (at, tag)
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
    }
}
