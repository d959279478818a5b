//! The document but for its changes: who asks, when, by which settings, and the index.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::access::Access;
use super::index::{BindingView, DomainView, GroupView, UserView};
pub(super) use super::values::{SourceView, instant, nanoseconds, person, segment};
use crate::config::{Desired, Experiment, Project, Provider};
use crate::kind::{Family, KindName, Source};

/// The version of the document's shape.
pub const SCHEMA: &str = "muster/input/v1";

/// When the guardrails are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Point {
    /// Offline: what is declared.
    Check,
    /// What a plan would change.
    Plan,
    /// The state that a plan ends in.
    End,
    /// The state as it is.
    Live,
}

/// What the run is a part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Run {
    /// Somebody at a terminal.
    #[default]
    Local,
    /// A change under review.
    PullRequest,
    /// A job that nobody watches.
    Scheduled,
}

/// Who asks, and by which settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The `userName` of who asks for the change; empty where nobody says.
    pub actor: String,
    /// What the run is a part of.
    pub run: Run,
    /// The parameters of every rule, defaults filled in, by the rule's id.
    pub settings: Settings,
}

/// The parameters of every rule, by the rule's id.
pub type Settings = BTreeMap<String, BTreeMap<String, Value>>;

/// Everything but the changes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// The version of this document's shape.
    pub schema: &'static str,
    /// When the guardrails are asked.
    pub point: Point,
    /// The organization's name in `muster.yaml`.
    pub organization: String,
    /// The target: provider and base URL.
    pub target: String,
    /// The kinds of things that the target can hold.
    #[schemars(with = "Vec<String>")]
    pub holds: Vec<KindName>,
    /// The instant the judgement is for (RFC 3339, UTC).
    pub now: String,
    /// The same in nanoseconds since 1970-01-01T00:00:00Z.
    pub now_ns: i64,
    /// The `userName` of who asks for the change, or "".
    pub actor: String,
    /// What the run is a part of.
    pub run: Run,
    /// The names nobody may touch, as globs.
    pub protected: Protected,
    /// Who counts as an administrator.
    pub administrators: Administrators,
    /// Globs over the names of privileged roles, beside the administrators'.
    pub privileged: Vec<String>,
    /// The declared break-glass accounts, by `userName`.
    pub break_glass: BTreeMap<String, BreakGlassView>,
    /// How many changes of each action.
    pub summary: Summary,
    /// The parameters of every rule, by the rule's id.
    pub settings: Settings,
    /// The exceptions that are declared.
    pub waivers: Vec<WaiverView>,
    /// The workspaces, by name.
    pub workspaces: BTreeMap<String, WorkspaceView>,
    /// Users, by folded `userName`.
    pub users: BTreeMap<String, UserView>,
    /// Groups, by folded name.
    pub groups: BTreeMap<String, GroupView>,
    /// Bindings, by address.
    pub bindings: BTreeMap<String, BindingView>,
    /// Domains, by folded name.
    pub domains: BTreeMap<String, DomainView>,
    /// Who gains and who loses what.
    pub access: Access,
}

/// The names nobody may touch, as globs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Protected {
    /// Globs over `userName`.
    pub users: Vec<String>,
    /// Globs over group names.
    pub groups: Vec<String>,
}

/// Who counts as an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Administrators {
    /// Roles whose holders are administrators.
    pub roles: Vec<String>,
    /// Globs over groups whose members are administrators.
    pub groups: Vec<String>,
    /// Who is one now.
    pub before: Vec<String>,
    /// Who is one in the end.
    pub after: Vec<String>,
}

/// A break-glass account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BreakGlassView {
    /// Its address.
    pub address: String,
    /// When somebody last signed in with it (RFC 3339), or "".
    pub tested: String,
    /// The same in nanoseconds since 1970, or 0.
    pub tested_ns: i64,
    /// Who answers for it, or "".
    pub owner: String,
    /// `active`, `inactive`, `absent`, or `unknown` (at `check`).
    pub state: &'static str,
    /// Its e-mail domain, or "".
    pub domain: String,
    /// The connection that domain's users sign in by, or "".
    pub sso: String,
    /// Where it is declared, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<Source>,
}

/// How many changes of each action; all zero where nothing changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Things made.
    pub create: u64,
    /// Things changed.
    pub update: u64,
    /// Things removed.
    pub delete: u64,
}

/// A declared exception.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaiverView {
    /// The rule or limit.
    pub rule: String,
    /// A glob over addresses.
    #[serde(rename = "for")]
    pub applies_to: String,
    /// The last instant at which it holds (RFC 3339).
    pub until: String,
    /// The same in nanoseconds since 1970.
    pub until_ns: i64,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// How many findings it may waive.
    pub at_most: u64,
    /// Where it is declared, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<Source>,
}

/// A workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WorkspaceView {
    /// The managing workspace, where it is an MSP tenant's; else "".
    pub via: String,
}

/// What a project's target is called.
pub(super) fn target_name(project: &Project) -> String {
    let provider = match project.target.provider {
        Provider::Greenlake => "greenlake",
        Provider::Scim => "scim",
        Provider::Sandbox => "sandbox",
    };
    match &project.target.url {
        Some(url) => format!("{provider} {url}"),
        None => provider.to_owned(),
    }
}

/// The kinds that a project's target can hold, as far as it is known offline.
pub(super) fn holds(project: &Project) -> Vec<KindName> {
    let greenlake = project.target.speaks_greenlake();
    let claims = project.target.experimental.contains(&Experiment::Domains);
    let some = |kind: &KindName| match kind.family() {
        Family::Subject | Family::Group | Family::Membership => true,
        Family::Grant | Family::Scope => greenlake,
        // Where claims are not read, nothing is known of them, and nothing is said of them.
        Family::Plain => greenlake && (claims || !kind.spec().routes_sign_in),
    };
    KindName::ALL.iter().copied().filter(some).collect()
}

/// The declared exceptions.
pub(super) fn waivers(desired: &Desired) -> Vec<WaiverView> {
    let view = |waiver: &crate::config::Waiver| WaiverView {
        rule: waiver.rule.clone(),
        applies_to: waiver.applies_to.clone(),
        until: instant(Some(waiver.until)),
        until_ns: nanoseconds(Some(waiver.until)),
        reason: waiver.reason.clone(),
        approved_by: waiver.approved_by.clone(),
        at_most: waiver.at_most,
        source: Some(waiver.source.clone()),
    };
    desired.waivers.iter().map(view).collect()
}

/// The workspaces of a project.
pub(super) fn workspaces(project: &Project) -> BTreeMap<String, WorkspaceView> {
    let all = project.target.workspaces.iter();
    let view = |via: &Option<String>| WorkspaceView { via: via.clone().unwrap_or_default() };
    all.map(|(name, workspace)| (name.clone(), view(&workspace.via))).collect()
}
