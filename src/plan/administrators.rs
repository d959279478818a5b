//! Who administers before the plan, and what the plan does to it: by the groups that
//! `administrators.groups` names, and by the roles that `administrators.roles` names, held
//! directly or through a group.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::align::Aligned;
use super::jurisdiction::names;
use super::{Action, Change};
use crate::config::{Administrators, Desired};
use crate::kind::{Address, Family, Fields, Key, KindName, WHOLE_WORKSPACE};
use crate::live::{ActiveShown, Live, Member, Usability};

/// Who administers one workspace, or any of them, before the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Realm {
    /// The workspace; `None`: all of them together, and the groups that are named.
    pub workspace: Option<String>,
    /// Every live user who holds an administrator's role, is in an administrators' group or joins
    /// one by this plan, managed or not, by the name the user has in this plan.
    pub standing: BTreeMap<Key, Standing>,
    /// The users and groups whose holding makes administrators, with in how many ways.
    pub powers: BTreeMap<Address, u32>,
}

/// How one user stands to the administrators' groups, before the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether its person can sign in now.
    pub active: bool,
    /// The administrators' groups the user is in, by the name they have in this plan.
    pub through: BTreeSet<Key>,
}

/// Everything about administrators that a plan carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Administration {
    /// Who administers, over all and workspace by workspace; empty where nothing says who is one,
    /// or the target cannot.
    pub realms: Vec<Realm>,
    /// The groups whose members are administrators, or become ones, live or declared.
    pub groups: BTreeSet<Key>,
    /// Those of them that this plan deletes, or gives a name that no longer matches.
    pub disbanded: BTreeSet<Key>,
    /// Those of them that are not to be written: somebody else manages them.
    pub elsewhere: BTreeSet<Key>,
    /// Whether an account that this plan makes cannot be used until its person first signs in.
    pub newcomers_wait: bool,
    /// The changes of bindings that give (`true`) or take (`false`) an administrator's role.
    pub bindings: BTreeMap<Address, bool>,
    /// What makes administrators and how many must remain; `None` where nobody is counted.
    pub rule: Option<Administrators>,
    /// Whether the target holds roles and nothing says which of them, or which groups, make
    /// administrators: then nobody is counted.
    pub unnamed: bool,
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

/// Whether a binding that says `fields` makes its holders administrators: the role is one, and it
/// holds in the whole workspace.
#[must_use]
pub fn administers(fields: &Fields, roles: &[String]) -> bool {
    let whole = match fields.get("scope") {
        Some(Value::Array(scopes)) => scopes.iter().any(|scope| scope == WHOLE_WORKSPACE),
        Some(_) => false,
        None => true,
    };
    whole && text(fields, "role").is_some_and(|role| roles.iter().any(|one| one == role))
}

/// Whether a change of a binding gives (`true`) or takes (`false`) an administrator's role;
/// `None`: neither.
#[must_use]
pub fn power(change: &Change, roles: &[String]) -> Option<bool> {
    if change.family() != Family::Grant {
        return None;
    }
    let said = |fields: Option<&Fields>| fields.is_some_and(|fields| administers(fields, roles));
    match (said(change.before.as_ref()), said(change.after.as_ref())) {
        (false, true) => Some(true),
        (true, false) => Some(false),
        _ => None,
    }
}

/// The workspace of a change of a binding.
#[must_use]
pub fn workspace_of(change: &Change) -> Option<&str> {
    let fields = change.after.as_ref().or(change.before.as_ref())?;
    text(fields, "workspace")
}

/// One way to be an administrator: who, and in which workspace.
struct Power {
    principal: Address,
    workspace: Option<String>,
}

/// What is known of administrators before the changes, and what these do to it.
#[must_use]
pub(super) fn administration(
    desired: &Desired,
    live: &Live,
    aligned: &Aligned,
    changes: &[Change],
) -> Administration {
    let rule = &desired.project.administrators;
    let refused = &live.capabilities.refused_kinds;
    let holds_roles = KindName::of_family(Family::Grant).any(|kind| !refused.contains_key(&kind));
    let has_roles = !rule.roles.is_empty() && holds_roles;
    if rule.groups.is_empty() && !has_roles {
        return Administration { unnamed: holds_roles, ..Administration::default() };
    }
    let named = named_groups(desired, live, aligned);
    let roles: &[String] = if has_roles { &rule.roles } else { &[] };
    let held = held(live, aligned, roles);
    let bindings: BTreeMap<Address, bool> = changes
        .iter()
        .filter_map(|change| Some((change.address.clone(), power(change, roles)?)))
        .collect();
    let principals = held.iter().map(|power| power.principal.clone());
    let gaining = bindings.keys().filter_map(Address::principal);
    let by_role = principals.chain(gaining).filter(|who| who.family() == Family::Group);
    let groups: BTreeSet<Key> =
        by_role.map(|group| group.key().clone()).chain(named.iter().cloned()).collect();
    let workspaces: BTreeSet<&String> =
        held.iter().filter_map(|power| power.workspace.as_ref()).collect();
    let standing = standing(live, aligned, (&groups, &held), changes);
    let realm = |workspace: Option<&String>| {
        let mut powers: BTreeMap<Address, u32> = BTreeMap::new();
        let counted = held
            .iter()
            .filter(|power| workspace.is_none() || power.workspace.as_ref() == workspace);
        counted.for_each(|power| *powers.entry(power.principal.clone()).or_default() += 1);
        if workspace.is_none() {
            let by_name = named.iter().cloned().map(Address::of_group);
            by_name.for_each(|group| *powers.entry(group).or_default() += 1);
        }
        Realm { workspace: workspace.cloned(), standing: standing.clone(), powers }
    };
    let realms = std::iter::once(None).chain(workspaces.into_iter().map(Some)).map(realm).collect();
    let disbanded = disbanded(desired, (&groups, &named), changes);
    let newcomers_wait = !live.capabilities.keeps_active();
    let rule = Some(rule.clone());
    let held = live.objects().iter().zip(&aligned.addresses).filter(|(one, _)| one.hold.is_some());
    let held = held.map(|(_, address)| address.key()).filter(|key| groups.contains(*key));
    let elsewhere = held.cloned().collect();
    Administration {
        realms,
        groups,
        disbanded,
        elsewhere,
        newcomers_wait,
        bindings,
        rule,
        unnamed: false,
    }
}

