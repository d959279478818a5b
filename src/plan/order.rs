//! Names that change hands: who must let go of a name before another can have it.

use std::collections::{BTreeMap, BTreeSet};

use super::builder::Builder;
use super::{Action, Change, Finding, Level};
use crate::kind::{Address, Key, KindName};
use crate::live::Object;

/// The field that is the unique name of a kind.
pub(super) const fn name_field(kind: KindName) -> &'static str {
    match kind {
        KindName::User => "userName",
        KindName::Group => "displayName",
        KindName::Domain => "domain",
        KindName::Membership | KindName::Binding => "",
    }
}

/// Gives every change that takes a name which a live object still has the change that frees it.
/// A name that nothing frees, and names that would have to change hands in a circle, are refused.
pub(super) fn order_names(builder: &mut Builder<'_>) {
    let holders: BTreeMap<(KindName, &Key), &Object> =
        builder.live.objects().iter().map(|object| ((object.kind, &object.key), object)).collect();
    let freed: BTreeMap<(KindName, &str), Address> =
        builder.changes.iter().filter_map(|change| frees(change, &holders)).collect();
    let mut found = Vec::new();
    let mut before: BTreeMap<Address, Address> = BTreeMap::new();
    for change in &builder.changes {
        let Some(key) = takes(change) else { continue };
        let Some(holder) = holders.get(&(change.kind(), &key)) else { continue };
        if change.remote.as_ref() == Some(&holder.id) {
            continue;
        }
        match freed.get(&(holder.kind, holder.id.as_str())) {
            Some(by) if *by != change.address => {
                before.insert(change.address.clone(), by.clone());
            }
            _ => found.push(taken(change, &key)),
        }
    }
    found.extend(circles(&builder.changes, &before));
    drop((holders, freed));
    for change in &mut builder.changes {
        change.after_these.extend(before.get(&change.address).cloned());
    }
    found.into_iter().for_each(|finding| builder.find(finding));
}

/// The name a change gives its object, folded, if it is a new one.
fn takes(change: &Change) -> Option<Key> {
    let name = name_field(change.kind());
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
    let name = name_field(change.kind());
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
    let mut reported = BTreeSet::new();
    let mut found = Vec::new();
    for change in changes {
        let mut path = vec![&change.address];
        while let Some(next) = path.last().and_then(|last| before.get(*last)) {
            if *next == change.address {
                break;
            }
            if path.contains(&next) {
                path.clear();
                break;
            }
            path.push(next);
        }
        let closes = path.last().and_then(|last| before.get(*last)) == Some(&change.address);
        if !closes || path.iter().any(|address| reported.contains(*address)) {
            continue;
        }
        reported.extend(path.iter().copied().cloned());
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
