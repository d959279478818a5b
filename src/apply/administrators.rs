//! The objects that make administrators, read again.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::stream;

use super::Writer;
use crate::config::{Administrators, compile_names};
use crate::kind::{Address, Family, Key};
use crate::live::{ActiveShown, Capabilities, Live, Member, Object, RemoteId, Usability};
use crate::plan::{Plan, Realm, Standing, administers};

/// The number of objects that are read at once.
const READS: usize = 8;

/// The objects that make administrators: groups, their members, and roles.
#[derive(Clone, Debug)]
pub(super) struct AdminObjects {
    rule: Administrators,
    workspaces: Vec<Option<String>>,
    groups: BTreeMap<Address, RemoteId>,
    grants: BTreeMap<Address, RemoteId>,
    users: BTreeMap<Key, RemoteId>,
    /// Users by what the target may call them.
    names: BTreeMap<Box<str>, Key>,
    capabilities: Capabilities,
    shown: ActiveShown,
}

impl AdminObjects {
    /// The objects that a plan knows of; `None` where nobody is counted.
    pub(super) fn of(plan: &Plan, live: &Live) -> Option<Self> {
        let administration = &plan.administration;
        let rule = administration.rule.clone()?;
        let mut objects = Self {
            workspaces: administration.realms.iter().map(|realm| realm.workspace.clone()).collect(),
            groups: BTreeMap::new(),
            grants: BTreeMap::new(),
            users: BTreeMap::new(),
            names: BTreeMap::new(),
            capabilities: live.capabilities.clone(),
            shown: ActiveShown::of(live.objects(), &live.capabilities),
            rule,
        };
        let standing = administration.realms.first().map(|all| &all.standing);
        for (object, node) in live.objects().iter().zip(plan.graph.nodes()) {
            let address = &node.address;
            let counts = match address.family() {
                Family::Subject => standing.is_some_and(|all| all.contains_key(address.key())),
                Family::Group => administration.groups.contains(address.key()),
                Family::Grant => administers(&object.fields, &objects.rule.roles),
                Family::Membership | Family::Scope | Family::Plain => false,
            };
            if counts {
                objects.insert(address, &object.id);
            }
        }
        Some(objects)
    }

    /// Takes note of an object that this run made.
    pub(super) fn insert(&mut self, address: &Address, id: &RemoteId) {
        match address.family() {
            Family::Subject => {
                let names = names_of(address, id).map(|name| (name, address.key().clone()));
                self.names.extend(names);
                self.users.insert(address.key().clone(), id.clone());
            }
            Family::Group => drop(self.groups.insert(address.clone(), id.clone())),
            Family::Grant => drop(self.grants.insert(address.clone(), id.clone())),
            Family::Membership | Family::Scope | Family::Plain => {}
        }
    }

    /// Their users and groups, with their ids.
    pub(super) fn ids(&self) -> impl Iterator<Item = (Address, RemoteId)> {
        let users = self.users.iter();
        let users = users.map(|(user, id)| (Address::of_subject(user.clone()), id.clone()));
        self.groups.iter().map(|(group, id)| (group.clone(), id.clone())).chain(users)
    }

    /// The number of administrators that must remain in the end.
    pub(super) fn at_least(&self) -> usize {
        usize::try_from(self.rule.at_least).unwrap_or(usize::MAX)
    }

    /// The number that must remain after a removal, with the margin for what others take away meanwhile.
    pub(super) fn must_remain(&self) -> usize {
        usize::try_from(self.rule.must_remain()).unwrap_or(usize::MAX)
    }

    /// The demand, in words.
    pub(super) fn demand(&self) -> String {
        let Administrators { at_least, margin, .. } = self.rule;
        match margin {
            0 => format!("`administrators.atLeast` is {at_least}"),
            _ => format!("`administrators.atLeast` is {at_least}, and `margin` is {margin}"),
        }
    }

