//! The cost: how many requests applying takes, and how long at the rates that are published.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Change, Cost, workspace_of};
use crate::config::Project;
use crate::kind::{Address, Key, KindName};
use crate::live::{Capabilities, Rates};

/// Requests that are counted together.
#[derive(Clone, Copy, Default)]
struct Tally {
    reads: u64,
    writes: u64,
}

impl Tally {
    /// A write of an object that is there is looked at before, and perhaps after.
    fn write(&mut self, change: &Change, rates: &Rates) {
        self.writes += 1;
        if change.action != Action::Create {
            self.reads += u64::from(rates.reads_per_write);
        }
    }

    const fn all(self) -> u64 {
        self.reads + self.writes
    }
}

/// What applying costs: writes with the reads that go with them, memberships in batches, and one
/// look back at every group whose members change.
///
/// Reads and writes of the directory have rates of their own, and several steps are under way at
/// once, so the slower of the two is what takes the time. Bindings are counted by workspace, reads
/// and writes together, and the workspaces run side by side. New ones are made beside the users
/// and groups, as the schedule has it, so the slower of both counts; what changes or ends comes
/// before or after these, so its time is added.
pub(super) fn cost(changes: &[Change], capabilities: &Capabilities, project: &Project) -> Cost {
    let mut directory = Tally::default();
    let mut given: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut others: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut links: BTreeMap<(&Key, Action), u64> = BTreeMap::new();
    for change in changes {
        if change.kind().spec().is_link {
            *links.entry((change.address.key(), change.action)).or_default() += 1;
        } else if change.kind() == KindName::Binding {
            let is_new = change.action == Action::Create;
            let workspaces = if is_new { &mut given } else { &mut others };
            let bucket = workspaces.entry(counted_in(change, project)).or_default();
            bucket.write(change, &capabilities.binding_rates);
        } else {
            directory.write(change, &capabilities.rates);
        }
    }
    let batch = capabilities.member_batch.max(1) as u64;
    let groups: BTreeSet<&Key> = links.keys().map(|(group, _)| *group).collect();
    directory.reads += groups.len() as u64 + asked_for(changes);
    directory.writes += links.values().map(|count| count.div_ceil(batch)).sum::<u64>();
    let bindings = given.values().chain(others.values()).map(|bucket| bucket.all()).sum::<u64>();
    let Rates { reads_per_minute, writes_per_minute, .. } = capabilities.rates;
    let slowest = |workspaces: &BTreeMap<&str, Tally>| {
        let per_minute = capabilities.binding_rates.writes_per_minute;
        let all = workspaces.values().map(|bucket| seconds(bucket.all(), per_minute));
        all.fold(0.0, f64::max)
    };
    let seconds = seconds(directory.reads, reads_per_minute)
        .max(seconds(directory.writes, writes_per_minute))
        .max(slowest(&given))
        + slowest(&others);
    Cost { requests: directory.all() + bindings, seconds: (seconds * 10.0).round() / 10.0 }
}

/// The workspace under whose credential a binding is written: a tenant's is another's, exchanged.
fn counted_in<'a>(change: &'a Change, project: &'a Project) -> &'a str {
    let name = workspace_of(change).unwrap_or_default();
    let via = project.target.workspaces.get(name).and_then(|workspace| workspace.via.as_deref());
    via.unwrap_or(name)
}

/// How many principals this plan makes or renames and gives a role: what the role's own system
/// calls them is asked for once.
fn asked_for(changes: &[Change]) -> u64 {
    let written = changes.iter().filter(|change| !change.removes).map(|change| &change.address);
    let written: BTreeSet<&Address> = written.collect();
    let given = changes
        .iter()
        .filter(|change| change.kind() == KindName::Binding && change.action == Action::Create);
    let holders: BTreeSet<Address> = given.filter_map(|one| one.address.principal()).collect();
    holders.iter().filter(|holder| written.contains(holder)).count() as u64
}

fn seconds(count: u64, per_minute: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of requests is far below 2^52")]
    let count = count as f64;
    if per_minute > 0.0 { count * 60.0 / per_minute } else { 0.0 }
}
