//! How much there may be, and the codes of what is refused.

/// Assignments of one principal in one workspace, at most.
pub(super) const ASSIGNMENTS: usize = 50;
/// Scope groups of one workspace, at most.
pub(super) const SCOPE_GROUPS: usize = 500;
/// Scopes of one scope group, at most.
pub(super) const SCOPES: usize = 500;
/// An exact copy is there.
pub(super) const ALREADY_CREATED: &str = "HPE_GL_AUTHORIZATION_ALREADY_CREATED";
/// Something with the same identity is there.
pub(super) const RESOURCE_CONFLICT: &str = "HPE_GL_AUTHORIZATION_RESOURCE_CONFLICT";
/// The code of a quota that is used up. HPE publishes none.
pub(super) const QUOTA: &str = "HPE_GL_AUTHORIZATION_QUOTA_EXCEEDED";
