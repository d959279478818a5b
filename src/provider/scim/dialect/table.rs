//! The table: one constant a profile. What is not written is as RFC 7643 and RFC 7644 say.

use std::borrow::Cow;

use crate::kind::{GREENLAKE_POSIX_URN, GREENLAKE_USER_URN, KindName};
use crate::live::{Measure, Quota};

use super::{
    Attributes, Count, DeleteEffect, Dialect, Discovery, DisplayName, Habits, Ids, IfMatch,
    MemberForm, MemberValue, MembersRead, NewGroup, OwnExtension, Reads, RemovalForm, Totals,
    UpdateForm, UserName,
};

/// A list of attributes of users and of groups.
macro_rules! attributes {
    (user: $($user:expr),*; group: $($group:expr),*) => {
        Attributes::Borrowed(&[
            $((KindName::User, Cow::Borrowed($user)),)*
            $((KindName::Group, Cow::Borrowed($group)),)*
        ])
    };
}

/// The RFCs to the letter.
const RFC7644: Dialect = Dialect {
    name: "rfc7644",
    about: "any server that follows RFC 7643 and RFC 7644",
    page_size: None,
    count: Count::Sent,
    totals: Totals::Trusted,
    members: MembersRead::Inline,
    member_value: MemberValue::Id,
    member_removal: RemovalForm::Filter,
    member_batch: 100,
    max_group_members: None,
    user_update: UpdateForm::Patch,
    group_update: UpdateForm::Patch,
    user_name: UserName::Kept,
    display_name: DisplayName::Kept,
    delete: DeleteEffect::Removes,
    if_match: IfMatch::Advertised,
    unheld: Attributes::Borrowed(&[]),
    immutable: Attributes::Borrowed(&[]),
    concurrency: 16,
    reads_per_minute: 6_000.0,
    writes_per_minute: 1_000.0,
    habits: Habits {
        discovery: Discovery::Asked,
        reads: Reads::Current,
        ids: Ids::Exact,
        member_form: MemberForm::Value,
        new_group: NewGroup::WithMembers,
        own: None,
        quotas: &[],
    },
};

const SCIM2_SERVER: Dialect = Dialect {
    name: "scim2-server",
    about: "scim2-server: refuses attributes that no schema of its own declares",
    unheld: attributes!(user: GREENLAKE_USER_URN, GREENLAKE_POSIX_URN; group:),
    ..RFC7644
};

const SCIMMY: Dialect = Dialect {
    name: "scimmy",
    about: "scimmy-routers: entity tags are hashes of the body, and ignored",
    if_match: IfMatch::Never,
    unheld: attributes!(user: GREENLAKE_USER_URN, GREENLAKE_POSIX_URN; group:),
    ..RFC7644
};

const SCIMSERVER: Dialect = Dialect {
    name: "scimserver",
    about: "SCIMServer: a page holds at most 200, entity tags may be demanded",
    page_size: Some(200),
    unheld: attributes!(user: GREENLAKE_USER_URN, GREENLAKE_POSIX_URN; group:),
    ..RFC7644
};

const SCIMGATEWAY: Dialect = Dialect {
    name: "scimgateway",
    about: "scimgateway: the id of a user is its first userName, that of a group its externalId",
    // A PATCH of `roles` merges, and a PUT would lose what a read does not show.
    immutable: attributes!(user: "roles"; group: "externalId"),
    ..RFC7644
};

const DJANGO_SCIM2: Dialect = Dialect {
    name: "django-scim2",
    about: "django-scim2: members are removed by value, attributes are changed by PUT",
    member_removal: RemovalForm::Value,
    user_update: UpdateForm::Put,
    group_update: UpdateForm::Put,
    display_name: DisplayName::Derived,
    if_match: IfMatch::Never,
    unheld: attributes!(
        user: "name.formatted", "name.middleName", "name.honorificPrefix", "name.honorificSuffix", "nickName",
              "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone",
              "emails.type", "emails.display", "phoneNumbers", "ims", "photos", "addresses",
              "entitlements", "roles", GREENLAKE_USER_URN, GREENLAKE_POSIX_URN;
        group:
    ),
    habits: Habits { new_group: NewGroup::Empty, ..RFC7644.habits },
    ..RFC7644
};

const OPEN_WEBUI: Dialect = Dialect {
    name: "open-webui",
    about: "Open WebUI: a user is a name, an e-mail address and a switch",
    page_size: Some(100),
    user_update: UpdateForm::Put,
    user_name: UserName::FromEmail,
    display_name: DisplayName::Derived,
    if_match: IfMatch::Never,
    unheld: attributes!(
        user: "nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale",
              "timezone", "phoneNumbers", "ims", "addresses", "entitlements", "roles",
              GREENLAKE_USER_URN, GREENLAKE_POSIX_URN;
        group: "externalId"
    ),
    ..RFC7644
};

