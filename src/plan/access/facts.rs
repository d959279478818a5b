//! What is known of a domain.

use serde_json::Value;

use crate::kind::{Address, Fields, VERIFIED};
use crate::live::Seen;

/// What is known of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainFacts {
    /// Whether it is claimed now.
    pub live: bool,
    /// Whether it is claimed in the end.
    pub claimed: bool,
    /// How far the claim has come, in the target's words; empty where there is none.
    pub state: String,
    /// The connection its users sign in by, now and in the end.
    pub sso: (String, String),
    /// What the target says of the claim beside its fields.
    pub seen: Seen,
    /// Who else manages it, if somebody does.
    pub elsewhere: Option<String>,
    /// How many users have it, now and in the end.
    pub users: (u64, u64),
    /// Some of those of the end, in order.
    pub examples: Vec<Address>,
}

impl DomainFacts {
    /// Whether the claim is proved.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.state == VERIFIED
    }

    pub(super) fn take(&mut self, fields: &Fields) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        text("state").clone_into(&mut self.state);
        text("sso").clone_into(&mut self.sso.0);
        text("sso").clone_into(&mut self.sso.1);
    }
}
