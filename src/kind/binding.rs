//! Bindings: one role, held by one principal, in one place.

use serde_json::Value;

use super::field::Level;
use super::registry::KindSpec;
use super::{Address, FieldName, FieldSpec, Fields, Key, KindName, Shape};

const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("principal", Shape::Text, "who holds the role: an address"),
    FieldSpec::new("role", Shape::Text, "the role"),
    FieldSpec::new("workspace", Shape::Text, "the workspace it holds in"),
    FieldSpec::new("scope", Shape::Text, "the part of the workspace it holds for"),
    FieldSpec::new("owner", Shape::Text, "who answers for the grant").at(Level::Context),
];

/// What is known of bindings.
pub(super) const SPEC: KindSpec =
    KindSpec { singular: "binding", plural: "bindings", fields: FIELDS, is_link: false };

/// Who holds a role. A user is possible here and refused by a guardrail, not by the parser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A group.
    Group(Key),
    /// One user, directly.
    User(Key),
}

impl Principal {
    /// The principal's own address.
    #[must_use]
    pub fn address(&self) -> Address {
        match self {
            Self::Group(key) => Address::new(KindName::Group, key.clone()),
            Self::User(key) => Address::new(KindName::User, key.clone()),
        }
    }
}

/// A binding as it is written, before it is an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingSpec {
    /// Who holds the role.
    pub principal: Principal,
    /// The role's name.
    pub role: String,
    /// The workspace, by its name in `muster.yaml`.
    pub workspace: Option<String>,
    /// The scope inside the workspace; absent: all of it.
    pub scope: Option<String>,
    /// Who answers for the grant.
    pub owner: Option<String>,
}

impl BindingSpec {
    /// The binding's address: `binding/group/admins/viewer/prod`, and the scope where there is one.
    #[must_use]
    pub fn address(&self) -> Address {
        let escape = |text: &str| text.replace('%', "%25").replace('/', "%2F");
        let principal = self.principal.address();
        let mut path = format!(
            "{}/{}/{}/{}",
            principal.kind(),
            escape(principal.key().as_str()),
            escape(&self.role),
            escape(self.workspace.as_deref().unwrap_or("-")),
        );
        if let Some(scope) = &self.scope {
            path.push('/');
            path.push_str(&escape(scope));
        }
        Address::new(KindName::Binding, Key::new(&path))
    }

    /// The binding's fields.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let Self { principal, role, workspace, scope, owner } = self;
        let mut fields = Fields::new();
        let mut put = |name: &'static str, value: &str| {
            fields.insert(FieldName::fixed(name), Value::from(value));
        };
        put("principal", &principal.address().to_string());
        put("role", role);
        for (name, value) in [("workspace", workspace), ("scope", scope), ("owner", owner)] {
            if let Some(value) = value {
                put(name, value);
            }
        }
        fields
    }
}

/// What a binding needs to exist: its principal.
pub(super) fn refs(fields: &Fields) -> Vec<Address> {
    fields
        .get("principal")
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok())
        .into_iter()
        .collect()
}
