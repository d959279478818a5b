//! Scope groups, tenant groups and role assignments of a seed.

use serde_json::Value;

use super::form::{AssignmentForm, AssignmentSource, ScopeForm, ScopeGroupForm, TenantGroupForm};
use super::{Seed, given_or, read, role_grn};
use crate::sandbox::greenlake::id;
use crate::sandbox::greenlake::record::{
    Assignment, Principal, Role, Scope, ScopeGroup, Tenancy, TenantGroup, held, named_in,
};
use crate::sandbox::record::fold;

impl Seed<'_> {
    pub(super) fn scope_group(&mut self, place: &str, form: ScopeGroupForm) -> Result<(), String> {
        let workspace = self.workspace_id(place, form.workspace.as_deref())?;
        let key = named_in(&workspace, &form.name);
        if self.state.scope_groups.keyed(&key).is_some() {
            return Err(format!("`{place}`: the scope group `{}` is there already", form.name));
        }
        let mut scopes = Vec::new();
        for (at, value) in form.scopes.iter().enumerate() {
            let scope = match value {
                Value::String(grn) => ScopeForm { grn: grn.clone(), description: String::new() },
                other => read(&format!("{place}.scopes[{at}]"), other)?,
            };
            let id = id::derive(&format!("scopes/{key}/{}", scope.grn));
            scopes.push(Scope { id, grn: scope.grn, description: scope.description });
        }
        let row = ScopeGroup {
            serial: self.next(),
            id: given_or(form.id, &format!("scope-groups/{key}")),
            workspace,
            name: form.name,
            description: form.description,
            scopes,
            generation: 1,
            created: self.now,
            updated: self.now,
        };
        self.put(row);
        Ok(())
    }

    pub(super) fn tenant_group(
        &mut self,
        place: &str,
        form: TenantGroupForm,
    ) -> Result<(), String> {
        let workspace = self.workspace_id(place, form.workspace.as_deref())?;
        let key = named_in(&workspace, &form.name);
        if self.state.tenant_groups.keyed(&key).is_some() {
            return Err(format!("`{place}`: the tenant group `{}` is there already", form.name));
        }
        let mut tenants = Vec::new();
        for name in &form.tenants {
            let workspace = self.workspace_id(place, Some(name))?;
            let id = id::derive(&format!("tenancies/{key}/{workspace}"));
            tenants.push(Tenancy { id, workspace, created: self.now });
        }
        let row = TenantGroup {
            serial: self.next(),
            id: given_or(form.id, &format!("tenant-groups/{key}")),
            workspace,
            name: form.name,
            description: form.description,
            tenants,
            generation: 1,
            created: self.now,
            updated: self.now,
        };
        self.put(row);
        Ok(())
    }

    pub(super) fn assignment(&mut self, place: &str, form: AssignmentForm) -> Result<(), String> {
        let workspace = self.workspace_id(place, form.workspace.as_deref())?;
        let principal = self.principal(place, &form.principal)?;
        let role = role_grn(&form.role);
        let external = form.source == AssignmentSource::External;
        let key = held(&workspace, (&principal, &role), external);
        if self.state.assignments.keyed(&key).is_some() {
            let who = &form.principal;
            return Err(format!("`{place}`: `{who}` holds `{role}` there already"));
        }
        if self.state.roles.keyed(&role).is_none() {
            let takes_scopes = super::takes_scopes(super::slug(&role));
            let name = super::slug(&role).to_string();
            let row = Role { serial: self.next(), grn: role.clone(), name, takes_scopes };
            self.put(row);
        }
        let names: Vec<String> =
            if form.scope.is_empty() { vec!["workspace".into()] } else { form.scope };
        let scope = names
            .iter()
            .map(|name| self.scope(place, &workspace, name))
            .collect::<Result<Vec<String>, String>>()?;
        let row = Assignment {
            serial: self.next(),
            id: given_or(form.id, &format!("assignments/{key}")),
            workspace,
            principal,
            role,
            scope,
            external,
            generation: 1,
            created: self.now,
            updated: self.now,
        };
        self.put(row);
        Ok(())
    }

    /// The GRN of a scope that was written by its name.
    fn scope(&self, place: &str, workspace: &str, name: &str) -> Result<String, String> {
        if name.starts_with("grn:") {
            return Ok(name.to_string());
        }
        if name == "workspace" {
            return Ok(format!("grn:glp/workspaces/{workspace}"));
        }
        let (kind, plain) = match name.split_once('/') {
            Some((kind @ ("scope-group" | "tenant-group"), plain)) => (kind, plain),
            _ => ("", name),
        };
        let key = named_in(workspace, plain);
        let scope_group = self.state.scope_groups.keyed(&key).map(|row| row.grn());
        let tenant_group = self.state.tenant_groups.keyed(&key).map(|row| row.grn());
        let found = match kind {
            "scope-group" => scope_group,
            "tenant-group" => tenant_group,
            _ => scope_group.or(tenant_group),
        };
        found.ok_or_else(|| {
            format!("`{place}.scope`: the workspace has no scope or tenant group `{name}`")
        })
    }

    /// `user:NAME`, `group:NAME`, or HPE's own form.
    pub(super) fn principal(&self, place: &str, text: &str) -> Result<Principal, String> {
        let (kind, name) = text.split_once(':').unwrap_or_default();
        let named = match kind {
            "user" => {
                let user = self.state.users.keyed(&fold(name));
                user.map(|user| Principal::user(&user.id))
            }
            "group" | "user-group" => {
                let group = self.state.groups.keyed(&fold(name));
                group.map(|group| Principal::group(&group.id))
            }
            _ => None,
        };
        let raw = || Principal::read(text).filter(|_| !name.contains('@'));
        named.or_else(raw).ok_or_else(|| {
            format!("`{place}.principal`: `{text}` is nobody; write `user:NAME` or `group:NAME`")
        })
    }
}
