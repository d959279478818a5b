//! What is looked at after every single write.

use std::collections::{BTreeMap, BTreeSet};

use muster::sandbox::{Record, State};
use serde_json::Value;

use super::simulation::picture;
use super::world::{UNTOUCHABLE_GROUPS, UNTOUCHABLE_USERS};

/// The invariants of design section 6, looked at from outside.
pub(crate) struct Watch {
    untouchable: BTreeMap<String, Value>,
    untouchable_members: BTreeMap<String, BTreeSet<String>>,
    protected_in: BTreeSet<String>,
    at_least: Option<usize>,
    fewest: usize,
    pub(crate) violations: Vec<String>,
}

impl Watch {
    /// `at_least`: how many administrators must remain, where the project says so.
    pub(crate) fn new(state: &State, at_least: Option<usize>) -> Self {
        Self {
            untouchable: untouchable(state),
            untouchable_members: untouchable_members(state),
            protected_in: protected_in(state),
            at_least,
            fewest: administrators(state).len(),
            violations: vec![],
        }
    }

    pub(crate) fn look(&mut self, state: &State, after: &str) {
        if untouchable(state) != self.untouchable {
            self.violations.push(format!("{after}: something outside the jurisdiction changed"));
        }
        // A user who is deleted is a member of nothing, which is the server's doing.
        let there: BTreeSet<String> = state.users().map(|user| user.id().to_owned()).collect();
        let mut members = self.untouchable_members.clone();
        members.values_mut().for_each(|ids| ids.retain(|id| there.contains(id)));
        if untouchable_members(state) != members {
            self.violations.push(format!("{after}: a membership outside the jurisdiction changed"));
        }
        if protected_in(state) != self.protected_in {
            self.violations.push(format!("{after}: a membership of a protected user changed"));
        }
        let count = administrators(state).len();
        if let Some(least) = self.at_least
            && count < least
            && count < self.fewest
        {
            self.violations.push(format!("{after}: {count} administrators remain"));
        }
        self.fewest = count;
    }
}

/// The users that nothing may touch.
fn untouchable(state: &State) -> BTreeMap<String, Value> {
    let mut seen = picture(state);
    let is_one = |name: &str| UNTOUCHABLE_USERS.iter().any(|user| name == format!("user {user}"));
    seen.retain(|name, _| is_one(name));
    seen
}

/// The ids of the members of the groups that nothing may touch: a rename of a member is none of
/// the group's business.
fn untouchable_members(state: &State) -> BTreeMap<String, BTreeSet<String>> {
    let is_one = |name: &str| UNTOUCHABLE_GROUPS.contains(&name);
    let members = |group: &Record| group.members().map(str::to_owned).collect();
    let groups = state.groups().filter(|group| is_one(group.name()));
    groups.map(|group| (group.name().to_owned(), members(group))).collect()
}

fn protected_in(state: &State) -> BTreeSet<String> {
    let has = |name: &str| state.member_names(name).iter().any(|name| name.starts_with("bg-"));
    // By id, so that a rename of the group is none of its members' business.
    state.groups().filter(|group| has(group.name())).map(|group| group.id().to_owned()).collect()
}

/// The groups whose members are administrators.
pub(crate) fn administrators_groups(state: &State) -> impl Iterator<Item = &Record> {
    let counts = |name: &str| matches!(name.to_lowercase().as_str(), "admins" | "old admins");
    state.groups().filter(move |group| counts(group.name()))
}

/// Active members of the administrators' groups.
pub(crate) fn administrators(state: &State) -> BTreeSet<String> {
    let mut people = BTreeSet::new();
    for group in administrators_groups(state) {
        people.extend(state.member_names(group.name()));
    }
    let is_active = |name: &String| {
        let active = state.user_named(name).and_then(|user| user.attribute("active"));
        active != Some(&Value::Bool(false))
    };
    people.into_iter().filter(is_active).collect()
}
