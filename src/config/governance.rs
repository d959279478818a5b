//! What the project says to its guardrails: break-glass accounts, privileged roles, and the
//! parameters of rules.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::kind::{Key, Source};

/// What guardrails go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Governance {
    /// The accounts kept for the day on which nothing else works, by folded `userName`. They are
    /// protected: no plan touches them.
    pub break_glass: BTreeMap<Key, BreakGlass>,
    /// Globs over the names of roles that are privileged, beside the administrators' roles.
    pub privileged: Vec<String>,
    /// Where those are written.
    pub privileged_source: Option<Source>,
    /// The approvers of waivers beside the declared users (`approvers`): names or addresses.
    pub approvers: Vec<String>,
    /// What is said to single rules, by id.
    pub rules: BTreeMap<String, RuleConfig>,
}

/// One break-glass account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlass {
    /// Its name as written.
    pub written: String,
    /// When somebody last signed in with it to see that it works.
    pub tested: Option<Timestamp>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is declared.
    pub source: Source,
}

/// What a rule's findings do, where the project says other than the rule itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSeverity {
    /// They refuse.
    Deny,
    /// They are shown.
    Warn,
}

/// What the project says to one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleConfig {
    /// Values for the parameters that the rule declares.
    pub parameters: BTreeMap<String, Value>,
    /// What its findings do.
    pub severity: Option<RuleSeverity>,
    /// Why it is turned off; `None`: it is not.
    pub off: Option<String>,
    /// Where that was written.
    pub source: Source,
}
