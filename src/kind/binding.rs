//! Bindings: one role, held by one principal, in one place.

use serde_json::Value;

use super::field::Level;
use super::registry::{Family, KeyForm, KindSpec};
use super::{Address, FieldName, FieldSpec, Fields, Key, KindName, Shape};

const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("principal", Shape::Text, "who holds the role: an address").at(Level::Identity),
    FieldSpec::new("role", Shape::Text, "the role").at(Level::Identity),
    FieldSpec::new("workspace", Shape::Text, "the workspace it holds in").at(Level::Identity),
    FieldSpec::new("scope", Shape::MultiValued(&[]), "the parts of the workspace it holds for"),
    FieldSpec::new("owner", Shape::Text, "who answers for the grant").at(Level::Context),
];

/// What is known of bindings.
pub(super) const SPEC: KindSpec = KindSpec {
    depends_on: &[KindName::User, KindName::Group],
    ..KindSpec::new(("binding", "bindings"), Family::Grant, FIELDS)
};

/// The scope that is the whole of a workspace, and the scope of a binding that names none.
pub const WHOLE_WORKSPACE: &str = "workspace";

/// What the name of a group of an MSP's tenants begins with.
pub const TENANT_GROUP: &str = "tenant-group/";

/// Whether a scope is a part of its workspace, so that whoever holds a role for the whole holds it
/// for that as well. Tenants are workspaces of their own: a role may be held for the workspace and
/// a group of its tenants together (HPE's role assignments).
#[must_use]
pub fn is_part_of_workspace(scope: &str) -> bool {
    !scope.starts_with(TENANT_GROUP) && !scope.contains("/tenant-groups/")
}

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
    /// The names of the parts of the workspace it holds for; empty: [`WHOLE_WORKSPACE`].
    pub scope: Vec<String>,
    /// Who answers for the grant.
    pub owner: Option<String>,
}

impl BindingSpec {
    /// The binding's address: `binding/group/admins/viewer/prod`. The scope is no part of it: one
    /// principal has one role in one workspace, and its scope can change.
    #[must_use]
    pub fn address(&self) -> Address {
        let escape = |text: &str| text.replace('%', "%25").replace('/', "%2F");
        let principal = self.principal.address();
        let path = format!(
            "{}/{}/{}/{}",
            principal.kind(),
            escape(principal.key().as_str()),
            escape(&self.role),
            escape(self.workspace.as_deref().unwrap_or("-")),
        );
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
        for (name, value) in [("workspace", workspace), ("owner", owner)] {
            if let Some(value) = value {
                put(name, value);
            }
        }
        let mut names: Vec<&str> = scope.iter().map(String::as_str).collect();
        if names.is_empty() {
            names.push(WHOLE_WORKSPACE);
        }
        names.sort_unstable();
        names.dedup();
        fields.insert(FieldName::fixed("scope"), Value::from(names));
        fields
    }
}

/// The addresses that the scope of a grant with these fields may name: one for every name and every
/// kind of the family [`Family::Scope`]. A name may be written with its kind before it
/// (`scope-group/east`). The caller looks up which of them exist.
#[must_use]
pub fn scope_addresses(fields: &Fields) -> Vec<Address> {
    let workspace = fields.get("workspace").and_then(Value::as_str);
    let names = fields.get("scope").and_then(Value::as_array).into_iter().flatten();
    let names = names.filter_map(Value::as_str).filter(|name| *name != WHOLE_WORKSPACE);
    let of_name = |name: &str| {
        let kinds = KindName::of_family(Family::Scope);
        kinds.map(|kind| of_scope(kind, workspace, name)).collect::<Vec<_>>()
    };
    names.flat_map(of_name).collect()
}

fn of_scope(kind: KindName, workspace: Option<&str>, name: &str) -> Address {
    let prefix = name.strip_prefix(kind.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let name = prefix.unwrap_or(name);
    match kind.spec().key {
        KeyForm::InWorkspace => Address::in_workspace(kind, workspace.unwrap_or("-"), name),
        KeyForm::Name | KeyForm::Domain => Address::new(kind, Key::new(name)),
    }
}
