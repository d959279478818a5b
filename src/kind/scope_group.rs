//! Scope groups: a named set of resources in one workspace, for which roles can be given (HPE
//! GreenLake, `authorization/v1beta1/scope-groups`).
//!
//! The key in YAML is `WORKSPACE/NAME`, because a name is unique in its workspace only. A grant in
//! that workspace names the group by its name alone.

use super::field::Level;
use super::registry::{Family, KeyForm, KindSpec};
use super::{FieldSpec, Shape};

const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", Shape::Name, "the name in its workspace; the key in YAML"),
    FieldSpec::new("workspace", Shape::Text, "the workspace it is in").at(Level::Identity),
    FieldSpec::new("description", Shape::Text, "the purpose of the group"),
    FieldSpec::new("scopes", Shape::Texts, "the resources in it, by their GRNs"),
    FieldSpec::new("owner", Shape::Text, "who answers for the group").at(Level::Context),
];

/// The table of scope groups.
pub(super) const SPEC: KindSpec = KindSpec {
    name: Some("name"),
    key: KeyForm::InWorkspace,
    can_rename: true,
    contents: Some("scopes"),
    ..KindSpec::new(("scope-group", "scopeGroups"), Family::Scope, FIELDS)
};
