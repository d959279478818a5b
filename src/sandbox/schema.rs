//! The core schemas (RFC 7643 sections 4 and 8.7) as far as this server needs them: canonical
//! names, types, case sensitivity, mutability.

use serde_json::{Value, json};

use super::Kind;

/// The URN of the enterprise user extension.
pub(super) const ENTERPRISE_URN: &str =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Flag,
    Complex(&'static [Attribute]),
}

/// One attribute of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    /// The name as the RFC writes it; compared caselessly.
    pub(super) name: &'static str,
    pub(super) kind: Type,
    /// Multi-valued.
    pub(super) many: bool,
    /// Compared case-sensitively.
    pub(super) exact: bool,
    pub(super) read_only: bool,
}

impl Attribute {
    /// The sub-attribute of that name.
    pub(super) fn sub(&self, name: &str) -> Option<&'static Attribute> {
        match self.kind {
            Type::Complex(subs) => within(subs, name),
            Type::Text | Type::Flag => None,
        }
    }
}

const fn text(name: &'static str) -> Attribute {
    Attribute { name, kind: Type::Text, many: false, exact: false, read_only: false }
}
const fn exact(name: &'static str) -> Attribute {
    Attribute { exact: true, ..text(name) }
}
const fn flag(name: &'static str) -> Attribute {
    Attribute { kind: Type::Flag, ..text(name) }
}
const fn complex(name: &'static str, subs: &'static [Attribute]) -> Attribute {
    Attribute { kind: Type::Complex(subs), ..text(name) }
}
const fn many(name: &'static str, subs: &'static [Attribute]) -> Attribute {
    Attribute { many: true, ..complex(name, subs) }
}
const fn read_only(attribute: Attribute) -> Attribute {
    Attribute { read_only: true, ..attribute }
}

const NAME: &[Attribute] = &[
    text("formatted"),
    text("familyName"),
    text("givenName"),
    text("middleName"),
    text("honorificPrefix"),
    text("honorificSuffix"),
];
const PLURAL: &[Attribute] =
    &[text("value"), text("display"), text("type"), flag("primary"), exact("$ref")];
const ADDRESS: &[Attribute] = &[
    text("formatted"),
    text("streetAddress"),
    text("locality"),
    text("region"),
    text("postalCode"),
    text("country"),
    text("type"),
    flag("primary"),
];
const REFERENCE: &[Attribute] = &[exact("value"), exact("$ref"), text("type"), text("display")];
const MANAGER: &[Attribute] = &[exact("value"), exact("$ref"), text("displayName")];
const META: &[Attribute] = &[
    exact("resourceType"),
    exact("created"),
    exact("lastModified"),
    exact("location"),
    exact("version"),
];

const COMMON: &[Attribute] =
    &[read_only(exact("id")), exact("externalId"), read_only(complex("meta", META))];
const USER: &[Attribute] = &[
    text("userName"),
    complex("name", NAME),
    text("displayName"),
    text("nickName"),
    exact("profileUrl"),
    text("title"),
    text("userType"),
    text("preferredLanguage"),
    text("locale"),
    text("timezone"),
    flag("active"),
    text("password"),
    many("emails", PLURAL),
    many("phoneNumbers", PLURAL),
    many("ims", PLURAL),
    many("photos", PLURAL),
    many("addresses", ADDRESS),
    read_only(many("groups", REFERENCE)),
    many("entitlements", PLURAL),
    many("roles", PLURAL),
    many("x509Certificates", PLURAL),
];
const GROUP: &[Attribute] = &[text("displayName"), many("members", REFERENCE)];
const ENTERPRISE: &[Attribute] = &[
    text("employeeNumber"),
    text("costCenter"),
    text("organization"),
    text("division"),
    text("department"),
    complex("manager", MANAGER),
];

fn within(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|each| each.name.eq_ignore_ascii_case(name))
}

/// The core attribute of that name, whatever its case.
pub(super) fn core(kind: Kind, name: &str) -> Option<&'static Attribute> {
    let own = match kind {
        Kind::User => USER,
        Kind::Group => GROUP,
    };
    within(COMMON, name).or_else(|| within(own, name))
}

/// The attribute of the enterprise extension of that name.
pub(super) fn enterprise(name: &str) -> Option<&'static Attribute> {
    within(ENTERPRISE, name)
}

/// The URN of a kind's core schema.
pub(super) fn core_urn(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "urn:ietf:params:scim:schemas:core:2.0:User",
        Kind::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
    }
}

/// Whether text begins like a schema's URN.
pub(super) fn is_urn(text: &str) -> bool {
    text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

/// The schema documents of RFC 7643 section 7, in a fixed order.
pub(super) fn documents() -> Vec<Value> {
    [
        (core_urn(Kind::User), "User", USER),
        (core_urn(Kind::Group), "Group", GROUP),
        (ENTERPRISE_URN, "EnterpriseUser", ENTERPRISE),
    ]
    .into_iter()
    .map(|(id, name, attributes)| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id,
            "name": name,
            "attributes": attributes.iter().map(describe).collect::<Vec<_>>(),
        })
    })
    .collect()
}

fn describe(attribute: &Attribute) -> Value {
    let mutability = match (attribute.read_only, attribute.name) {
        (true, _) => "readOnly",
        (_, "password") => "writeOnly",
        _ => "readWrite",
    };
    let mut document = json!({
        "name": attribute.name,
        "multiValued": attribute.many,
        "required": attribute.name == "userName",
        "caseExact": attribute.exact,
        "mutability": mutability,
        "returned": if attribute.name == "password" { "never" } else { "default" },
        "uniqueness": if attribute.name == "userName" { "server" } else { "none" },
        "type": match attribute.kind {
            Type::Text => "string",
            Type::Flag => "boolean",
            Type::Complex(_) => "complex",
        },
    });
    if let (Type::Complex(subs), Some(map)) = (attribute.kind, document.as_object_mut()) {
        map.insert("subAttributes".into(), subs.iter().map(describe).collect());
    }
    document
}
