//! The graph of a plan: what is live, and what the changes make of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::alike::alike;
use super::resources::{self, contents};
use super::{DomainFacts, Graph, Hold, Node, Place, Privileged, Role, Side, domains};
use crate::kind::{Address, Family, Fields};
use crate::live::{Hold as Held, Live, Member, Object, RemoteId, Seen, Usability};
use crate::plan::align::Aligned;
use crate::plan::{Action, Change, Presence};

/// Makes the graph.
pub(in crate::plan) fn build(
    live: &Live,
    aligned: &Aligned,
    changes: &[Change],
    privileged: &Privileged,
) -> Graph {
    let mut graph = Graph::with_room(live.objects().len());
    for (object, address) in live.objects().iter().zip(&aligned.addresses) {
        graph.add(Node {
            address: address.clone(),
            seen: object.seen,
            elsewhere: elsewhere(object),
        });
    }
    fill(&mut graph, live, aligned, privileged);
    graph.after = graph.before.clone();
    let keeps_active = live.capabilities.keeps_active();
    Future::new(&mut graph, aligned, (privileged, keeps_active)).take(changes);
    resources::resolve(&mut graph);
    graph.before.turn_round();
    graph.after.turn_round();
    domains::changed(&mut graph.domains, changes);
    domains::count(&mut graph);
    graph.twins = alike(&graph, changes);
    graph
}

fn elsewhere(object: &Object) -> Option<String> {
    match &object.hold {
        Some(Held::Elsewhere(who)) => Some(who.clone()),
        Some(Held::Waiting(_)) | None => None,
    }
}

fn fill(graph: &mut Graph, live: &Live, aligned: &Aligned, privileged: &Privileged) {
    let nested = nested(live);
    for (place, object) in (0..).zip(live.objects()) {
        if let Some(slot) = graph.before.presence.get_mut(place as usize) {
            *slot = Presence::Present(Usability::of(object, &live.capabilities));
        }
        match object.kind.family() {
            Family::Group => join(&mut graph.before, place, object, &nested),
            Family::Scope => {
                graph.before.contents.insert(place, contents(object.kind, &object.fields));
            }
            Family::Plain if object.kind.spec().routes_sign_in => claim(graph, object),
            Family::Plain | Family::Subject | Family::Membership | Family::Grant => {}
        }
    }
    for (object, address) in live.objects().iter().zip(&aligned.addresses) {
        let principal = address.principal().and_then(|principal| graph.place(&principal));
        if let (Family::Grant, Some(principal)) = (object.kind.family(), principal) {
            let role = role(address, &object.fields, privileged, elsewhere(object));
            let hold = Hold::new(graph.roles.len(), scope(&object.fields));
            graph.roles.push(role);
            graph.before.held.entry(principal).or_default().push(hold);
        }
    }
}

/// The facts of a live claim.
fn claim(graph: &mut Graph, object: &Object) {
    let mut facts = DomainFacts {
        live: true,
        claimed: true,
        seen: object.seen,
        elsewhere: elsewhere(object),
        ..DomainFacts::default()
    };
    facts.take(&object.fields);
    graph.domains.insert(object.key.clone(), facts);
}

/// The groups by their ids, where some group has members that are no users.
fn nested(live: &Live) -> BTreeMap<String, Place> {
    let unknown = |object: &Object| {
        object.members.iter().flatten().any(|member| matches!(member, Member::Unknown(_)))
    };
    if !live.objects().iter().any(unknown) {
        return BTreeMap::new();
    }
    let groups =
        (0..).zip(live.objects()).filter(|(_, object)| object.kind.family() == Family::Group);
    groups.map(|(place, group)| (group.id.compared().into_owned(), place)).collect()
}

fn join(side: &mut Side, group: Place, object: &Object, nested: &BTreeMap<String, Place>) {
    for member in object.members.iter().flatten() {
        match member {
            Member::Known(user) => {
                if let Some(members) = side.members.get_mut(group as usize) {
                    members.push(*user);
                }
            }
            Member::Unknown(id) => match nested.get(RemoteId::compare(id).as_ref()) {
                Some(child) => side.children.entry(group).or_default().push(*child),
                None => *side.strangers.entry(group).or_default() += 1,
            },
        }
    }
}

pub(super) fn role(
    address: &Address,
    fields: &Fields,
    privileged: &Privileged,
    elsewhere: Option<String>,
) -> Role {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let role = text("role").unwrap_or_default().to_owned();
    Role {
        address: address.clone(),
        privileged: privileged.contains(&role),
        role,
        workspace: text("workspace").map(str::to_owned),
        elsewhere,
    }
}

pub(super) fn scope(fields: &Fields) -> Vec<String> {
    let names = fields.get("scope").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The state after, while the changes are taken into it.
struct Future<'a> {
    graph: &'a mut Graph,
    aligned: &'a Aligned,
    privileged: &'a Privileged,
    /// Whether the target keeps `active`.
    keeps_active: bool,
    /// Nodes that no managed declaration is about, or that the changes make.
    others: BTreeMap<Address, Place>,
    roles: BTreeMap<Address, usize>,
    leaving: BTreeMap<Place, BTreeSet<Place>>,
}

