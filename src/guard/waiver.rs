//! Waivers: reviewed, dated, counted exceptions to one rule or limit.
//!
//! A waiver leaves the addresses it matches out of consideration while `now <= until`, and only
//! if there are no more of them than it says. Invariants and `break-glass` have no waiver.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};
use jiff::Timestamp;

use super::{PolicyError, Waived, breadth};
use crate::config::Waiver;
use crate::kind::{Address, Key};
use crate::live::Skew;
use crate::plan::{Finding, Level};

/// The id of what is found about waivers themselves.
pub(super) const ID: &str = "waiver";
/// A guardrail that nobody can set aside.
const BREAK_GLASS: &str = "break-glass";

/// What became of a waiver.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unused,
    Used,
    TooMany(usize),
}

struct Entry<'a> {
    waiver: &'a Waiver,
    matcher: GlobMatcher,
    fate: Fate,
    left_out: BTreeSet<Address>,
}

impl Entry<'_> {
    fn matches(&self, address: &Address) -> bool {
        self.matcher.is_match(address.to_string())
    }

    /// Whether so many may be waived; what became of it is remembered.
    fn admits(&mut self, count: usize) -> bool {
        if count == 0 {
            return false;
        }
        let within = count as u64 <= self.waiver.at_most;
        self.fate = if within { Fate::Used } else { Fate::TooMany(count) };
        within
    }
}

/// The waivers of one judgement.
pub(super) struct Waivers<'a> {
    entries: Vec<Entry<'a>>,
    now: Timestamp,
    /// The instant by the clock that is ahead, where two clocks disagree.
    latest: Timestamp,
    firm: &'a BTreeSet<String>,
}

