//! Memberships: one user in one group. They have no resource of their own in SCIM; they are the
//! `members` of a group, written one by one with `add` and `remove`, never replaced whole.

use super::KindName;
use super::registry::{Family, KindSpec};

/// What is known of memberships.
pub(super) const SPEC: KindSpec = KindSpec {
    depends_on: &[KindName::User, KindName::Group],
    ..KindSpec::new(("membership", "memberships"), Family::Membership, &[])
};
