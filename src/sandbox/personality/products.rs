//! Products; the code of each in the observations is behind its name.

use super::rfc7644::RFC7644;
use super::{
    Act, Answer, DeleteRules, Discovery, DisplayName, Echo, Edge, Endpoint, ErrorBody, ErrorRules,
    Filters, GroupPatch, IdForm, MetaRules, Order, PageCount, Paging, PatchRules, Personality,
    PutRules, StatusForm, Storage, Success, Taken, Unknown, UserName, UserPatch, Versions,
};

const REFUSED: Act = Act::Refused("invalidValue");
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user";

/// SG.
pub(super) const SCIMGATEWAY: Personality = Personality {
    name: "scimgateway",
    paging: Paging {
        default_rows: Some(200),
        cap: None,
        start_zero: Edge::Echoed,
        meta_always: true,
        search: 400,
        ..RFC7644.paging
    },
    filters: Filters {
        user: &[("active", Answer::Refused)],
        unknown: Answer::Nothing,
        and: Answer::Nothing,
        not: Answer::Refused,
        order: Answer::Nothing,
        caseless_external_id: true,
        ..RFC7644.filters
    },
    storage: Storage {
        id: IdForm::Name,
        schemas_required: false,
        unknown_core: Unknown::Kept,
        caseless: false,
        rename_taken: Taken::Breaks,
        unknown_member: Unknown::Refused("invalidSyntax"),
        flag_as_text: Act::Right,
        ..RFC7644.storage
    },
    echo: Echo { reference: false, kind: false, ..RFC7644.echo },
    patch: PatchRules {
        success: Success::NoContent,
        unknown_op: Act::Ignored,
        no_schemas: Act::Right,
        atomic: false,
        touches: true,
        ..RFC7644.patch
    },
    group_patch: GroupPatch {
        remove_values: Act::Right,
        remove_all: Act::Ignored,
        replace: Act::Merged,
        replace_no_path: Act::Ignored,
        unknown_member: Unknown::Crash,
        ..RFC7644.group_patch
    },
    user_patch: UserPatch { roles: Act::Merged, read_only: Act::Whole, ..RFC7644.user_patch },
    errors: ErrorRules {
        one_type: Some("invalidSyntax"),
        missing_on_write: 500,
        unauthorized: ErrorBody::Empty,
        unknown_path: ErrorBody::Empty,
        media_type: "application/scim+json; charset=utf-8",
        ..RFC7644.errors
    },
    discovery: Discovery {
        needs_token: true,
        id_is_urn: true,
        bulk: (true, 1000),
        bulk_status_object: true,
        filter: (true, 200),
        sort: false, // and yet it sorts
        ..RFC7644.discovery
    },
    ..RFC7644
};

/// OW.
pub(super) const OPEN_WEBUI: Personality = Personality {
    name: "open-webui",
    paging: Paging {
        default_rows: Some(20),
        cap: Some(100),
        order: Order::Newest,
        sort: Act::Ignored,
        attributes: Act::Ignored,
        excluded: Act::Ignored,
        search: 405,
        ..RFC7644.paging
    },
    filters: Filters {
        user: &[("username", Answer::Right), ("externalid", Answer::Right)],
        group: &[("displayname", Answer::Right)],
        other: Answer::Everything,
        unknown: Answer::Everything,
        substring: Answer::Everything,
        and: Answer::FirstTerm,
        or: Answer::FirstTerm,
        not: Answer::FirstTerm,
        order: Answer::Everything,
        syntax: Answer::Nothing,
        exact_names: (false, true),
        ..RFC7644.filters
    },
    storage: Storage {
        schemas_required: false,
        required: &["displayName", "name", "emails"],
        lacking_status: 422,
        user_dropped: &["roles", "entitlements", ENTERPRISE],
        group_dropped: &["externalid"],
        unknown_core: Unknown::Dropped,
        unknown_urn: Unknown::Dropped,
        user_name: UserName::Email,
        display_name: DisplayName::Derived,
        caseless: false,
        user_taken: Taken::Detail,
        group_taken: Taken::Allowed,
        external_id_taken: Taken::Detail,
        rename_taken: Taken::Crash,
        ..RFC7644.storage
    },
    patch: PatchRules {
        unknown_op: Act::Ignored,
        no_schemas: Act::Right,
        atomic: false,
        ..RFC7644.patch
    },
    group_patch: GroupPatch {
        add_object: REFUSED,
        add_no_path: Act::Ignored,
        remove_values: Act::Ignored,
        remove_all: Act::Ignored,
        replace_no_path: Act::Ignored,
        rename_no_path: Act::Ignored,
        ..RFC7644.group_patch
    },
    user_patch: UserPatch {
        dotted: REFUSED,
        no_path_complex: REFUSED,
        dotted_key: REFUSED,
        replace_many: REFUSED,
        filtered: REFUSED,
        add_many: REFUSED,
        roles: REFUSED,
        other: REFUSED,
        read_only: REFUSED,
        enterprise: REFUSED,
        unknown_urn: Act::Refused("invalidPath"),
        ..RFC7644.user_patch
    },
    put: PutRules {
        kept: &["externalId"],
        email_is_user_name: true,
        no_members: Act::Ignored,
        ..RFC7644.put
    },
    meta: MetaRules { header: false, null_version: true, versions: Versions::None, ..RFC7644.meta },
    errors: ErrorRules {
        missing: (ErrorBody::Scim, ErrorBody::Detail),
        unauthorized: ErrorBody::Detail,
        unknown_path: ErrorBody::HtmlOk, // the web application
        media_type: "application/json",
        ..RFC7644.errors
    },
    discovery: Discovery {
        bare_array: true,
        bulk: (false, 1000),
        bulk_status: 405,
        filter: (true, 200), // the real cap of a page is 100
        sort: false,
        etag: false,
        ..RFC7644.discovery
    },
    ..RFC7644
};

