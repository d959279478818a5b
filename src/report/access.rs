//! Who gains and who loses which role, as text: the first thing a reviewer sees of a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::escape::plain;
use super::style::{Style, Tone};
use crate::kind::{Source, WHOLE_WORKSPACE, written};
use crate::plan::access::{AccessDelta, Holding};

/// How many people are named of those who gain or lose one role together.
pub(super) const NAMED: usize = 8;

/// People who gain, or lose, one role by one path and one request.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Together<'a> {
    /// Privileged roles come first.
    ordinary: bool,
    /// What is lost comes after what is gained.
    lost: bool,
    pub(super) what: String,
    pub(super) until: String,
    why: String,
    /// For people: whether they have the same by another path.
    already: bool,
    privileged: bool,
    role: &'a str,
}

impl Together<'_> {
    pub(super) const fn is_privileged(&self) -> bool {
        self.privileged
    }

    pub(super) const fn sign(&self) -> &'static str {
        if self.lost { "-" } else { "+" }
    }
}

/// The people who gain or lose one thing together, and the lines that ask for it.
#[derive(Default)]
pub(super) struct People<'a> {
    pub(super) names: BTreeSet<&'a str>,
    sources: BTreeSet<&'a Source>,
}

impl People<'_> {
    /// Who asked, and why.
    pub(super) fn asked(&self, together: &Together<'_>) -> String {
        let by = match (self.sources.first(), self.sources.len()) {
            (Some(first), 1) => format!("asked by {}", plain(&first.to_string())),
            (Some(first), count) => {
                let more = count - 1;
                let plural = if more == 1 { "line" } else { "lines" };
                format!("asked by {} and {more} more {plural}", plain(&first.to_string()))
            }
            (None, _) if together.lost => "nothing declares it any more".to_owned(),
            (None, _) => "not declared".to_owned(),
        };
        format!("{by}{}", together.why)
    }
}

/// The delta, those who gain or lose one thing together.
pub(super) fn grouped(delta: &AccessDelta) -> BTreeMap<Together<'_>, People<'_>> {
    let mut groups: BTreeMap<Together<'_>, People<'_>> = BTreeMap::new();
    let gained = delta.gained.iter().map(|one| (false, one));
    let lost = delta.lost.iter().map(|one| (true, one));
    for (lost, one) in gained.chain(lost) {
        let together = Together {
            ordinary: !one.privileged,
            lost,
            what: what(one),
            until: one.until.map(written).unwrap_or_default(),
            why: why(one, lost),
            already: one.already,
            privileged: one.privileged,
            role: &one.role,
        };
        let people = groups.entry(together).or_default();
        people.names.insert(one.user.as_str());
        people.sources.extend(&one.source);
    }
    groups
}

/// A role, and where it holds.
pub(super) fn place(role: &str, workspace: Option<&str>, scope: &[String]) -> String {
    let workspace = workspace.map_or_else(|| "the whole organization".to_owned(), plain);
    let parts: Vec<String> =
        scope.iter().filter(|name| *name != WHOLE_WORKSPACE).map(|name| plain(name)).collect();
    let within = if parts.is_empty() || parts.len() < scope.len() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    };
    format!("{} on {workspace}{within}", plain(role))
}

fn what(one: &Holding) -> String {
    let via = match &one.via {
        Some(group) => format!("through group/{}", plain(group.as_str())),
        None => "directly".to_owned(),
    };
    format!("{}, {via}", place(&one.role, one.workspace.as_deref(), &one.scope))
}

/// Who answers for it, and why it is given.
fn why(one: &Holding, lost: bool) -> String {
    let owner = match one.owner.as_str() {
        "" => String::new(),
        owner => format!(", owner {}", plain(owner)),
    };
    match one.reason.as_str() {
        _ if lost => String::new(),
        "" => format!("{owner}, no reason given"),
        reason => format!("{owner}: {}", plain(reason)),
    }
}

/// The delta as text; empty where nobody gains or loses anything.
#[must_use]
pub(super) fn access(delta: &AccessDelta, style: Style) -> String {
    if delta.is_empty() {
        return String::new();
    }
    let people = |list: &[Holding]| {
        let people: BTreeSet<&str> = list.iter().map(|one| one.user.as_str()).collect();
        match people.len() {
            1 => "1 person".to_owned(),
            count => format!("{count} people"),
        }
    };
    let mut out = style.paint(Tone::Bold, "Access:");
    out.push_str(&format!(
        " gained by {}, lost by {}\n",
        people(&delta.gained),
        people(&delta.lost)
    ));
    for (together, people) in grouped(delta) {
        let tone = if together.lost { Tone::Delete } else { Tone::Create };
        let privileged = match together.privileged {
            true => format!("{} ", style.paint(Tone::Warn, "privileged")),
            false => String::new(),
        };
        let until = match together.until.as_str() {
            _ if together.lost => String::new(),
            "" => ", without an end".to_owned(),
            until => format!(", until {until}"),
        };
        out.push_str(&format!(
            "  {} {privileged}{}{until}\n      {}\n      {}\n",
            style.paint(tone, together.sign()),
            together.what,
            some(&people.names, together.already, together.lost),
            style.paint(Tone::Faint, &people.asked(&together)),
        ));
    }
    out
}

fn some(names: &BTreeSet<&str>, already: bool, lost: bool) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| plain(name)).collect();
    let more = match names.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!(" and {more} more"),
        _ => String::new(),
    };
    let also = match (already, lost) {
        (false, _) => "",
        (true, false) => " (had as much before)",
        (true, true) => " (keep as much)",
    };
    format!("{}{more}{also}", shown.join(", "))
}
