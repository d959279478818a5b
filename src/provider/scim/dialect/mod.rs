//! Dialects: how one SCIM 2.0 server differs from the next, as a table.
//!
//! The code of this folder's neighbours never asks which server it talks to; it reads a line of
//! this table. A line can be overridden in `muster.yaml` under `target.dialect`.
//!
//! | profile | server | what it says beside the RFCs | what is refused in words |
//! |---|---|---|---|
//! | `rfc7644` | any | nothing | |
//! | `scim2-server` | scim2-server | no GreenLake extensions | |
//! | `scimmy` | scimmy-routers, Express 4 | no `If-Match` | on Express 5, a listing that does not fit on one page |
//! | `scimserver` | SCIMServer | pages of 200 | |
//! | `scimgateway` | scimgateway | a group's `externalId` is its id | a changed `externalId` of a group; changed `roles` |
//! | `open-webui` | Open WebUI | changes by `PUT`; `userName` is the e-mail; `displayName` is derived; no `title` | a user whose e-mail is not its name |
//! | `django-scim2` | django-scim2 | members are removed by value; changes by `PUT`; `displayName` is derived | |
//! | `canaille` | Canaille | no `count`; members by `userName`; groups change without a path; no `externalId` | removing a member; changing a `userName` |
//! | `polis` | Ory Polis, saml-jackson | totals stop at 50; members are write-only | members; removing or deactivating anybody |
//! | `member-capped` | | 100 members a request, 1,000 a group | a larger group |
//! | `lower-casing` | | `userName` in lower case; 600 requests a minute | changing a `userName` or `displayName` |
//! | `greenlake` | HPE GreenLake | no discovery, `PUT`, entity tags or `members`; pages of 200; members by an extension endpoint; ids dashed or not | changing a `userName`; `active` |
//! | `soft-delete` | | a delete deactivates; no `displayName`, no `title` | |
//!
//! What a profile does not hold (`unheld`) is told as a warning and not compared. The default,
//! spoken to any of these servers, does no harm: what a server does not do is a refused read or a
//! failed receipt, mostly with the line to write (`tests/matrix.rs` tries each of them).

mod capabilities;
mod habits;
mod overrides;
mod table;

use std::borrow::Cow;

use crate::kind::{Family, KindName};
use crate::live::RemoteId;

use super::discovery::ServiceProvider;

pub use habits::{Discovery, Habits, Ids, MemberForm, NewGroup, OwnExtension, Reads};
pub use overrides::LINES;
pub use table::PROFILES;

/// How one server speaks SCIM 2.0. The lines are public so that a table can be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialect {
    /// The profile's name, as `target.profile` writes it.
    pub name: &'static str,
    /// Which server it is for, for people.
    pub about: &'static str,
    /// Rows asked for in one page; `None`: `filter.maxResults` of the server's configuration,
    /// between 100 and 1000.
    pub page_size: Option<u32>,
    /// Whether `count` may be sent at all.
    pub count: Count,
    /// Whether `totalResults` can be believed.
    pub totals: Totals,
    /// Whether a group's members can be read.
    pub members: MembersRead,
    /// What `members[].value` of an answer is.
    pub member_value: MemberValue,
    /// How a member is removed.
    pub member_removal: RemovalForm,
    /// Members one request may add or remove.
    pub member_batch: usize,
    /// Members a group may have.
    pub max_group_members: Option<usize>,
    /// How a user's attributes are changed.
    pub user_update: UpdateForm,
    /// How a group's attributes are changed.
    pub group_update: UpdateForm,
    /// What becomes of `userName`.
    pub user_name: UserName,
    /// What becomes of a user's `displayName`.
    pub display_name: DisplayName,
    /// What deleting a user does.
    pub delete: DeleteEffect,
    /// Whether `If-Match` is sent.
    pub if_match: IfMatch,
    /// Attributes the server forgets or refuses: `title`, or `emails.type` for a part of one.
    pub unheld: Attributes,
    /// Attributes that cannot change once the object exists.
    pub immutable: Attributes,
    /// Requests in flight at once, at most.
    pub concurrency: usize,
    /// Reads a minute the server takes.
    pub reads_per_minute: f64,
    /// Writes a minute the server takes.
    pub writes_per_minute: f64,
    /// What belongs to the profile and cannot be overridden.
    pub habits: Habits,
}

/// Attributes by kind.
pub type Attributes = Cow<'static, [(KindName, Cow<'static, str>)]>;

/// Whether `count` may be sent (RFC 7644 section 3.4.2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// It is sent.
    Sent,
    /// It is left out: the server fails when it sees one.
    LeftOut,
}

