//! Fields: the uniform view of what an item says.

use std::borrow::Cow;
use std::fmt;

use litemap::LiteMap;
use serde_json::Value;

/// The name of a field: a SCIM attribute name, or the URN of an extension.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct FieldName(Cow<'static, str>);

impl FieldName {
    /// A name known when the program was written.
    #[must_use]
    pub const fn fixed(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name that somebody else chose: an extension's URN.
    #[must_use]
    pub fn other(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for FieldName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What an item says, field by field. An absent field is not managed (desired) or not there
/// (live); the two are never mixed in one map.
///
/// A sorted list: an object has a handful of fields, for which a tree takes three times the
/// memory. Where a file or a server says how many there are, they are added all at once
/// ([`Extend`]), because a single insertion moves all that follow.
pub type Fields = LiteMap<FieldName, Value>;

/// The greatest number of a [`Shape::Integer`]: the servers' `int32`.
pub const GREATEST_INTEGER: u32 = i32::MAX.unsigned_abs();

/// The shape of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string compared exactly.
    Text,
    /// A string compared by its [`super::Key`] (`caseExact: false`).
    Name,
    /// A boolean.
    Boolean,
    /// A whole number from 0 to [`GREATEST_INTEGER`]: a numeric id.
    Integer,
    /// An object with these sub-attributes; only those written are managed
    /// (RFC 7643 section 2.3.8).
    Complex(&'static [FieldSpec]),
    /// A list of objects with these sub-attributes, compared without order
    /// (RFC 7643 section 2.4).
    MultiValued(&'static [FieldSpec]),
    /// A list of texts, compared without order.
    Texts,
    /// An object whose content nobody here knows (an extension): compared as [`Shape::Complex`].
    Open,
}

/// How a field takes part in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Every target is expected to hold it; one that does not is said so in words.
    Core,
    /// Compared where the target has an attribute for it, context elsewhere.
    Optional,
    /// Never written to a target: for people and policies.
    Context,
    /// Part of the address: written when the object is made, and the same ever after, so that
    /// there is nothing to compare.
    Identity,
    /// How far the target has come with it; muster asks for the last of its states, and nobody
    /// writes it in YAML.
    State,
}

/// One field of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// The SCIM attribute name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// One line for people: shown in the JSON Schema and by editors.
    pub about: &'static str,
    /// How it takes part in a comparison.
    pub level: Level,
}

impl FieldSpec {
    /// A field of this name, shape and meaning.
    #[must_use]
    pub const fn new(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, shape, about, level: Level::Core }
    }

    /// The same field at another level.
    #[must_use]
    pub const fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}
