//! The breadth of a waiver's pattern. It is judged by what it matches, not by how it is written:
//! `b*`, `*@*` and `[!x]*` can be as wide as `*`.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobMatcher;

use crate::kind::{Address, Family, Key, KindName};

/// From so many of a kind on, more than half of them is a whole kind; below, only all of them.
const HALF_FROM: usize = 10;

/// The objection to a pattern that is too wide for a waiver of at most `at_most`, in words; `None`:
/// it names whom it is for.
///
/// One holder, one user or one group is never too much, whatever it has. Anything else is, where
/// more is covered than the waiver may waive, or nearly the whole of a kind.
pub(super) fn too_wide(
    pattern: &str,
    matcher: &GlobMatcher,
    at_most: u64,
    all: &[&Address],
) -> Option<String> {
    if names_nobody(pattern) {
        return Some(format!("is for every `{pattern}`"));
    }
    let mut population: BTreeMap<KindName, usize> = BTreeMap::new();
    let mut covered: Vec<&Address> = Vec::new();
    for &address in all {
        *population.entry(address.kind()).or_default() += 1;
        if matcher.is_match(address.to_string()) {
            covered.push(address);
        }
    }
    if covered.len() < 2 || is_of_one(&covered) {
        return None;
    }
    let count = covered.len();
    if count as u64 > at_most {
        return Some(format!("is for `{pattern}`, which covers {count}, and may waive {at_most}"));
    }
    // A list of names is for nobody else, today or tomorrow.
    if lists_names(pattern) {
        return None;
    }
    let mut of_kind: BTreeMap<KindName, usize> = BTreeMap::new();
    covered.iter().for_each(|address| *of_kind.entry(address.kind()).or_default() += 1);
    of_kind.into_iter().find_map(|(kind, count)| {
        let all = population.get(&kind).copied().unwrap_or_default();
        let is_most = if all < HALF_FROM { count == all } else { count * 2 > all };
        let plural = kind.plural();
        is_most.then(|| format!("is for `{pattern}`, which covers {count} of {all} {plural}"))
    })
}

/// Whether all of it is about one object, one holder, one member or one group.
fn is_of_one(covered: &[&Address]) -> bool {
    let one = |of: fn(&Address) -> Option<Address>| {
        let about: Option<BTreeSet<Address>> = covered.iter().map(|address| of(address)).collect();
        about.is_some_and(|about| about.len() == 1)
    };
    let holder = |address: &Address| match address.family() {
        Family::Membership => address.ends().map(|(_, user)| user),
        Family::Grant => address.principal(),
        Family::Subject | Family::Group | Family::Scope | Family::Plain => Some(address.clone()),
    };
    let group = |address: &Address| match address.family() {
        Family::Membership => address.ends().map(|(group, _)| group),
        Family::Group => Some(address.clone()),
        Family::Grant => address.principal(),
        Family::Subject | Family::Scope | Family::Plain => None,
    };
    one(holder) || one(group)
}

/// Whether a pattern is made of names alone: it has no wildcard that is not escaped.
fn lists_names(pattern: &str) -> bool {
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '*' | '?' | '[' => return false,
            _ => {}
        }
    }
    true
}

/// Whether a pattern names a whole kind, or all the groups or users that hold roles: then it is for
/// whatever is there tomorrow too.
fn names_nobody(pattern: &str) -> bool {
    let pattern = Key::new(pattern);
    let names = |part: &&str| part.chars().any(|letter| !matches!(letter, '*' | '?'));
    let is_kind = |part: &str| KindName::ALL.iter().any(|kind| kind.as_str() == part);
    pattern.as_str().split('/').filter(names).all(is_kind)
}

#[cfg(test)]
mod tests {
    use globset::GlobBuilder;

    use super::*;

    fn told(pattern: &str, at_most: u64) -> Option<String> {
        let users = ["ada", "bob", "bea", "ben", "cy", "dee", "eve", "fay", "gus", "hal"];
        let mut all: Vec<Address> =
            users.iter().map(|name| Address::user(&format!("{name}@x.org"))).collect();
        for line in [
            "binding/user/bob@x.org/a/-",
            "binding/user/bob@x.org/b/-",
            "binding/user/bea@x.org/a/-",
            "binding/group/ops/a/-",
            "membership/ops/ada@x.org",
            "membership/ops/bob@x.org",
            "membership/dev/bob@x.org",
            "group/ops",
            "group/dev",
        ] {
            all.push(line.parse().unwrap());
        }
        let glob = GlobBuilder::new(pattern).case_insensitive(true).build().unwrap();
        too_wide(pattern, &glob.compile_matcher(), at_most, &all.iter().collect::<Vec<_>>())
    }

    #[test]
    fn what_covers_more_than_it_may_waive_or_most_of_a_kind_is_too_wide() {
        for (pattern, at_most) in [
            ("user/b*", 1),
            ("user/b*", 2),
            ("user/*@*", 1),
            ("user/*@*", 99),
            ("user/[!x]*", 99),
            ("user/[!ab]*", 99),
            ("user/?*o*", 99),
            ("user/{ada,bob}@x.org", 1),
            ("user/{a*,bob,bea,ben,cy,dee}@x.org", 99),
            ("**", 99),
            ("user/*", 99),
            ("binding/user/*", 9),
            ("binding/*/b*/a/*", 1),
            ("*b*", 1),
            ("membership/*/b*", 0),
            ("membership/[!q]*/*", 9),
            ("group/[a-z]*", 9),
            ("scope-group/*", 9),
        ] {
            let found = told(pattern, at_most);
            // One member's, however many.
            let expected = pattern != "membership/*/b*";
            assert_eq!(found.is_some(), expected, "{pattern} {at_most}: {found:?}");
        }
    }

    #[test]
    fn what_names_whom_it_is_for_is_not() {
        for (pattern, at_most) in [
            ("user/ada@x.org", 1),
            ("user/b*", 3),
            ("user/{ada,bob}@x.org", 2),
            ("user/{ada,bob,bea,ben,cy,dee,eve,fay,gus,hal}@x.org", 10),
            ("{group/ops,group/dev}", 2),
            ("user/{a\\*,ada,bob,bea,ben,cy,dee}@x.org", 9),
            ("binding/user/bob@x.org/*", 1),
            ("binding/group/ops/**", 1),
            ("membership/ops/*", 1),
            ("membership/*/bob@x.org", 1),
            ("group/ops", 1),
            ("user/zz*", 1),
        ] {
            assert_eq!(told(pattern, at_most), None, "{pattern} {at_most}");
        }
    }
}
