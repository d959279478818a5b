//! The rules of one server, by subject: a field a row of the observations.

use super::manner::{
    Act, Answer, DisplayName, Edge, Endpoint, ErrorBody, IdForm, Order, PageCount, StatusForm,
    Success, Taken, Unknown, UserName, Versions,
};

/// Paging, order and projection.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// Rows of a page when no `count` is given; `None` is all.
    pub default_rows: Option<usize>,
    /// The most rows of a page.
    pub cap: Option<usize>,
    /// What a `count` above the cap gets: `Right` is fewer rows.
    pub over_cap: Edge,
    /// What any `count` gets.
    pub any_count: Edge,
    /// `totalResults` never says more than this.
    pub total_cap: Option<usize>,
    /// `itemsPerPage`.
    pub per_page: PageCount,
    /// A `startIndex` past the last row.
    pub past_end: Edge,
    /// `startIndex=0`.
    pub start_zero: Edge,
    /// `count=0`.
    pub count_zero: Edge,
    /// `startIndex` and `count` are not looked at: always the first page.
    pub stuck: bool,
    /// The order without `sortBy`.
    pub order: Order,
    /// `sortBy`: `Right`, `Ignored`, or `Crash` together with `count`.
    pub sort: Act,
    /// `attributes=`: `Right` or `Ignored`.
    pub attributes: Act,
    /// `attributes=emails.value`: `Right`, `Ignored` or refused.
    pub sub_attributes: Act,
    /// `schemas` is left out of a projected row.
    pub projected_without_schemas: bool,
    /// `meta` is part of every projected row.
    pub meta_always: bool,
    /// `excludedAttributes=`: `Right` or `Ignored`.
    pub excluded: Act,
    /// `POST /Users/.search`: 200, or the status of its refusal.
    pub search: u16,
}

/// Filters. Attribute names are lower case.
#[derive(Clone, Copy, Debug)]
pub struct Filters {
    /// User attributes that are answered unlike `other`.
    pub user: &'static [(&'static str, Answer)],
    /// Group attributes that are answered unlike `other`.
    pub group: &'static [(&'static str, Answer)],
    /// Attributes of the schema that are not listed.
    pub other: Answer,
    /// Attributes that no schema has.
    pub unknown: Answer,
    /// `sw`, `co`, `ew`.
    pub substring: Answer,
    /// `and`.
    pub and: Answer,
    /// `or`.
    pub or: Answer,
    /// `not`.
    pub not: Answer,
    /// `gt`, `ge`, `lt`, `le`.
    pub order: Answer,
    /// What cannot be parsed.
    pub syntax: Answer,
    /// `userName` and `displayName` of groups compare case-sensitively: (user, group).
    pub exact_names: (bool, bool),
    /// `externalId` compares caselessly.
    pub caseless_external_id: bool,
}

/// What a server stores, and what it refuses to create.
#[derive(Clone, Copy, Debug)]
pub struct Storage {
    /// The form of ids.
    pub id: IdForm,
    /// `schemas` must name the core schema in POST and PUT.
    pub schemas_required: bool,
    /// Attributes a new user needs beside `userName`.
    pub required: &'static [&'static str],
    /// The status when one is missing; 422 comes as `{"detail"}`.
    pub lacking_status: u16,
    /// User attributes (lower case, `emails.type` or a URN) dropped in silence.
    pub user_dropped: &'static [&'static str],
    /// Group attributes dropped in silence.
    pub group_dropped: &'static [&'static str],
    /// User attributes refused with 400.
    pub user_refused: &'static [&'static str],
    /// Attributes that the core schemas do not have.
    pub unknown_core: Unknown,
    /// Extensions other than the enterprise user.
    pub unknown_urn: Unknown,
    /// `userName`.
    pub user_name: UserName,
    /// A user's `displayName`.
    pub display_name: DisplayName,
    /// Two users whose names differ by case are one.
    pub caseless: bool,
    /// POST of a `userName` that is taken.
    pub user_taken: Taken,
    /// POST of a group's `displayName` that is taken.
    pub group_taken: Taken,
    /// POST of a user's `externalId` that is taken.
    pub external_id_taken: Taken,
    /// PATCH or PUT to a `userName` that is taken.
    pub rename_taken: Taken,
    /// A group is created with a member that does not exist.
    pub unknown_member: Unknown,
    /// Members sent with POST and PUT of a group are stored.
    pub members_on_write: (bool, bool),
    /// Most members in one request, and in one group.
    pub member_caps: (Option<usize>, Option<usize>),
    /// `active` as text: `Right` reads it, `Refused` 400, `Whole` stores the text.
    pub flag_as_text: Act,
}

/// The members a server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// `members` is never read back: always `[]`.
    pub hidden: bool,
    /// `value` is the member's `userName`, not its id.
    pub value_is_name: bool,
    /// `value` is there.
    pub reference: bool,
    /// `type` is there.
    pub kind: bool,
    /// `display` is there.
    pub display: bool,
    /// A group without members has `members: []`, not none.
    pub empty: bool,
}

/// PATCH of groups, one field a row of the observations.
#[derive(Clone, Copy, Debug)]
pub struct GroupPatch {
    /// `add members {"value":…}`, not in an array.
    pub add_object: Act,
    /// `add {"members":[…]}` without a path.
    pub add_no_path: Act,
    /// Adding a member that is there adds it once more.
    pub duplicates: bool,
    /// `remove members[value eq "…"]`.
    pub remove_filter: Act,
    /// `remove members` with a value array; `Whole` removes all members.
    pub remove_values: Act,
    /// `remove members`.
    pub remove_all: Act,
    /// `replace members [A,B]`.
    pub replace: Act,
    /// `replace members []`.
    pub replace_empty: Act,
    /// `replace {"members":[…]}` without a path.
    pub replace_no_path: Act,
    /// A member that does not exist.
    pub unknown_member: Unknown,
    /// `replace displayName`.
    pub rename: Act,
    /// `replace {"displayName":…}` without a path.
    pub rename_no_path: Act,
    /// `replace externalId`.
    pub external_id: Act,
}

