//! The brakes: how much one plan may do. Incidents `A`: a short read, a wrong filter or an
//! emptied file that plans the removal of most of a directory.
//!
//! What is allowed, for a population of `n` managed live items (`allowed`):
//!
//! - a share is rounded down: 10 % of 19 is 1. Exactly what is allowed passes, one more trips.
//! - in a population below 10 a share says little: 2 are allowed, or the share where it is more.
//! - with a number beside the share, the smaller of the two.
//!
//! A deactivation counts as a removal, not as an update. Deleting a group that has members
//! empties it.

use std::collections::{BTreeMap, BTreeSet};

use super::text::{names, pattern_of, percent, waivers_yaml};
use super::waiver::Waivers;
use crate::config::literal_glob;
use crate::config::{Brake, KindLimits, Limits};
use crate::kind::{Address, Family, Key, KindName, Source};
use crate::plan::{Action, Change, Finding, Level, Plan};

/// More than half of one group's members removed.
pub(super) const GROUP_HALF: &str = "limit/memberships/group-half";
/// A group left without members.
pub(super) const GROUP_EMPTY: &str = "limit/memberships/group-empty";
/// Below this many a share of the population says little.
const SMALL: u64 = 10;
/// How many of a small population may go whatever the share.
const SMALL_ALLOWED: u64 = 2;
/// Groups below this size have no half worth the name.
const HALF_FROM: u64 = 5;
/// The brakes of a kind of which `limits` says nothing.
const DEFAULT: KindLimits = KindLimits {
    remove: Brake { percent: Some(10), count: Some(50) },
    update: Brake { percent: Some(30), count: None },
};

/// What a limit is on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Braked {
    Remove,
    Update,
}

impl Braked {
    const ALL: [Self; 2] = [Self::Remove, Self::Update];

    const fn verb(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::Update => "update",
        }
    }

    fn counts(self, change: &Change) -> bool {
        match self {
            Self::Remove => change.takes_away(),
            Self::Update => change.action == Action::Update && !change.takes_away(),
        }
    }
}

fn id(kind: KindName, braked: Braked) -> String {
    format!("limit/{}/{}", kind.plural(), braked.verb())
}

/// The names of all limits.
pub(super) fn ids() -> Vec<String> {
    let by_kind = KindName::ALL.iter().flat_map(|&kind| Braked::ALL.map(|b| id(kind, b)));
    by_kind.chain([GROUP_HALF.to_owned(), GROUP_EMPTY.to_owned()]).collect()
}

/// How many of a population a brake allows.
#[must_use]
pub fn allowed(brake: Brake, population: u64) -> u64 {
    let share = brake.percent.map(|percent| {
        let share = population.saturating_mul(u64::from(percent)) / 100;
        if population < SMALL { share.max(SMALL_ALLOWED) } else { share }
    });
    match (share, brake.count) {
        (Some(share), Some(count)) => share.min(count),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => u64::MAX,
    }
}

fn in_words(brake: Brake, population: u64) -> String {
    let small = match brake.percent {
        Some(percent)
            if population < SMALL && u64::from(percent) * population < 100 * SMALL_ALLOWED =>
        {
            format!("; a share of fewer than {SMALL} is at least {SMALL_ALLOWED}")
        }
        _ => String::new(),
    };
    let words = match (brake.percent, brake.count) {
        (Some(percent), Some(count)) => format!("{percent} % or {count}, whichever is smaller"),
        (Some(percent), None) => format!("{percent} %"),
        (None, Some(count)) => count.to_string(),
        (None, None) => "no limit".to_owned(),
    };
    format!("{words}{small}")
}

/// Every limit, with what it has to say after the waivers.
pub(super) fn judge(
    plan: &Plan,
    limits: &Limits,
    waivers: &mut Waivers<'_>,
) -> Vec<(String, Vec<Finding>)> {
    let mut runs = Vec::new();
    for &kind in KindName::ALL {
        let brakes = limits.0.get(&kind).copied().unwrap_or(DEFAULT);
        for braked in Braked::ALL {
            let brake = if braked == Braked::Remove { brakes.remove } else { brakes.update };
            runs.push((id(kind, braked), of_kind(plan, kind, braked, brake, waivers)));
        }
    }
    let groups = Groups::of(plan);
    runs.push((GROUP_HALF.to_owned(), groups.half(plan, waivers)));
    runs.push((GROUP_EMPTY.to_owned(), groups.empty(plan, waivers)));
    runs
}

