//! The project: what `muster.yaml` says.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::governance::Governance;
use crate::kind::{KindName, Roles, Source};

/// What `muster.yaml` says, with its defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The organization's name, shown in every report and bound into every plan.
    pub organization: String,
    /// The system written to.
    pub target: TargetConfig,
    /// The jurisdiction.
    pub manage: Manage,
    /// Where the jurisdiction was written: the line that asks for removals of what nobody declares.
    pub manage_source: Option<Source>,
    /// What is never planned and never written.
    pub protected: Protected,
    /// Who counts as an administrator.
    pub administrators: Administrators,
    /// What guardrails go by.
    pub governance: Governance,
    /// Names for roles (`roles`).
    pub roles: Roles,
    /// The DNS resolvers that are asked about domains (`dns.resolvers`).
    pub resolvers: Vec<SocketAddr>,
    /// Whether an unattended apply of a plan that is refused takes away all the same what only takes
    /// access away (`schedule.revocationsFirst`).
    pub revocations_first: bool,
    /// The brakes, by kind and action; the defaults where nothing is written.
    pub limits: Limits,
    /// Folders of policies beside the built-in pack, relative to the project.
    pub policies: Vec<String>,
    /// Where each of `policies` was written, in the same order.
    pub policy_sources: Vec<Source>,
    /// Folders or files of desired state, relative to the project; empty: everything beside it.
    pub sources: Vec<(String, Source)>,
    /// The project file's name, for messages.
    pub file: String,
}

/// The system written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetConfig {
    /// Which API it speaks.
    pub provider: Provider,
    /// Its base URL; none for the embedded sandbox.
    pub url: Option<String>,
    /// Where OAuth 2.0 tokens come from, if not the provider's own place.
    pub token_url: Option<String>,
    /// Where the credential is to be had; never the secret itself.
    pub credential: Option<CredentialRef>,
    /// The SCIM dialect by name; `None`: `rfc7644`.
    pub profile: Option<String>,
    /// Overrides of single lines of the dialect's table (`target.dialect`).
    pub dialect: BTreeMap<String, serde_json::Value>,
    /// Workspaces by name.
    pub workspaces: BTreeMap<String, Workspace>,
    /// The workspace through which the organization's directory is read and written, by name.
    pub workspace: Option<String>,
    /// What is used although its provider published no contract for it.
    pub experimental: BTreeSet<Experiment>,
    /// The base URL of the experimental parts, if not the provider's own.
    pub experimental_url: Option<String>,
    /// The sandbox's first state, a JSON file relative to the project.
    pub seed: Option<String>,
    /// Where the sandbox keeps its state, relative to the project.
    pub state: Option<String>,
    /// The sandbox's personality: which server it takes after.
    pub personality: Option<String>,
    /// Where the target was declared.
    pub source: Source,
}

/// Which API a target speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// HPE GreenLake.
    Greenlake,
    /// Any SCIM 2.0 service provider.
    Scim,
    /// The embedded sandbox.
    Sandbox,
}

/// A part of a target that its provider published no contract for: off unless asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Experiment {
    /// Domain claims.
    Domains,
    /// Authentication policies: which SSO connection signs a domain's users in.
    Sso,
}

/// Where a credential is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialRef {
    /// `env:NAME`: `NAME_TOKEN`, or `NAME_CLIENT_ID` and `NAME_CLIENT_SECRET`.
    Env(String),
    /// `file:PATH`: a JSON file that nobody else can read.
    File(String),
    /// `exec:COMMAND`: a command that prints the same JSON.
    Exec(String),
}

/// One workspace of the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its id at the target.
    pub id: String,
    /// Its own credential, where it has one.
    pub credential: Option<CredentialRef>,
    /// The workspace (an MSP's) whose token is exchanged for one of this one, by name.
    pub via: Option<String>,
}

/// The jurisdiction: what may be created, changed and removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manage {
    /// The managed kinds. A kind that is not in the map is read-only.
    pub kinds: BTreeMap<KindName, ManagedKind>,
    /// How members are managed where a group does not say.
    pub members: MembersDefault,
}

/// The items of one kind that are managed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagedKind {
    /// Which of them.
    pub select: Selection,
    /// The action for a managed item that is no longer declared.
    pub on_remove: OnRemove,
}

/// Selects items of a kind by name. A kind's family decides which form it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All items.
    All,
    /// Globs over the part of the name after the `@`; a name without `@` matches only `*`.
    Domains(Vec<String>),
    /// Globs over the whole name.
    Names {
        /// Names that are managed.
        names: Vec<String>,
        /// Names among them that are left alone all the same.
        except: Vec<String>,
    },
}

impl Manage {
    /// Whether anything of `kind` is managed.
    #[must_use]
    pub fn manages(&self, kind: KindName) -> bool {
        self.kinds.contains_key(&kind)
    }

    /// The action for a managed item of `kind` that is no longer declared; `Report` for a kind
    /// that is not managed.
    #[must_use]
    pub fn on_remove(&self, kind: KindName) -> OnRemove {
        self.kinds.get(&kind).map(|managed| managed.on_remove).unwrap_or_default()
    }
}

/// How members are managed where a group does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MembersDefault {
    /// What is not listed is removed.
    #[default]
    Exact,
    /// What is not listed is left alone.
    Additive,
}

/// What to do with a managed thing that nobody declares any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnRemove {
    /// Say so, and leave it.
    #[default]
    Report,
    /// Set `active` to false (users only).
    Deactivate,
    /// Delete it.
    Delete,
}

/// What is never planned and never written, whoever asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Protected {
    /// Globs over `userName`.
    pub users: Vec<String>,
    /// Globs over group names.
    pub groups: Vec<String>,
}

/// Who counts as an administrator, and how many must remain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administrators {
    /// Roles whose holders are administrators.
    pub roles: Vec<String>,
    /// Globs over the groups whose members are administrators: for targets without roles.
    pub groups: Vec<String>,
    /// How many active administrators must remain, after the plan and after every step of it.
    pub at_least: u32,
    /// How many administrators others may take away between a proof and its effect without fewer
    /// than `at_least` remaining.
    pub margin: u32,
}

impl Administrators {
    /// How many must remain after a removal by muster.
    #[must_use]
    pub const fn must_remain(&self) -> u32 {
        self.at_least.saturating_add(self.margin)
    }
}

/// The brakes, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits(pub BTreeMap<KindName, KindLimits>);

/// The brakes of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindLimits {
    /// How many may be removed (deleted, or deactivated) by one plan.
    pub remove: Brake,
    /// How many may be updated by one plan.
    pub update: Brake,
}

/// A brake: a share of the population, a number, or whichever is smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brake {
    /// Percent of the population, 0 to 100.
    pub percent: Option<u32>,
    /// A number.
    pub count: Option<u64>,
}

impl TargetConfig {
    /// Whether the target speaks HPE GreenLake's API: the real one, or the sandbox's twin of it.
    #[must_use]
    pub fn speaks_greenlake(&self) -> bool {
        match self.provider {
            Provider::Greenlake => true,
            Provider::Sandbox => self.personality.as_deref() == Some("greenlake"),
            Provider::Scim => false,
        }
    }
}
