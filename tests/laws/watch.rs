//! What is looked at after every single write.

use std::collections::{BTreeMap, BTreeSet};

use muster::sandbox::State;
use serde_json::Value;

use super::simulation::picture;
use super::world::{UNTOUCHABLE_GROUPS, UNTOUCHABLE_USERS};

/// The invariants of design section 6, looked at from outside.
pub struct Watch {
    untouchable: BTreeMap<String, Value>,
    protected_in: BTreeSet<String>,
    at_least: Option<usize>,
    fewest: usize,
    pub violations: Vec<String>,
}

impl Watch {
    /// `at_least`: how many administrators must remain, where the project says so.
    pub fn new(state: &State, at_least: Option<usize>) -> Self {
        Self {
            untouchable: untouchable(state),
            protected_in: protected_in(state),
            at_least,
            fewest: administrators(state),
            violations: vec![],
        }
    }

    pub fn look(&mut self, state: &State, after: &str) {
        if untouchable(state) != self.untouchable {
            self.violations.push(format!("{after}: something outside the jurisdiction changed"));
        }
        if protected_in(state) != self.protected_in {
            self.violations.push(format!("{after}: a membership of a protected user changed"));
        }
        let count = administrators(state);
        if let Some(least) = self.at_least
            && count < least
            && count < self.fewest
        {
            self.violations.push(format!("{after}: {count} administrators remain"));
        }
        self.fewest = count;
    }
}

fn untouchable(state: &State) -> BTreeMap<String, Value> {
    let names: BTreeSet<String> = UNTOUCHABLE_USERS
        .iter()
        .map(|name| format!("user {name}"))
        .chain(UNTOUCHABLE_GROUPS.iter().map(|name| format!("group {name}")))
        .collect();
    let mut seen = picture(state);
    seen.retain(|name, _| names.contains(name));
    seen
}

fn protected_in(state: &State) -> BTreeSet<String> {
    let has = |id: &str| state.member_names(id).iter().any(|name| name.starts_with("bg-"));
    // By id, so that a rename of the group is none of its members' business.
    state.groups().filter(|group| has(group.id())).map(|group| group.id().to_owned()).collect()
}

/// Active members of the administrators' groups.
fn administrators(state: &State) -> usize {
    let counts = |name: &str| matches!(name.to_lowercase().as_str(), "admins" | "old admins");
    let mut people = BTreeSet::new();
    for group in state.groups().filter(|group| counts(group.name())) {
        people.extend(state.member_names(group.id()));
    }
    let is_active = |name: &String| {
        let active = state.user_named(name).and_then(|user| user.attribute("active"));
        active != Some(&Value::Bool(false))
    };
    people.iter().filter(|name| is_active(name)).count()
}
