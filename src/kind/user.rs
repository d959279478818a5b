//! Users (RFC 7643 section 4.1), with the two HPE GreenLake extensions.

use super::field::Level;
use super::registry::{Family, KindSpec, ScimResource};
use super::{FieldSpec, Shape};

/// HPE GreenLake's user extension: `countryCode`.
pub const GREENLAKE_USER_URN: &str =
    "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:User";
/// HPE GreenLake's posix extension: `uid`, `gid`, `userName`, `homeDirectory`, `shell`.
pub const GREENLAKE_POSIX_URN: &str =
    "urn:ietf:params:scim:schemas:extensions:hpe-greenlake:2.0:posix:User";
/// What the name of a field begins with when it is an extension.
pub const EXTENSION_PREFIX: &str = "urn:";

const NAME: &[FieldSpec] = &[
    FieldSpec::new("formatted", Shape::Text, "the full name, as shown"),
    FieldSpec::new("familyName", Shape::Text, "family name"),
    FieldSpec::new("givenName", Shape::Text, "given name"),
    FieldSpec::new("middleName", Shape::Text, "middle names"),
    FieldSpec::new("honorificPrefix", Shape::Text, "title, such as Dr."),
    FieldSpec::new("honorificSuffix", Shape::Text, "suffix, such as III"),
];

const PLURAL: &[FieldSpec] = &[
    FieldSpec::new("value", Shape::Text, "the value itself"),
    FieldSpec::new("display", Shape::Text, "how it is shown"),
    FieldSpec::new("type", Shape::Text, "what it is for: work, home, other"),
    FieldSpec::new("primary", Shape::Boolean, "whether it is the preferred one"),
];

const ADDRESS: &[FieldSpec] = &[
    FieldSpec::new("formatted", Shape::Text, "the full address, as printed"),
    FieldSpec::new("streetAddress", Shape::Text, "street, house, box"),
    FieldSpec::new("locality", Shape::Text, "city"),
    FieldSpec::new("region", Shape::Text, "state or region"),
    FieldSpec::new("postalCode", Shape::Text, "postal code"),
    FieldSpec::new("country", Shape::Text, "ISO 3166-1 alpha-2 code"),
    FieldSpec::new("type", Shape::Text, "what it is for: work, home, other"),
    FieldSpec::new("primary", Shape::Boolean, "whether it is the preferred one"),
];

const GREENLAKE_USER: &[FieldSpec] =
    &[FieldSpec::new("countryCode", Shape::Text, "ISO 3166-1 alpha-2 code")];

const POSIX: &[FieldSpec] = &[
    FieldSpec::new("uid", Shape::Integer, "numeric user id"),
    FieldSpec::new("gid", Shape::Integer, "numeric group id"),
    FieldSpec::new("userName", Shape::Text, "login name"),
    FieldSpec::new("homeDirectory", Shape::Text, "home directory"),
    FieldSpec::new("shell", Shape::Text, "login shell"),
];

const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("userName", Shape::Name, "the unique name; the key in YAML"),
    FieldSpec::new("externalId", Shape::Text, "the id in the organization's own records"),
    FieldSpec::new("name", Shape::Complex(NAME), "the parts of the person's name"),
    FieldSpec::new("displayName", Shape::Text, "the name as shown"),
    FieldSpec::new("nickName", Shape::Text, "casual name"),
    FieldSpec::new("profileUrl", Shape::Text, "where the person's profile is"),
    FieldSpec::new("title", Shape::Text, "job title"),
    FieldSpec::new("userType", Shape::Text, "relation to the organization: Employee, Contractor"),
    FieldSpec::new("preferredLanguage", Shape::Text, "language, as in Accept-Language"),
    FieldSpec::new("locale", Shape::Text, "locale, such as en-GB"),
    FieldSpec::new("timezone", Shape::Text, "IANA time zone"),
    FieldSpec::new("active", Shape::Boolean, "whether the account can be used"),
    FieldSpec::new("emails", Shape::MultiValued(PLURAL), "e-mail addresses"),
    FieldSpec::new("phoneNumbers", Shape::MultiValued(PLURAL), "telephone numbers"),
    FieldSpec::new("ims", Shape::MultiValued(PLURAL), "instant messaging addresses"),
    FieldSpec::new("photos", Shape::MultiValued(PLURAL), "URLs of pictures"),
    FieldSpec::new("addresses", Shape::MultiValued(ADDRESS), "postal addresses"),
    FieldSpec::new("entitlements", Shape::MultiValued(PLURAL), "things the person is entitled to"),
    FieldSpec::new("roles", Shape::MultiValued(PLURAL), "roles, as labels (RFC 7643: no meaning)"),
    FieldSpec::new("class", Shape::Text, "what guardrails tell apart: contractor, service")
        .at(Level::Context),
    FieldSpec::new("pseudoAddress", Shape::Boolean, "whether the name is an address without mail")
        .at(Level::Context),
    FieldSpec::new(GREENLAKE_USER_URN, Shape::Complex(GREENLAKE_USER), "written `countryCode`"),
    FieldSpec::new(GREENLAKE_POSIX_URN, Shape::Complex(POSIX), "written `posix`"),
];

/// What is known of users.
pub(super) const SPEC: KindSpec = KindSpec {
    name: Some("userName"),
    can_deactivate: true,
    can_rename: true,
    scim: Some(ScimResource {
        schema: "urn:ietf:params:scim:schemas:core:2.0:User",
        collection: "Users",
    }),
    ..KindSpec::new(("user", "users"), Family::Subject, FIELDS)
};
