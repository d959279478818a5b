//! Groups (RFC 7643 section 4.2). Their members are items of their own: see `membership`.

use super::field::Level;
use super::registry::{Family, KindSpec, ScimResource};
use super::{FieldSpec, Shape};

const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("displayName", Shape::Text, "the unique name; the key in YAML"),
    FieldSpec::new("externalId", Shape::Text, "the id in the organization's own records"),
    FieldSpec::new("description", Shape::Text, "what the group is for").at(Level::Optional),
    FieldSpec::new("owner", Shape::Text, "who answers for the group").at(Level::Context),
    FieldSpec::new("baseline", Shape::Texts, "the roles it may hold").at(Level::Context),
    FieldSpec::new("allows", Shape::Texts, "the classes of users it opens to").at(Level::Context),
];

/// What is known of groups. RFC 7643 has no attribute for a description; targets that have one
/// say so in their capabilities.
pub(super) const SPEC: KindSpec = KindSpec {
    name: Some("displayName"),
    can_rename: true,
    scim: Some(ScimResource {
        schema: "urn:ietf:params:scim:schemas:core:2.0:Group",
        collection: "Groups",
    }),
    ..KindSpec::new(("group", "groups"), Family::Group, FIELDS)
};
