//! Memberships: one user in one group. They have no resource of their own in SCIM; they are the
//! `members` of a group, written one by one with `add` and `remove`, never replaced whole.

use super::registry::KindSpec;

/// What is known of memberships.
pub(super) const SPEC: KindSpec =
    KindSpec { singular: "membership", plural: "memberships", fields: &[], is_link: true };
