//! The resources that roles are held for: named sets of them, taken apart.
//!
//! A role may be held for a set of resources that is an object of its own. Whoever changes the
//! contents of the set changes what every holder can reach, without touching a role, a group or a
//! person. So two states are compared by resources, and not by the names of sets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Graph, Hold, Place, Role, Side};
use crate::kind::{Address, FieldName, Fields, KindName, is_part_of_workspace, scope_addresses};

/// The resources in a set, in order.
pub(super) fn contents(kind: KindName, fields: &Fields) -> Vec<String> {
    let list = kind.spec().contents.and_then(|field| fields.get(field)?.as_array());
    let resources = list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    resources.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Works out the resources of every role that is held for a known set of them, in both states.
pub(super) fn resolve(graph: &mut Graph) {
    if graph.before.contents.is_empty() && graph.after.contents.is_empty() {
        return;
    }
    let mut sides = [std::mem::take(&mut graph.before), std::mem::take(&mut graph.after)];
    for side in &mut sides {
        let Side { held, contents, .. } = side;
        held.values_mut().flatten().for_each(|hold| resolve_one(graph, contents, hold));
    }
    let [before, after] = sides;
    (graph.before, graph.after) = (before, after);
}

fn resolve_one(graph: &Graph, contents: &BTreeMap<Place, Vec<String>>, hold: &mut Hold) {
    let Some(role) = graph.roles.get(hold.role) else { return };
    let mut resources: BTreeSet<String> = BTreeSet::new();
    let mut is_known = false;
    for name in &hold.scope {
        let mut sets = named_by(role, name).into_iter().filter_map(|set| graph.place(&set));
        match sets.find_map(|place| contents.get(&place)) {
            Some(inside) => {
                is_known = true;
                resources.extend(inside.iter().cloned());
            }
            None => {
                resources.insert(name.clone());
            }
        }
    }
    hold.resources = is_known.then(|| resources.into_iter().collect());
}

/// The sets of resources that a name in the scope of a role may be.
pub(super) fn named_by(role: &Role, name: &str) -> Vec<Address> {
    let workspace = role.workspace.clone().map(Value::from).unwrap_or_default();
    let fields = Fields::from_iter([
        (FieldName::fixed("workspace"), workspace),
        (FieldName::fixed("scope"), Value::from(vec![name])),
    ]);
    scope_addresses(&fields)
}

/// The sets of resources that the scope of a held role may name.
pub(in crate::plan) fn scopes_of(role: &Role, hold: &Hold) -> Vec<Address> {
    hold.scope.iter().flat_map(|name| named_by(role, name)).collect()
}

/// Whether a role held for some parts of a workspace reaches at least as much as one held for
/// others: the whole of a workspace is the most.
pub(super) fn covers(wide: &Hold, narrow: &Hold) -> bool {
    let is_held = |name: &String| {
        wide.parts().contains(name) || (wide.is_whole() && is_part_of_workspace(name))
    };
    (wide.is_whole() || !narrow.is_whole()) && narrow.parts().iter().all(is_held)
}
