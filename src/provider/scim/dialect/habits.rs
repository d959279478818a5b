//! Habits: how a server differs in ways that nobody has to write down in `muster.yaml`.

use crate::kind::{Family, GREENLAKE_USER_URN, KindName};
use crate::live::Quota;

/// What a server does beside the RFCs that belongs to its profile and cannot be overridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// Whether `/ServiceProviderConfig` is asked for.
    pub discovery: Discovery,
    /// Whether a read shows what was just written.
    pub reads: Reads,
    /// How ids are compared.
    pub ids: Ids,
    /// What is said of a member that is added or removed.
    pub member_form: MemberForm,
    /// Whether a group is created with its first members.
    pub new_group: NewGroup,
    /// The extensions in which the provider says who leads an object and how its principal is
    /// called.
    pub own: Option<OwnExtension>,
    /// What the directory takes at most, as its provider publishes it.
    pub quotas: &'static [Quota],
}

/// Whether `/ServiceProviderConfig` is asked for (RFC 7644 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// It is; a server without one is also asked once past the end of each listing.
    Asked,
    /// It is not: the profile says everything.
    Known,
}

/// Whether a read shows what was just written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// At once.
    Current,
    /// Nobody promises so: a look that shows the old state is repeated a few times.
    Lagging,
}

/// How ids are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids {
    /// Letter by letter.
    Exact,
    /// As UUIDs: hyphens and case mean nothing.
    Uuid,
}

/// What is said of a member that is added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberForm {
    /// `{value}`.
    Value,
    /// `{value, display, $ref}`, all three demanded.
    Reference,
}

/// Whether a group is created with its first members (RFC 7643 section 4.2 allows it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewGroup {
    /// It is: the request that creates it names them, and a look shows whether they were kept.
    WithMembers,
    /// It is created without: this server ignores or refuses members there.
    Empty,
}

/// The provider's own extensions of users and groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnExtension {
    /// Of users.
    pub user: &'static str,
    /// Of groups: it holds the description.
    pub group: &'static str,
    /// The attribute of the group's extension that is the description.
    pub description: &'static str,
    /// What `$ref` of a user begins with.
    pub users: &'static str,
}

impl OwnExtension {
    /// HPE GreenLake's.
    pub const GREENLAKE: Self = Self {
        user: GREENLAKE_USER_URN,
        group: "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:Group",
        description: "groupDescription",
        users: "/identity/v2beta1/scim/v2/Users/",
    };

    /// The extension of `kind`; `None`: it has none.
    #[must_use]
    pub const fn of(&self, kind: KindName) -> Option<&'static str> {
        match kind.family() {
            Family::Group => Some(self.group),
            Family::Subject => Some(self.user),
            Family::Membership | Family::Grant | Family::Scope | Family::Plain => None,
        }
    }
}