impl<'a> Waivers<'a> {
    /// Makes ready what was written. Findings of `firm` rules cannot be waived.
    ///
    /// # Errors
    ///
    /// A pattern that is no glob.
    pub(super) fn new(
        waivers: &'a [Waiver],
        now: Timestamp,
        firm: &'a BTreeSet<String>,
    ) -> Result<Self, PolicyError> {
        let entry = |waiver: &'a Waiver| {
            // Addresses hold capitals too: a `/` in a name is `%2F` there.
            let glob = GlobBuilder::new(Key::new(&waiver.applies_to).as_str())
                .case_insensitive(true)
                .backslash_escape(true)
                .build()
                .map_err(|e| {
                    let at = &waiver.source;
                    PolicyError::Pattern(format!("{at}: `for: {}`: {e}", waiver.applies_to))
                })?;
            Ok(Entry {
                waiver,
                matcher: glob.compile_matcher(),
                fate: Fate::Unused,
                left_out: BTreeSet::new(),
            })
        };
        let entries = waivers.iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Self { entries, now, latest: now, firm })
    }

    /// The same, where another clock disagrees: a waiver counts if it has not ended by either.
    pub(super) fn by_both(self, skew: Option<Skew>) -> Self {
        let other = skew.map_or(self.now, |skew| skew.theirs_at(self.now));
        Self { latest: self.now.max(other), ..self }
    }

    fn in_force(&mut self, rule: &str) -> impl Iterator<Item = &mut Entry<'a>> {
        let (latest, firm) = (self.latest, self.firm);
        let waivable = waivable(rule, firm);
        self.entries
            .iter_mut()
            .filter(move |e| e.waiver.rule == rule && latest <= e.waiver.until && waivable)
    }

    /// Which of the addresses that the limit `rule` counts are left out of its count.
    pub(super) fn leave_out<'b>(
        &mut self,
        rule: &str,
        counted: impl Iterator<Item = &'b Address>,
    ) -> BTreeSet<&'b Address> {
        let mut left_out = BTreeSet::new();
        let mut counted = Some(counted);
        let mut all: Vec<&Address> = Vec::new();
        for entry in self.in_force(rule) {
            all.extend(counted.take().into_iter().flatten());
            let matched: BTreeSet<&Address> =
                all.iter().copied().filter(|address| entry.matches(address)).collect();
            if entry.admits(matched.len()) {
                entry.left_out.extend(matched.iter().map(|address| (*address).clone()));
                left_out.extend(matched);
            }
        }
        left_out
    }

    /// The findings of the guardrail `rule` that remain. A finding goes when all its addresses
    /// are waived; one without addresses stays.
    pub(super) fn filter(&mut self, rule: &str, mut findings: Vec<Finding>) -> Vec<Finding> {
        for entry in self.in_force(rule) {
            let about: BTreeSet<&Address> =
                findings.iter().flat_map(|finding| &finding.addresses).collect();
            let count = about.into_iter().filter(|address| entry.matches(address)).count();
            if !entry.admits(count) {
                continue;
            }
            let mut left_out = BTreeSet::new();
            findings.retain_mut(|finding| {
                let had = !finding.addresses.is_empty();
                let gone = finding.addresses.extract_if(.., |address| entry.matches(address));
                left_out.extend(gone);
                !(had && finding.addresses.is_empty())
            });
            entry.left_out.extend(left_out);
        }
        findings
    }

    /// The waivers that were made use of, with what they left out.
    pub(super) fn used(&self) -> Vec<Waived> {
        let used = self.entries.iter().filter(|entry| entry.fate == Fate::Used);
        let waived = |entry: &Entry<'_>| Waived {
            rule: entry.waiver.rule.clone(),
            addresses: entry.left_out.iter().cloned().collect(),
            reason: entry.waiver.reason.clone(),
            approved_by: entry.waiver.approved_by.clone(),
            until: entry.waiver.until,
            source: entry.waiver.source.clone(),
        };
        used.map(waived).collect()
    }

    /// What is to be said of the waivers themselves. `known` says of a rule's name what it is;
    /// `relevant` whether the pattern matches anything the waiver could still be for.
    pub(super) fn findings(
        &self,
        known: impl Fn(&str) -> Known,
        relevant: impl Fn(&Waiver, &GlobMatcher) -> bool,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for Entry { waiver, matcher, fate, .. } in &self.entries {
            let rule = &waiver.rule;
            let mut say = |level, what: String, remedy: &str| {
                findings.push(Finding {
                    level,
                    id: ID.to_owned(),
                    message: what,
                    addresses: vec![],
                    source: Some(waiver.source.clone()),
                    remedy: remedy.to_owned(),
                });
            };
            match known(rule) {
                _ if !waivable(rule, self.firm) => {
                    say(Level::Deny, no_waiver(rule), "take the waiver out");
                }
                Known::Invariant => say(Level::Deny, no_waiver(rule), "take the waiver out"),
                Known::Nothing => {
                    let what = format!("this waiver is for `{rule}`, and no rule has that name");
                    say(Level::Warn, what, "correct the name, or take the waiver out");
                }
                _ if self.now > waiver.until => {
                    let what = format!("this waiver of `{rule}` ended at {}", waiver.until);
                    say(Level::Warn, what, "take it out, or have a new date reviewed");
                }
                _ if self.latest > waiver.until => {
                    let what = format!(
                        "this waiver of `{rule}` does not count: by the target's clock it ended at \
                         {}",
                        waiver.until
                    );
                    say(Level::Warn, what, "find out which clock is wrong, and set it");
                }
                Known::Elsewhere => {}
                Known::Here => match fate {
                    Fate::TooMany(count) => {
                        let what = format!(
                            "this waiver of `{rule}` is for at most {}, and {count} match: it \
                             waives nothing",
                            waiver.at_most,
                        );
                        say(Level::Warn, what, "narrow `for`, or have a new `atMost` reviewed");
                    }
                    Fate::Unused if !relevant(waiver, matcher) => {
                        let what = format!("this waiver of `{rule}` waives nothing");
                        say(Level::Warn, what, "take it out");
                    }
                    Fate::Unused | Fate::Used => {}
                },
            }
        }
        findings
    }

    /// The waivers in use whose pattern covers more than whom they are for, of `all` that there is.
    pub(super) fn too_wide<'b, A>(&self, all: impl FnOnce() -> A) -> Vec<Finding>
    where
        A: Iterator<Item = &'b Address>,
    {
        if self.entries.iter().all(|entry| entry.fate != Fate::Used) {
            return Vec::new();
        }
        let all: Vec<&Address> = all().collect();
        let used = self.entries.iter().filter(|entry| entry.fate == Fate::Used);
        let finding = |Entry { waiver, matcher, .. }: &Entry<'_>| {
            let pattern = &waiver.applies_to;
            let wide = breadth::too_wide(pattern, matcher, waiver.at_most, &all)?;
            Some(Finding {
                level: Level::Warn,
                id: ID.to_owned(),
                message: format!("this waiver of `{}` {wide}", waiver.rule),
                addresses: vec![],
                source: Some(waiver.source.clone()),
                remedy: "name whom it is for in `for`: one user, one group or one holder"
                    .to_owned(),
            })
        };
        used.filter_map(finding).collect()
    }
}

