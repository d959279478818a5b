//! Who administers before the plan, and what the plan does to it: by the groups that
//! `administrators.groups` names, and by the roles that `administrators.roles` names, held
//! directly or through a group. The base of a change names administrators too, and so does a target
//! that knows a role which may do everything: a change that names others takes nothing from these.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::align::Aligned;
use super::inputs::Inputs;
use super::jurisdiction::names;
use super::{Action, Change};
use crate::config::{Administrators, Desired};
use crate::kind::{Address, Family, Fields, Key, KindName, WHOLE_WORKSPACE};
use crate::live::{ActiveShown, Capabilities, Live, Member, Usability};

/// The one that asks for administrators to remain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AskedBy {
    /// The project, by `administrators`.
    Project,
    /// The project as the target branch has it.
    Base,
    /// The target, by its own role for administrators.
    Target,
}

/// One definition of administrators, and how many of them must remain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The one that asks for it.
    pub asked_by: AskedBy,
    /// The groups and roles that make administrators, and the number.
    pub rule: Administrators,
    /// The groups that make administrators by their name and that this plan deletes, or gives a
    /// name that no longer matches.
    pub disbanded: BTreeSet<Key>,
}

/// Who administers one workspace, or any of them, before the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Realm {
    /// The place of the demand that counts these, in [`Administration::demands`].
    pub demand: usize,
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
    /// Every definition of administrators that must hold; empty where nobody is counted.
    pub demands: Vec<Demand>,
    /// The administrators by each demand, over all and workspace by workspace.
    pub realms: Vec<Realm>,
    /// The groups whose members are administrators, or become ones, live or declared.
    pub groups: BTreeSet<Key>,
    /// Those of them that are not to be written: somebody else manages them.
    pub elsewhere: BTreeSet<Key>,
    /// Whether an account that this plan makes cannot be used until its person first signs in.
    pub newcomers_wait: bool,
    /// The changes of bindings that give (`true`) an administrator's role, or take one (`false`).
    pub bindings: BTreeMap<Address, bool>,
    /// The number of held roles that make administrators.
    pub held: usize,
    /// Whether the target holds roles and the project does not say which of them, or which groups,
    /// make administrators: then nobody is counted for it.
    pub unnamed: bool,
}

