//! Leavers: undeclared users of ours, where `manage.users.onRemove` is `delete`.

use muster::config::{Desired, Members, OnRemove};
use muster::kind::{Address, KindName};
use muster::live::RemoteId;
use muster::plan::{Action, Plan};
use serde_json::Value;

use super::turn::{rows, text};
use super::world::{World, is_protected, is_protected_group};

/// The rows of those who leave, as the organization and the files say.
fn leavers<'a>(world: &World, desired: &Desired, state: &'a Value) -> Vec<&'a Value> {
    let deletes = Some(desired.project.manage.on_remove(KindName::User));
    if deletes != Some(OnRemove::Delete) {
        return Vec::new();
    }
    let leaves = |user: &&Value| {
        let name = text(user, "userName").to_lowercase();
        text(user, "source") == "Local"
            && world.is_managed(&name)
            && !is_protected(&name)
            && !world.own.contains(&name)
            && !world.declared.contains(&name)
    };
    rows(state, "users").iter().filter(leaves).collect()
}

fn is(id: &RemoteId, row: &Value) -> bool {
    id.compared() == RemoteId::compare(text(row, "id"))
}

fn holds(row: &Value, user: &Value) -> bool {
    let holder = text(row, "principal").strip_prefix("user:");
    holder.is_some_and(|name| name.eq_ignore_ascii_case(text(user, "userName")))
}

fn has(group: &Value, user: &Value) -> bool {
    let mut members = group["members"].as_array().unwrap().iter();
    members.any(|name| name.as_str().unwrap().eq_ignore_ascii_case(text(user, "userName")))
}

/// Whether the files say who is in the group, and it is ours to say.
fn is_listed(group: &Value, desired: &Desired) -> bool {
    let name = text(group, "displayName");
    let intent = desired.intents.get(&Address::group(name));
    text(group, "source") == "Local"
        && !is_protected_group(&name.to_lowercase())
        && !name.to_lowercase().starts_with("legacy-")
        && intent.is_some_and(|intent| intent.members != Members::Unmanaged)
}

/// Demands that the plan deletes every leaver, takes every role and every membership; how many
/// left.
#[track_caller]
pub(crate) fn check_plan(world: &World, desired: &Desired, state: &Value, plan: &Plan) -> usize {
    let leavers = leavers(world, desired, state);
    let deletes = |kind: KindName, row: &Value| {
        plan.changes.iter().any(|change| {
            change.kind() == kind
                && change.action == Action::Delete
                && change.remote.as_ref().is_some_and(|id| is(id, row))
        })
    };
    for user in &leavers {
        assert!(deletes(KindName::User, user), "stays: {user} {:#?}", plan.findings);
        if desired.project.manage.on_remove(KindName::Binding) == OnRemove::Delete {
            let mut roles = rows(state, "assignments").iter();
            let kept = roles.find(|row| {
                holds(row, user)
                    && text(row, "source") == "LOCAL"
                    && !deletes(KindName::Binding, row)
            });
            assert_eq!(kept, None, "keeps a role: {user}");
        }
        let groups = rows(state, "groups").iter();
        for group in groups.filter(|group| has(group, user) && is_listed(group, desired)) {
            let gone = plan.changes.iter().any(|change| {
                let ends = change.address.ends();
                change.action == Action::Delete
                    && ends.is_some_and(|(of, who)| {
                        plan.ids.get(&of).is_some_and(|id| is(id, group))
                            && plan.ids.get(&who).is_some_and(|id| is(id, user))
                    })
            });
            assert!(gone, "stays in {}: {user} {:#?}", text(group, "displayName"), plan.findings);
        }
    }
    leavers.len()
}

/// Demands that nothing is left of those who left; how many there were.
#[track_caller]
pub(crate) fn check_rows(world: &World, desired: &Desired, before: &Value, after: &Value) -> usize {
    let leavers = leavers(world, desired, before);
    for user in &leavers {
        let name = text(user, "userName");
        let there = rows(after, "users").iter().any(|row| row["userName"] == user["userName"]);
        assert!(!there, "{name} is there");
        assert!(
            !rows(after, "assignments").iter().any(|row| holds(row, user)),
            "{name} holds roles"
        );
        assert!(!rows(after, "groups").iter().any(|group| has(group, user)), "{name} is a member");
    }
    leavers.len()
}
