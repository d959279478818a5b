//! What is live and cannot be declared: names and values that the files refuse. It is left out by
//! itself, so that one odd name at the target does not keep everybody else out of the files.

use std::collections::BTreeMap;

use crate::kind::{Address, FieldName};

/// Objects, and fields of objects, that cannot be declared, by the object's place among those that
/// are live, each with the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undeclarable {
    pub(super) objects: BTreeMap<usize, (Address, String)>,
    pub(super) fields: BTreeMap<(usize, FieldName), (Address, String)>,
}

impl Undeclarable {
    /// Whether the object at `place` cannot be declared.
    pub(super) fn has(&self, place: usize) -> bool {
        self.objects.contains_key(&place)
    }

    /// Whether this field of the object at `place` cannot be declared.
    pub(super) fn has_field(&self, place: usize, field: &FieldName) -> bool {
        !self.fields.is_empty() && self.fields.contains_key(&(place, field.clone()))
    }

    /// The objects, in order.
    pub fn objects(&self) -> impl Iterator<Item = &Address> {
        self.objects.values().map(|(address, _)| address)
    }

    /// What is left out and why, a line each.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let objects = self.objects.values().map(|(address, why)| format!("`{address}`: {why}"));
        let field = |((_, field), (address, why)): (&(usize, FieldName), &(Address, String))| {
            format!("`{field}` of `{address}`: {why}")
        };
        objects.chain(self.fields.iter().map(field))
    }
}
