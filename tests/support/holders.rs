//! Who holds which role, worked out slowly and simply from a live listing and a plan's changes
//! alone. It shares no code with the access graph, which it is compared with.

use std::collections::{BTreeMap, BTreeSet};

use muster::config::Desired;
use muster::kind::{Address, Fields, Key, KindName};
use muster::live::{AccountStatus, Live, Member, Object, RemoteId};
use muster::plan::access::Holding;
use muster::plan::{Action, Change, Plan};
use serde_json::Value;

/// One role of one person, by one way: the person, the role, the workspace, the parts of it, and
/// the group that holds the role (empty: the person does). Who is live is told by its id.
pub(crate) type Row = (String, String, String, Vec<String>, String);

/// The ids of users and groups by all their names: the live ones, and those that the files give
/// what is live under another (`previously`), whether or not the target takes the new name. What
/// planning could not tell apart keeps its own.
#[derive(Clone, Default)]
pub(crate) struct Names {
    ids: BTreeMap<Address, String>,
    /// Those of what came later, by their ids at the target.
    later: BTreeMap<String, String>,
}

impl Names {
    pub(crate) fn of(live: &Live, desired: &Desired, plan: &Plan) -> Self {
        let undecided = plan
            .findings
            .iter()
            .filter(|finding| ["ambiguous", "outside-jurisdiction"].contains(&finding.id.as_str()));
        let undecided: BTreeSet<&Address> = undecided.flat_map(|one| &one.addresses).collect();
        let things = live.objects().iter().filter(|object| is_thing(object.kind));
        let ids =
            things.map(|object| (Address::new(object.kind, object.key.clone()), id_of(&object.id)));
        let mut ids: BTreeMap<Address, String> = ids.collect();
        let mut more = Vec::new();
        let declared = desired.intents.iter().filter(|(one, _)| is_thing(one.kind()));
        for (address, intent) in declared.filter(|(one, _)| !undecided.contains(one)) {
            let before = |key| ids.get(&Address::new(address.kind(), Key::clone(key)));
            if let (None, Some(id)) = (ids.get(address), intent.previously.iter().find_map(before))
            {
                more.push((address.clone(), id.clone()));
            }
        }
        ids.extend(more);
        Self { ids, later: BTreeMap::new() }
    }

    /// The same names, and those of what was made in the meantime.
    pub(crate) fn and(mut self, live: &Live) -> Self {
        let known: BTreeSet<&String> = self.ids.values().collect();
        let things = live.objects().iter().filter(|object| is_thing(object.kind));
        let new = things.map(|object| (id_of(&object.id), &object.kind, &object.key));
        let new = new.filter(|(id, ..)| !known.contains(id));
        let new =
            new.map(|(id, kind, key)| (id, format!("new {}", Address::new(*kind, key.clone()))));
        self.later = new.collect();
        self
    }

    fn of_object(&self, id: &RemoteId) -> String {
        let id = id_of(id);
        self.later.get(&id).cloned().unwrap_or(id)
    }

    /// The id of what is live, and a word of its own for what is not.
    fn id(&self, address: &Address) -> String {
        self.ids.get(address).cloned().unwrap_or_else(|| format!("new {address}"))
    }

    /// Holdings as rows.
    pub(crate) fn rows_of(&self, holdings: &[Holding]) -> BTreeSet<Row> {
        let row = |one: &Holding| {
            let mut scope = one.scope.clone();
            scope.sort();
            let via = one.via.as_ref();
            let via = via.map(|group| self.id(&Address::new(KindName::Group, group.clone())));
            (
                self.id(&Address::new(KindName::User, one.user.clone())),
                one.role.clone(),
                one.workspace.clone().unwrap_or_default(),
                scope,
                via.unwrap_or_default(),
            )
        };
        holdings.iter().map(row).collect()
    }
}

fn is_thing(kind: KindName) -> bool {
    matches!(kind, KindName::User | KindName::Group)
}

/// A state of the target, by ids.
#[derive(Clone, Default)]
pub(crate) struct State {
    users: BTreeSet<String>,
    groups: BTreeSet<String>,
    switched_off: BTreeSet<String>,
    /// The members of every group, users and groups.
    members: BTreeMap<String, BTreeSet<String>>,
    grants: BTreeMap<String, Grant>,
}