/// The administrators' roles that are held now.
fn held(live: &Live, aligned: &Aligned, roles: &[String]) -> Vec<Power> {
    let objects = live.objects().iter().zip(&aligned.addresses);
    objects
        .filter(|(object, _)| object.kind.family() == Family::Grant)
        .filter(|(object, _)| administers(&object.fields, roles))
        .filter_map(|(object, address)| {
            let workspace = text(&object.fields, "workspace").map(str::to_owned);
            Some(Power { principal: address.principal()?, workspace })
        })
        .collect()
}

/// The groups, live or declared, that are administrators' by their live name or by their name in
/// this plan.
fn named_groups(desired: &Desired, live: &Live, aligned: &Aligned) -> BTreeSet<Key> {
    let names = names(&desired.project.administrators.groups);
    let declared = desired.of_family(Family::Group).map(|item| item.address.key());
    let declared = declared.filter(|key| names.is_match(key.as_str()));
    let known = live.objects().iter().zip(&aligned.addresses).filter_map(|(group, address)| {
        let counts = names.is_match(group.key.as_str()) || names.is_match(address.key().as_str());
        (group.kind.family() == Family::Group && counts).then_some(address.key())
    });
    declared.chain(known).cloned().collect()
}

/// The administrators' groups that the changes delete, or rename out of the pattern that made
/// them such.
fn disbanded(
    desired: &Desired,
    (groups, named): (&BTreeSet<Key>, &BTreeSet<Key>),
    changes: &[Change],
) -> BTreeSet<Key> {
    let names = names(&desired.project.administrators.groups);
    let of_groups = |change: &&Change| {
        change.family() == Family::Group && groups.contains(change.address.key())
    };
    let ends = |change: &&Change| {
        let key = change.address.key();
        change.action == Action::Delete || (named.contains(key) && !names.is_match(key.as_str()))
    };
    let ended = changes.iter().filter(of_groups).filter(ends);
    ended.map(|change| change.address.key().clone()).collect()
}

/// How every user who is, or may become, an administrator stands now.
fn standing(
    live: &Live,
    aligned: &Aligned,
    (groups, held): (&BTreeSet<Key>, &[Power]),
    changes: &[Change],
) -> BTreeMap<Key, Standing> {
    let mut through: BTreeMap<&Key, BTreeSet<Key>> = BTreeMap::new();
    for (group, address) in live.objects().iter().zip(&aligned.addresses) {
        if group.kind.family() != Family::Group || !groups.contains(address.key()) {
            continue;
        }
        for member in group.members.iter().flatten() {
            let Member::Known(place) = member else { continue };
            if let Some(user) = aligned.addresses.get(*place as usize) {
                through.entry(user.key()).or_default().insert(address.key().clone());
            }
        }
    }
    let joins = changes.iter().filter(|change| groups.contains(change.address.key()));
    for user in joins.filter_map(|change| change.address.member()) {
        through.entry(user).or_default();
    }
    let direct = held.iter().map(|power| &power.principal);
    let direct: Vec<Address> = direct
        .cloned()
        .chain(changes.iter().filter_map(|change| change.address.principal()))
        .filter(|who| who.family() == Family::Subject)
        .collect();
    for user in &direct {
        through.entry(user.key()).or_default();
    }
    let shown = ActiveShown::of(live.objects(), &live.capabilities);
    let users = live.objects().iter().zip(&aligned.addresses);
    users
        .filter(|(user, _)| user.kind.family() == Family::Subject)
        .filter_map(|(user, address)| {
            let through = through.get(address.key())?.clone();
            let active = shown.is_sure(Usability::of(user, &live.capabilities));
            Some((address.key().clone(), Standing { active, through }))
        })
        .collect()
}
