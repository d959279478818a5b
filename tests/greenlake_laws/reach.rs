//! What nobody may touch, known from the organization alone and by its ids, and whether a plan,
//! a step or an apply does.

use std::collections::{BTreeMap, BTreeSet};

use muster::apply::Op;
use muster::kind::{Address, KindName};
use muster::live::RemoteId;
use muster::plan::{Action, Change, Plan};
use serde_json::Value;

use super::turn::{rows, text};
use super::world::{is_protected, is_protected_group};

/// Ids and names of what nobody may touch.
#[derive(Debug, Default)]
pub(crate) struct Untouchable {
    /// Users and groups of integrations or other organizations, muster's own user, protected ones.
    objects: BTreeSet<(KindName, String)>,
    names: BTreeSet<(KindName, String)>,
    /// Those of them that are protected: nothing they hold is touched either.
    protected: BTreeSet<(KindName, String)>,
    /// Groups whose members an integration leads.
    led: BTreeSet<String>,
    assignments: BTreeSet<String>,
    /// The members of every group, by the group's id.
    members: BTreeMap<String, Vec<String>>,
}

fn bare(id: &str) -> String {
    RemoteId::compare(id).into_owned()
}

/// The id of a row.
fn id(row: &Value) -> String {
    bare(text(row, "id"))
}

impl Untouchable {
    /// That of an organization in which muster signs in as `own`.
    pub(crate) fn of(state: &Value, own: &[String]) -> Self {
        let mut found = Self::default();
        for user in rows(state, "users") {
            let name = text(user, "userName").to_lowercase();
            found.add(KindName::User, user, (name.clone(), is_protected(&name)), own);
        }
        for group in rows(state, "groups") {
            let name = text(group, "displayName").to_lowercase();
            if text(group, "source") != "Local" {
                found.led.insert(id(group));
            }
            let members = group["members"].as_array().unwrap().iter();
            let members = members.map(|name| name.as_str().unwrap().to_lowercase()).collect();
            found.members.insert(id(group), members);
            found.add(KindName::Group, group, (name.clone(), is_protected_group(&name)), own);
        }
        for row in rows(state, "assignments") {
            let holder = text(row, "principal");
            let (kind, name) = holder.split_once(':').unwrap();
            let name = name.to_lowercase();
            let protected = match kind {
                "user" => is_protected(&name) || !name.contains('@'),
                "group" => is_protected_group(&name),
                _ => true,
            };
            let is_own = own.iter().any(|own| own.eq_ignore_ascii_case(&name));
            if protected || is_own || text(row, "source") != "LOCAL" {
                found.assignments.insert(id(row));
            }
        }
        found
    }

    fn add(
        &mut self,
        kind: KindName,
        row: &Value,
        (name, protected): (String, bool),
        own: &[String],
    ) {
        let elsewhere = text(row, "source") != "Local";
        if protected {
            self.protected.insert((kind, id(row)));
        }
        if protected || elsewhere || own.iter().any(|own| own.eq_ignore_ascii_case(&name)) {
            self.objects.insert((kind, id(row)));
            self.names.insert((kind, name));
        }
    }

    /// Demands that a change is about nothing of it.
    #[track_caller]
    pub(crate) fn check_change(&self, change: &Change, plan: &Plan) {
        match (change.address.ends(), change.action) {
            (Some((group, user)), _) => self.check_member(&group, &user, plan),
            (None, Action::Create) => self.check_object(&change.address, None),
            (None, _) => self.check_object(&change.address, change.remote.as_ref()),
        }
        if let (Action::Delete, Some(id)) = (change.action, &change.remote) {
            let mut members = self.members.get(&bare(id.as_str())).into_iter().flatten();
            let protected = members.find(|name| is_protected(name));
            assert_eq!(protected, None, "{} has a protected member", change.address);
        }
    }

    /// Demands that a step writes nothing of it.
    #[track_caller]
    pub(crate) fn check_op(&self, op: &Op, plan: &Plan) {
        match op {
            Op::Create { address, .. } => self.check_object(address, None),
            Op::Update { address, remote, .. } | Op::Delete { address, remote, .. } => {
                self.check_object(address, Some(remote));
            }
            Op::AddMembers { group, users } | Op::RemoveMembers { group, users } => {
                users.iter().for_each(|user| self.check_member(group, user, plan));
            }
            Op::VerifyMembers { .. } => {}
        }
    }

    #[track_caller]
    fn check_object(&self, address: &Address, remote: Option<&RemoteId>) {
        let id = remote.map(|id| bare(id.as_str().split('@').next().unwrap()));
        let kind = address.kind();
        if kind == KindName::Binding {
            let taken = id.is_some_and(|id| self.assignments.contains(&id));
            assert!(!taken, "a role that is not ours: {address}, {remote:?}");
            let holder = address.principal().unwrap();
            assert!(!is_protected_address(&holder), "a role of somebody protected: {address}");
            return;
        }
        let name = (kind, address.key().as_str().to_lowercase());
        assert!(!is_protected_address(address), "protected: {address}");
        assert!(!self.names.contains(&name), "the name of what is not ours: {address}");
        let Some(id) = id else { return };
        assert!(!self.objects.contains(&(kind, id)), "not ours: {address}");
    }

