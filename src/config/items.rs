//! The declared items in the order of their addresses: a million of them, built once, looked up
//! and walked, hardly ever changed.

use std::ops::Range;

use crate::kind::{Address, Item, KindName};

/// Items by address. A sorted list: it is built from runs that are in order already, which costs
/// less than a tree does, and holds each address once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items {
    list: Vec<Item>,
    /// Where the run of each kind ends: addresses are in the order of kinds first.
    ends: [usize; KindName::ALL.len()],
}

impl Items {
    /// The items of all `runs`. Where an address comes twice, which the checks before refuse, the
    /// first one stays.
    pub(super) fn of(runs: Vec<Vec<Item>>) -> Self {
        let mut items: Vec<Item> = Vec::with_capacity(runs.iter().map(Vec::len).sum());
        runs.into_iter().for_each(|mut run| items.append(&mut run));
        let in_order = items.is_sorted_by(|one, other| one.address.cmp(&other.address).is_lt());
        if !in_order {
            items.sort_by(|one, other| one.address.cmp(&other.address));
            items.dedup_by(|later, first| later.address == first.address);
        }
        let mut ends = [0; KindName::ALL.len()];
        for (end, kind) in ends.iter_mut().zip(KindName::ALL) {
            *end = items.partition_point(|item| item.address.kind() <= *kind);
        }
        Self { list: items, ends }
    }

    /// Where the run of a kind is.
    fn run(&self, kind: KindName) -> Range<usize> {
        let end = |at: usize| self.ends.get(at).copied().unwrap_or_default();
        let at = kind as usize;
        at.checked_sub(1).map_or(0, end)..end(at)
    }

    fn place(&self, address: &Address) -> Result<usize, usize> {
        let begin = self.run(address.kind()).start;
        let found = self.of_kind(address.kind()).binary_search_by(|item| item.address.cmp(address));
        found.map(|at| at + begin).map_err(|at| at + begin)
    }

    /// The item of this address.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Item> {
        self.place(address).ok().and_then(|at| self.list.get(at))
    }

    /// The items of a kind, in order.
    #[must_use]
    pub fn of_kind(&self, kind: KindName) -> &[Item] {
        self.list.get(self.run(kind)).unwrap_or_default()
    }

    /// Every item, in order.
    pub fn values(&self) -> std::slice::Iter<'_, Item> {
        self.list.iter()
    }

    /// Every address, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Address> {
        self.list.iter().map(|item| &item.address)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds an item, or puts it in the place of the one of its address.
    pub fn insert(&mut self, item: Item) {
        match self.place(&item.address) {
            Ok(at) => self.list[at] = item,
            Err(at) => {
                let later = self.ends.iter_mut().skip(item.address.kind() as usize);
                later.for_each(|end| *end += 1);
                self.list.insert(at, item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Fields;

    fn item(name: &str) -> Item {
        Item::new(Address::user(name), Fields::new())
    }

    #[test]
    fn runs_in_any_order_become_one_list_with_each_address_once() {
        let items = Items::of(vec![vec![item("b"), item("c")], vec![item("a"), item("b")]]);
        let names: Vec<String> = items.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["user/a", "user/b", "user/c"]);
        assert_eq!(items, Items::of(vec![vec![item("a"), item("b"), item("c")]]));
        assert_eq!(items.get(&Address::user("c")), Some(&item("c")));
        assert_eq!(items.get(&Address::user("d")), None);
    }

    #[test]
    fn every_item_is_of_one_kind() {
        let names = ["user/a", "user/b", "group/a", "membership/a/b", "domain/x.org"];
        let named = |name: &str| Item::new(name.parse().unwrap(), Fields::new());
        let items = Items::of(names.map(|name| vec![named(name)]).into());
        let mut count = 0;
        for kind in KindName::ALL {
            let some = items.of_kind(*kind);
            assert!(some.iter().all(|item| item.address.kind() == *kind), "{kind}");
            count += some.len();
        }
        assert_eq!((count, items.of_kind(KindName::User).len()), (names.len(), 2));
        let mut one_by_one = Items::default();
        names.iter().rev().for_each(|name| one_by_one.insert(named(name)));
        assert_eq!(one_by_one, items);
        for name in names {
            assert_eq!(items.get(&name.parse().unwrap()), Some(&named(name)));
        }
    }

    #[test]
    fn what_is_put_in_is_found_in_its_place() {
        let mut items = Items::default();
        for name in ["b", "a", "b"] {
            items.insert(item(name));
        }
        assert_eq!((items.len(), items.is_empty()), (2, false));
        assert!(items.values().is_sorted_by(|one, other| one.address < other.address));
    }
}