impl Administration {
    /// Every user who is, or may become, an administrator. All realms stand on the same users.
    #[must_use]
    pub fn standing(&self) -> Option<&BTreeMap<Key, Standing>> {
        self.realms.first().map(|realm| &realm.standing)
    }
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
pub(super) fn administration(inputs: Inputs<'_>, changes: &[Change]) -> Administration {
    let Inputs { desired, live, aligned, base, .. } = inputs;
    let refused = &live.capabilities.refused_kinds;
    let holds_roles = KindName::of_family(Family::Grant).any(|kind| !refused.contains_key(&kind));
    let (rules, unnamed) = rules(desired, base, &live.capabilities, holds_roles);
    if rules.is_empty() {
        return Administration { unnamed, ..Administration::default() };
    }
    let parts: Vec<Part> = rules
        .into_iter()
        .map(|(asked_by, rule)| Part::of(asked_by, rule, (desired, live, aligned), changes))
        .collect();
    let groups: BTreeSet<Key> = parts.iter().flat_map(|part| part.groups.clone()).collect();
    let holders: Vec<&Address> =
        parts.iter().flat_map(|part| &part.held).map(|power| &power.principal).collect();
    let standing = standing(live, aligned, (&groups, &holders), changes);
    let realms = parts.iter().enumerate().flat_map(|(at, part)| part.realms(at, &standing));
    let realms = realms.collect();
    let mut bindings: BTreeMap<Address, bool> = BTreeMap::new();
    for (address, gives) in parts.iter().flat_map(|part| &part.bindings) {
        let all = bindings.entry(address.clone()).or_insert(true);
        *all = *all && *gives;
    }
    let elsewhere =
        live.objects().iter().zip(&aligned.addresses).filter(|(one, _)| one.hold.is_some());
    let elsewhere = elsewhere.map(|(_, address)| address.key()).filter(|key| groups.contains(*key));
    let elsewhere = elsewhere.cloned().collect();
    Administration {
        realms,
        elsewhere,
        newcomers_wait: !live.capabilities.keeps_active(),
        bindings,
        held: parts.iter().map(|part| part.held.len()).max().unwrap_or_default(),
        unnamed,
        demands: parts.into_iter().map(|part| part.demand).collect(),
        groups,
    }
}

/// Every definition of administrators that has something to go by, and whether the project has none
/// although the target holds roles.
fn rules(
    desired: &Desired,
    base: Option<&Administrators>,
    capabilities: &Capabilities,
    holds_roles: bool,
) -> (Vec<(AskedBy, Administrators)>, bool) {
    let known = |rule: &Administrators| Administrators {
        roles: if holds_roles { rule.roles.clone() } else { Vec::new() },
        ..rule.clone()
    };
    let own = known(&desired.project.administrators);
    // Where the project names nobody, nothing is taken from anybody.
    let target = Administrators {
        roles: capabilities
            .full_roles
            .iter()
            .map(|role| desired.project.roles.canonical(role))
            .collect(),
        groups: Vec::new(),
        ..own.clone()
    };
    let names_some = |rule: &Administrators| !rule.groups.is_empty() || !rule.roles.is_empty();
    let unnamed = holds_roles && !names_some(&own);
    let target = known(&target);
    let base = base.map(|base| (AskedBy::Base, known(base)));
    let all = [(AskedBy::Project, own)].into_iter().chain(base).chain([(AskedBy::Target, target)]);
    let mut rules: Vec<(AskedBy, Administrators)> = Vec::new();
    for (asked_by, rule) in all {
        let is_new = rules.iter().all(|(_, other)| *other != rule);
        let is_asked = asked_by != AskedBy::Target || !unnamed;
        if names_some(&rule) && is_new && is_asked {
            rules.push((asked_by, rule));
        }
    }
    (rules, unnamed)
}

/// The objects that one demand is about.
struct Part {
    demand: Demand,
    /// The groups that make administrators by their name.
    named: BTreeSet<Key>,
    /// The groups that make administrators by their name or by a role.
    groups: BTreeSet<Key>,
    held: Vec<Power>,
    bindings: BTreeMap<Address, bool>,
}

impl Part {
    fn of(
        asked_by: AskedBy,
        rule: Administrators,
        (desired, live, aligned): (&Desired, &Live, &Aligned),
        changes: &[Change],
    ) -> Self {
        let named = named_groups(&rule, desired, live, aligned);
        let held = held(live, aligned, &rule.roles);
        let bindings: BTreeMap<Address, bool> = changes
            .iter()
            .filter_map(|change| Some((change.address.clone(), power(change, &rule.roles)?)))
            .collect();
        let principals = held.iter().map(|power| power.principal.clone());
        let gaining = bindings.keys().filter_map(Address::principal);
        let by_role = principals.chain(gaining).filter(|who| who.family() == Family::Group);
        let groups: BTreeSet<Key> =
            by_role.map(|group| group.key().clone()).chain(named.iter().cloned()).collect();
        let disbanded = disbanded(&rule, (&groups, &named), changes);
        Self { demand: Demand { asked_by, rule, disbanded }, named, groups, held, bindings }
    }

    /// Those who administer by this demand, over all and in each workspace that has some.
    fn realms(&self, demand: usize, standing: &BTreeMap<Key, Standing>) -> Vec<Realm> {
        let realm = |workspace: Option<&String>| {
            let mut powers: BTreeMap<Address, u32> = BTreeMap::new();
            let counted = self
                .held
                .iter()
                .filter(|power| workspace.is_none() || power.workspace.as_ref() == workspace);
            counted.for_each(|power| *powers.entry(power.principal.clone()).or_default() += 1);
            if workspace.is_none() {
                let by_name = self.named.iter().cloned().map(Address::of_group);
                by_name.for_each(|group| *powers.entry(group).or_default() += 1);
            }
            Realm { demand, workspace: workspace.cloned(), standing: standing.clone(), powers }
        };
        let workspaces: BTreeSet<&String> =
            self.held.iter().filter_map(|power| power.workspace.as_ref()).collect();
        std::iter::once(None).chain(workspaces.into_iter().map(Some)).map(realm).collect()
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
fn named_groups(
    rule: &Administrators,
    desired: &Desired,
    live: &Live,
    aligned: &Aligned,
) -> BTreeSet<Key> {
    let names = names(&rule.groups);
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
    rule: &Administrators,
    (groups, named): (&BTreeSet<Key>, &BTreeSet<Key>),
    changes: &[Change],
) -> BTreeSet<Key> {
    let names = names(&rule.groups);
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
    (groups, holders): (&BTreeSet<Key>, &[&Address]),
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
    let direct: Vec<Address> = holders
        .iter()
        .copied()
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