    #[track_caller]
    fn check_member(&self, group: &Address, user: &Address, plan: &Plan) {
        let of = |address: &Address| plan.ids.get(address).map(|id| bare(id.as_str()));
        for end in [group, user] {
            assert!(!is_protected_address(end), "protected: {user} in {group}");
            let id = of(end).map(|id| (end.kind(), id));
            let protected = id.is_some_and(|id| self.protected.contains(&id));
            assert!(!protected, "protected: {user} in {group}");
        }
        let led = of(group).is_some_and(|id| self.led.contains(&id));
        assert!(!led, "an integration leads the members: {user} in {group}");
        let name = (KindName::Group, group.key().as_str().to_lowercase());
        assert!(!self.names.contains(&name), "an integration leads the members: {user} in {group}");
    }

    /// Assignments, with their holders' ids instead of names, which may change.
    fn assignments(state: &Value) -> Vec<Value> {
        let id_of = |list: &str, field: &str, name: &str| {
            let mut rows = rows(state, list).iter();
            rows.find(|row| text(row, field) == name).map(id)
        };
        let assignments = rows(state, "assignments").iter().cloned().map(|mut row| {
            let (kind, name) = text(&row, "principal").split_once(':').unwrap();
            let found = match kind {
                "user" => id_of("users", "userName", name),
                _ => id_of("groups", "displayName", name),
            };
            if let Some(id) = found {
                row["principal"] = Value::from(format!("{kind}:{id}"));
            }
            row
        });
        assignments.collect()
    }

    /// Demands that what is untouchable is the same bytes. A user or a group that was deleted
    /// takes along what the platform itself hangs on it.
    #[track_caller]
    pub(crate) fn check_rows(&self, before: &Value, after: &Value, plan: &Plan) {
        let deleted: BTreeSet<String> = plan
            .changes
            .iter()
            .filter(|change| change.action == Action::Delete)
            .filter_map(|change| change.remote.as_ref())
            .map(|id| bare(id.as_str()))
            .collect();
        let is_gone = |name: &str| {
            let mut rows = rows(before, "users").iter();
            rows.any(|row| {
                text(row, "userName").eq_ignore_ascii_case(name) && deleted.contains(&id(row))
            })
        };
        let same = |list: &str, all: [&[Value]; 2], kept: &dyn Fn(&Value) -> Option<Value>| {
            let now: BTreeMap<String, &Value> = all[1].iter().map(|row| (id(row), row)).collect();
            for row in all[0] {
                if let Some(row) = kept(row) {
                    let found = now.get(&id(&row)).map(|found| found.to_string());
                    assert_eq!(found.as_deref(), Some(row.to_string().as_str()), "{list}");
                }
            }
        };
        same("users", [rows(before, "users"), rows(after, "users")], &|row| {
            self.objects.contains(&(KindName::User, id(row))).then(|| row.clone())
        });
        same("groups", [rows(before, "groups"), rows(after, "groups")], &|row| {
            let mut row =
                self.objects.contains(&(KindName::Group, id(row))).then(|| row.clone())?;
            let members = row["members"].as_array_mut().unwrap();
            members.retain(|name| !is_gone(name.as_str().unwrap()));
            Some(row)
        });
        let all = [Self::assignments(before), Self::assignments(after)];
        same("assignments", [&all[0], &all[1]], &|row| {
            let (_, holder) = text(row, "principal").split_once(':').unwrap();
            let kept = self.assignments.contains(&id(row)) && !deleted.contains(holder);
            kept.then(|| row.clone())
        });
        for list in ["organization", "clients", "workspaces", "roles", "scopeGroups"] {
            assert_eq!(before[list].to_string(), after[list].to_string(), "{list}");
        }
        self.check_members(before, after);
    }

    /// Whoever is protected is in the same groups.
    fn check_members(&self, before: &Value, after: &Value) {
        let memberships = |state: &Value| -> BTreeSet<(String, String)> {
            let groups = rows(state, "groups").iter();
            let all = groups.flat_map(|group| {
                let members = group["members"].as_array().unwrap().iter();
                members.map(move |name| (id(group), name.as_str().unwrap().to_lowercase()))
            });
            all.filter(|(_, name)| is_protected(name)).collect()
        };
        assert_eq!(memberships(before), memberships(after));
    }
}

fn is_protected_address(address: &Address) -> bool {
    let name = address.key().as_str().to_lowercase();
    match address.kind() {
        KindName::User => is_protected(&name),
        KindName::Group => is_protected_group(&name),
        _ => false,
    }
}
