//! The declared items in the order of their addresses: a million of them, built once, looked up
//! and walked, hardly ever changed.

use std::collections::BTreeMap;

use crate::kind::{Address, Item, KindName};

/// Items by address. They stay in the sorted runs that they were built in: copying a million
/// memberships into one list takes as long as reading them out of the file does.
#[derive(Clone, Debug, Default)]
pub struct Items {
    /// The runs of each kind, in order within and among themselves; none is empty.
    kinds: BTreeMap<KindName, Vec<Vec<Item>>>,
    count: usize,
}

impl Items {
    /// The items of all runs, each run under the kind of its items. Where an address comes twice,
    /// which the checks before refuse, the first one stays.
    pub(super) fn of(mut kinds: BTreeMap<KindName, Vec<Vec<Item>>>) -> Self {
        for runs in kinds.values_mut() {
            runs.retain(|run| !run.is_empty());
            if !are_in_order(runs) {
                let mut items: Vec<Item> = runs.drain(..).flatten().collect();
                items.sort_by(|one, other| one.address.cmp(&other.address));
                items.dedup_by(|later, first| later.address == first.address);
                runs.push(items);
            }
        }
        let count = kinds.values().flatten().map(Vec::len).sum();
        Self { kinds, count }
    }

    /// The place that the item of this address has, or would have: its run among those of its kind, and its
    /// place in that run.
    fn place(&self, address: &Address) -> (usize, Result<usize, usize>) {
        let runs = self.kinds.get(&address.kind()).map(Vec::as_slice).unwrap_or_default();
        let is_before = |run: &Vec<Item>| run.last().is_some_and(|last| last.address < *address);
        let at = runs.partition_point(is_before);
        let run = runs.get(at).map(Vec::as_slice).unwrap_or_default();
        (at, run.binary_search_by(|item| item.address.cmp(address)))
    }

    /// The item of this address.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Item> {
        let (run, place) = self.place(address);
        self.kinds.get(&address.kind())?.get(run)?.get(place.ok()?)
    }

    /// The items of a kind, in order.
    pub fn of_kind(&self, kind: KindName) -> impl Iterator<Item = &Item> {
        self.kinds.get(&kind).into_iter().flatten().flatten()
    }

    /// Every item, in order.
    pub fn values(&self) -> impl Iterator<Item = &Item> {
        self.kinds.values().flatten().flatten()
    }

    /// Every address, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Address> {
        self.values().map(|item| &item.address)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds an item, or puts it in the place of the one of its address.
    pub fn insert(&mut self, item: Item) {
        let (at, place) = self.place(&item.address);
        let runs = self.kinds.entry(item.address.kind()).or_default();
        match (runs.get_mut(at), place) {
            (Some(run), Ok(place)) => run[place] = item,
            (Some(run), Err(place)) => {
                run.insert(place, item);
                self.count += 1;
            }
            (None, _) => {
                runs.push(vec![item]);
                self.count += 1;
            }
        }
    }
}

/// Which runs they are built in is no part of what items are.
impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.values().eq(other.values())
    }
}

impl Eq for Items {}

/// Whether every address is greater than the one before, from run to run too.
fn are_in_order(runs: &[Vec<Item>]) -> bool {
    let is_sorted =
        |run: &Vec<Item>| run.is_sorted_by(|one, other| one.address.cmp(&other.address).is_lt());
    let joins = runs.windows(2).all(|pair| match pair {
        [before, after] => {
            before.last().map(|item| &item.address) < after.first().map(|item| &item.address)
        }
        _ => true,
    });
    joins && runs.iter().all(is_sorted)
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
        let users = |runs: Vec<Vec<Item>>| Items::of([(KindName::User, runs)].into());
        let items = users(vec![vec![item("b"), item("c")], vec![item("a"), item("b")]]);
        let names: Vec<String> = items.keys().map(ToString::to_string).collect();
        assert_eq!(names, ["user/a", "user/b", "user/c"]);
        assert_eq!(items, users(vec![vec![item("a"), item("b"), item("c")]]));
        let apart = users(vec![vec![item("a")], vec![], vec![item("b"), item("c")]]);
        assert_eq!(items, apart);
        assert_ne!(items, users(vec![vec![item("a")], vec![item("c")]]));
        for name in ["a", "b", "c"] {
            assert_eq!(apart.get(&Address::user(name)), Some(&item(name)));
        }
        assert_eq!((apart.len(), apart.get(&Address::user("bb"))), (3, None));
        assert_eq!(items.get(&Address::user("c")), Some(&item("c")));
        assert_eq!(items.get(&Address::user("d")), None);
    }

    #[test]
    fn every_item_is_of_one_kind() {
        let names = ["user/a", "user/b", "group/a", "membership/a/b", "domain/x.org"];
        let named = |name: &str| Item::new(name.parse().unwrap(), Fields::new());
        let mut kinds: BTreeMap<KindName, Vec<Vec<Item>>> = BTreeMap::new();
        for item in names.map(named) {
            kinds.entry(item.address.kind()).or_default().push(vec![item]);
        }
        let items = Items::of(kinds);
        let mut count = 0;
        for kind in KindName::ALL {
            assert!(items.of_kind(*kind).all(|item| item.address.kind() == *kind), "{kind}");
            count += items.of_kind(*kind).count();
        }
        assert_eq!((count, items.of_kind(KindName::User).count()), (names.len(), 2));
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
