//! The cost: how many requests applying takes, and how long at the rates that are published.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Project;
use crate::kind::{Address, Family, Key};
use crate::live::{Capabilities, Rates};
use crate::plan::{Action, Administration, Change, Cost, workspace_of};

/// Requests that are counted together.
#[derive(Clone, Copy, Default)]
struct Tally {
    reads: u64,
    writes: u64,
}

impl Tally {
    /// A write of an object that is there is looked at before, and after.
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

/// What applying costs: writes with the reads that go with them, and memberships in batches, with a
/// look at the group before and after each. Administrators leave one at a time, and everything that
/// makes one is read again before and after.
///
/// Reads and writes of the directory have rates of their own, and several steps are under way at
/// once, so the slower of the two is what takes the time. Bindings are counted by workspace, reads
/// and writes together, and the workspaces run side by side. New ones are made beside the users
/// and groups, as the schedule has it, so the slower of both counts; what changes or ends comes
/// before or after these, so its time is added.
pub(super) fn cost(
    changes: &[Change],
    capabilities: &Capabilities,
    project: &Project,
    administration: &Administration,
) -> Cost {
    let administrators = &administration.groups;
    let mut directory = Tally::default();
    let mut given: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut others: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut links: BTreeMap<(&Key, Action), u64> = BTreeMap::new();
    for change in changes {
        match change.family() {
            Family::Membership => {
                *links.entry((change.address.key(), change.action)).or_default() += 1;
            }
            Family::Grant | Family::Scope => {
                let is_new = change.action == Action::Create;
                let workspaces = if is_new { &mut given } else { &mut others };
                let bucket = workspaces.entry(counted_in(change, project)).or_default();
                bucket.write(change, &capabilities.binding_rates);
            }
            Family::Subject | Family::Group | Family::Plain => {
                directory.write(change, &capabilities.rates);
            }
        }
    }
    let batch = capabilities.member_batch.max(1) as u64;
    let groups: BTreeSet<&Key> = links.keys().map(|(group, _)| *group).collect();
    let batches_of = |((group, action), count): (&(&Key, Action), &u64)| {
        let is_alone = *action == Action::Delete && administrators.contains(*group);
        if is_alone { *count } else { count.div_ceil(batch) }
    };
    let batches = links.iter().map(batches_of).sum::<u64>();
    // Nobody is in a group that this plan makes, so its first batch is looked at only afterwards.
    let is_made = |change: &&Change| {
        change.family() == Family::Group
            && change.action == Action::Create
            && groups.contains(change.address.key())
    };
    let made = changes.iter().filter(is_made).count() as u64;
    // The request that creates a group names its first members, where the target takes them there
    // and they are no administrators.
    let is_together = |change: &&Change| {
        capabilities.new_groups_have_members
            && is_made(change)
            && !administrators.contains(change.address.key())
    };
    let together = changes.iter().filter(is_together).count() as u64;
    directory.reads += 2 * batches - made.min(2 * batches) + asked_for(changes);
    directory.reads += proofs(changes, administration);
    directory.writes += batches - together.min(batches);
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
        .filter(|change| change.family() == Family::Grant && change.action == Action::Create);
    let holders: BTreeSet<Address> = given.filter_map(|one| one.address.principal()).collect();
    holders.iter().filter(|holder| written.contains(holder)).count() as u64
}

/// How many reads it takes to prove each step that lowers the number of administrators, and to count
/// them afterwards: one of each group, role and person that makes one.
fn proofs(changes: &[Change], administration: &Administration) -> u64 {
    let Some(standing) = administration.standing() else { return 0 };
    let objects = (administration.groups.len() + standing.len() + administration.held) as u64;
    let lowers = |change: &&Change| match change.family() {
        Family::Membership | Family::Group => {
            change.action == Action::Delete && administration.groups.contains(change.address.key())
        }
        Family::Subject => change.removes && standing.contains_key(change.address.key()),
        Family::Grant => administration.bindings.get(&change.address) == Some(&false),
        Family::Scope | Family::Plain => false,
    };
    2 * objects * changes.iter().filter(lowers).count() as u64
}

fn seconds(count: u64, per_minute: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a number of requests is far below 2^52")]
    let count = count as f64;
    if per_minute > 0.0 { count * 60.0 / per_minute } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SourceText, parse};
    use crate::kind::{FieldName, Fields};

