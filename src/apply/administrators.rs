//! The objects that make administrators, read again.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::stream;

use super::Writer;
use crate::config::{Administrators, compile_names};
use crate::guard::Least;
use crate::kind::{Address, Family, Key};
use crate::live::{ActiveShown, Capabilities, Live, Member, Object, RemoteId, Usability};
use crate::plan::{AskedBy, Demand, Plan, Realm, Standing, administers};

/// The number of objects that are read at once.
const READS: usize = 8;

/// The objects that make administrators: groups, their members, and roles.
#[derive(Clone, Debug)]
pub(super) struct AdminObjects {
    demands: Vec<Demand>,
    /// The demand and the workspace of each realm that is counted.
    realms: Vec<(usize, Option<String>)>,
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
        let standing = administration.standing()?;
        let realms = administration.realms.iter();
        let mut objects = Self {
            realms: realms.map(|realm| (realm.demand, realm.workspace.clone())).collect(),
            demands: administration.demands.clone(),
            groups: BTreeMap::new(),
            grants: BTreeMap::new(),
            users: BTreeMap::new(),
            names: BTreeMap::new(),
            capabilities: live.capabilities.clone(),
            shown: ActiveShown::of(live.objects(), &live.capabilities),
        };
        for (object, node) in live.objects().iter().zip(plan.graph.nodes()) {
            let address = &node.address;
            let counts = match address.family() {
                Family::Subject => standing.contains_key(address.key()),
                Family::Group => administration.groups.contains(address.key()),
                Family::Grant => {
                    let mut rules = objects.demands.iter().map(|demand| &demand.rule);
                    rules.any(|rule| administers(&object.fields, &rule.roles))
                }
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

    /// The number of administrators that must remain in the end, in each realm.
    pub(super) fn at_least(&self) -> impl Iterator<Item = usize> {
        let of = |demand: &usize| self.demands.get(*demand).map(|demand| demand.rule.at_least);
        let all = self.realms.iter().map(move |(demand, _)| of(demand));
        all.map(|number| number.map_or(usize::MAX, number_of))
    }

    /// The number that must remain after a removal, with the margin for what others take away
    /// meanwhile, by each demand.
    pub(super) fn least(&self) -> Vec<Least> {
        let of = |rule: &Administrators| Least {
            remain: number_of(rule.must_remain()),
            margin: number_of(rule.margin),
        };
        self.demands.iter().map(|demand| of(&demand.rule)).collect()
    }

    /// Whether fewer remain over all than a demand of the project or its base asks for, so that
    /// those whom the plan counted are gone: how many, and the demand in words.
    pub(super) fn gone(&self, counts: &[usize]) -> Option<(usize, String)> {
        let of = |((demand, workspace), count): (&(usize, Option<String>), &usize)| {
            let demand = self.demands.get(*demand).filter(|_| workspace.is_none())?;
            let is_gone =
                demand.asked_by != AskedBy::Target && *count < number_of(demand.rule.at_least);
            is_gone.then(|| (*count, asked(&demand.rule)))
        };
        self.realms.iter().zip(counts).find_map(of)
    }

    /// The number that must remain, in words.
    pub(super) fn demand(&self) -> String {
        self.demands.first().map(|demand| asked(&demand.rule)).unwrap_or_default()
    }

    /// Reads them all. Whoever is in a group and was not known before does not count: an unknown
    /// account is not known to be a person who can sign in. The users `also` are read in any case.
    pub(super) async fn read<W: Writer + Sync>(
        &self,
        writer: &W,
        also: &BTreeSet<Key>,
    ) -> Result<Vec<Realm>, String> {
        let all = |these: &BTreeMap<Address, RemoteId>| these.clone().into_iter().collect();
        let groups = self.those(writer, all(&self.groups)).await?;
        let grants = self.those(writer, all(&self.grants)).await?;
        let through = self.through(&groups);
        let holders = grants.keys().filter_map(|grant| grant.principal());
        let holders = holders.filter(|who| who.family() == Family::Subject);
        let holders: Vec<Key> = holders.map(|user| user.key().clone()).collect();
        let wanted = through.keys().copied().chain(&holders).chain(also);
        let wanted: BTreeSet<&Key> = wanted.collect();
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
        let realm = |(demand, workspace): &(usize, Option<String>)| {
            let powers = self.powers(*demand, workspace.as_deref(), &grants, &groups)?;
            let (demand, workspace) = (*demand, workspace.clone());
            Ok(Realm { demand, workspace, standing: standing.clone(), powers })
        };
        self.realms.iter().map(realm).collect()
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

    /// The roles, and the groups by their names of now, that make administrators by one demand.
    fn powers(
        &self,
        demand: usize,
        workspace: Option<&str>,
        grants: &BTreeMap<Address, Object>,
        groups: &BTreeMap<Address, Object>,
    ) -> Result<BTreeMap<Address, u32>, String> {
        let mut powers: BTreeMap<Address, u32> = BTreeMap::new();
        let Some(rule) = self.demands.get(demand).map(|demand| &demand.rule) else {
            return Ok(powers);
        };
        for (address, grant) in grants {
            let held = grant.fields.get("workspace").and_then(serde_json::Value::as_str);
            let is_here = workspace.is_none() || held == workspace;
            if is_here
                && administers(&grant.fields, &rule.roles)
                && let Some(holder) = address.principal()
            {
                *powers.entry(holder).or_default() += 1;
            }
        }
        if workspace.is_none() {
            let globs = compile_names(&rule.groups)
                .map_err(|why| format!("`administrators.groups`: {why}"))?;
            let named = groups.iter().filter(|(_, group)| globs.is_match(group.key.as_str()));
            named.for_each(|(group, _)| *powers.entry(group.clone()).or_default() += 1);
        }
        Ok(powers)
    }
}

fn number_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The number that must remain, as the project says it.
fn asked(rule: &Administrators) -> String {
    let Administrators { at_least, margin, .. } = rule;
    match margin {
        0 => format!("`administrators.atLeast` is {at_least}"),
        _ => format!("`administrators.atLeast` is {at_least}, and `margin` is {margin}"),
    }
}

/// Every name by which a target may call a member: its id in both forms, and its `userName`.
pub(super) fn names_of(address: &Address, id: &RemoteId) -> [Box<str>; 3] {
    [id.as_str().into(), id.compared().into(), address.key().as_str().into()]
}
