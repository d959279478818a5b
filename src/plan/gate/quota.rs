//! Quotas: whether the target would have room for what the plan makes.

use std::collections::BTreeMap;

use crate::kind::{Address, Family, Key, KindName};
use crate::live::{Measure, Member, Quota};
use crate::plan::inputs::Inputs;
use crate::plan::{Action, Change, Finding, Level};

/// What is counted, and the change that is the first to add to it.
#[derive(Default)]
struct Count<'a> {
    before: u64,
    added: u64,
    removed: u64,
    by: Vec<&'a Change>,
}

impl<'a> Count<'a> {
    fn take(&mut self, change: &'a Change) {
        match change.action {
            Action::Create => {
                self.added += 1;
                self.by.push(change);
            }
            Action::Delete => self.removed += 1,
            Action::Update => {}
        }
    }
}

/// The quotas that this plan would exceed. What is over its quota already and does not grow is
/// nobody's fault here.
pub(super) fn check(inputs: Inputs<'_>, changes: &[Change]) -> Vec<Finding> {
    let quotas = &inputs.live.capabilities.quotas;
    quotas.iter().flat_map(|quota| of(quota, inputs, changes)).collect()
}

fn of(quota: &Quota, inputs: Inputs<'_>, changes: &[Change]) -> Vec<Finding> {
    let counts = match quota.measure {
        Measure::Objects(kind) => objects(kind, inputs, changes),
        Measure::GroupsOfUser => groups_of_users(inputs, changes),
        Measure::BindingsOfPrincipal => bindings(inputs, changes),
    };
    let over = |(what, count): &(String, Count<'_>)| {
        let after = (count.before + count.added).saturating_sub(count.removed);
        (after > quota.most && count.added > count.removed)
            .then(|| finding(quota, what, after, count))
    };
    counts.iter().filter_map(over).collect()
}

fn finding(quota: &Quota, what: &str, after: u64, count: &Count<'_>) -> Finding {
    let Quota { most, name, .. } = quota;
    Finding {
        level: Level::Deny,
        id: "quota".to_owned(),
        message: format!(
            "{what} would be {after} ({} now), and this target takes {most} ({name})",
            count.before
        ),
        addresses: count.by.iter().map(|change| change.address.clone()).collect(),
        source: count.by.first().and_then(|change| change.source.clone()),
        remedy: "remove what is not needed any more first, or split what is too large".to_owned(),
    }
}

fn objects<'a>(
    kind: KindName,
    inputs: Inputs<'_>,
    changes: &'a [Change],
) -> Vec<(String, Count<'a>)> {
    let before = inputs.live.objects().iter().filter(|object| object.kind == kind).count() as u64;
    let mut count = Count { before, ..Count::default() };
    changes.iter().filter(|change| change.kind() == kind).for_each(|change| count.take(change));
    vec![(format!("the {}", kind.plural()), count)]
}

/// The groups of every user who joins one.
fn groups_of_users<'a>(inputs: Inputs<'_>, changes: &'a [Change]) -> Vec<(String, Count<'a>)> {
    let mut counts: BTreeMap<&Key, Count<'a>> = BTreeMap::new();
    for change in changes {
        let Some(user) = change.address.member() else { continue };
        counts.entry(user).or_default().take(change);
    }
    for member in inputs.live.objects().iter().flat_map(|group| group.members.iter().flatten()) {
        let Member::Known(place) = member else { continue };
        let Some(user) = inputs.aligned.addresses.get(*place as usize) else { continue };
        if let Some(count) = counts.get_mut(user.key()) {
            count.before += 1;
        }
    }
    counts.into_iter().map(|(user, count)| (format!("the groups of `{user}`"), count)).collect()
}

/// The roles of every holder in each workspace where one is given.
fn bindings<'a>(inputs: Inputs<'_>, changes: &'a [Change]) -> Vec<(String, Count<'a>)> {
    let place = |address: &Address, fields: Option<&crate::kind::Fields>| {
        let workspace = fields?.get("workspace")?.as_str()?.to_owned();
        Some((address.principal()?, workspace))
    };
    let mut counts: BTreeMap<(Address, String), Count<'a>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.family() == Family::Grant) {
        let fields = change.after.as_ref().or(change.before.as_ref());
        if let Some(place) = place(&change.address, fields) {
            counts.entry(place).or_default().take(change);
        }
    }
    for (object, address) in
        inputs.objects().filter(|(object, _)| object.kind.family() == Family::Grant)
    {
        let place = place(address, Some(&object.fields));
        if let Some(count) = place.and_then(|place| counts.get_mut(&place)) {
            count.before += 1;
        }
    }
    let said =
        |((holder, workspace), count)| (format!("the roles of `{holder}` in `{workspace}`"), count);
    counts.into_iter().map(said).collect()
}