    fn capabilities() -> Capabilities {
        let plain = Capabilities::of_test();
        let rates = Rates { reads_per_write: 2, ..plain.rates };
        let binding_rates = Rates { reads_per_minute: 1_000.0, ..plain.binding_rates };
        Capabilities { rates, binding_rates, ..plain }
    }

    fn change(address: &str, action: Action) -> Change {
        let address: Address = address.parse().unwrap();
        let workspace = address.key().as_str().rsplit('/').next().unwrap_or_default().to_owned();
        let fields = Fields::from_iter([(FieldName::fixed("workspace"), workspace.into())]);
        Change {
            before: (action != Action::Create).then(|| fields.clone()),
            after: (action != Action::Delete).then_some(fields),
            removes: action == Action::Delete,
            address,
            action,
            fields: Vec::new(),
            reason: String::new(),
            source: None,
            remote: None,
            expect: None,
            version: None,
            after_these: Vec::new(),
        }
    }

    fn of(changes: &[Change]) -> (u64, f64) {
        let id = "3f2c0e1a9b1c4d7e8f60718293a4b5c6";
        let file = format!(
            "organization: a\ntarget:\n  provider: greenlake\n  url: https://h\n  workspace: main\n  \
             credential: env:A\n  workspaces:\n    main: {{ id: {id} }}\n    lab: {{ id: {id} }}\n    \
             tenant: {{ id: {id}, via: main }}\n"
        );
        let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
        let people = text("people.yaml", "users: {}\n");
        let (desired, _) = parse(&text("muster.yaml", &file), &[people], 1).unwrap();
        let cost = cost(changes, &capabilities(), &desired.project, &Administration::default());
        (cost.requests, cost.seconds)
    }

    fn many(count: usize, address: impl Fn(usize) -> String, action: Action) -> Vec<Change> {
        (0..count).map(|n| change(&address(n), action)).collect()
    }

    fn roles(workspace: &str, action: Action) -> Vec<Change> {
        many(500, |n| format!("binding/group/g{n}/observer/{workspace}"), action)
    }

    #[test]
    fn bindings_are_counted_at_their_own_rate_in_each_workspace() {
        let main = roles("main", Action::Create);
        assert_eq!(of(&main), (500, 30.0));
        let lab = [main.clone(), roles("lab", Action::Create)].concat();
        assert_eq!(of(&lab), (1_000, 30.0), "another workspace's go beside them");
        let tenant = [main, roles("tenant", Action::Create)].concat();
        assert_eq!(of(&tenant), (1_000, 60.0), "a tenant's go under its provider's credential");
        assert_eq!(of(&roles("main", Action::Delete)), (1_000, 60.0), "each is looked at before");
    }

    #[test]
    fn new_bindings_go_beside_new_users_and_others_do_not() {
        let users = many(1_000, |n| format!("user/u{n}@x.org"), Action::Create);
        assert_eq!(of(&users), (1_000, 60.0));
        let both = [users.clone(), roles("main", Action::Create)].concat();
        assert_eq!(of(&both), (1_500, 60.0));
        let ended = [users, roles("main", Action::Delete)].concat();
        assert_eq!(of(&ended), (2_000, 120.0));
    }

    #[test]
    fn reads_go_beside_writes_and_who_is_new_is_asked_for_once() {
        let gone = many(1_000, |n| format!("user/u{n}@x.org"), Action::Delete);
        assert_eq!(of(&gone), (3_000, 60.0));
        let groups = many(500, |n| format!("group/g{n}"), Action::Create);
        let roles = [roles("main", Action::Create), roles("lab", Action::Create)].concat();
        assert_eq!(of(&[groups, roles].concat()), (500 + 1_000 + 500, 30.0));
    }
}