impl<'a> Future<'a> {
    fn new(
        graph: &'a mut Graph,
        aligned: &'a Aligned,
        (privileged, keeps_active): (&'a Privileged, bool),
    ) -> Self {
        let mut matched = vec![false; graph.nodes().len()];
        for found in aligned.matches.values() {
            if let Some(slot) = matched.get_mut(found.object) {
                *slot = true;
            }
        }
        let others = (0..).zip(graph.nodes().iter().zip(matched)).filter(|(_, (_, found))| !found);
        let others = others.map(|(place, (node, _))| (node.address.clone(), place)).collect();
        let roles = graph.roles.iter().enumerate();
        let roles = roles.map(|(at, role)| (role.address.clone(), at)).collect();
        let leaving = BTreeMap::new();
        Self { graph, aligned, privileged, keeps_active, others, roles, leaving }
    }

    fn place(&self, address: &Address) -> Option<Place> {
        let declared = self.aligned.matches.get(address);
        let declared = declared.and_then(|found| Place::try_from(found.object).ok());
        declared.or_else(|| self.others.get(address).copied())
    }

    fn take(mut self, changes: &[Change]) {
        // Users and groups before what refers to them: the plan is in that order.
        for change in changes {
            match change.family() {
                Family::Subject | Family::Group => self.thing(change),
                Family::Membership => self.link(change),
                Family::Grant => self.binding(change),
                Family::Scope => self.scope(change),
                Family::Plain => {}
            }
        }
        self.bury(changes);
        for (group, leaving) in &self.leaving {
            if let Some(members) = self.graph.after.members.get_mut(*group as usize) {
                members.retain(|user| !leaving.contains(user));
            }
        }
    }

    /// Who is deleted is in no group any more.
    fn bury(&mut self, changes: &[Change]) {
        let gone =
            |change: &Change| change.family() == Family::Subject && change.action == Action::Delete;
        if !changes.iter().any(gone) {
            return;
        }
        let presence = std::mem::take(&mut self.graph.after.presence);
        let is_there = |user: &Place| presence.get(*user as usize) != Some(&Presence::Absent);
        self.graph.after.members.iter_mut().for_each(|members| members.retain(is_there));
        self.graph.after.presence = presence;
    }

    fn thing(&mut self, change: &Change) {
        let Some(presence) = Presence::after(change, self.keeps_active) else { return };
        let Some(place) = self.place(&change.address).or_else(|| self.appear(&change.address))
        else {
            return;
        };
        if let Some(slot) = self.graph.after.presence.get_mut(place as usize) {
            *slot = presence;
        }
        if presence == Presence::Absent {
            self.graph.after.held.remove(&place);
            self.graph.after.children.remove(&place);
            self.graph.after.strangers.remove(&place);
            if let Some(members) = self.graph.after.members.get_mut(place as usize) {
                members.clear();
            }
        }
    }

    fn scope(&mut self, change: &Change) {
        let place = self.place(&change.address).or_else(|| self.appear(&change.address));
        let Some(place) = place else { return };
        match &change.after {
            Some(after) => {
                let contents = contents(change.kind(), after);
                self.graph.after.contents.insert(place, contents);
            }
            None => {
                self.graph.after.contents.remove(&place);
            }
        }
    }

    fn appear(&mut self, address: &Address) -> Option<Place> {
        let node = Node { address: address.clone(), seen: Seen::default(), elsewhere: None };
        let place = self.graph.add(node)?;
        for side in [&mut self.graph.before, &mut self.graph.after] {
            side.presence.push(Presence::Absent);
            side.members.push(Vec::new());
        }
        self.others.insert(address.clone(), place);
        Some(place)
    }

    fn link(&mut self, change: &Change) {
        let Some((group, user)) = change.address.ends() else { return };
        let (Some(group), Some(user)) = (self.place(&group), self.place(&user)) else { return };
        match change.action {
            Action::Delete => {
                self.leaving.entry(group).or_default().insert(user);
            }
            Action::Create => {
                if let Some(members) = self.graph.after.members.get_mut(group as usize) {
                    members.push(user);
                }
            }
            Action::Update => {}
        }
    }

    fn binding(&mut self, change: &Change) {
        let principal = change.address.principal();
        let Some(principal) = principal.and_then(|principal| self.place(&principal)) else {
            return;
        };
        let known = self.roles.get(&change.address).copied();
        let held = self.graph.after.held.entry(principal).or_default();
        if let Some(at) = known {
            held.retain(|hold| hold.role != at);
        }
        let Some(after) = &change.after else { return };
        let at = known.unwrap_or(self.graph.roles.len());
        held.push(Hold::new(at, scope(after)));
        if known.is_none() {
            self.graph.roles.push(role(&change.address, after, self.privileged, None));
            self.roles.insert(change.address.clone(), at);
        }
    }
}
