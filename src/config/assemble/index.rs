//! The declared users by name: a million members are looked up in it.

use hashbrown::HashTable;

use super::InFile;
use crate::config::section::Declared;
use crate::kind::{Key, hash_of};

/// The users by number, which is the order of their keys, and a table from name to number. The
/// table is only asked, never walked, so its order is nobody's.
pub(super) struct Index {
    keys: Vec<Key>,
    numbers: HashTable<u32>,
}

impl Index {
    /// The index of `users`, which are in the order of their keys, each once.
    pub(super) fn of(users: &[InFile<Declared<'_>>]) -> Self {
        let keys: Vec<Key> = users.iter().map(|(_, user)| user.key.clone()).collect();
        let mut numbers = HashTable::with_capacity(keys.len());
        for (number, key) in (0..).zip(&keys) {
            let rehash = |number: &u32| hash_of(keys[*number as usize].as_str());
            numbers.insert_unique(hash_of(key.as_str()), number, rehash);
        }
        Self { keys, numbers }
    }

    /// The number of the user that is written `name`.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        if name.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_uppercase()) {
            return self.find_folded(name);
        }
        self.find_folded(Key::new(name).as_str())
    }

    fn find_folded(&self, name: &str) -> Option<u32> {
        let is_it = |number: &u32| self.keys[*number as usize].as_str() == name;
        self.numbers.find(hash_of(name), is_it).copied()
    }

    /// The key of the user of this number.
    pub(super) fn key(&self, number: u32) -> Key {
        self.keys[number as usize].clone()
    }

    /// All keys.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(Key::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::node::Place;

    #[test]
    fn every_user_is_found_by_every_spelling_and_nobody_else_is() {
        for count in [0_u32, 1, 2, 3, 1000] {
            let user = |number: u32| {
                let key = Key::new(&format!("user{number:04}@example.com"));
                Declared::new(key, "", Place::START)
            };
            let users: Vec<_> = (0..count).map(|number| (0, user(number))).collect();
            let index = Index::of(&users);
            for number in 0..count {
                assert_eq!(index.find(&format!("user{number:04}@example.com")), Some(number));
                assert_eq!(index.find(&format!("User{number:04}@EXAMPLE.com")), Some(number));
                assert_eq!(index.key(number), users[number as usize].1.key);
            }
            assert_eq!(index.find(&format!("user{count:04}@example.com")), None);
            assert_eq!(index.find(""), None);
        }
    }
}