    /// Reads them all. Whoever is in a group and was not known before does not count: an unknown
    /// account is not known to be a person who can sign in.
    pub(super) async fn read<W: Writer + Sync>(&self, writer: &W) -> Result<Vec<Realm>, String> {
        let all = |these: &BTreeMap<Address, RemoteId>| these.clone().into_iter().collect();
        let groups = self.those(writer, all(&self.groups)).await?;
        let grants = self.those(writer, all(&self.grants)).await?;
        let through = self.through(&groups);
        let holders = grants.keys().filter_map(|grant| grant.principal());
        let holders = holders.filter(|who| who.family() == Family::Subject);
        let holders: Vec<Key> = holders.map(|user| user.key().clone()).collect();
        let wanted: BTreeSet<&Key> = through.keys().copied().chain(&holders).collect();
        let with_id =
            |user: &Key| Some((Address::of_subject(user.clone()), self.users.get(user)?.clone()));
        let wanted = wanted.into_iter().filter_map(with_id).collect();
        let users = self.those(writer, wanted).await?;
        let standing: BTreeMap<Key, Standing> = users
            .iter()
            .map(|(user, object)| {
                let through = through.get(user.key()).cloned().unwrap_or_default();
                let active = self.shown.is_sure(Usability::of(object, &self.capabilities));
                (user.key().clone(), Standing { active, through })
            })
            .collect();
        let named = self.named(&groups)?;
        let realm = |workspace: &Option<String>| Realm {
            workspace: workspace.clone(),
            standing: standing.clone(),
            powers: self.powers(workspace.as_deref(), &grants, &named),
        };
        Ok(self.workspaces.iter().map(realm).collect())
    }

    /// Reads some of them. One that is gone is left out.
    async fn those<W: Writer + Sync>(
        &self,
        writer: &W,
        which: Vec<(Address, RemoteId)>,
    ) -> Result<BTreeMap<Address, Object>, String> {
        let read = |(address, id): (Address, RemoteId)| async move {
            let found = writer.look(&address, &id).await;
            found.map(|found| found.map(|object| (address, object)))
        };
        let found: Vec<Result<_, String>> =
            stream::iter(which.into_iter().map(read)).buffer_unordered(READS).collect().await;
        found.into_iter().filter_map(Result::transpose).collect()
    }

    /// The groups through which each user that muster knows is an administrator.
    fn through(&self, groups: &BTreeMap<Address, Object>) -> BTreeMap<&Key, BTreeSet<Key>> {
        let mut through: BTreeMap<&Key, BTreeSet<Key>> = BTreeMap::new();
        for (address, group) in groups {
            for member in group.members.iter().flatten() {
                let Member::Unknown(name) = member else { continue };
                let user = self.names.get(name).or_else(|| {
                    let compared = RemoteId::compare(name);
                    self.names.get(&*compared).or_else(|| self.names.get(Key::new(name).as_str()))
                });
                if let Some(user) = user {
                    through.entry(user).or_default().insert(address.key().clone());
                }
            }
        }
        through
    }

    /// The groups whose name makes administrators, as they are called now.
    fn named(&self, groups: &BTreeMap<Address, Object>) -> Result<BTreeSet<Address>, String> {
        let globs = compile_names(&self.rule.groups)
            .map_err(|why| format!("`administrators.groups`: {why}"))?;
        let is_named = |group: &Object| globs.is_match(group.key.as_str());
        Ok(groups.iter().filter(|(_, group)| is_named(group)).map(|(one, _)| one.clone()).collect())
    }

    fn powers(
        &self,
        workspace: Option<&str>,
        grants: &BTreeMap<Address, Object>,
        named: &BTreeSet<Address>,
    ) -> BTreeMap<Address, u32> {
        let mut powers: BTreeMap<Address, u32> = BTreeMap::new();
        for (address, grant) in grants {
            let held = grant.fields.get("workspace").and_then(serde_json::Value::as_str);
            let is_here = workspace.is_none() || held == workspace;
            if is_here
                && administers(&grant.fields, &self.rule.roles)
                && let Some(holder) = address.principal()
            {
                *powers.entry(holder).or_default() += 1;
            }
        }
        if workspace.is_none() {
            named.iter().for_each(|group| *powers.entry(group.clone()).or_default() += 1);
        }
        powers
    }
}

/// Every name by which a target may call a member: its id in both forms, and its `userName`.
pub(super) fn names_of(address: &Address, id: &RemoteId) -> [Box<str>; 3] {
    [id.as_str().into(), id.compared().into(), address.key().as_str().into()]
}
