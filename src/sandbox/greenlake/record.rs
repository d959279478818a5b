//! What the organization holds, one struct a kind. Ids are without hyphens where HPE's are UUIDs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::id;
use super::table::Row;
use crate::sandbox::record::fold;

/// The organization itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Organization {
    pub(super) id: String,
    pub(super) name: String,
    /// Whether there can be groups; a standalone workspace's organization is not active.
    pub(super) active: bool,
    /// Whether POSIX attributes are enabled.
    pub(super) posix: bool,
}

/// An API client: what gets tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Client {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) secret: String,
    /// The workspace whose token endpoint knows it.
    pub(super) workspace: String,
    /// As which principal it acts.
    pub(super) principal: Principal,
}

/// Who can hold a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Principal {
    pub(super) kind: PrincipalKind,
    pub(super) id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum PrincipalKind {
    User,
    Group,
    Client,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum WorkspaceKind {
    Standard,
    Msp,
    Tenant,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Workspace {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: WorkspaceKind,
    /// Whether there is an `/authorization/v1beta1` at all.
    pub(super) enhanced_iam: bool,
    /// Of a tenant: its customers' devices are their own.
    pub(super) customer_owned: bool,
    pub(super) description: String,
    pub(super) generation: u64,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Role {
    pub(super) serial: u64,
    pub(super) grn: String,
    pub(super) name: String,
    /// Whether it can be narrowed to scope groups.
    pub(super) takes_scopes: bool,
}

/// Who leads an object's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Source {
    #[default]
    Local,
    /// An external SCIM integration.
    #[serde(rename = "SCIM")]
    Scim,
    /// Another organization.
    External,
}

impl Source {
    pub(super) fn name(self) -> &'static str {
        match self {
            Source::Local => "Local",
            Source::Scim => "SCIM",
            Source::External => "External",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Email {
    pub(super) value: String,
    pub(super) primary: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Posix {
    pub(super) uid: i32,
    pub(super) user_name: String,
    pub(super) gid: i32,
    pub(super) home: Option<String>,
    pub(super) shell: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct User {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) user_name: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) display_name: String,
    pub(super) emails: Vec<Email>,
    pub(super) active: bool,
    pub(super) country: String,
    /// `STAGED`, `ACTIVATING`, `ACTIVE`.
    pub(super) status: String,
    pub(super) verified: bool,
    pub(super) source: Source,
    pub(super) source_instance: String,
    pub(super) posix: Option<Posix>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) last_login: Option<Timestamp>,
    pub(super) version: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: Option<String>,
    pub(super) source: Source,
    pub(super) source_instance: String,
    /// Ids of users.
    pub(super) members: BTreeSet<String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scope {
    pub(super) id: String,
    pub(super) grn: String,
    pub(super) description: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ScopeGroup {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) workspace: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) scopes: Vec<Scope>,
    pub(super) generation: u64,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

/// A tenant's place in a tenant group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Tenancy {
    pub(super) id: String,
    pub(super) workspace: String,
    pub(super) created: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TenantGroup {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) workspace: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) tenants: Vec<Tenancy>,
    pub(super) generation: u64,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Assignment {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) workspace: String,
    pub(super) principal: Principal,
    pub(super) role: String,
    /// GRNs as they were written.
    pub(super) scope: Vec<String>,
    /// Managed elsewhere and only shown here.
    pub(super) external: bool,
    pub(super) generation: u64,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

/// A claim to a domain: its request, and the domain itself once it is verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Claim {
    pub(super) serial: u64,
    /// The id of the request.
    pub(super) id: String,
    /// The id of the domain.
    pub(super) domain: String,
    pub(super) name: String,
    /// `PENDING`, `VERIFIED`, `EXPIRED`.
    pub(super) state: String,
    /// The whole value of the TXT record.
    pub(super) txt: String,
    pub(super) last_verified: Option<Timestamp>,
    /// The external SCIM integration that leads the users of this domain.
    pub(super) integration: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Profile {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) serial: u64,
    pub(super) id: String,
    /// The domain, or the recovery account.
    pub(super) name: String,
    /// `DOMAIN_VERIFIED`, `DOMAIN_EXTERNAL`, `USER_RECOVERY`.
    pub(super) kind: String,
    /// Id of the SSO profile, if it is one that decides.
    pub(super) profile: Option<String>,
    pub(super) targets: serde_json::Value,
    /// Of a recovery account: who hears of it. The password is not kept.
    pub(super) contact: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// Until then it is `Configuring`.
    pub(super) ready: Timestamp,
    /// Deleted: until then it is `Deleting`, and not there after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gone: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) serial: u64,
    pub(super) id: String,
    pub(super) workspace: String,
    pub(super) username: String,
    pub(super) category: String,
    pub(super) description: String,
    pub(super) details: Vec<String>,
    pub(super) created: Timestamp,
}

/// TXT records at one name of the zone that the twin's DNS serves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Name {
    pub(super) serial: u64,
    pub(super) name: String,
    pub(super) values: Vec<String>,
}

impl Principal {
    /// Reads `user:ID`, `user-group:ID`, `api-client:ID`.
    pub(super) fn read(text: &str) -> Option<Principal> {
        let (kind, id) = text.split_once(':')?;
        let kind = match kind {
            "user" => PrincipalKind::User,
            "user-group" => PrincipalKind::Group,
            "api-client" => PrincipalKind::Client,
            _ => return None,
        };
        (!id.is_empty()).then(|| Principal { kind, id: id::bare(id) })
    }

    pub(super) fn user(id: &str) -> Principal {
        Principal { kind: PrincipalKind::User, id: id::bare(id) }
    }

    pub(super) fn group(id: &str) -> Principal {
        Principal { kind: PrincipalKind::Group, id: id::bare(id) }
    }

    /// `user`, `user-group`, `api-client`.
    pub(super) fn word(&self) -> &'static str {
        match self.kind {
            PrincipalKind::User => "user",
            PrincipalKind::Group => "user-group",
            PrincipalKind::Client => "api-client",
        }
    }

    /// As HPE's examples show it, with hyphens.
    pub(super) fn text(&self) -> String {
        format!("{}:{}", self.word(), id::dashed(&self.id))
    }
}