fn of_kind(
    plan: &Plan,
    kind: KindName,
    braked: Braked,
    brake: Brake,
    waivers: &mut Waivers<'_>,
) -> Vec<Finding> {
    let counted = |change: &&Change| change.kind() == kind && braked.counts(change);
    let changes: Vec<&Change> = plan.changes.iter().filter(counted).collect();
    let id = id(kind, braked);
    let waived = waivers.leave_out(&id, changes.iter().map(|change| &change.address));
    let left: BTreeSet<&Address> =
        changes.iter().map(|c| &c.address).filter(|a| !waived.contains(*a)).collect();
    let count = left.len() as u64;
    let population = match braked {
        Braked::Remove => &plan.population.in_use,
        Braked::Update => &plan.population.by_kind,
    };
    let population = population.get(&kind).copied().unwrap_or(0);
    let allowed = allowed(brake, population);
    if count <= allowed {
        return Vec::new();
    }
    let message = format!(
        "{count} of {population} managed {} ({}) would be {}d, and at most {allowed} may be ({}): {}",
        kind.plural(),
        percent(count, population),
        braked.verb(),
        in_words(brake, population),
        names(&left),
    );
    let source = changes.iter().find_map(|change| change.source.clone());
    let patterns = patterns_of(&left);
    vec![Tripped { id: &id, message, left, patterns, source }.finding(plan)]
}

/// A limit that a plan goes beyond.
struct Tripped<'a> {
    id: &'a str,
    message: String,
    left: BTreeSet<&'a Address>,
    /// What waivers would say they are for, each with how many it covers; none where there are
    /// too many to name.
    patterns: Vec<(String, usize)>,
    source: Option<Source>,
}

impl Tripped<'_> {
    fn finding(self, plan: &Plan) -> Finding {
        let Self { id, message, left, patterns, source } = self;
        let remedy = if patterns.is_empty() {
            format!(
                "look at the list; if all of it is meant, make the change in parts of at most \
                 {MOST_NAMED}, or raise `limits` in muster.yaml in a change of its own"
            )
        } else {
            let yaml = waivers_yaml(id, &patterns, plan.now);
            format!(
                "look at the list; if all of it is meant, have this reviewed and merged with the \
                 change:\n{yaml}"
            )
        };
        let addresses = left.into_iter().cloned().collect();
        Finding { level: Level::Deny, id: id.to_owned(), message, addresses, source, remedy }
    }
}

/// What the plan does to the members of each group.
struct Groups<'a> {
    removed: BTreeMap<Key, BTreeSet<&'a Address>>,
    added: BTreeMap<Key, u64>,
    deleted: BTreeMap<Key, &'a Address>,
}

impl<'a> Groups<'a> {
    fn of(plan: &'a Plan) -> Self {
        let mut groups =
            Self { removed: BTreeMap::new(), added: BTreeMap::new(), deleted: BTreeMap::new() };
        for change in &plan.changes {
            let group = change.address.key().clone();
            match change.family() {
                Family::Membership if change.action == Action::Create => {
                    *groups.added.entry(group).or_default() += 1;
                }
                Family::Membership if change.takes_away() => {
                    groups.removed.entry(group).or_default().insert(&change.address);
                }
                Family::Group if change.action == Action::Delete => {
                    groups.deleted.insert(group, &change.address);
                }
                Family::Membership
                | Family::Group
                | Family::Subject
                | Family::Grant
                | Family::Scope
                | Family::Plain => {}
            }
        }
        groups
    }

    fn size(plan: &Plan, group: &Key) -> u64 {
        let address = Address::of_group(group.clone());
        plan.population.members.get(&address).copied().unwrap_or(0)
    }

