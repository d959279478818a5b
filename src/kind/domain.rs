//! Domain claims: an e-mail domain that the organization says is its own.

use super::field::Level;
use super::registry::{Family, KeyForm, KindSpec};
use super::{FieldSpec, Shape};

const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("domain", Shape::Name, "the domain; the key in YAML"),
    FieldSpec::new("owner", Shape::Text, "who answers for the claim").at(Level::Context),
    FieldSpec::new("tenant", Shape::Text, "the MSP tenant whose directory has its users")
        .at(Level::Context),
    FieldSpec::new("sso", Shape::Text, "the SSO connection that signs its users in"),
    FieldSpec::new("state", Shape::Text, "how far the claim has come").at(Level::State),
];

/// The state of a claim that is proved by DNS: what every declared domain is to come to.
pub const VERIFIED: &str = "verified";

/// What is known of domains.
pub(super) const SPEC: KindSpec = KindSpec {
    name: Some("domain"),
    key: KeyForm::Domain,
    always: &[("state", VERIFIED)],
    routes_sign_in: true,
    ..KindSpec::new(("domain", "domains"), Family::Plain, FIELDS)
};
