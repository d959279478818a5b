//! Names that change hands: who must let go of a name before another can have it.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::inputs::Inputs;
use super::{Action, Change, Finding, Level};
use crate::kind::{Address, Key, KindName};
use crate::live::Object;

/// Gives every change that takes a name which a live object still has the change that frees it.
/// A name that nothing frees, and names that would have to change hands in a circle, are refused.
pub(super) fn order(inputs: Inputs<'_>, mut draft: Draft) -> Draft {
    let objects = inputs.live.objects().iter();
    let holders: BTreeMap<(KindName, &Key), &Object> =
        objects.map(|object| ((object.kind, &object.key), object)).collect();
    let freed: BTreeMap<(KindName, &str), Address> =
        draft.changes.iter().filter_map(|change| frees(change, &holders)).collect();
    let mut before: BTreeMap<Address, Address> = BTreeMap::new();
    for change in &draft.changes {
        let Some(key) = takes(change) else { continue };
        let Some(holder) = holders.get(&(change.kind(), &key)) else { continue };
        if change.remote.as_ref() == Some(&holder.id) {
            continue;
        }
        match freed.get(&(holder.kind, holder.id.as_str())) {
            Some(by) if *by != change.address => {
                before.insert(change.address.clone(), by.clone());
            }
            _ => draft.findings.push(taken(change, &key)),
        }
    }
    draft.findings.extend(circles(&draft.changes, &before));
    for change in &mut draft.changes {
        change.after_these.extend(before.get(&change.address).cloned());
    }
    draft
}

/// The name a change gives its object, folded, if it is a new one.
fn takes(change: &Change) -> Option<Key> {
    let name = change.kind().spec().name?;
    let is_new =
        change.action == Action::Create || change.fields.iter().any(|field| field.as_str() == name);
    let written = change.after.as_ref()?.get(name)?.as_str()?;
    (is_new && !matches!(change.action, Action::Delete)).then(|| Key::new(written))
}

/// The object whose name a change frees, and the change's address.
fn frees<'a>(
    change: &Change,
    holders: &BTreeMap<(KindName, &Key), &'a Object>,
) -> Option<((KindName, &'a str), Address)> {
    let name = change.kind().spec().name?;
    let had = Key::new(change.before.as_ref()?.get(name)?.as_str()?);
    let leaves = change.action == Action::Delete || takes(change).is_some_and(|key| key != had);
    let holder = holders.get(&(change.kind(), &had))?;
    leaves.then(|| ((holder.kind, holder.id.as_str()), change.address.clone()))
}

fn taken(change: &Change, key: &Key) -> Finding {
    Finding {
        level: Level::Deny,
        id: "name-taken".to_owned(),
        message: format!(
            "`{}` is to have the name `{key}`, which another live {} has and keeps",
            change.address,
            change.kind()
        ),
        addresses: vec![change.address.clone()],
        source: change.source.clone(),
        remedy: "choose another name, or declare what becomes of the one that has it".to_owned(),
    }
}

/// Renames that wait for each other in a circle: no order of single writes does them.
fn circles(changes: &[Change], before: &BTreeMap<Address, Address>) -> Vec<Finding> {
    let waiting = in_circles(before);
    let mut reported: BTreeSet<&Address> = BTreeSet::new();
    let mut found = Vec::new();
    for change in changes {
        if !waiting.contains(&change.address) || reported.contains(&change.address) {
            continue;
        }
        let mut path = vec![&change.address];
        while let Some(next) = path.last().and_then(|last| before.get(*last))
            && *next != change.address
        {
            path.push(next);
        }
        reported.extend(&path);
        found.push(Finding {
            level: Level::Deny,
            id: "name-circle".to_owned(),
            message: "these names would have to change hands in a circle, which no order of writes can do".to_owned(),
            addresses: path.into_iter().cloned().collect(),
            source: change.source.clone(),
            remedy: "rename one of them to a name that nobody has first, in a change of its own".to_owned(),
        });
    }
    found
}

/// The addresses on circles of `before`. Each waits for at most one other, so that every address
/// is walked over once: a chain of names that move up by one is as long as the plan.
fn in_circles(before: &BTreeMap<Address, Address>) -> BTreeSet<&Address> {
    let mut seen: BTreeSet<&Address> = BTreeSet::new();
    let mut circles = BTreeSet::new();
    for start in before.keys() {
        let mut walk: BTreeMap<&Address, usize> = BTreeMap::new();
        let mut path = Vec::new();
        let mut at = start;
        while seen.insert(at) {
            walk.insert(at, path.len());
            path.push(at);
            let Some(next) = before.get(at) else { break };
            at = next;
        }
        // The walk came back to itself: what it passed from there on is the circle.
        if before.contains_key(at)
            && let Some(first) = walk.get(at)
            && path.len() > first + 1
        {
            circles.extend(path.iter().skip(*first).copied());
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(waits: &[(usize, usize)]) -> Vec<String> {
        let name = |n: usize| Address::group(&format!("g{n:06}"));
        let before = waits.iter().map(|(one, other)| (name(*one), name(*other))).collect();
        in_circles(&before).into_iter().map(ToString::to_string).collect()
    }

    #[test]
    fn those_on_a_circle_are_found_and_those_that_wait_for_it_are_not() {
        assert_eq!(circles_of(&[(1, 2), (2, 3), (3, 4)]), Vec::<String>::new());
        let two = ["group/g000002", "group/g000003"];
        assert_eq!(circles_of(&[(1, 2), (2, 3), (3, 2), (4, 1)]), two);
        assert_eq!(circles_of(&[(2, 3), (3, 2), (9, 3), (8, 9)]), two);
        assert_eq!(circles_of(&[(1, 2), (2, 3), (3, 1), (5, 6), (6, 5)]).len(), 5);
    }

    #[test]
    fn a_long_chain_is_walked_once() {
        const LONG: usize = 50_000;
        let up: Vec<_> = (0..LONG).map(|n| (n, n + 1)).collect();
        assert_eq!(circles_of(&up), Vec::<String>::new());
        let down: Vec<_> = (0..LONG).map(|n| (n + 1, n)).collect();
        assert_eq!(circles_of(&down), Vec::<String>::new());
        let round: Vec<_> = (0..LONG).map(|n| (n, (n + 1) % LONG)).collect();
        assert_eq!(circles_of(&round).len(), LONG);
    }
}