impl ScopeGroup {
    pub(super) fn grn(&self) -> String {
        let (workspace, id) = (&self.workspace, id::dashed(&self.id));
        format!(
            "grn:glp/workspaces/{workspace}/regions/default/providers/authorization/scope-groups/{id}"
        )
    }
}

impl TenantGroup {
    pub(super) fn grn(&self) -> String {
        let (workspace, id) = (&self.workspace, id::dashed(&self.id));
        format!("grn:glp/workspaces/{workspace}/regions/default/providers/msp/tenant-groups/{id}")
    }
}

/// What makes a scope or tenant group of a workspace one.
pub(super) fn named_in(workspace: &str, name: &str) -> String {
    format!("{workspace}/{}", fold(name))
}

/// What makes a role assignment one: nobody holds the same role twice in a workspace, but somebody
/// can hold it here and have it projected from elsewhere.
pub(super) fn held(workspace: &str, holder: (&Principal, &str), external: bool) -> String {
    let (principal, role) = holder;
    format!("{workspace} {}:{} {role} {external}", principal.word(), principal.id)
}

macro_rules! rows {
    ($($kind:ident: $id:expr, $key:expr;)*) => {$(
        impl Row for $kind {
            fn serial(&self) -> u64 {
                self.serial
            }

            fn id(&self) -> String {
                let id: fn(&$kind) -> &str = $id;
                id(self).to_string()
            }

            fn key(&self) -> String {
                let key: fn(&$kind) -> String = $key;
                key(self)
            }
        }
    )*};
}

rows! {
    Client: |row| &row.id, |row| row.id.clone();
    Workspace: |row| &row.id, |row| row.id.clone();
    Role: |row| &row.grn, |row| row.grn.clone();
    User: |row| &row.id, |row| fold(&row.user_name);
    Group: |row| &row.id, |row| fold(&row.display_name);
    ScopeGroup: |row| &row.id, |row| named_in(&row.workspace, &row.name);
    TenantGroup: |row| &row.id, |row| named_in(&row.workspace, &row.name);
    Assignment: |row| &row.id, |row| held(&row.workspace, (&row.principal, &row.role), row.external);
    Claim: |row| &row.id, |row| fold(&row.name);
    Profile: |row| &row.id, |row| fold(&row.name);
    Policy: |row| &row.id, |row| fold(&row.name);
    Entry: |row| &row.id, |row| row.id.clone();
    Name: |row| &row.name, |row| fold(&row.name);
}
