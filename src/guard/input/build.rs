//! From the graph and the files to the index.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::changes::grant_view;
use super::header::{Point, instant, nanoseconds, person, segment};
use super::index::{BindingView, DomainView, GroupView, PathView, UserView};
use super::select::Selection;
use crate::config::{Desired, Members};
use crate::guard::protection::Protection;
use crate::kind::{Address, Family, Item, Key};
use crate::plan::access::{DomainFacts, Graph, Path, Paths, Place};

/// Names that no mail reaches: reserved for other uses (RFC 2606, RFC 6761, RFC 6762).
const UNROUTABLE: &[&str] = &["invalid", "local", "localhost", "internal", "test", "lan"];

/// The most groups with the same members that are named at each of them.
const SAME: usize = 20;

/// What the index is built from.
pub(super) struct Indexer<'a> {
    pub(super) graph: &'a Graph,
    pub(super) desired: &'a Desired,
    pub(super) point: Point,
    pub(super) protection: &'a Protection,
    pub(super) selection: &'a Selection,
}

impl Indexer<'_> {
    /// The users that are shown.
    pub(super) fn users(&self) -> BTreeMap<String, UserView> {
        let paths = [&self.graph.before, &self.graph.after].map(Paths::of);
        let users = self.selection.users.iter();
        users.filter_map(|user| self.user(*user, &paths)).collect()
    }

    fn user(&self, place: Place, [before, after]: &[Paths<'_>; 2]) -> Option<(String, UserView)> {
        let node = self.graph.node(place)?;
        let key = node.address.key();
        let item = self.desired.items.get(&node.address);
        let paths = |paths: &Paths<'_>| {
            paths.all(place).iter().filter_map(|path| self.path(key, path)).collect()
        };
        let view = UserView {
            address: node.address.to_string(),
            declared: item.is_some(),
            live: self.graph.before.is_present(place),
            present: self.graph.after.is_present(place),
            active: self.graph.after.presence_of(place).can_use_roles(),
            domain: domain_of(key),
            class: said(item, "class"),
            pseudo_address: flag(item, "pseudoAddress"),
            managed_by: node.elsewhere.clone().unwrap_or_default(),
            protected: self.protection.covers(&node.address),
            break_glass: self.desired.project.governance.break_glass.contains_key(key),
            created: instant(node.seen.created),
            created_ns: nanoseconds(node.seen.created),
            last_login: instant(node.seen.last_login),
            last_login_ns: nanoseconds(node.seen.last_login),
            groups: self.names(self.graph.after.groups_of(place)),
            roles: paths(after),
            roles_before: paths(before),
            source: item.and_then(|item| item.source.clone()),
        };
        Some((segment(key), view))
    }

    fn path(&self, user: &Key, path: &Path) -> Option<PathView> {
        let role = self.graph.roles.get(path.hold.role)?;
        let through = path.through.and_then(|group| self.graph.node(group));
        let membership =
            through.map(|node| Address::membership(node.address.key().clone(), user.clone()));
        let asks = [Some(&role.address), membership.as_ref()].into_iter().flatten();
        let ends = asks.filter_map(|one| self.desired.items.get(one)?.grant.as_ref()?.until);
        let until = ends.min();
        let via = path.via.and_then(|group| self.graph.node(group));
        Some(PathView {
            binding: role.address.to_string(),
            via: via.map(|node| node.address.to_string()).unwrap_or_default(),
            until: instant(until),
            until_ns: nanoseconds(until),
        })
    }

    fn names(&self, places: &[Place]) -> Vec<String> {
        let nodes = places.iter().filter_map(|place| self.graph.node(*place));
        let names: BTreeSet<String> = nodes.map(|node| segment(node.address.key())).collect();
        names.into_iter().collect()
    }

    /// The groups that are shown.
    pub(super) fn groups(&self) -> BTreeMap<String, GroupView> {
        let parents = Paths::of(&self.graph.after);
        let declared = match self.point {
            Point::Check => self.declared_counts(),
            _ => BTreeMap::new(),
        };
        let groups = self.selection.groups.iter();
        groups.filter_map(|group| self.group(*group, &parents, &declared)).collect()
    }

    /// How many members each group is declared to have.
    fn declared_counts(&self) -> BTreeMap<&Key, i64> {
        let mut counts = BTreeMap::new();
        for item in self.desired.links() {
            *counts.entry(item.address.key()).or_default() += 1;
        }
        counts
    }

    fn group(
        &self,
        place: Place,
        parents: &Paths<'_>,
        declared: &BTreeMap<&Key, i64>,
    ) -> Option<(String, GroupView)> {
        let (graph, node) = (self.graph, self.graph.node(place)?);
        let key = node.address.key();
        let item = self.desired.items.get(&node.address);
        let count = |side: &crate::plan::access::Side| match self.point {
            Point::Check if self.desired.members_of(&node.address) == Members::Unmanaged => -1,
            Point::Check => declared.get(key).copied().unwrap_or_default(),
            _ => i64::try_from(side.count(place)).unwrap_or(i64::MAX),
        };
        let held = graph.after.held.get(&place).into_iter().flatten();
        let held: Vec<_> = held.filter_map(|hold| graph.roles.get(hold.role)).collect();
        let twins = graph.twins.of(place);
        let others = twins.map_or(&[][..], |twins| &twins.all);
        let others = others.iter().copied().filter(|other| *other != place);
        let same: Vec<_> = others.take(SAME).collect();
        // On the first of them alone: on each of them the list would be as long as they are many.
        let also_made = match twins.map(|twins| twins.made.as_slice()) {
            Some([first, rest @ ..]) => (*first == place).then(|| self.names(rest)),
            Some([]) | None => Some(Vec::new()),
        };
        let children = graph.after.children.get(&place).map_or(&[][..], Vec::as_slice);
        let view = GroupView {
            address: node.address.to_string(),
            declared: item.is_some(),
            live: graph.before.is_present(place),
            present: graph.after.is_present(place),
            protected: self.protection.covers(&node.address),
            managed_by: node.elsewhere.clone().unwrap_or_default(),
            owner: folded(said(item, "owner")),
            baseline: item.and_then(|item| texts(item, "baseline")).map(|roles| {
                roles.iter().map(|role| self.desired.project.roles.canonical(role)).collect()
            }),
            allows: item.and_then(|item| texts(item, "allows")).unwrap_or_default(),
            members: count(&graph.after),
            members_before: count(&graph.before),
            roles: held.iter().map(|role| role.address.to_string()).collect(),
            parents: self.names(parents.parents(place)),
            children: self.names(children),
            cycle: self.names(&graph.after.cycle(place)),
            same_members: self.names(&same),
            same_members_count: twins.map_or(0, |twins| twins.all.len().saturating_sub(1)),
            also_made,
            privileged: held.iter().any(|role| role.privileged),
            source: item.and_then(|item| item.source.clone()),
        };
        Some((segment(key), view))
    }

    /// The bindings that are shown.
    pub(super) fn bindings(&self) -> BTreeMap<String, BindingView> {
        let sides = [&self.graph.before, &self.graph.after].map(|side| {
            let holds = side.held.values().flatten();
            holds.map(|hold| (hold.role, &hold.scope)).collect::<BTreeMap<_, _>>()
        });
        let [before, after] = sides;
        let roles =
            self.selection.roles.iter().filter_map(|at| Some((at, self.graph.roles.get(*at)?)));
        let view = |(at, role): (&usize, &crate::plan::access::Role)| {
            let item = self.desired.items.get(&role.address);
            let scope = after.get(at).or_else(|| before.get(at));
            let mut grant = item.map(grant_view).unwrap_or_default();
            grant.owner = folded(grant.owner);
            grant.reviewed_by = folded(grant.reviewed_by);
            let address = role.address.to_string();
            let principal = role.address.principal();
            let view = BindingView {
                role: role.role.clone(),
                workspace: role.workspace.clone().unwrap_or_default(),
                scope: scope.map(|scope| (*scope).clone()).unwrap_or_default(),
                principal: principal.map(|who| who.to_string()).unwrap_or_default(),
                privileged: role.privileged,
                declared: item.is_some(),
                live: before.contains_key(at),
                present: after.contains_key(at),
                managed_by: role.elsewhere.clone().unwrap_or_default(),
                grant,
                source: item.and_then(|item| item.source.clone()),
                address: address.clone(),
            };
            (address, view)
        };
        roles.map(view).collect()
    }

    /// The domains: those claimed or declared, and those that some shown user has.
    pub(super) fn domains(
        &self,
        users: &BTreeMap<String, UserView>,
    ) -> BTreeMap<String, DomainView> {
        let had: BTreeSet<&str> = users.values().map(|user| user.domain.as_str()).collect();
        let whole = self.point != Point::Plan;
        let all: BTreeMap<&Key, &DomainFacts> = self.graph.domains.iter().collect();
        let nothing = DomainFacts::default();
        let plain = self.desired.of_family(Family::Plain);
        let claims = plain.filter(|item| item.address.kind().spec().routes_sign_in);
        let declared = claims.map(|item| item.address.key());
        let mut keys: BTreeSet<&Key> = declared.collect();
        keys.extend(
            all.iter()
                .filter(|(key, facts)| {
                    whole || facts.live || facts.claimed || had.contains(key.as_str())
                })
                .map(|(key, _)| *key),
        );
        let claimed: BTreeSet<&str> = keys
            .iter()
            .filter(|key| {
                let facts = all.get(**key).copied().unwrap_or(&nothing);
                let address = Address::of_claim((**key).clone());
                facts.claimed || self.desired.items.get(&address).is_some()
            })
            .map(|key| key.as_str())
            .collect();
        let view = |key: &&Key| {
            let facts = all.get(*key).copied().unwrap_or(&nothing);
            (key.as_str().to_owned(), self.domain(key, facts, &claimed))
        };
        keys.iter().map(view).collect()
    }

    fn domain(&self, key: &Key, facts: &DomainFacts, claimed: &BTreeSet<&str>) -> DomainView {
        let address = Address::of_claim(key.clone());
        let item = self.desired.items.get(&address);
        let above = |name: &str| name.split_once('.').map(|(_, rest)| rest.to_owned());
        let mut parent = above(key.as_str());
        while let Some(name) = parent.take_if(|name| !claimed.contains(name.as_str())) {
            parent = above(&name);
        }
        let top = key.as_str().rsplit('.').next().unwrap_or_default();
        DomainView {
            address: address.to_string(),
            declared: item.is_some(),
            live: facts.live,
            present: facts.claimed || item.is_some(),
            owner: folded(said(item, "owner")),
            sso: facts.sso.1.clone(),
            sso_before: facts.sso.0.clone(),
            state: facts.state.clone(),
            verified: facts.is_verified(),
            last_verified: instant(facts.seen.verified),
            last_verified_ns: nanoseconds(facts.seen.verified),
            parent: parent.unwrap_or_default(),
            tenant: said(item, "tenant"),
            routable: !UNROUTABLE.contains(&top) && key.as_str().contains('.'),
            users: facts.users.1,
            users_before: facts.users.0,
            examples: facts.examples.iter().map(Address::to_string).collect(),
            managed_by: facts.elsewhere.clone().unwrap_or_default(),
            source: item.and_then(|item| item.source.clone()),
        }
    }
}

/// The part of a name after the `@`, or "".
pub(super) fn domain_of(user: &Key) -> String {
    user.as_str().rsplit_once('@').map(|(_, domain)| domain.to_owned()).unwrap_or_default()
}

fn said(item: Option<&Item>, name: &str) -> String {
    let text = item.and_then(|item| item.fields.get(name)?.as_str());
    text.unwrap_or_default().to_owned()
}

fn flag(item: Option<&Item>, name: &str) -> bool {
    item.and_then(|item| item.fields.get(name)?.as_bool()).unwrap_or_default()
}

fn texts(item: &Item, name: &str) -> Option<Vec<String>> {
    let list = item.fields.get(name)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// A name as the index has it.
fn folded(name: String) -> String {
    if name.is_empty() { name } else { segment(&person(&name)) }
}
