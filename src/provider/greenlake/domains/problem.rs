//! Problems: everything that DNS shows to be wrong with one claim, in words.

use super::claim::problem;
use super::dns::{Look, Observation, TxtAnswer};
use super::mistake::Mistake;
use super::sight::Sight;
use crate::kind::Diagnostic;

/// What is wrong in DNS with the claim of `domain`, whose value is `txt`.
pub(super) fn in_dns(seen: &Observation, txt: Option<&str>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    match txt {
        Some(txt) => {
            mistakes(seen, txt, &mut problems);
            shape(seen, txt, &mut problems);
            differing(seen, txt, &mut problems);
            misplaced(seen, txt, &mut problems);
        }
        None => of_the_kind(seen, &mut problems),
    }
    failures(seen, &mut problems);
    problems
}

/// The servers of the looks for which `which` holds, in order.
fn servers(looks: &[Look], which: impl Fn(&Look) -> bool) -> Vec<String> {
    looks.iter().filter(|look| which(look)).map(|look| look.server.to_string()).collect()
}

fn texts(look: &Look) -> impl Iterator<Item = &str> {
    look.answer.texts().into_iter().flatten()
}

/// Records that were meant to be the value.
fn mistakes(seen: &Observation, txt: &str, problems: &mut Vec<Diagnostic>) {
    let mut found: Vec<(Mistake, &str)> = seen
        .looks
        .iter()
        .flat_map(|look| texts(look).filter_map(|text| Some((Mistake::of(text, txt)?, text))))
        .collect();
    found.sort();
    found.dedup();
    for (mistake, text) in found {
        let shown = servers(&seen.looks, |look| texts(look).any(|one| one == text));
        let is_beside = seen.looks.iter().all(|look| {
            let mut all = texts(look);
            !texts(look).any(|one| one == text) || all.any(|one| one == txt)
        });
        let (id, why, remedy) = mistake.words();
        let (why, remedy) = if is_beside {
            ("it does no harm: the right value is there too", "delete it when it is convenient")
        } else {
            (why, remedy)
        };
        problems.push(problem(
            id,
            format!("`{}` has the TXT record `{text}` at {}", seen.domain, list(&shown)),
            why,
            remedy,
        ));
    }
}

/// The right value, in a form that is worth a word.
fn shape(seen: &Observation, txt: &str, problems: &mut Vec<Diagnostic>) {
    let matching = |look: &Look| match &look.answer {
        TxtAnswer::Records(records) => {
            records.iter().filter(|one| one.text == txt).cloned().collect()
        }
        _ => Vec::new(),
    };
    let split = servers(&seen.looks, |look| matching(look).iter().any(|one| one.strings > 1));
    if !split.is_empty() {
        problems.push(problem(
            "txt-split",
            format!("the value is split into several strings at {}", list(&split)),
            "it does no harm: the strings of one record are joined (RFC 7208 section 3.3)",
            "",
        ));
    }
    let twice = servers(&seen.looks, |look| matching(look).len() > 1);
    if !twice.is_empty() {
        problems.push(problem(
            "txt-duplicated",
            format!("the value is there more than once at {}", list(&twice)),
            "a record set that holds the same record twice is broken (RFC 2181 section 5)",
            "delete all but one of them",
        ));
    }
}

/// Servers that contradict each other.
fn differing(seen: &Observation, txt: &str, problems: &mut Vec<Diagnostic>) {
    let with = servers(&seen.looks, |look| texts(look).any(|text| text == txt));
    let without =
        servers(&seen.looks, |look| look.answer.texts().is_some_and(|texts| !texts.contains(&txt)));
    if with.is_empty() || without.is_empty() {
        return;
    }
    problems.push(problem(
        "servers-differ",
        format!("{} {} the value, {} not", list(&with), show(&with), list(&without)),
        "HPE may ask either of them",
        "wait until the old answer has run out (its TTL); if it stays, look whether every \
                 server of the zone has the same serial number",
    ));
}

/// The value where it does not count.
fn misplaced(seen: &Observation, txt: &str, problems: &mut Vec<Diagnostic>) {
    for look in &seen.elsewhere {
        let is_meant = |text: &str| match Mistake::of(text, txt) {
            None => text == txt,
            Some(mistake) => mistake != Mistake::Stale,
        };
        if !texts(look).any(is_meant) {
            continue;
        }
        let harmless = Sight::of(&seen.looks, Some(txt)) == Sight::Everywhere;
        let (why, remedy) = if harmless {
            ("it does no harm: the value is at the domain too".to_owned(), String::new())
        } else {
            (
                format!("the value counts only at `{}` itself", seen.domain),
                format!("move the record to `{}`: in most zone editors that is `@`", seen.domain),
            )
        };
        let what = format!("the value is at `{}`", look.name);
        problems.push(problem("txt-wrong-name", what, why, remedy));
    }
}

/// Records of claims, where no value is known to compare them to.
fn of_the_kind(seen: &Observation, problems: &mut Vec<Diagnostic>) {
    let mut found: Vec<&str> = seen
        .looks
        .iter()
        .flat_map(|look| texts(look).filter(|text| Mistake::is_of_the_kind(text)))
        .collect();
    found.sort_unstable();
    found.dedup();
    for text in found {
        problems.push(problem(
            "txt-of-a-claim",
            format!("`{}` has the TXT record `{text}`", seen.domain),
            "somebody claimed this domain with HPE; whether it is this organization cannot \
                  be told from DNS",
            "compare it with the value that GreenLake shows for the domain",
        ));
    }
}

/// Looks that failed. They say nothing about what is there.
fn failures(seen: &Observation, problems: &mut Vec<Diagnostic>) {
    for look in &seen.looks {
        let Some(failure) = look.answer.failure() else { continue };
        let (id, remedy) = match look.answer {
            TxtAnswer::TimedOut => {
                ("dns-timed-out", "look again; if it stays, see whether the server is up and heard")
            }
            TxtAnswer::ServFail(_) => {
                ("dns-servfail", "look again; if it stays, mend the zone's delegation or DNSSEC")
            }
            TxtAnswer::Refused(_) => {
                ("dns-refused", "name a server that answers for this zone, or mend its delegation")
            }
            _ => ("dns-failed", "look again; if it stays, see `dns.resolvers`"),
        };
        problems.push(problem(
            id,
            format!("{} {failure}", look.server),
            "whether the record is there is not known from it",
            remedy,
        ));
    }
}

fn show(servers: &[String]) -> &'static str {
    if servers.len() == 1 { "shows" } else { "show" }
}

fn list(servers: &[String]) -> String {
    servers.join(" and ")
}