/// CA.
pub(super) const CANAILLE: Personality = Personality {
    name: "canaille",
    paging: Paging {
        default_rows: None,
        cap: None,
        any_count: Edge::Crash,
        per_page: PageCount::Absent,
        past_end: Edge::Crash,
        start_zero: Edge::Crash,
        count_zero: Edge::Crash,
        sort: Act::Crash,
        search: 405,
        ..RFC7644.paging
    },
    filters: Filters {
        other: Answer::Everything,
        unknown: Answer::Everything,
        substring: Answer::Everything,
        and: Answer::Everything,
        or: Answer::Everything,
        not: Answer::Everything,
        order: Answer::Everything,
        syntax: Answer::Everything,
        ..RFC7644.filters
    },
    storage: Storage {
        schemas_required: false,
        required: &["name"],
        user_dropped: &["externalid"],
        group_dropped: &["externalid"],
        user_refused: &["emails.type", "roles", "entitlements"],
        unknown_urn: Unknown::Refused("invalidSyntax"),
        caseless: false,
        user_taken: Taken::Crash,
        group_taken: Taken::Allowed,
        rename_taken: Taken::Crash,
        unknown_member: Unknown::Dropped,
        flag_as_text: Act::Right,
        ..RFC7644.storage
    },
    echo: Echo { value_is_name: true, kind: false, ..RFC7644.echo },
    patch: PatchRules { no_schemas: Act::Crash, ..RFC7644.patch },
    group_patch: GroupPatch {
        add_no_path: Act::Whole,
        remove_filter: Act::Crash,
        remove_values: REFUSED,
        remove_all: REFUSED,
        unknown_member: Unknown::Dropped,
        rename: Act::Crash,
        external_id: Act::Refused("mutability"),
        ..RFC7644.group_patch
    },
    user_patch: UserPatch {
        no_path_complex: Act::Whole,
        dotted_key: Act::Ignored,
        filtered: Act::Crash,
        roles: Act::Crash,
        external_id: Act::Refused("mutability"),
        user_name: Act::Crash,
        unknown_urn: Act::Crash,
        ..RFC7644.user_patch
    },
    put: PutRules { no_members: REFUSED, rename: Act::Crash, ..RFC7644.put },
    meta: MetaRules { location_by_name: true, header: false, ..RFC7644.meta },
    errors: ErrorRules { html_as_scim: true, ..RFC7644.errors },
    discovery: Discovery {
        needs_token: true,
        endpoint: Endpoint::Absolute,
        bulk_status: 404,
        filter: (false, 0),
        sort: false,
        ..RFC7644.discovery
    },
    ..RFC7644
};

/// SJ.
pub(super) const POLIS: Personality = Personality {
    name: "polis",
    paging: Paging {
        default_rows: Some(50),
        cap: Some(50),
        total_cap: Some(50),
        start_zero: Edge::Skewed,
        count_zero: Edge::FirstPage,
        sort: Act::Ignored,
        attributes: Act::Ignored,
        excluded: Act::Ignored,
        search: 404,
        ..RFC7644.paging
    },
    filters: Filters {
        user: &[("username", Answer::Right), ("emails.value", Answer::Right)],
        group: &[("displayname", Answer::Right)],
        other: Answer::Nothing,
        unknown: Answer::Nothing,
        substring: Answer::Crash,
        and: Answer::Nothing,
        or: Answer::Nothing,
        not: Answer::Nothing,
        order: Answer::Crash,
        syntax: Answer::Crash,
        exact_names: (true, true),
        ..RFC7644.filters
    },
    storage: Storage {
        schemas_required: false,
        group_dropped: &["externalid"],
        unknown_core: Unknown::Kept,
        caseless: false,
        user_taken: Taken::Bare,
        group_taken: Taken::Bare,
        rename_taken: Taken::Allowed,
        unknown_member: Unknown::Dropped,
        members_on_write: (false, false),
        flag_as_text: Act::Whole,
        ..RFC7644.storage
    },
    echo: Echo { hidden: true, ..RFC7644.echo },
    patch: PatchRules {
        success: Success::WithoutMembers,
        unknown_op: Act::Ignored,
        capital_op: Act::Ignored,
        no_schemas: Act::Right,
        atomic: false,
        ..RFC7644.patch
    },
    group_patch: GroupPatch {
        add_object: Act::Crash,
        add_no_path: Act::Ignored,
        remove_values: Act::Right,
        remove_all: Act::Ignored,
        replace: Act::Ignored,
        replace_empty: Act::Ignored,
        replace_no_path: Act::Ignored,
        unknown_member: Unknown::Dropped,
        ..RFC7644.group_patch
    },
    user_patch: UserPatch {
        no_path_complex: Act::Whole,
        add_many: Act::Whole,
        read_only: Act::Whole,
        enterprise: Act::Whole, // under the path as key
        unknown_urn: Act::Ignored,
        ..RFC7644.user_patch
    },
    put: PutRules { no_members: Act::Ignored, ..RFC7644.put },
    delete: DeleteRules { status: 200, ..RFC7644.delete },
    meta: MetaRules { shown: false, header: false, versions: Versions::Hash, ..RFC7644.meta },
    errors: ErrorRules {
        status: StatusForm::Absent,
        types: false,
        unknown_path: ErrorBody::Braces,
        ..RFC7644.errors
    },
    discovery: Discovery { served: false, bulk_status: 404, ..RFC7644.discovery },
    ..RFC7644
};