#[derive(Clone)]
struct Grant {
    holder: String,
    role: String,
    workspace: String,
    scope: Vec<String>,
}

fn id_of(id: &RemoteId) -> String {
    id.compared().into_owned()
}

fn text(fields: &Fields, name: &str) -> String {
    fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn scope(fields: &Fields) -> Vec<String> {
    let parts = fields.get("scope").and_then(Value::as_array).into_iter().flatten();
    let mut parts: Vec<String> = parts.map(|part| part.as_str().unwrap().to_owned()).collect();
    parts.sort();
    parts
}

/// Whether the target says that somebody switched the account off. Where it does not keep what is
/// written, `active: false` alone says nothing of the sort.
fn is_switched_off(user: &Object, keeps_active: bool) -> bool {
    let inactive = user.fields.get("active") == Some(&Value::Bool(false));
    match user.seen.status {
        Some(AccountStatus::Closed) => true,
        Some(AccountStatus::Invited) => false,
        Some(AccountStatus::Active | AccountStatus::Other) => inactive,
        None => inactive && keeps_active,
    }
}

impl State {
    /// What is live.
    pub(crate) fn of(live: &Live, names: &Names) -> Self {
        let keeps_active = keeps_active(live);
        let mut state = Self::default();
        for object in live.objects() {
            let id = names.of_object(&object.id);
            match object.kind {
                KindName::User => {
                    if is_switched_off(object, keeps_active) {
                        state.switched_off.insert(id.clone());
                    }
                    state.users.insert(id);
                }
                KindName::Group => {
                    let members = object.members.iter().flatten().map(|member| match member {
                        Member::Known(place) => {
                            names.of_object(&live.objects()[*place as usize].id)
                        }
                        Member::Unknown(id) => RemoteId::compare(id).into_owned(),
                    });
                    state.members.insert(id.clone(), members.collect());
                    state.groups.insert(id);
                }
                KindName::Binding => {
                    state.grants.insert(id, Grant::of(&object.fields, names));
                }
                KindName::Membership | KindName::ScopeGroup | KindName::Domain => {}
            }
        }
        state
    }

    /// The state when every one of `changes` is done.
    pub(crate) fn after(mut self, live: &Live, changes: &[Change], names: &Names) -> Self {
        let of = |kind: KindName| changes.iter().filter(move |change| change.kind() == kind);
        for change in of(KindName::User) {
            let id = names.id(&change.address);
            match change.action {
                Action::Delete => self.forget(&id),
                Action::Create | Action::Update => {
                    self.switch(&id, change, keeps_active(live));
                    self.users.insert(id);
                }
            }
        }
        for change in of(KindName::Group) {
            let id = names.id(&change.address);
            match change.action {
                Action::Delete => self.forget(&id),
                Action::Create | Action::Update => drop(self.groups.insert(id)),
            }
        }
        for change in of(KindName::Membership) {
            let (group, user) = change.address.ends().unwrap();
            let members = self.members.entry(names.id(&group)).or_default();
            match change.action {
                Action::Create => drop(members.insert(names.id(&user))),
                Action::Delete => drop(members.remove(&names.id(&user))),
                Action::Update => {}
            }
        }
        for change in of(KindName::Binding) {
            let id = change.remote.as_ref().map_or_else(|| change.address.to_string(), id_of);
            self.grants.remove(&id);
            if let Some(after) = &change.after {
                self.grants.insert(id, Grant::of(after, names));
            }
        }
        self
    }

    /// What is written of `active` counts where the target keeps it.
    fn switch(&mut self, id: &str, change: &Change, keeps_active: bool) {
        let written = change.action == Action::Create
            || change.fields.iter().any(|field| field.as_str() == "active");
        let active = change.after.as_ref().and_then(|after| after.get("active"));
        match active.and_then(Value::as_bool).filter(|_| written && keeps_active) {
            Some(true) => drop(self.switched_off.remove(id)),
            Some(false) => drop(self.switched_off.insert(id.to_owned())),
            None => {}
        }
    }

    fn forget(&mut self, id: &str) {
        self.users.remove(id);
        self.groups.remove(id);
        self.members.remove(id);
        self.members.values_mut().for_each(|members| {
            members.remove(id);
        });
        self.grants.retain(|_, grant| grant.holder != id);
    }

    /// Everybody at or below a group, however deep.
    fn below(&self, group: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::from([group.to_owned()]);
        loop {
            let before = all.len();
            let more: Vec<String> =
                all.iter().filter_map(|id| self.members.get(id)).flatten().cloned().collect();
            all.extend(more);
            if all.len() == before {
                return all;
            }
        }
    }

    /// Every role of everybody who was not switched off.
    pub(crate) fn rows(&self) -> BTreeSet<Row> {
        let mut rows = BTreeSet::new();
        for Grant { holder, role, workspace, scope } in self.grants.values() {
            let (people, via) = match self.groups.contains(holder) {
                true => (self.below(holder), holder.clone()),
                false => (BTreeSet::from([holder.clone()]), String::new()),
            };
            let usable =
                |id: &&String| self.users.contains(*id) && !self.switched_off.contains(*id);
            for id in people.iter().filter(usable) {
                let (role, workspace) = (role.clone(), workspace.clone());
                rows.insert((id.clone(), role, workspace, scope.clone(), via.clone()));
            }
        }
        rows
    }
}

impl Grant {
    fn of(fields: &Fields, names: &Names) -> Self {
        let holder = text(fields, "principal").parse().map(|holder| names.id(&holder));
        let (role, workspace) = (text(fields, "role"), text(fields, "workspace"));
        // Who is no user or group of the directory is nobody's business here.
        Self { holder: holder.unwrap_or_default(), role, workspace, scope: scope(fields) }
    }
}

fn keeps_active(live: &Live) -> bool {
    !live.capabilities.unheld.contains(&(KindName::User, "active".to_owned()))
}

/// Whether somebody has, among `rows`, as much of the role in the same workspace.
fn has_as_much(row: &Row, rows: &BTreeSet<Row>) -> bool {
    let whole = |scope: &[String]| scope.is_empty() || scope.contains(&"workspace".to_owned());
    rows.iter().any(|other| {
        (&other.0, &other.1, &other.2) == (&row.0, &row.1, &row.2)
            && (whole(&other.3)
                || (!row.3.is_empty() && row.3.iter().all(|part| other.3.contains(part))))
    })
}

/// Demands that two sets of rows are one.
#[track_caller]
pub(crate) fn agree(what: &str, said: &BTreeSet<Row>, worked_out: &BTreeSet<Row>) {
    let only = |one: &BTreeSet<Row>, other| one.difference(other).cloned().collect::<Vec<_>>();
    let (more, less) = (only(said, worked_out), only(worked_out, said));
    assert!(more.is_empty() && less.is_empty(), "{what}: said {more:#?}, not said {less:#?}");
}

/// Demands that a plan says who gains and who loses what, as worked out here; how many rows that
/// is.
#[track_caller]
pub(crate) fn check(desired: &Desired, live: &Live, plan: &Plan) -> usize {
    let names = Names::of(live, desired, plan);
    let state = State::of(live, &names);
    let before = state.rows();
    let after = state.after(live, &plan.changes, &names).rows();
    let only = |one: &BTreeSet<Row>, other: &BTreeSet<Row>| -> BTreeSet<Row> {
        one.difference(other).cloned().collect()
    };
    let kept: BTreeSet<&Row> = before.intersection(&after).collect();
    let (gained, lost) = (only(&after, &before), only(&before, &after));
    // Where two bindings give the same, one of them is named, and marked as kept or had: below.
    let said = |list| names.rows_of(list).into_iter().filter(|row| !kept.contains(row)).collect();
    agree("gained", &said(&plan.access.gained), &gained);
    agree("lost", &said(&plan.access.lost), &lost);
    for (list, others) in [(&plan.access.gained, &before), (&plan.access.lost, &after)] {
        for one in list {
            let row = names.rows_of(std::slice::from_ref(one)).pop_first().unwrap();
            assert_eq!(one.already, has_as_much(&row, others), "{row:?}");
        }
    }
    gained.len() + lost.len()
}