    /// The removals of each group that no waiver leaves out.
    fn left(&self, id: &str, waivers: &mut Waivers<'_>) -> BTreeMap<&Key, BTreeSet<&'a Address>> {
        let all = self.removed.values().flatten().copied();
        let waived = waivers.leave_out(id, all.chain(self.deleted.values().copied()));
        let keep = |set: &BTreeSet<&'a Address>| {
            set.iter().copied().filter(|address| !waived.contains(*address)).collect()
        };
        let mut left: BTreeMap<&Key, BTreeSet<&'a Address>> =
            self.removed.iter().map(|(group, set)| (group, keep(set))).collect();
        for (group, address) in &self.deleted {
            let gone = if waived.contains(*address) { None } else { Some(*address) };
            left.insert(group, gone.into_iter().collect());
        }
        left
    }

    fn half(&self, plan: &Plan, waivers: &mut Waivers<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (group, left) in self.left(GROUP_HALF, waivers) {
            let size = Self::size(plan, group);
            let count = left.len() as u64;
            if size < HALF_FROM || count * 2 <= size || self.deleted.contains_key(group) {
                continue;
            }
            let message = format!(
                "{count} of {size} members ({}) of the group `{group}` would be removed, and at \
                 most half may be: {}",
                percent(count, size),
                names(&left),
            );
            let patterns = vec![(self.pattern(group), left.len())];
            let source = source_of(plan, &left);
            let tripped = Tripped { id: GROUP_HALF, message, left, patterns, source };
            findings.push(tripped.finding(plan));
        }
        findings
    }

    fn empty(&self, plan: &Plan, waivers: &mut Waivers<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (group, left) in self.left(GROUP_EMPTY, waivers) {
            let size = Self::size(plan, group);
            let added = self.added.get(group).copied().unwrap_or(0);
            let gone = self.deleted.contains_key(group) && !left.is_empty();
            let emptied = !left.is_empty() && added == 0 && left.len() as u64 >= size;
            if size == 0 || !(gone || emptied) {
                continue;
            }
            let how = if gone { "deleted with" } else { "emptied of" };
            let message =
                format!("the group `{group}` would be {how} all its {size} members: {}", {
                    names(&left)
                });
            let patterns = vec![(self.pattern(group), left.len())];
            let source = source_of(plan, &left);
            let tripped = Tripped { id: GROUP_EMPTY, message, left, patterns, source };
            findings.push(tripped.finding(plan));
        }
        findings
    }

    /// What a waiver for the members of a group would say it is for.
    fn pattern(&self, group: &Key) -> String {
        match self.deleted.get(group) {
            Some(address) => pattern_of(address),
            None => members_of(group),
        }
    }
}

/// How many addresses one printed waiver names, and all of them together.
const NAMED_AT_ONCE: usize = 25;
const MOST_NAMED: usize = 200;

/// Patterns that match exactly these addresses, with how many each matches; one for the members of
/// a group, whoever they are. None where there are too many for anybody to review.
fn patterns_of(left: &BTreeSet<&Address>) -> Vec<(String, usize)> {
    let groups: BTreeSet<Option<Address>> =
        left.iter().map(|address| Some(address.ends()?.0)).collect();
    if let (1, Some(Some(group))) = (groups.len(), groups.first()) {
        return vec![(members_of(group.key()), left.len())];
    }
    if left.len() > MOST_NAMED {
        return Vec::new();
    }
    let all: Vec<String> = left.iter().map(|address| pattern_of(address)).collect();
    let of = |some: &[String]| match some {
        [one] => (one.clone(), 1),
        some => {
            let escaped: Vec<String> = some.iter().map(|one| one.replace(',', "\\,")).collect();
            (format!("{{{}}}", escaped.join(",")), some.len())
        }
    };
    all.chunks(NAMED_AT_ONCE).map(of).collect()
}

/// The pattern that matches the memberships of a group.
fn members_of(group: &Key) -> String {
    let address = Address::membership(group.clone(), Key::new("*")).to_string();
    format!("{}*", literal_glob(address.trim_end_matches('*')))
}

