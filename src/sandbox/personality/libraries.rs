//! Libraries and test servers; the code of each in the observations is behind its name.

use super::rfc7644::RFC7644;
use super::{
    Act, Answer, DeleteRules, Discovery, DisplayName, Echo, Edge, Endpoint, ErrorBody, ErrorRules,
    Filters, GroupPatch, IdForm, MetaRules, Order, PageCount, Paging, PatchRules, Personality,
    PutRules, StatusForm, Storage, Success, Taken, Unknown, UserPatch, Versions,
};

const REFUSED: Act = Act::Refused("invalidValue");
const CHARSET: &str = "application/scim+json; charset=utf-8";
const ONLY_VALUE: Echo =
    Echo { reference: false, kind: false, display: false, empty: false, ..RFC7644.echo };

/// S2.
pub(super) const SCIM2_SERVER: Personality = Personality {
    name: "scim2-server",
    paging: Paging { default_rows: Some(1000), order: Order::Id, ..RFC7644.paging },
    storage: Storage {
        id: IdForm::Hex,
        schemas_required: false,
        unknown_urn: Unknown::Refused("invalidSyntax"),
        group_taken: Taken::Allowed,
        unknown_member: Unknown::Kept,
        flag_as_text: Act::Right,
        ..RFC7644.storage
    },
    echo: ONLY_VALUE,
    patch: PatchRules { success: Success::NoContent, no_schemas: Act::Right, ..RFC7644.patch },
    group_patch: GroupPatch {
        remove_values: REFUSED,
        unknown_member: Unknown::Kept,
        ..RFC7644.group_patch
    },
    user_patch: UserPatch { unknown_urn: Act::Refused("invalidPath"), ..RFC7644.user_patch },
    delete: DeleteRules { dangling: true, ..RFC7644.delete },
    discovery: Discovery { bulk: (true, 1000), ..RFC7644.discovery },
    closes: true,
    ..RFC7644
};

/// SY.
pub(super) const SCIMMY: Personality = Personality {
    name: "scimmy",
    paging: Paging {
        default_rows: Some(20),
        cap: None,
        per_page: PageCount::Echo,
        past_end: Edge::LastRows,
        sub_attributes: REFUSED,
        projected_without_schemas: true,
        ..RFC7644.paging
    },
    filters: Filters {
        user: &[("emails.value", Answer::Refused)],
        group: &[("members.value", Answer::Refused)],
        unknown: Answer::Nothing,
        exact_names: (true, true),
        ..RFC7644.filters
    },
    storage: Storage {
        schemas_required: false,
        user_refused: &["roles.type", "entitlements.type"],
        unknown_core: Unknown::Dropped,
        unknown_urn: Unknown::Dropped,
        user_taken: Taken::Bare,
        group_taken: Taken::Bare,
        rename_taken: Taken::Bare,
        ..RFC7644.storage
    },
    echo: ONLY_VALUE,
    patch: PatchRules { success: Success::FullOrNothing, touches: true, ..RFC7644.patch },
    group_patch: GroupPatch {
        duplicates: true,
        remove_values: Act::Right,
        replace_no_path: Act::Merged,
        ..RFC7644.group_patch
    },
    user_patch: UserPatch { unknown_urn: Act::Refused("invalidPath"), ..RFC7644.user_patch },
    meta: MetaRules { relative: true, header: false, versions: Versions::Hash, ..RFC7644.meta },
    errors: ErrorRules { media_type: CHARSET, ..RFC7644.errors },
    discovery: Discovery {
        needs_token: true,
        bulk: (true, 1000),
        filter: (true, 200),
        etag: false,
        ..RFC7644.discovery
    },
    ..RFC7644
};

/// SY5: the same with numbers in the query lost.
pub(super) const SCIMMY_EXPRESS5: Personality = Personality {
    name: "scimmy-express5",
    paging: Paging {
        stuck: true,
        per_page: PageCount::Fixed(20),
        past_end: Edge::FirstPage,
        count_zero: Edge::FirstPage,
        ..SCIMMY.paging
    },
    ..SCIMMY
};

