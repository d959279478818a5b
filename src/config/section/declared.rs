//! What a file says of one name.

use crate::config::MembersDefault;
use crate::config::node::Place;
use crate::kind::{Fields, Grant, Key};

/// A thing declared by its name.
#[derive(Debug)]
pub(in crate::config) struct Declared<'t> {
    /// The name, folded.
    pub(in crate::config) key: Key,
    /// The name as written.
    pub(in crate::config) written: &'t str,
    /// Where the name stands.
    pub(in crate::config) place: Place,
    /// What is said of it.
    pub(in crate::config) fields: Fields,
    /// The names it had before.
    pub(in crate::config) previously: Vec<(Key, Place)>,
    /// Its members and how they are managed, where it is a group.
    pub(in crate::config) members: Option<Box<MembersDecl<'t>>>,
}

impl<'t> Declared<'t> {
    /// An item of which only the name is known.
    pub(in crate::config) fn new(key: Key, written: &'t str, place: Place) -> Self {
        Self { key, written, place, fields: Fields::new(), previously: Vec::new(), members: None }
    }
}

/// The members of a group as declared.
#[derive(Debug, Default)]
pub(in crate::config) struct MembersDecl<'t> {
    /// How they are managed, where the group says so itself.
    pub(in crate::config) mode: Option<MembersDefault>,
    /// The list; `None`: not managed.
    pub(in crate::config) list: Option<Vec<MemberDecl<'t>>>,
}

/// A member as declared.
#[derive(Debug)]
pub(in crate::config) struct MemberDecl<'t> {
    /// The user's name as written.
    pub(in crate::config) user: &'t str,
    /// Where it is written.
    pub(in crate::config) place: Place,
    /// When and why, where that is written.
    pub(in crate::config) grant: Option<Box<Grant>>,
}
