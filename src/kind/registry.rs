//! The registry: every kind, in dependency order.

use std::fmt;
use std::str::FromStr;

use super::{FieldSpec, binding, domain, group, membership, user};

/// What is known of a kind as data: what the stages use in place of asking "which kind is it?".
#[derive(Debug, Clone, Copy)]
pub struct KindSpec {
    /// Singular name, the first segment of an address.
    pub singular: &'static str,
    /// Plural name, the key in YAML and in `limits`.
    pub plural: &'static str,
    /// The attributes that can be desired, in the order reports show them.
    pub fields: &'static [FieldSpec],
    /// Whether items of this kind are edges between two others (a membership), without a
    /// resource, an id or attributes of their own.
    pub is_link: bool,
}

/// Declares the kinds once: the enumeration, its order and its table cannot disagree.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident => $module:ident,)*) => {
        /// The kinds, in dependency order: a kind refers only to kinds before it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum KindName { $($(#[$doc])* $name,)* }

        impl KindName {
            /// Every kind, in dependency order.
            pub const ALL: &'static [KindName] = &[$(KindName::$name,)*];

            /// What is known of this kind.
            #[must_use]
            pub const fn spec(self) -> &'static KindSpec {
                match self { $(KindName::$name => &$module::SPEC,)* }
            }
        }
    };
}

kinds! {
    /// A verified e-mail domain that the organization claims.
    Domain => domain,
    /// A person or service account (RFC 7643 section 4.1).
    User => user,
    /// A group of users (RFC 7643 section 4.2).
    Group => group,
    /// One user in one group.
    Membership => membership,
    /// One role held by one principal in one place.
    Binding => binding,
}

impl KindName {
    /// The singular name: `user`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.spec().singular
    }

    /// The plural name: `users`.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        self.spec().plural
    }
}

impl fmt::Display for KindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for KindName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not a kind"))
    }
}

impl serde::Serialize for KindName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for KindName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
