//! The graph of what is declared: who would hold what, by the files alone.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::build::{role, scope};
use super::resources::{self, contents};
use super::{Graph, Hold, Node, Privileged, domains};
use crate::config::Desired;
use crate::kind::{Address, Family, Item, Key};
use crate::live::{Seen, Usability};
use crate::plan::Presence;

/// Which grants count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Those that hold now.
    InForce,
    /// Those and the ones that have not begun: what the files will give.
    ToCome,
}

/// The graph of what is declared at `now`. Of memberships only those of groups that
/// hold roles: a million others give nobody anything.
#[must_use]
pub fn declared(desired: &Desired, now: Timestamp, when: When) -> Graph {
    let privileged = Privileged::of(&desired.project);
    let in_force = |item: &&Item| {
        item.grant.as_ref().is_none_or(|grant| match when {
            When::InForce => grant.holds_at(now),
            When::ToCome => grant.until.is_none_or(|until| now <= until),
        })
    };
    let families = [Family::Subject, Family::Group, Family::Scope].into_iter();
    let things: Vec<&Item> = families.flat_map(|family| desired.of_family(family)).collect();
    let mut graph = Graph::with_room(things.len());
    let mut after = graph.before.clone();
    for (item, slot) in things.iter().zip(&mut after.presence) {
        let node = Node { address: item.address.clone(), seen: Seen::default(), elsewhere: None };
        let place = graph.add(node);
        if let (Family::Scope, Some(place)) = (item.address.family(), place) {
            after.contents.insert(place, contents(item.address.kind(), &item.fields));
        }
        *slot = Presence::Present(Usability::declared(item));
    }
    let mut holders: BTreeSet<&Key> = BTreeSet::new();
    let bindings: Vec<&Item> = desired.of_family(Family::Grant).filter(in_force).collect();
    let principals: Vec<Option<Address>> =
        bindings.iter().map(|item| item.address.principal()).collect();
    for (item, principal) in bindings.iter().zip(&principals) {
        let Some(principal) = principal else { continue };
        let Some(place) = graph.place(principal) else { continue };
        let hold = Hold::new(graph.roles.len(), scope(&item.fields));
        graph.roles.push(role(&item.address, &item.fields, &privileged, None));
        after.held.entry(place).or_default().push(hold);
        holders.insert(principal.key());
    }
    for item in desired.links().filter(|item| holders.contains(item.address.key())) {
        let Some((group, user)) = item.address.ends().filter(|_| in_force(&item)) else { continue };
        let (Some(group), Some(user)) = (graph.place(&group), graph.place(&user)) else { continue };
        if let Some(members) = after.members.get_mut(group as usize) {
            members.push(user);
        }
    }
    after.turn_round();
    graph.after = after;
    resources::resolve(&mut graph);
    let claims = desired.of_family(Family::Plain);
    for item in claims.filter(|item| item.address.kind().spec().routes_sign_in) {
        let facts = graph.domains.entry(item.address.key().clone()).or_default();
        facts.take(&item.fields);
        (facts.claimed, facts.state) = (true, String::new());
    }
    domains::count(&mut graph);
    graph
}
