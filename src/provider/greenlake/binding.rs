//! Role assignments as live bindings.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kind::{
    Address, BindingSpec, Family, FieldName, Fields, Key, KindName, Principal, Roles,
    WHOLE_WORKSPACE,
};
use crate::live::{Hold, Listing, Object, Page, Partial, RemoteId, Seen};
use crate::provider::scim::ReadError;

use super::assignment::Assignment;
use super::platform::compared;
use super::principal::{Principals, Who};
use super::scope::{Scopes, Spelled};

/// Everything that gives the ids of an assignment their names.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) roles: Roles,
    pub(super) principals: Principals,
    /// By the workspace's name.
    pub(super) scopes: BTreeMap<String, Scopes>,
    pub(super) spelled: Spelled,
    /// Users and API clients that are muster itself.
    pub(super) own: BTreeSet<String>,
}

impl Names {
    /// What an assignment says, as a binding does; and its key.
    pub(super) fn describe(&self, workspace: &str, assignment: &Assignment) -> (Key, Fields) {
        let who = self.principals.who(&assignment.principal);
        let role = self.roles.name_of(&assignment.role);
        let mut spec = BindingSpec {
            principal: Principal::User(Key::new("-")),
            role: role.clone(),
            workspace: Some(workspace.to_owned()),
            scope: Vec::new(),
            owner: None,
        };
        let (key, shown) = match &who {
            Who::Known(address) => {
                spec.principal = match address.family() {
                    Family::Group => Principal::Group(address.key().clone()),
                    Family::Subject
                    | Family::Membership
                    | Family::Grant
                    | Family::Scope
                    | Family::Plain => Principal::User(address.key().clone()),
                };
                (spec.address().key().clone(), address.to_string())
            }
            Who::Client(id) => other(&["api-client", id, &role, workspace]),
            Who::Unknown(principal) => other(&["unknown", principal, &role, workspace]),
        };
        spec.scope = self.scope_names(workspace, &key, assignment);
        let mut fields = spec.fields();
        fields.insert(FieldName::fixed("principal"), Value::from(shown));
        (key, fields)
    }

    fn scope_names(&self, workspace: &str, key: &Key, assignment: &Assignment) -> Vec<String> {
        let Some(scopes) = self.scopes.get(workspace) else { return Vec::new() };
        let name = |grn: &str| {
            let spelled = self.spelled.get(&(key.as_str().to_owned(), compared(grn)));
            spelled.cloned().unwrap_or_else(|| scopes.name(grn))
        };
        assignment.scopes().map(name).collect()
    }

    /// Why an assignment is not written, where it is not.
    fn hold(&self, assignment: &Assignment) -> Option<Hold> {
        if assignment.is_external() {
            let who = "another workspace or organization, and projected here";
            return Some(Hold::Elsewhere(who.to_owned()));
        }
        match self.principals.who(&assignment.principal) {
            _ if self.is_own(&assignment.principal) => {
                Some(Hold::Elsewhere("whoever runs muster: it signs in as this".to_owned()))
            }
            Who::Known(_) => None,
            Who::Client(_) => {
                Some(Hold::Elsewhere("whoever made the API client that holds it".to_owned()))
            }
            Who::Unknown(_) => Some(Hold::Elsewhere(
                "somebody else: the directory does not show who holds it".to_owned(),
            )),
        }
    }

    /// Whether a principal is muster itself.
    pub(super) fn is_own(&self, principal: &str) -> bool {
        self.own.iter().any(|own| super::assignment::same_principal(own, principal))
    }
}

fn other(path: &[&str]) -> (Key, String) {
    let escape = |text: &&str| text.replace('%', "%25").replace('/', "%2F");
    let segments: Vec<String> = path.iter().map(escape).collect();
    (Key::new(&segments.join("/")), segments.iter().take(2).cloned().collect::<Vec<_>>().join("/"))
}

/// The live bindings of all workspaces, as one proved listing.
///
/// Where one principal has one role twice in one workspace, the later ones have their id at the
/// end of their key: nobody declares these, so they are removed where bindings are managed.
///
/// # Errors
///
/// When one id is there twice.
pub(super) fn listing(
    names: &Names,
    workspaces: &BTreeMap<String, Vec<Assignment>>,
) -> Result<Listing, ReadError> {
    let mut objects = Vec::new();
    let mut taken = BTreeSet::new();
    for (workspace, assignments) in workspaces {
        let mut sorted: Vec<&Assignment> = assignments.iter().collect();
        sorted.sort_by_key(|one| (one.is_external(), RemoteId::compare(&one.id).into_owned()));
        for assignment in sorted {
            let (mut key, fields) = names.describe(workspace, assignment);
            if !taken.insert(key.clone()) {
                key = Key::new(&format!("{}/{}", key.as_str(), RemoteId::compare(&assignment.id)));
            }
            objects.push(Object {
                kind: KindName::Binding,
                id: remote_id(workspace, assignment),
                key,
                fields,
                version: None,
                members: None,
                hold: names.hold(assignment),
                seen: Seen::default(),
            });
        }
    }
    let total = objects.len() as u64;
    Partial::new(KindName::Binding, vec![Page { start_index: 1, total, objects }])
        .prove()
        .map_err(|error| ReadError::inconsistent("role-assignments", error.to_string()))
}

/// The id of an assignment. One that is projected from elsewhere has the same id there.
fn remote_id(workspace: &str, assignment: &Assignment) -> RemoteId {
    if assignment.is_external() {
        RemoteId::new(&format!("{}@{workspace}", assignment.id))
    } else {
        RemoteId::new(&assignment.id)
    }
}

/// The declared scope of a binding.
pub(super) fn scope_of(fields: &Fields) -> Vec<&str> {
    let names = fields.get("scope").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = names.filter_map(Value::as_str).collect();
    if names.is_empty() { vec![WHOLE_WORKSPACE] } else { names }
}

/// The text of one of a binding's fields.
pub(super) fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The address of a binding's principal.
pub(super) fn principal_of(fields: &Fields) -> Option<Address> {
    text(fields, "principal").parse().ok()
}
