//! Who gains and who loses what, as guardrails see it.

use schemars::JsonSchema;
use serde::Serialize;

use super::values::{SourceView, instant, nanoseconds, segment};
use crate::kind::{Address, Source};
use crate::plan::access::{AccessDelta, Holding};

/// Who gains and who loses what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Access {
    /// What people hold after the plan, and did not before.
    pub gained: Vec<AccessView>,
    /// What people held before the plan, and do not after.
    pub lost: Vec<AccessView>,
}

/// One role of one person, by one path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessView {
    /// The person's `userName`.
    pub user: String,
    /// The person's address.
    pub address: String,
    /// The role.
    pub role: String,
    /// The workspace, or "" for the whole organization.
    pub workspace: String,
    /// The parts of the workspace.
    pub scope: Vec<String>,
    /// The group that holds the role (`group/NAME`), or "".
    pub via: String,
    /// The binding's address.
    pub binding: String,
    /// The membership's address, or "".
    pub membership: String,
    /// Whether the role is privileged.
    pub privileged: bool,
    /// Whether the person had, or keeps, the same by another path.
    pub already: bool,
    /// When it ends (RFC 3339), or "".
    pub until: String,
    /// The same in nanoseconds since 1970, or 0.
    pub until_ns: i64,
    /// Why, or "".
    pub reason: String,
    /// Who answers for it, or "".
    pub owner: String,
    /// The line that asks for it, or null.
    #[schemars(with = "Option<SourceView>")]
    pub source: Option<Source>,
}

/// The delta as it is shown.
pub(super) fn access(delta: &AccessDelta) -> Access {
    let views = |list: &[Holding]| list.iter().map(view).collect();
    Access { gained: views(&delta.gained), lost: views(&delta.lost) }
}

fn view(one: &Holding) -> AccessView {
    let text = |address: Option<&Address>| address.map(Address::to_string).unwrap_or_default();
    let via = one.via.clone().map(Address::of_group);
    AccessView {
        user: segment(&one.user),
        address: Address::of_subject(one.user.clone()).to_string(),
        role: one.role.clone(),
        workspace: one.workspace.clone().unwrap_or_default(),
        scope: one.scope.clone(),
        via: text(via.as_ref()),
        binding: one.binding.to_string(),
        membership: text(one.membership.as_ref()),
        privileged: one.privileged,
        already: one.already,
        until: instant(one.until),
        until_ns: nanoseconds(one.until),
        reason: one.reason.clone(),
        owner: one.owner.clone(),
        source: one.source.clone(),
    }
}
