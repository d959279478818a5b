//! One row of the table: a server.

use super::rules::{
    DeleteRules, Discovery, Echo, ErrorRules, Filters, GroupPatch, MetaRules, Paging, PatchRules,
    PutRules, RateLimit, Storage, UserPatch,
};

/// One server's manners.
#[derive(Clone, Copy, Debug)]
pub struct Personality {
    /// Its name.
    pub name: &'static str,
    /// Paging, order, projection.
    pub paging: Paging,
    /// Filters.
    pub filters: Filters,
    /// What is stored.
    pub storage: Storage,
    /// Members as shown.
    pub echo: Echo,
    /// PATCH.
    pub patch: PatchRules,
    /// PATCH of groups.
    pub group_patch: GroupPatch,
    /// PATCH of users.
    pub user_patch: UserPatch,
    /// PUT.
    pub put: PutRules,
    /// DELETE.
    pub delete: DeleteRules,
    /// `meta`, `Location`, versions.
    pub meta: MetaRules,
    /// Errors.
    pub errors: ErrorRules,
    /// Discovery.
    pub discovery: Discovery,
    /// Rate limit.
    pub rate: Option<RateLimit>,
    /// Every connection is closed after its answer.
    pub closes: bool,
}
