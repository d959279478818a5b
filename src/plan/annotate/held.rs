//! Removals that are held back for the sake of a protected member: who still has what for that.
//!
//! What is taken from a group is taken from all its members. Where one of them is protected, or may
//! be, nothing is taken; but then the others keep what the files do not give them any more, and a
//! run that leaves it so has not done all that is asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::kind::{Address, Family};
use crate::plan::access::{Graph, Place};
use crate::plan::draft::HeldBack;
use crate::plan::inputs::Inputs;
use crate::plan::{Finding, Level, Waiting};

const ID: &str = "held-back";
/// The most names that a message holds.
const SHOWN: usize = 10;

/// The removals that are held back, and the findings on them. One that would have reached only
/// protected accounts is none: they are left as they are.
pub(super) fn held(
    inputs: Inputs<'_>,
    graph: &Graph,
    candidates: Vec<HeldBack>,
) -> (Vec<Waiting>, Vec<Finding>) {
    let mut known: BTreeMap<Address, Members> = BTreeMap::new();
    let mut held = Vec::new();
    let mut findings = Vec::new();
    for one in candidates {
        for holder in &one.holders {
            let members = || Members::of(inputs, graph, holder);
            known.entry(holder.clone()).or_insert_with(members);
        }
        let of: Vec<(&Address, &Members)> =
            one.holders.iter().filter_map(|holder| Some((holder, known.get(holder)?))).collect();
        if !one.is_declared && of.iter().all(|(_, members)| members.others.is_empty()) {
            continue;
        }
        let finding = finding(&one, &of);
        held.push(Waiting {
            address: one.address,
            why: finding.message.clone(),
            source: one.source,
        });
        findings.push(finding);
    }
    (held, findings)
}

fn finding<'a>(one: &HeldBack, of: &[(&'a Address, &'a Members)]) -> Finding {
    let kept = Names::of(of, |members| &members.kept);
    let others = Names::of(of, |members| &members.others);
    let groups: Vec<String> = of
        .iter()
        .filter(|(_, members)| !members.kept.is_empty())
        .map(|(group, _)| format!("`{group}`"))
        .collect();
    let groups = groups.join(", ");
    let still = match others.count {
        0 => String::new(),
        count => format!("; {} still {} {}", others.words(), has(count), one.what),
    };
    Finding {
        level: Level::Warn,
        id: ID.to_owned(),
        message: format!(
            "`{}` is held back ({}), because {} in {groups} {} protected or unknown{still}",
            one.address,
            one.reason,
            kept.words(),
            if kept.count == 1 { "is" } else { "are" },
        ),
        addresses: vec![one.address.clone()],
        source: one.source.clone(),
        remedy: format!(
            "at the target, give {} what it needs by a group of its own and take it out of {groups}: \
             the next run does the rest; or keep what is declared as it was",
            kept.words()
        ),
    }
}

const fn has(count: usize) -> &'static str {
    if count == 1 { "has" } else { "have" }
}

/// The first names of several lists, and how many there are.
struct Names<'a> {
    shown: Vec<&'a str>,
    count: usize,
}

impl<'a> Names<'a> {
    fn of(
        lists: &[(&'a Address, &'a Members)],
        list: fn(&'a Members) -> &'a BTreeSet<String>,
    ) -> Self {
        let first = |names: &mut dyn Iterator<Item = &'a String>| {
            names.take(SHOWN).map(String::as_str).collect()
        };
        // Many roles of one large group are asked of its members one by one: nothing is copied then.
        if let [(_, members)] = lists {
            let names = list(members);
            return Self { shown: first(&mut names.iter()), count: names.len() };
        }
        let names: BTreeSet<&String> =
            lists.iter().flat_map(|(_, members)| list(members)).collect();
        Self { shown: first(&mut names.iter().copied()), count: names.len() }
    }

    fn words(&self) -> String {
        match self.count.saturating_sub(SHOWN) {
            0 => self.shown.join(", "),
            more => format!("{} and {more} more", self.shown.join(", ")),
        }
    }
}

/// The members of a group after the plan, by whether something may be taken from them.
#[derive(Default)]
struct Members {
    /// Those that are protected, or may be.
    kept: BTreeSet<String>,
    /// All others, and those of whom nobody knows.
    others: BTreeSet<String>,
}

impl Members {
    fn of(inputs: Inputs<'_>, graph: &Graph, holder: &Address) -> Self {
        let mut members = Self::default();
        let Some(place) = graph.place(holder).filter(|_| holder.family() == Family::Group) else {
            return members;
        };
        for group in graph.after.below(place) {
            for user in graph.after.members_of(group) {
                members.add(inputs, graph, *user);
            }
            let strangers = graph.after.strangers.get(&group).copied().unwrap_or_default();
            if strangers > 0 {
                let told = format!("{strangers} that the directory does not show");
                members.kept.insert(told.clone());
                members.others.insert(told);
            }
        }
        members
    }

    fn add(&mut self, inputs: Inputs<'_>, graph: &Graph, user: Place) {
        let Some(node) = graph.node(user) else { return };
        let live = inputs.live.objects().get(user as usize).map(|object| &object.key);
        let is_protected = [Some(node.address.key()), live]
            .into_iter()
            .flatten()
            .any(|name| inputs.jurisdiction.is_protected_user(name));
        let list = if is_protected { &mut self.kept } else { &mut self.others };
        list.insert(format!("`{}`", node.address));
    }
}