/// Where the first of these changes is asked for.
fn source_of(plan: &Plan, left: &BTreeSet<&Address>) -> Option<Source> {
    let first = plan.changes.iter().find(|change| left.contains(&change.address));
    first.and_then(|change| change.source.clone())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{change, desired, plan};
    use super::*;

    fn run(plan: &Plan) -> Vec<Finding> {
        let desired = desired();
        let firm = BTreeSet::new();
        let mut waivers = Waivers::new(&desired.waivers, plan.now, &firm).unwrap();
        let runs = judge(plan, &desired.project.limits, &mut waivers);
        runs.into_iter().flat_map(|(_, findings)| findings).collect()
    }

    fn users(action: Action, count: usize, population: u64) -> Plan {
        let one = |n| change(&format!("user/u{n:03}@example.com"), action);
        let mut plan = plan((0..count).map(one).collect());
        plan.population.by_kind.insert(KindName::User, population);
        plan.population.in_use.insert(KindName::User, population);
        plan
    }

    fn members(count: usize, size: u64, added: usize) -> Plan {
        let one = |n| change(&format!("membership/ops/u{n}@example.com"), Action::Delete);
        let new = |n| change(&format!("membership/ops/n{n}@example.com"), Action::Create);
        let mut plan = plan((0..count).map(one).chain((0..added).map(new)).collect());
        // So many memberships elsewhere that only the group's own limits can trip.
        plan.population.by_kind.insert(KindName::Membership, 10_000);
        plan.population.in_use.insert(KindName::Membership, 10_000);
        plan.population.members.insert(Address::group("ops"), size);
        plan
    }

    fn ids_of(plan: &Plan) -> Vec<String> {
        run(plan).into_iter().map(|finding| finding.id).collect()
    }

    #[test]
    fn removals_pass_at_the_limit_and_trip_one_above_it() {
        // (population, allowed): below ten, ten, rounding down, and the number over the share.
        for (population, allowed) in
            [(3, 2), (9, 2), (10, 1), (19, 1), (20, 2), (29, 2), (500, 50), (10_000, 50)]
        {
            let at = users(Action::Delete, allowed, population);
            assert_eq!(ids_of(&at), Vec::<String>::new(), "{population}");
            let above = users(Action::Delete, allowed + 1, population);
            assert_eq!(ids_of(&above), ["limit/users/remove"], "{population}");
        }
    }

    #[test]
    fn updates_pass_at_the_limit_and_trip_one_above_it() {
        for (population, allowed) in [(4, 2), (9, 2), (10, 3), (13, 3), (100, 30), (10_000, 3_000)]
        {
            assert_eq!(ids_of(&users(Action::Update, allowed, population)), Vec::<String>::new());
            let above = users(Action::Update, allowed + 1, population);
            assert_eq!(ids_of(&above), ["limit/users/update"], "{population}");
        }
    }

    #[test]
    fn creates_are_not_braked() {
        assert!(run(&users(Action::Create, 300, 0)).is_empty());
    }

    #[test]
    fn a_deactivation_counts_as_a_removal() {
        let mut off = users(Action::Update, 2, 10);
        off.changes.iter_mut().for_each(|change| change.removes = true);
        assert_eq!(ids_of(&off), ["limit/users/remove"]);
        let mut both = users(Action::Update, 40, 100);
        both.changes.iter_mut().take(10).for_each(|change| change.removes = true);
        assert_eq!(ids_of(&both), Vec::<String>::new());
    }

    #[test]
    fn half_of_a_group_passes_and_one_more_trips() {
        for (size, half) in [(5, 2), (6, 3), (10, 5)] {
            assert_eq!(ids_of(&members(half, size, 0)), Vec::<String>::new(), "{size}");
            assert_eq!(ids_of(&members(half + 1, size, 0)), [GROUP_HALF], "{size}");
        }
        assert_eq!(ids_of(&members(3, 4, 0)), Vec::<String>::new());
        assert_eq!(ids_of(&members(3, 5, 9)), [GROUP_HALF]);
    }

    #[test]
    fn a_group_is_not_emptied_nor_deleted_with_its_members() {
        assert_eq!(ids_of(&members(4, 4, 0)), [GROUP_EMPTY]);
        assert_eq!(ids_of(&members(1, 1, 0)), [GROUP_EMPTY]);
        assert_eq!(ids_of(&members(4, 4, 1)), Vec::<String>::new());
        assert_eq!(ids_of(&members(3, 4, 0)), Vec::<String>::new());
        let mut gone = members(0, 4, 0);
        gone.population.by_kind.insert(KindName::Group, 100);
        gone.population.in_use.insert(KindName::Group, 100);
        gone.changes.push(change("group/ops", Action::Delete));
        assert_eq!(ids_of(&gone), [GROUP_EMPTY]);
        gone.population.members.insert(Address::group("ops"), 0);
        assert_eq!(ids_of(&gone), Vec::<String>::new());
    }

    #[test]
    fn the_message_says_how_many_who_and_what_to_write() {
        let found = run(&users(Action::Delete, 12, 40));
        let Finding { message, remedy, addresses, source, .. } = &found[0];
        assert_eq!(addresses.len(), 12);
        assert!(source.is_some());
        assert!(
            message.starts_with(
                "12 of 40 managed users (30 %) would be removed, and at most 4 may be (10 % or 50, \
                 whichever is smaller): `user/u000@example.com`, "
            ),
            "{message}"
        );
        assert!(message.ends_with("`user/u009@example.com` and 2 more"), "{message}");
        let begins = "waivers:\n  - { rule: \"limit/users/remove\", for: \
                      \"{user/u000@example.com,user/u001@example.com,";
        let ends = ",user/u011@example.com}\", until: 2026-11-28, reason: \"WHY\", approvedBy: \
                    \"WHO\", atMost: 12 }";
        assert!(remedy.contains(begins) && remedy.ends_with(ends), "{remedy}");
        // So many that nobody reviews them name by name.
        let many = &run(&users(Action::Delete, 201, 400))[0].remedy;
        assert!(!many.contains("waivers:") && many.contains("in parts of at most 200"), "{many}");
        let some = &run(&users(Action::Delete, 200, 400))[0].remedy;
        assert_eq!(some.matches("atMost: 25 }").count(), 8, "{some}");
    }

    #[test]
    fn a_share_of_a_few_is_said_to_be_two_at_least() {
        let share = |percent: u32, population: u64| {
            in_words(Brake { percent: Some(percent), count: None }, population)
        };
        assert_eq!(share(0, 9), "0 %; a share of fewer than 10 is at least 2");
        assert_eq!(share(10, 9), "10 %; a share of fewer than 10 is at least 2");
        for (percent, population) in [(0, 10), (50, 9), (100, 2)] {
            assert_eq!(share(percent, population), format!("{percent} %"), "{population}");
        }
        assert_eq!(in_words(Brake { percent: None, count: Some(0) }, 3), "0");
    }

    #[test]
    fn the_waiver_that_a_limit_asks_for_is_the_one_that_works() {
        for plan in [users(Action::Delete, 12, 40), members(4, 4, 0), members(4, 6, 0)] {
            let found = run(&plan);
            let [finding] = found.as_slice() else { panic!("{found:?}") };
            let yaml = finding.remedy.split_once("\n").unwrap().1;
            let read: serde_yaml::Value = serde_yaml::from_str(yaml).unwrap();
            let entry = &read["waivers"][0];
            let waiver = crate::config::Waiver {
                rule: entry["rule"].as_str().unwrap().to_owned(),
                applies_to: entry["for"].as_str().unwrap().to_owned(),
                until: plan.now,
                reason: String::new(),
                approved_by: String::new(),
                at_most: entry["atMost"].as_u64().unwrap(),
                source: super::super::fixture::source(1),
            };
            let all = [waiver];
            let firm = BTreeSet::new();
            let mut waivers = Waivers::new(&all, plan.now, &firm).unwrap();
            let runs = judge(&plan, &desired().project.limits, &mut waivers);
            assert!(runs.iter().all(|(_, findings)| findings.is_empty()), "{runs:?}");
        }
    }

    #[test]
    fn written_limits_replace_the_defaults() {
        let brake = |percent, count| Brake { percent, count };
        assert_eq!(allowed(brake(Some(50), None), 8), 4);
        assert_eq!(allowed(brake(None, Some(0)), 8), 0);
        assert_eq!(allowed(brake(Some(0), None), 100), 0);
        assert_eq!(allowed(brake(Some(100), None), 7), 7);
        assert_eq!(allowed(brake(Some(10), Some(1)), 5), 1);
    }
}
