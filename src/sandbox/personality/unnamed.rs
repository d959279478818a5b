//! Three servers that are not named: RFC 7644 but for what was reported of them.

use super::rfc7644::RFC7644;
use super::{
    Act, DeleteRules, Discovery, DisplayName, Echo, Edge, Paging, PatchRules, Personality,
    RateLimit, Storage, Success, Taken, Unknown, UserName, UserPatch,
};

/// X1: at most 100 members a request and 1,000 a group; unknown extensions dropped.
pub(super) const X1: Personality = Personality {
    name: "x1",
    storage: Storage {
        schemas_required: false,
        unknown_urn: Unknown::Dropped,
        member_caps: (Some(100), Some(1000)),
        ..RFC7644.storage
    },
    patch: PatchRules { success: Success::WithoutMembers, ..RFC7644.patch },
    ..RFC7644
};

/// X2: names in lower case and immutable, extensions and roles dropped, 600 requests a minute.
pub(super) const X2: Personality = Personality {
    name: "x2",
    storage: Storage {
        schemas_required: false,
        user_dropped: &[
            "roles",
            "entitlements",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user",
        ],
        unknown_urn: Unknown::Dropped,
        user_name: UserName::Lower,
        ..RFC7644.storage
    },
    user_patch: UserPatch {
        user_name: Act::Refused("mutability"),
        display_name: Act::Refused("mutability"),
        ..RFC7644.user_patch
    },
    discovery: Discovery { needs_token: true, ..RFC7644.discovery },
    rate: Some(RateLimit { per_minute: 600, retry_after: 60, bad_tokens: 60 }),
    ..RFC7644
};

/// X3: a user deleted is a user deactivated, and stays a member; conflicts are HTML.
pub(super) const X3: Personality = Personality {
    name: "x3",
    paging: Paging { over_cap: Edge::Refused, excluded: Act::Ignored, ..RFC7644.paging },
    storage: Storage {
        schemas_required: false,
        user_dropped: &["title"],
        display_name: DisplayName::Lost,
        caseless: false,
        user_taken: Taken::Crash,
        rename_taken: Taken::Crash,
        ..RFC7644.storage
    },
    echo: Echo { empty: false, ..RFC7644.echo },
    patch: PatchRules { touches: true, ..RFC7644.patch },
    user_patch: UserPatch { add_many: Act::Whole, ..RFC7644.user_patch },
    delete: DeleteRules { deactivates: true, dangling: true, ..RFC7644.delete },
    discovery: Discovery { needs_token: true, ..RFC7644.discovery },
    ..RFC7644
};