/// What a rule named by a waiver is to the judgement at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// An invariant: there is no waiver for it.
    Invariant,
    /// A limit or guardrail that is judged here.
    Here,
    /// A limit or guardrail that another point judges.
    Elsewhere,
    /// No rule at all.
    Nothing,
}

fn waivable(rule: &str, firm: &BTreeSet<String>) -> bool {
    !firm.contains(rule)
        && rule != BREAK_GLASS
        && rule != ID
        && !super::invariants::IDS.contains(&rule)
}

fn no_waiver(rule: &str) -> String {
    format!("`{rule}` cannot be waived")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{now, source};
    use super::*;

    fn waiver(rule: &str, applies_to: &str, at_most: u64) -> Waiver {
        Waiver {
            rule: rule.to_owned(),
            applies_to: applies_to.to_owned(),
            until: now(),
            reason: "a test".to_owned(),
            approved_by: "sec-lead".to_owned(),
            at_most,
            source: source(40),
        }
    }

    fn found(address: &str) -> Finding {
        Finding {
            level: Level::Deny,
            id: "group-only-roles".to_owned(),
            message: "no".to_owned(),
            addresses: vec![address.parse().unwrap()],
            source: None,
            remedy: String::new(),
        }
    }

    fn two() -> Vec<Finding> {
        vec![found("binding/user/bot@x.org/a/-"), found("binding/user/bot@x.org/b/prod")]
    }

    #[test]
    fn a_waiver_counts_while_it_holds_by_both_of_two_clocks() {
        let rule = "group-only-roles";
        let hours = |hours| now().checked_add(jiff::SignedDuration::from_hours(hours)).unwrap();
        let firm = BTreeSet::new();
        for (theirs, left) in [(hours(-24), 0), (hours(1), 0), (hours(24), 2)] {
            let all = [Waiver { until: hours(2), ..waiver(rule, "binding/user/bot@x.org/*", 9) }];
            let waivers = Waivers::new(&all, now(), &firm).unwrap();
            let mut waivers = waivers.by_both(Skew::between(now(), theirs));
            assert_eq!(waivers.filter(rule, two()).len(), left, "{theirs}");
            let said = waivers.findings(|_| Known::Here, |_, _| false);
            let is_said = said.iter().any(|one| one.message.contains("by the target's clock"));
            assert_eq!(is_said, left > 0, "{said:?}");
        }
    }

    fn left(waiver: Waiver) -> (usize, Vec<Finding>) {
        let all = [waiver];
        let firm = BTreeSet::new();
        let mut waivers = Waivers::new(&all, now(), &firm).unwrap();
        let left = waivers.filter("group-only-roles", two()).len();
        (left, waivers.findings(|_| Known::Here, |_, _| false))
    }

    #[test]
    fn a_waiver_waives_what_it_matches_while_it_holds() {
        let (count, said) = left(waiver("group-only-roles", "binding/user/Bot@x.org/*", 2));
        assert_eq!((count, said), (0, vec![]));
        let all = [waiver("group-only-roles", "binding/user/bot@x.org/a/*", 2)];
        let firm = BTreeSet::new();
        let mut waivers = Waivers::new(&all, now(), &firm).unwrap();
        waivers.filter("group-only-roles", two());
        let used = waivers.used();
        assert_eq!(used[0].addresses, [two()[0].addresses[0].clone()]);
        assert_eq!((used.len(), used[0].approved_by.as_str()), (1, "sec-lead"));
        let (count, said) = left(waiver("group-only-roles", "binding/user/bot@x.org/*/prod", 1));
        assert_eq!((count, said), (1, vec![]));
    }

    #[test]
    fn a_printed_waiver_is_for_what_it_was_printed_for() {
        for name in ["eng/backend", "100%", "a%2Fb", "ops[1]", "who?*", "{a,b}", "Équipe", "a\\b"]
        {
            let address = Address::group(name);
            let line = crate::guard::text::pattern_of(&address);
            let all = [waiver("limit/groups/remove", &line, 1)];
            let firm = BTreeSet::new();
            let mut waivers = Waivers::new(&all, now(), &firm).unwrap();
            let other = Address::group("ops1");
            let counted = [&address, &other];
            let out = waivers.leave_out("limit/groups/remove", counted.into_iter());
            assert_eq!(out, BTreeSet::from([&address]), "{name}");
        }
    }

    #[test]
    fn an_expired_waiver_waives_nothing_and_is_said() {
        let mut old = waiver("group-only-roles", "binding/*", 2);
        old.until = now().checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap();
        let (count, said) = left(old);
        assert_eq!(count, 2);
        assert_eq!((said.len(), said[0].level), (1, Level::Warn));
        assert!(said[0].message.contains("ended at"), "{}", said[0].message);
        assert_eq!(said[0].source, Some(source(40)));
    }

    #[test]
    fn an_over_counted_waiver_waives_nothing_and_says_so() {
        let (count, said) = left(waiver("group-only-roles", "binding/*", 1));
        assert_eq!(count, 2);
        assert!(said[0].message.contains("at most 1, and 2 match"), "{}", said[0].message);
    }

    #[test]
    fn an_unused_waiver_is_said() {
        let (count, said) = left(waiver("group-only-roles", "binding/user/other@x.org/*", 1));
        assert_eq!(count, 2);
        assert!(said[0].message.contains("waives nothing"), "{}", said[0].message);
        let (count, _) = left(waiver("least-privilege", "binding/*", 9));
        assert_eq!(count, 2);
    }

    #[test]
    fn what_cannot_be_waived_is_refused() {
        for rule in ["break-glass", "protected", "administrators", "one-action", "unproved-read"] {
            let all = [waiver(rule, "*", 100)];
            let firm = BTreeSet::new();
            let mut waivers = Waivers::new(&all, now(), &firm).unwrap();
            assert_eq!(waivers.filter(rule, two()).len(), 2, "{rule}");
            let said = waivers.findings(|_| Known::Here, |_, _| true);
            assert_eq!(said[0].level, Level::Deny, "{rule}");
        }
        let all = [waiver("leftover", "*", 1)];
        let firm = BTreeSet::new();
        let waivers = Waivers::new(&all, now(), &firm).unwrap();
        assert_eq!(waivers.findings(|_| Known::Invariant, |_, _| true)[0].level, Level::Deny);
    }

    #[test]
    fn a_finding_without_addresses_stays() {
        let all = [waiver("group-only-roles", "*", 9)];
        let firm = BTreeSet::new();
        let mut waivers = Waivers::new(&all, now(), &firm).unwrap();
        let mut bare = found("user/a");
        bare.addresses.clear();
        let both = vec![bare.clone(), found("user/a")];
        assert_eq!(waivers.filter("group-only-roles", both), [bare]);
    }

    #[test]
    fn a_limit_leaves_out_what_is_waived_and_no_more_than_it_says() {
        let addresses: Vec<Address> =
            ["user/a", "user/b", "user/c"].iter().map(|a| a.parse().unwrap()).collect();
        for (at_most, out) in [(3, 3), (4, 3), (2, 0)] {
            let all = [waiver("limit/users/remove", "user/*", at_most)];
            let firm = BTreeSet::new();
            let mut waivers = Waivers::new(&all, now(), &firm).unwrap();
            assert_eq!(waivers.leave_out("limit/users/remove", addresses.iter()).len(), out);
            assert_eq!(waivers.used().first().map_or(0, |used| used.addresses.len()), out);
        }
    }
}
