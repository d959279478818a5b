//! Findings: what a check, a limit, an invariant or a guardrail says.

use crate::kind::{Address, Item, Source};

/// What a finding does to the plan.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The plan is refused.
    Deny,
    /// The plan goes on; a person should look.
    Warn,
}

/// What a check, a limit, an invariant or a guardrail says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Finding {
    /// What it does to the plan.
    #[serde(rename = "severity")]
    pub level: Level,
    /// The rule's stable name.
    pub id: String,
    /// What is wrong, in one or two sentences.
    pub message: String,
    /// What it is about, sorted.
    pub addresses: Vec<Address>,
    /// The line that asked for it.
    pub source: Option<Source>,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// A finding about one declared item.
    pub(super) fn about(
        item: &Item,
        level: Level,
        id: &str,
        message: String,
        remedy: &str,
    ) -> Self {
        Self {
            level,
            id: id.to_owned(),
            message,
            addresses: vec![item.address.clone()],
            source: item.source.clone(),
            remedy: remedy.to_owned(),
        }
    }
}
