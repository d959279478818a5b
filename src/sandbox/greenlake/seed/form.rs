//! The form of a seed: what a person writes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::record::Source;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum OrganizationState {
    #[default]
    #[serde(rename = "ACTIVE")]
    Active,
    #[serde(rename = "INACTIVE")]
    Inactive,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct OrganizationForm {
    pub(super) id: Option<String>,
    pub(super) name: String,
    #[serde(default)]
    pub(super) state: OrganizationState,
    /// What workspaces say that do not say it themselves.
    pub(super) enhanced_iam: Option<bool>,
    /// Whether POSIX attributes are enabled; they are if a user of the seed has them.
    pub(super) posix: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientForm {
    pub(super) id: String,
    pub(super) secret: String,
    /// The workspace's name or id; the first one if it is left out.
    pub(super) workspace: Option<String>,
    /// `user:NAME`, or `api-client:ID`; the client itself if it is left out.
    pub(super) principal: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum WorkspaceType {
    #[default]
    #[serde(rename = "STANDARD_ENTERPRISE")]
    Standard,
    #[serde(rename = "MSP")]
    Msp,
    #[serde(rename = "MSP_TENANT")]
    Tenant,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct WorkspaceForm {
    pub(super) id: Option<String>,
    pub(super) name: String,
    #[serde(default, rename = "type")]
    pub(super) kind: WorkspaceType,
    pub(super) enhanced_iam: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct NameForm {
    pub(super) given_name: String,
    pub(super) family_name: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmailForm {
    pub(super) value: String,
    #[serde(default)]
    pub(super) primary: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct PosixForm {
    pub(super) uid: i32,
    pub(super) user_name: String,
    pub(super) gid: i32,
    pub(super) home_directory: Option<String>,
    pub(super) shell: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UserForm {
    pub(super) id: Option<String>,
    pub(super) user_name: String,
    /// From the user name, if it is left out.
    pub(super) name: Option<NameForm>,
    pub(super) display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) emails: Vec<EmailForm>,
    pub(super) active: Option<bool>,
    pub(super) country_code: Option<String>,
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) source: Source,
    pub(super) source_instance: Option<String>,
    pub(super) last_login: Option<Timestamp>,
    pub(super) posix: Option<PosixForm>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GroupForm {
    pub(super) id: Option<String>,
    pub(super) display_name: String,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) source: Source,
    pub(super) source_instance: Option<String>,
    /// User names.
    #[serde(default)]
    pub(super) members: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RoleForm {
    pub(super) grn: String,
    pub(super) name: Option<String>,
    pub(super) takes_scopes: Option<bool>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeForm {
    pub(super) grn: String,
    #[serde(default)]
    pub(super) description: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScopeGroupForm {
    pub(super) id: Option<String>,
    pub(super) workspace: Option<String>,
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    /// GRNs, or `{grn, description}`.
    #[serde(default)]
    pub(super) scopes: Vec<Value>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantGroupForm {
    pub(super) id: Option<String>,
    pub(super) workspace: Option<String>,
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    /// Names or ids of tenants.
    #[serde(default)]
    pub(super) tenants: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AssignmentSource {
    #[default]
    #[serde(rename = "LOCAL")]
    Local,
    #[serde(rename = "EXTERNAL")]
    External,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignmentForm {
    pub(super) id: Option<String>,
    pub(super) workspace: Option<String>,
    /// `user:NAME`, `group:NAME`, or HPE's own form.
    pub(super) principal: String,
    /// A GRN, or `provider.name`.
    pub(super) role: String,
    /// `workspace`, `scope-group/NAME`, `tenant-group/NAME`, a name of either, or a GRN.
    #[serde(default)]
    pub(super) scope: Vec<String>,
    #[serde(default)]
    pub(super) source: AssignmentSource,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct DomainForm {
    pub(super) name: String,
    pub(super) state: Option<String>,
    pub(super) dns_txt_record: Option<String>,
    pub(super) last_verified: Option<Timestamp>,
    /// The id of an external SCIM integration that leads the users of this domain.
    pub(super) integration: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileForm {
    pub(super) id: Option<String>,
    pub(super) name: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyForm {
    /// The domain; for a recovery account its e-mail address.
    pub(super) domain: String,
    /// The name of an SSO profile; none is another organization's, or the default's.
    pub(super) connection: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ZoneForm {
    pub(super) name: String,
    #[serde(default)]
    pub(super) values: Vec<String>,
}
