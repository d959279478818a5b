//! Findings for a reader: those of one rule are shown one by one up to a bound, and counted from
//! there on. JSON has them all.

use std::collections::{BTreeMap, BTreeSet};

use crate::kind::Address;
use crate::plan::{Finding, Level};

/// How many findings of one rule are shown one by one.
const SHOWN: usize = 25;
/// How many addresses of the others are named.
const NAMED: usize = 10;

/// The findings of one rule that are not shown one by one.
pub(super) struct Omitted<'a> {
    /// Their severity.
    pub(super) level: Level,
    /// The rule.
    pub(super) id: &'a str,
    /// How many they are.
    pub(super) count: usize,
    /// The first things that they are about, each once.
    about: BTreeSet<&'a Address>,
    /// Whether they are about more than those.
    has_more: bool,
}

impl Omitted<'_> {
    /// How many they are and where to see them.
    pub(super) fn words(&self) -> String {
        let findings = if self.count == 1 { "finding" } else { "findings" };
        format!("{} more {findings} of this rule; `--format json` lists all", self.count)
    }

    /// What they are about, each address made safe by `escape`.
    pub(super) fn about(&self, escape: impl Fn(&str) -> String) -> String {
        let names: Vec<String> = self.about.iter().map(|one| escape(&one.to_string())).collect();
        names.join(", ") + if self.has_more { " and others" } else { "" }
    }
}

/// The findings that are shown one by one, in their order, and what is left of each rule.
pub(super) fn bounded<'a>(
    findings: impl Iterator<Item = &'a Finding>,
) -> (Vec<&'a Finding>, Vec<Omitted<'a>>) {
    let mut shown = Vec::new();
    let mut counts: BTreeMap<(Level, &str), usize> = BTreeMap::new();
    let mut rests: BTreeMap<(Level, &str), Omitted<'a>> = BTreeMap::new();
    for finding in findings {
        let (level, id) = (finding.level, finding.id.as_str());
        let count = counts.entry((level, id)).or_default();
        *count += 1;
        if *count <= SHOWN {
            shown.push(finding);
            continue;
        }
        let none = Omitted { level, id, count: 0, about: BTreeSet::new(), has_more: false };
        let rest = rests.entry((level, id)).or_insert(none);
        rest.count += 1;
        for address in &finding.addresses {
            if rest.about.len() < NAMED {
                rest.about.insert(address);
            } else if !rest.about.contains(address) {
                rest.has_more = true;
                break;
            }
        }
    }
    (shown, rests.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: &str, level: Level, n: usize) -> Finding {
        Finding {
            level,
            id: id.to_owned(),
            message: format!("m{n}"),
            addresses: vec![Address::user(&format!("u{n:03}"))],
            source: None,
            remedy: String::new(),
        }
    }

    #[test]
    fn a_rule_that_finds_much_takes_no_room_from_the_others() {
        let many = (0..100).map(|n| finding("much", Level::Warn, n));
        let all: Vec<Finding> = many.chain([finding("little", Level::Deny, 7)]).collect();
        let (shown, rest) = bounded(all.iter());
        assert_eq!(shown.len(), SHOWN + 1);
        assert_eq!(shown.last().map(|one| one.id.as_str()), Some("little"));
        assert_eq!(rest.len(), 1);
        let rest = &rest[0];
        assert_eq!((rest.level, rest.id, rest.count), (Level::Warn, "much", 75));
        let about = rest.about(str::to_owned);
        assert!(about.starts_with("user/u025, user/u026, "), "{about}");
        assert!(about.ends_with(", user/u034 and others"), "{about}");
        assert_eq!(rest.words(), "75 more findings of this rule; `--format json` lists all");
    }

    #[test]
    fn what_all_are_about_is_named_once() {
        let same =
            |_| Finding { addresses: vec![Address::user("a")], ..finding("r", Level::Warn, 1) };
        let all: Vec<Finding> = (0..=SHOWN).map(same).collect();
        let (_, rest) = bounded(all.iter());
        assert_eq!(rest[0].about(str::to_uppercase), "USER/A");
        assert_eq!(rest[0].words(), "1 more finding of this rule; `--format json` lists all");
    }

    #[test]
    fn as_many_as_are_shown_leave_no_rest() {
        let all: Vec<Finding> = (0..SHOWN).map(|n| finding("r", Level::Deny, n)).collect();
        let (shown, rest) = bounded(all.iter());
        assert_eq!((shown.len(), rest.len()), (SHOWN, 0));
    }
}