/// PS.
pub(super) const SCIMSERVER: Personality = Personality {
    name: "scimserver",
    paging: Paging {
        cap: Some(200),
        start_zero: Edge::Echoed,
        sub_attributes: Act::Ignored,
        meta_always: true,
        ..RFC7644.paging
    },
    filters: Filters {
        user: &[("emails.value", Answer::Nothing)],
        group: &[("members.value", Answer::Nothing)],
        ..RFC7644.filters
    },
    storage: Storage {
        schemas_required: false,
        unknown_urn: Unknown::Refused("invalidSyntax"),
        unknown_member: Unknown::Kept,
        flag_as_text: Act::Right,
        ..RFC7644.storage
    },
    echo: Echo { empty: true, ..ONLY_VALUE },
    patch: PatchRules { touches: true, ..RFC7644.patch },
    group_patch: GroupPatch {
        add_object: REFUSED,
        add_no_path: REFUSED,
        remove_values: Act::Right,
        remove_all: REFUSED, // by policy
        unknown_member: Unknown::Kept,
        ..RFC7644.group_patch
    },
    user_patch: UserPatch {
        dotted: Act::Ignored,
        dotted_key: REFUSED,
        add_many: Act::Whole,
        unknown_urn: Act::Ignored,
        ..RFC7644.user_patch
    },
    delete: DeleteRules { dangling: true, ..RFC7644.delete },
    errors: ErrorRules {
        missing: (ErrorBody::Typed("noTarget"), ErrorBody::Typed("noTarget")),
        stale_type: Some("versionMismatch"),
        unauthorized: ErrorBody::Typed("invalidToken"),
        media_type: CHARSET,
        ..RFC7644.errors
    },
    discovery: Discovery { bulk: (true, 1000), filter: (true, 200), ..RFC7644.discovery },
    ..RFC7644
};

/// DJ.
pub(super) const DJANGO_SCIM2: Personality = Personality {
    name: "django-scim2",
    paging: Paging {
        default_rows: Some(50),
        cap: None,
        start_zero: Edge::Refused,
        order: Order::Id, // as text: 1, 10, 100, 2
        sort: Act::Ignored,
        attributes: Act::Ignored,
        excluded: Act::Ignored,
        ..RFC7644.paging
    },
    filters: Filters {
        user: &[("username", Answer::Right), ("emails.value", Answer::Right)],
        other: Answer::Nothing,
        unknown: Answer::Nothing,
        and: Answer::Nothing,
        order: Answer::Nothing,
        syntax: Answer::Bare,
        ..RFC7644.filters
    },
    storage: Storage {
        id: IdForm::Integer,
        schemas_required: false,
        user_dropped: &[
            "roles",
            "entitlements",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user",
        ],
        unknown_core: Unknown::Dropped,
        unknown_urn: Unknown::Dropped,
        display_name: DisplayName::Derived,
        caseless: false,
        user_taken: Taken::Bare,
        group_taken: Taken::Bare,
        rename_taken: Taken::Crash,
        unknown_member: Unknown::Dropped,
        members_on_write: (false, false),
        ..RFC7644.storage
    },
    echo: Echo { kind: false, ..RFC7644.echo },
    patch: PatchRules { no_schemas: Act::Right, dates_move: false, ..RFC7644.patch },
    group_patch: GroupPatch {
        add_object: Act::Crash,
        remove_filter: Act::Unsupported,
        remove_values: Act::Right,
        remove_all: Act::Ignored,
        replace: Act::Unsupported,
        replace_empty: Act::Unsupported,
        replace_no_path: Act::Unsupported,
        unknown_member: Unknown::Crash,
        rename: Act::Unsupported,
        rename_no_path: Act::Unsupported,
        external_id: Act::Unsupported,
        ..RFC7644.group_patch
    },
    user_patch: UserPatch {
        no_path_complex: Act::Crash,
        filtered: Act::Unsupported,
        add_many: Act::Unsupported,
        roles: Act::Unsupported,
        other: Act::Unsupported,
        external_id: Act::Unsupported,
        display_name: Act::Unsupported,
        read_only: Act::Unsupported,
        enterprise: Act::Unsupported,
        unknown_urn: Act::Unsupported,
        ..RFC7644.user_patch
    },
    put: PutRules { kept: &["emails"], no_members: Act::Ignored, ..RFC7644.put },
    meta: MetaRules { group_dates: false, versions: Versions::None, ..RFC7644.meta },
    errors: ErrorRules {
        status: StatusForm::Number,
        types: false,
        unauthorized: ErrorBody::Empty,
        unknown_path: ErrorBody::Html,
        ..RFC7644.errors
    },
    discovery: Discovery {
        needs_token: true,
        endpoint: Endpoint::WithBase,
        bulk: (false, 1000),
        filter: (false, 50),
        sort: false,
        etag: false,
        ..RFC7644.discovery
    },
    ..RFC7644
};
