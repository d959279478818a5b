//! Rows of one kind, in the order they were made, found by id and by a key that is unique.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::id;

/// What a table can hold.
pub(super) trait Row {
    /// Its place in the order: the number under which it was made.
    fn serial(&self) -> u64;
    /// Its id, in any form.
    fn id(&self) -> String;
    /// What no two rows share.
    fn key(&self) -> String;
}

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table<T> {
    rows: BTreeMap<u64, Arc<T>>,
    by_id: BTreeMap<String, u64>,
    by_key: BTreeMap<String, u64>,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { rows: BTreeMap::new(), by_id: BTreeMap::new(), by_key: BTreeMap::new() }
    }
}

impl<T: Row> Table<T> {
    /// All rows, the oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<T>> {
        self.rows.values()
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row of that id, in either form.
    pub(super) fn find(&self, id: &str) -> Option<&Arc<T>> {
        self.rows.get(self.by_id.get(&id::bare(id))?)
    }

    /// The row of that key.
    pub(super) fn keyed(&self, key: &str) -> Option<&Arc<T>> {
        self.rows.get(self.by_key.get(key)?)
    }

    /// Puts a row in, instead of the one of its number if there is one.
    pub(super) fn put(&mut self, row: Arc<T>) {
        let serial = row.serial();
        if let Some(old) = self.rows.get(&serial) {
            self.by_id.remove(&id::bare(&old.id()));
            self.by_key.remove(&old.key());
        }
        self.by_id.insert(id::bare(&row.id()), serial);
        self.by_key.insert(row.key(), serial);
        self.rows.insert(serial, row);
    }

    /// Takes the row of that number out.
    pub(super) fn remove(&mut self, serial: u64) {
        if let Some(old) = self.rows.remove(&serial) {
            self.by_id.remove(&id::bare(&old.id()));
            self.by_key.remove(&old.key());
        }
    }
}