/// Whether `totalResults` can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Totals {
    /// It is the number of resources.
    Trusted,
    /// It is cut off at the page size: a listing is never proved, so muster only adds.
    Capped,
}

/// Whether a group's members can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MembersRead {
    /// They come with the group.
    Inline,
    /// They are a listing of their own: `/extensions/Groups/{id}/users`, whole users on it.
    Extension,
    /// They are never returned.
    Never,
}

/// What `members[].value` of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberValue {
    /// The user's `id`, as RFC 7643 section 4.2 says.
    Id,
    /// The user's `userName`.
    UserName,
    /// Something else; the last segment of `$ref` is the `id`.
    Ref,
}

/// How a member is removed (RFC 7644 section 3.5.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalForm {
    /// One operation each, with the path `members[value eq "id"]`.
    Filter,
    /// The path `members` with a list of values. Never tried unasked: a server that follows the
    /// RFC to the letter removes *all* members for it.
    Value,
    /// There is no way but to replace the whole list, and muster never does that.
    Refused,
}

/// How attributes are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateForm {
    /// `PATCH`, one operation with a `path` for each attribute. Of a complex one only the
    /// sub-attributes that differ (`name.familyName`), unless an entity tag makes sure that nobody
    /// wrote the others meanwhile.
    Patch,
    /// The same, with complex values always whole: for servers that take no path to a
    /// sub-attribute. Another that somebody else writes in the same moment is written over.
    PatchWholeValues,
    /// `PATCH`, one operation without a `path` that holds the changed attributes, complex values
    /// whole. Members are never among them.
    PatchWithoutPath,
    /// `PUT` of what the server has, with the changed attributes put in.
    Put,
}

/// What becomes of `userName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserName {
    /// It is kept as sent.
    Kept,
    /// It is kept in lower case.
    LowerCased,
    /// It is replaced by the e-mail address.
    FromEmail,
}

/// What becomes of a user's `displayName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplayName {
    /// It is kept as sent.
    Kept,
    /// It is made from `name`, whatever is sent; some servers demand it all the same.
    Derived,
}

/// What deleting a user does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeleteEffect {
    /// It is gone, and its name is free again.
    Removes,
    /// It stays as `active: false`, and its name is taken for ever.
    Deactivates,
}

/// Whether `If-Match` is sent (RFC 7644 section 3.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// Where the server's configuration says `etag` and the object has a `meta.version`.
    Advertised,
    /// Never: the server has entity tags and ignores them.
    Never,
}

impl Dialect {
    /// The dialect with the open lines filled in from what the server says of itself.
    #[must_use]
    pub fn settled(&self, found: &ServiceProvider) -> Self {
        let mut settled = self.clone();
        if settled.page_size.is_none() {
            settled.page_size = Some(found.max_results().map_or(100, |max| max.clamp(100, 1000)));
        }
        if !found.has_etags() {
            settled.if_match = IfMatch::Never;
        }
        settled
    }

    /// Rows asked for in one page; `None` where `count` may not be sent.
    #[must_use]
    pub fn asked_rows(&self) -> Option<u32> {
        match self.count {
            Count::Sent => Some(self.page_size.unwrap_or(100)),
            Count::LeftOut => None,
        }
    }

    /// Whether the server forgets or refuses the attribute, or this part of it.
    #[must_use]
    pub fn is_unheld(&self, kind: KindName, attribute: &str) -> bool {
        let derived = kind.family() == Family::Subject
            && attribute == "displayName"
            && self.display_name == DisplayName::Derived;
        derived || self.unheld.iter().any(|(of, name)| *of == kind && name == attribute)
    }

    /// The form in which ids are compared.
    #[must_use]
    pub fn joined<'a>(&self, id: &'a str) -> Cow<'a, str> {
        match self.habits.ids {
            Ids::Exact => Cow::Borrowed(id),
            Ids::Uuid => RemoteId::compare(id),
        }
    }

    /// Whether the server has an attribute for a field that not every server has one for.
    #[must_use]
    pub fn holds_optional(&self, kind: KindName, name: &str) -> bool {
        self.habits.own.is_some() && kind.family() == Family::Group && name == "description"
    }

    /// How attributes of this kind are changed.
    #[must_use]
    pub const fn update_form(&self, kind: KindName) -> UpdateForm {
        match kind.family() {
            Family::Group => self.group_update,
            Family::Subject
            | Family::Membership
            | Family::Grant
            | Family::Scope
            | Family::Plain => self.user_update,
        }
    }
}