/// PATCH of users, and what is common to both.
#[derive(Clone, Copy, Debug)]
pub struct UserPatch {
    /// `name.familyName` as path.
    pub dotted: Act,
    /// `{"name":{"familyName":…}}` without a path; `Whole` drops the other parts.
    pub no_path_complex: Act,
    /// `{"name.familyName":…}` without a path.
    pub dotted_key: Act,
    /// `emails` replaced by an array.
    pub replace_many: Act,
    /// `emails[type eq "work"].value`.
    pub filtered: Act,
    /// One more of `emails`; `Whole` replaces what was there.
    pub add_many: Act,
    /// `roles` replaced.
    pub roles: Act,
    /// Any other attribute, as `title`.
    pub other: Act,
    /// `externalId`.
    pub external_id: Act,
    /// `userName`.
    pub user_name: Act,
    /// `displayName`.
    pub display_name: Act,
    /// `id`, `groups`, `meta`; `Whole` stores them.
    pub read_only: Act,
    /// `URN:department` of the enterprise extension; `Whole` stores it under the path as key.
    pub enterprise: Act,
    /// A path into an extension that the server does not know.
    pub unknown_urn: Act,
}

/// PATCH of any resource.
#[derive(Clone, Copy, Debug)]
pub struct PatchRules {
    /// The answer to success.
    pub success: Success,
    /// An operation that is not add, remove or replace.
    pub unknown_op: Act,
    /// `Add` for `add`.
    pub capital_op: Act,
    /// A body without `schemas`.
    pub no_schemas: Act,
    /// One bad operation undoes the request; else what went before stays, with success.
    pub atomic: bool,
    /// A PATCH without effect changes `lastModified` and the version.
    pub touches: bool,
    /// `lastModified` moves at all.
    pub dates_move: bool,
}

/// How PUT differs.
#[derive(Clone, Copy, Debug)]
pub struct PutRules {
    /// User attributes that stay although they are left out.
    pub kept: &'static [&'static str],
    /// The e-mail becomes the `userName`.
    pub email_is_user_name: bool,
    /// No `members` key: `Right` empties, `Ignored` keeps, or refused.
    pub no_members: Act,
    /// A changed `displayName` of a group.
    pub rename: Act,
}

/// What DELETE does.
#[derive(Clone, Copy, Debug)]
pub struct DeleteRules {
    /// 204, or 200 with the resource.
    pub status: u16,
    /// A deleted user stays as `active: false`; its name is taken for ever.
    pub deactivates: bool,
    /// Groups keep the deleted member.
    pub dangling: bool,
}

/// `meta` as shown.
#[derive(Clone, Copy, Debug)]
pub struct MetaRules {
    /// There is a `meta`.
    pub shown: bool,
    /// Groups have `created` and `lastModified`.
    pub group_dates: bool,
    /// `location` is below the base, without it.
    pub relative: bool,
    /// `location` ends in the name, not in the id.
    pub location_by_name: bool,
    /// `Location` header on 201.
    pub header: bool,
    /// `version` is there, as null.
    pub null_version: bool,
    /// Versions.
    pub versions: Versions,
}

/// Errors and media types.
#[derive(Clone, Copy, Debug)]
pub struct ErrorRules {
    /// `status`.
    pub status: StatusForm,
    /// `scimType` is sent.
    pub types: bool,
    /// All 400 say this `scimType`.
    pub one_type: Option<&'static str>,
    /// The body of the 404 of a resource: of GET, and of the other methods.
    pub missing: (ErrorBody, ErrorBody),
    /// The status for a resource that is missing when it is to be written.
    pub missing_on_write: u16,
    /// The `scimType` of a 412.
    pub stale_type: Option<&'static str>,
    /// No or a wrong token.
    pub unauthorized: ErrorBody,
    /// A path the server does not have.
    pub unknown_path: ErrorBody,
    /// The media type of all answers.
    pub media_type: &'static str,
    /// HTML is labelled as SCIM.
    pub html_as_scim: bool,
}

/// Discovery endpoints, and what `/ServiceProviderConfig` claims.
#[derive(Clone, Copy, Debug)]
pub struct Discovery {
    /// There is discovery at all; else 404 `{}`.
    pub served: bool,
    /// `/ServiceProviderConfig` needs the token.
    pub needs_token: bool,
    /// `/ResourceTypes` is a bare array.
    pub bare_array: bool,
    /// `endpoint`.
    pub endpoint: Endpoint,
    /// The id of a resource type is its schema's URN.
    pub id_is_urn: bool,
    /// `bulk`: supported, `maxOperations`.
    pub bulk: (bool, u32),
    /// The status of `/Bulk` where it is not supported.
    pub bulk_status: u16,
    /// A bulk operation's `status` is an object.
    pub bulk_status_object: bool,
    /// `filter`: supported, `maxResults`.
    pub filter: (bool, u32),
    /// `sort`.
    pub sort: bool,
    /// `etag`.
    pub etag: bool,
}

/// Requests a minute, and what is behind it.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// Requests a minute and token.
    pub per_minute: u32,
    /// `Retry-After` in seconds.
    pub retry_after: u32,
    /// Wrong tokens before 401 becomes 429.
    pub bad_tokens: u32,
}