const CANAILLE: Dialect = Dialect {
    name: "canaille",
    about: "Canaille: any `count` fails, a member is named by userName, none can be removed",
    count: Count::LeftOut,
    member_value: MemberValue::UserName,
    member_removal: RemovalForm::Refused,
    group_update: UpdateForm::PatchWithoutPath,
    unheld: attributes!(
        user: "externalId", "emails.type", GREENLAKE_USER_URN, GREENLAKE_POSIX_URN;
        group: "externalId"
    ),
    immutable: attributes!(user: "userName", "externalId"; group: "externalId"),
    ..RFC7644
};

const POLIS: Dialect = Dialect {
    name: "polis",
    about: "Ory Polis (saml-jackson) directory sync: totals stop at 50, members are write-only",
    page_size: Some(50),
    totals: Totals::Capped,
    members: MembersRead::Never,
    if_match: IfMatch::Never,
    unheld: attributes!(user: GREENLAKE_USER_URN, GREENLAKE_POSIX_URN; group: "externalId"),
    habits: Habits { new_group: NewGroup::Empty, ..RFC7644.habits },
    ..RFC7644
};

const MEMBER_CAPPED: Dialect = Dialect {
    name: "member-capped",
    about: "at most 100 members a request and 1,000 members a group",
    member_batch: 100,
    max_group_members: Some(1_000),
    unheld: attributes!(user: GREENLAKE_USER_URN, GREENLAKE_POSIX_URN; group:),
    ..RFC7644
};

const LOWER_CASING: Dialect = Dialect {
    name: "lower-casing",
    about: "userName is kept in lower case and cannot change; extensions are dropped",
    user_name: UserName::LowerCased,
    if_match: IfMatch::Never,
    unheld: attributes!(
        user: "entitlements", "roles", GREENLAKE_USER_URN, GREENLAKE_POSIX_URN; group:
    ),
    immutable: attributes!(user: "userName", "displayName"; group:),
    reads_per_minute: 600.0,
    writes_per_minute: 600.0,
    ..RFC7644
};

const SOFT_DELETE: Dialect = Dialect {
    name: "soft-delete",
    about: "deleting a user deactivates it, and its name is taken for ever",
    page_size: Some(1_000),
    delete: DeleteEffect::Deactivates,
    if_match: IfMatch::Never,
    unheld: attributes!(
        user: "displayName", "title", GREENLAKE_USER_URN, GREENLAKE_POSIX_URN; group:
    ),
    ..RFC7644
};

/// HPE GreenLake's directory, `/identity/v2beta1/scim/v2`, to the letter of its OpenAPI file.
///
/// Where HPE says nothing, muster assumes the least:
/// - `userName` does not change: it must equal the primary e-mail and is who signs in.
/// - `countryCode` and the other attributes of the schema do ("add, remove, or replace one or
///   more attributes"); the writer looks back and says so where one was not kept.
/// - `active` is read-only in the schema of an answer, and is never desired.
/// - How many members one request may name: 100, and half of it where that is refused.
/// - A read may lag behind a write.
const GREENLAKE: Dialect = Dialect {
    name: "greenlake",
    about: "HPE GreenLake: pages of 200, members by an extension endpoint, no PUT, no entity tags",
    page_size: Some(200),
    members: MembersRead::Extension,
    member_removal: RemovalForm::Value,
    user_update: UpdateForm::PatchWholeValues,
    max_group_members: Some(200),
    if_match: IfMatch::Never,
    unheld: attributes!(
        user: "externalId", "name.formatted", "name.middleName", "name.honorificPrefix",
              "name.honorificSuffix", "nickName", "profileUrl", "title", "userType",
              "preferredLanguage", "locale", "timezone", "active", "emails.type",
              "emails.display", "phoneNumbers", "ims", "photos", "addresses", "entitlements",
              "roles";
        group: "externalId"
    ),
    immutable: attributes!(user: "userName"; group:),
    habits: Habits {
        discovery: Discovery::Known,
        reads: Reads::Lagging,
        ids: Ids::Uuid,
        member_form: MemberForm::Reference,
        new_group: NewGroup::Empty,
        own: Some(OwnExtension::GREENLAKE),
        quotas: &[
            Quota {
                measure: Measure::Objects(KindName::User),
                most: 5_500,
                name: "users per organization",
            },
            Quota {
                measure: Measure::Objects(KindName::Group),
                most: 200,
                name: "user groups per organization",
            },
            Quota { measure: Measure::GroupsOfUser, most: 200, name: "user groups per user" },
        ],
    },
    ..RFC7644
};

/// Every profile; the first is the default.
pub static PROFILES: &[Dialect] = &[
    RFC7644,
    SCIM2_SERVER,
    SCIMMY,
    DJANGO_SCIM2,
    SCIMSERVER,
    SCIMGATEWAY,
    OPEN_WEBUI,
    CANAILLE,
    POLIS,
    MEMBER_CAPPED,
    LOWER_CASING,
    SOFT_DELETE,
    GREENLAKE,
];

impl Default for Dialect {
    fn default() -> Self {
        RFC7644
    }
}
