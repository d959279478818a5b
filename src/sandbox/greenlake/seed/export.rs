//! A state as the seed that gives it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::form::{
    AssignmentForm, AssignmentSource, ClientForm, DomainForm, EmailForm, GroupForm, NameForm,
    OrganizationForm, OrganizationState, PolicyForm, PosixForm, ProfileForm, RoleForm,
    ScopeGroupForm, TenantGroupForm, UserForm, WorkspaceForm, WorkspaceType, ZoneForm,
};
use crate::sandbox::greenlake::record::{Group, Principal, PrincipalKind, User, WorkspaceKind};
use crate::sandbox::greenlake::state::State;
use crate::sandbox::greenlake::table::Table;

impl State {
    /// The document that [`State::seed`] makes this state from, without the log. Names stand where
    /// a person would write names, so that two organizations with different ids compare.
    #[must_use]
    pub fn export(&self) -> Value {
        let names: BTreeMap<&str, &str> =
            self.workspaces.iter().map(|row| (row.id.as_str(), row.name.as_str())).collect();
        let workspace = |id: &str| names.get(id).map(|name| (*name).to_string());
        let organization = OrganizationForm {
            id: Some(self.organization.id.clone()),
            name: self.organization.name.clone(),
            state: match self.organization.active {
                true => OrganizationState::Active,
                false => OrganizationState::Inactive,
            },
            enhanced_iam: None,
            posix: Some(self.organization.posix),
        };
        let mut document = Map::new();
        document.insert("provider".into(), "greenlake".into());
        document.insert("organization".into(), json!(organization));
        let mut list = |name: &str, rows: Value| drop(document.insert(name.into(), rows));
        list(
            "clients",
            rows(&self.clients, |row| ClientForm {
                id: row.id.clone(),
                secret: row.secret.clone(),
                workspace: workspace(&row.workspace),
                principal: Some(self.named(&row.principal)),
            }),
        );
        list(
            "workspaces",
            rows(&self.workspaces, |row| WorkspaceForm {
                id: Some(row.id.clone()),
                name: row.name.clone(),
                kind: match row.kind {
                    WorkspaceKind::Standard => WorkspaceType::Standard,
                    WorkspaceKind::Msp => WorkspaceType::Msp,
                    WorkspaceKind::Tenant => WorkspaceType::Tenant,
                },
                enhanced_iam: Some(row.enhanced_iam),
            }),
        );
        list("users", rows(&self.users, user));
        list("groups", rows(&self.groups, |row| self.group_form(row)));
        list(
            "roles",
            rows(&self.roles, |row| RoleForm {
                grn: row.grn.clone(),
                name: Some(row.name.clone()),
                takes_scopes: Some(row.takes_scopes),
            }),
        );
        self.bindings(&mut list, &workspace);
        self.domains(&mut list);
        let mut document = Value::Object(document);
        drop_nulls(&mut document);
        document
    }

    fn bindings(
        &self,
        list: &mut impl FnMut(&str, Value),
        workspace: &impl Fn(&str) -> Option<String>,
    ) {
        list(
            "scopeGroups",
            rows(&self.scope_groups, |row| ScopeGroupForm {
                id: Some(row.id.clone()),
                workspace: workspace(&row.workspace),
                name: row.name.clone(),
                description: row.description.clone(),
                scopes: (row.scopes.iter())
                    .map(|scope| json!({ "grn": scope.grn, "description": scope.description }))
                    .collect(),
            }),
        );
        list(
            "tenantGroups",
            rows(&self.tenant_groups, |row| TenantGroupForm {
                id: Some(row.id.clone()),
                workspace: workspace(&row.workspace),
                name: row.name.clone(),
                description: row.description.clone(),
                tenants: (row.tenants.iter())
                    .filter_map(|tenancy| workspace(&tenancy.workspace))
                    .collect(),
            }),
        );
        list(
            "assignments",
            rows(&self.assignments, |row| AssignmentForm {
                id: Some(row.id.clone()),
                workspace: workspace(&row.workspace),
                principal: self.named(&row.principal),
                role: row.role.clone(),
                scope: row.scope.clone(),
                source: match row.external {
                    true => AssignmentSource::External,
                    false => AssignmentSource::Local,
                },
            }),
        );
    }

    fn domains(&self, list: &mut impl FnMut(&str, Value)) {
        list(
            "domains",
            rows(&self.claims, |row| DomainForm {
                name: row.name.clone(),
                state: Some(row.state.clone()),
                dns_txt_record: Some(row.txt.clone()),
                last_verified: row.last_verified,
                integration: row.integration.clone(),
            }),
        );
        list(
            "ssoProfiles",
            rows(&self.profiles, |row| ProfileForm {
                id: Some(row.id.clone()),
                name: row.name.clone(),
            }),
        );
        list(
            "policies",
            rows(&self.policies, |row| PolicyForm {
                domain: row.name.clone(),
                connection: (row.profile.as_ref())
                    .and_then(|id| self.profiles.find(id))
                    .map(|profile| profile.name.clone()),
            }),
        );
        list(
            "zone",
            rows(&self.zone, |row| ZoneForm { name: row.name.clone(), values: row.values.clone() }),
        );
    }

    fn group_form(&self, row: &Group) -> GroupForm {
        let mut members: Vec<String> = (row.members.iter())
            .filter_map(|id| self.users.find(id))
            .map(|user| user.user_name.clone())
            .collect();
        members.sort();
        GroupForm {
            id: Some(row.id.clone()),
            display_name: row.display_name.clone(),
            description: row.description.clone(),
            source: row.source,
            source_instance: Some(row.source_instance.clone()),
            members,
        }
    }

    /// `user:NAME`, `group:NAME`, or HPE's own form.
    fn named(&self, principal: &Principal) -> String {
        let name = match principal.kind {
            PrincipalKind::User => {
                self.users.find(&principal.id).map(|user| format!("user:{}", user.user_name))
            }
            PrincipalKind::Group => {
                self.groups.find(&principal.id).map(|group| format!("group:{}", group.display_name))
            }
            PrincipalKind::Client => None,
        };
        name.unwrap_or_else(|| principal.text())
    }
}

/// Takes out what a form does not say.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(drop_nulls),
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

fn rows<T, F: Serialize>(table: &Table<T>, form: impl Fn(&T) -> F) -> Value
where
    T: super::super::table::Row,
{
    json!(table.iter().map(|row: &Arc<T>| form(row)).collect::<Vec<F>>())
}

fn user(row: &User) -> UserForm {
    UserForm {
        id: Some(row.id.clone()),
        user_name: row.user_name.clone(),
        name: Some(NameForm {
            given_name: row.given_name.clone(),
            family_name: row.family_name.clone(),
        }),
        display_name: Some(row.display_name.clone()),
        emails: (row.emails.iter())
            .map(|email| EmailForm { value: email.value.clone(), primary: email.primary })
            .collect(),
        active: Some(row.active),
        country_code: Some(row.country.clone()),
        status: Some(row.status.clone()),
        source: row.source,
        source_instance: Some(row.source_instance.clone()),
        last_login: row.last_login,
        posix: row.posix.as_ref().map(|posix| PosixForm {
            uid: posix.uid,
            user_name: posix.user_name.clone(),
            gid: posix.gid,
            home_directory: posix.home.clone(),
            shell: posix.shell.clone(),
        }),
    }
}
