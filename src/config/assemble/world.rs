//! Everything that the files of a project declare.

use std::collections::BTreeMap;

use super::in_file::InFile;
use super::index::Index;
use crate::config::section::{BindingDecl, Declared};
use crate::kind::{Key, KindName};

/// Everything declared, each name once, in the order of the keys.
pub(super) struct World<'t> {
    pub(super) named: BTreeMap<KindName, Vec<InFile<Declared<'t>>>>,
    pub(super) bindings: Vec<InFile<BindingDecl<'t>>>,
    /// The subjects by name.
    pub(super) index: Index,
    /// Whether every file could be read: only then is a name that is not there missing.
    pub(super) is_whole: bool,
}

impl<'t> World<'t> {
    /// The declared items of one kind, in the order of their keys.
    pub(super) fn of_kind(&self, kind: KindName) -> &[InFile<Declared<'t>>] {
        self.named.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// The declared groups, in the order of their keys.
    pub(super) fn groups(&self) -> &[InFile<Declared<'t>>] {
        self.of_kind(KindName::Group)
    }

    /// Everything declared by its name, with its kind.
    pub(super) fn all(&self) -> impl Iterator<Item = (KindName, &InFile<Declared<'t>>)> {
        self.named.iter().flat_map(|(kind, all)| all.iter().map(|one| (*kind, one)))
    }

    /// The declared item of this kind and key.
    pub(super) fn find(&self, kind: KindName, key: &Key) -> Option<&InFile<Declared<'t>>> {
        let all = self.of_kind(kind);
        let found = all.binary_search_by(|(_, one)| one.key.cmp(key));
        found.ok().and_then(|at| all.get(at))
    }
}
