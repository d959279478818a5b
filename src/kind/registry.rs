//! The registry: every kind, in dependency order.

use std::fmt;
use std::str::FromStr;

use super::{FieldSpec, binding, domain, group, membership, scope_group, user};

/// The part that a kind plays: diff, order, guard, limits and reports match on it, exhaustively and
/// never on a kind's name, so that a new kind of a known family needs no change in any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A person or service account, which signs in and acts.
    Subject,
    /// A set of subjects, whose members are items of the family [`Family::Membership`].
    Group,
    /// An edge: one subject in one group. It has no resource, id or attributes of its own.
    Membership,
    /// A role held by a subject or a group, in one place.
    Grant,
    /// A named set of resources that grants refer to. A change of its contents is access gained
    /// or lost by everybody who holds a grant for it.
    Scope,
    /// Everything that gives nobody access: its attributes are all there is.
    Plain,
}

/// What the key of a named kind must look like in YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyForm {
    /// Any name.
    Name,
    /// A DNS domain name.
    Domain,
    /// `WORKSPACE/NAME`: a name that is unique within one workspace of the project.
    InWorkspace,
}

/// The SCIM resource type of a kind (RFC 7643 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScimResource {
    /// The URN of its core schema.
    pub schema: &'static str,
    /// Its endpoint, relative to the base URL: `Users`.
    pub collection: &'static str,
}

/// A kind as data: the table that the stages and codecs use in place of asking for its name.
#[derive(Clone, Copy, Debug)]
pub struct KindSpec {
    /// Singular name, the first segment of an address.
    pub singular: &'static str,
    /// Plural name, the key in YAML, in `manage` and in `limits`.
    pub plural: &'static str,
    /// The part it plays.
    pub family: Family,
    /// The attributes that can be desired, in the order reports show them.
    pub fields: &'static [FieldSpec],
    /// The attribute that holds the unique name; `None` for edges and grants, whose address is
    /// made of several names.
    pub name: Option<&'static str>,
    /// What the key in YAML looks like.
    pub key: KeyForm,
    /// Values that every declared item has, whatever the YAML says: the state to reach.
    pub always: &'static [(&'static str, &'static str)],
    /// The kinds that an item of this kind refers to.
    pub depends_on: &'static [KindName],
    /// Whether an item can be switched off and stay: it has the attribute `active`.
    pub can_deactivate: bool,
    /// Whether a rename keeps the id, so that `previously` can be written.
    pub can_rename: bool,
    /// The field that lists the resources of a [`Family::Scope`].
    pub contents: Option<&'static str>,
    /// Whether an item claims an e-mail domain and says, in the field `sso`, how its users sign in.
    pub routes_sign_in: bool,
    /// Its SCIM resource type; `None`: no SCIM server has it.
    pub scim: Option<ScimResource>,
}

impl KindSpec {
    /// A kind of these names, family and fields that has none of the optional properties.
    pub(super) const fn new(
        (singular, plural): (&'static str, &'static str),
        family: Family,
        fields: &'static [FieldSpec],
    ) -> Self {
        Self {
            singular,
            plural,
            family,
            fields,
            name: None,
            key: KeyForm::Name,
            always: &[],
            depends_on: &[],
            can_deactivate: false,
            can_rename: false,
            contents: None,
            routes_sign_in: false,
            scim: None,
        }
    }

    /// Whether items are edges between two others.
    #[must_use]
    pub const fn is_link(&self) -> bool {
        matches!(self.family, Family::Membership)
    }

    /// Whether the key of an address is a path of escaped segments, not one name.
    pub(super) const fn key_is_path(&self) -> bool {
        matches!(self.family, Family::Grant) || matches!(self.key, KeyForm::InWorkspace)
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static FieldSpec> {
        self.fields.iter().find(|field| field.name == name)
    }
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
    /// A named set of resources in one workspace.
    ScopeGroup => scope_group,
    /// One role held by one principal in one place.
    Binding => binding,
}

impl KindName {
    /// The part it plays.
    #[must_use]
    pub const fn family(self) -> Family {
        self.spec().family
    }

    /// The kinds of one family, in dependency order.
    pub fn of_family(family: Family) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |kind| kind.family() == family)
    }

    /// The kind whose plural name, the key in YAML, is `plural`.
    #[must_use]
    pub fn of_plural(plural: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.plural() == plural)
    }

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

    /// So many of them, in running text: `1 scope group`, `2 scope groups`.
    #[must_use]
    pub fn counted(self, count: u64) -> String {
        let name = self.as_str().replace('-', " ");
        format!("{count} {name}{}", if count == 1 { "" } else { "s" })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_comes_after_the_kinds_it_refers_to() {
        for kind in KindName::ALL {
            for other in kind.spec().depends_on {
                assert!(other < kind, "{kind} refers to {other}, which comes later");
            }
        }
    }

    #[test]
    fn the_table_of_a_kind_agrees_with_itself() {
        for kind in KindName::ALL {
            let spec = kind.spec();
            let named = matches!(
                spec.family,
                Family::Subject | Family::Group | Family::Scope | Family::Plain
            );
            assert_eq!(spec.name.is_some(), named, "{kind}: a name attribute");
            let fields = [spec.name, spec.contents].into_iter().flatten();
            for name in fields.chain(spec.always.iter().map(|(name, _)| *name)) {
                assert!(spec.field(name).is_some(), "{kind} has no field `{name}`");
            }
            assert_eq!(spec.contents.is_some(), spec.family == Family::Scope, "{kind}: contents");
            assert_eq!(spec.can_deactivate, spec.field("active").is_some(), "{kind}: active");
            assert!(!spec.routes_sign_in || spec.field("sso").is_some(), "{kind}: sso");
            assert_eq!(KindName::of_plural(spec.plural), Some(*kind));
        }
    }
}
