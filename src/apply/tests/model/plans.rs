//! The plans of the model's writers: read, planned, judged and scheduled as every plan is.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use super::server::{Effect, GROUPS, PEOPLE, Server, group_named, people, user};
use crate::apply::{Known, Step, schedule};
use crate::config::{Desired, SourceText, parse};
use crate::guard::{Regime, approve, judge};
use crate::plan::plan;

/// The files of one writer: they say what is live at first, but for this.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wish {
    /// People who are in no group.
    pub(super) leave: u8,
    /// People who join the first group.
    pub(super) join: u8,
    /// People whose account is switched off.
    pub(super) off: u8,
    /// People who are deleted.
    pub(super) gone: u8,
}

/// The work of a run of muster: the steps, in parts that are each carried out by themselves.
pub(super) struct Planned {
    pub(super) parts: Vec<Vec<Step>>,
    pub(super) known: Known,
    /// Every write of the plan.
    pub(super) effects: Vec<Effect>,
}

/// The plan of each writer for each state of the server; `None` where it was refused.
type Made = HashMap<(usize, Server), Option<Arc<Planned>>>;

/// The plans of the writers, by what they saw.
pub(super) struct Plans {
    desired: Vec<Desired>,
    /// Whether steps that do not wait for each other are parts.
    apart: bool,
    made: Mutex<Made>,
}

impl Plans {
    pub(super) fn new(
        start: Server,
        wishes: &[Wish],
        (at_least, margin): (u32, u32),
        apart: bool,
    ) -> Self {
        let desired = wishes.iter().map(|wish| declared(start, *wish, (at_least, margin)));
        Self { desired: desired.collect(), apart, made: Mutex::default() }
    }

    /// The plan of a writer who sees this; `None` where the guard refuses it.
    pub(super) fn of(&self, writer: usize, seen: Server) -> Option<Arc<Planned>> {
        if let Some(known) = self.made.lock().unwrap().get(&(writer, seen)) {
            return known.clone();
        }
        let made = self.make(&self.desired[writer], seen).map(Arc::new);
        self.made.lock().unwrap().insert((writer, seen), made.clone());
        made
    }

    fn make(&self, desired: &Desired, seen: Server) -> Option<Planned> {
        let live = seen.live();
        let plan = plan(desired, &live, "2026-11-21T12:00:00Z".parse().unwrap());
        let results = vec![("model".to_owned(), vec![])];
        let verdict = judge(&plan, desired, results, &Regime::expecting(&["model"])).unwrap();
        let approved = approve(plan, verdict).ok()?;
        let steps = schedule(&approved);
        let effects = steps.iter().filter_map(|step| Effect::of(&step.op)).collect();
        let parts = if self.apart { apart(steps) } else { vec![steps] };
        Some(Planned { parts, known: Known::of(approved.plan(), &live), effects })
    }
}

/// The files of a writer.
fn declared(start: Server, wish: Wish, (at_least, margin): (u32, u32)) -> Desired {
    let all = "{ remove: \"100%\", update: \"100%\" }";
    let project = format!(
        "organization: model
target: {{ provider: sandbox }}
manage:
  users: {{ domains: [example.com], onRemove: delete }}
  groups: {{ names: [\"*\"] }}
administrators: {{ groups: [\"admins-*\"], atLeast: {at_least}, margin: {margin} }}
limits: {{ users: {all}, groups: {all}, memberships: {all} }}
"
    );
    let mut files = String::from("users:\n");
    for person in people(start.there & !wish.gone) {
        let active = (start.active & !wish.off) >> person & 1 == 1;
        let _ = writeln!(files, "  {}: {{ active: {active} }}", user(person).key());
    }
    files += "groups:\n";
    for group in 0..GROUPS {
        let joins = if group == 0 { wish.join } else { 0 };
        let members = start.members[group] & !wish.leave & !wish.gone | joins;
        let members: Vec<String> =
            people(members).map(|person| user(person).key().as_str().to_owned()).collect();
        let group = group_named(group);
        let _ = writeln!(files, "  {}: {{ members: [{}] }}", group.key(), members.join(", "));
    }
    let waive = |rule: &str, of: &str| {
        format!(
            "  - {{ rule: limit/memberships/{rule}, for: \"{of}/**\", until: 2099-12-31, \
             reason: small, approvedBy: model, atMost: 1000 }}\n"
        )
    };
    files += "waivers:\n";
    files += &waive("group-half", "membership");
    files += &waive("group-empty", "membership");
    files += &waive("group-empty", "group");
    let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
    match parse(&text("muster.yaml", &project), &[text("people.yaml", &files)], 1) {
        Ok((desired, _)) => desired,
        Err(problems) => panic!("{:#?}\n{files}", problems.sorted()),
    }
}

/// The steps, in parts of which none waits for another.
fn apart(steps: Vec<Step>) -> Vec<Vec<Step>> {
    let mut part: Vec<usize> = (0..steps.len()).collect();
    for step in &steps {
        for before in step.after.iter().chain(&step.ends) {
            let (from, to) = (part[step.id], part[*before]);
            part.iter_mut().filter(|one| **one == from).for_each(|one| *one = to);
        }
    }
    let names: BTreeSet<usize> = part.iter().copied().collect();
    let of = |name: usize| {
        let ids: Vec<usize> = (0..steps.len()).filter(|id| part[*id] == name).collect();
        let renumbered = |id: &usize| ids.iter().position(|one| one == id).unwrap_or_default();
        let step = |id: &usize| {
            let step = steps[*id].clone();
            let after = step.after.iter().map(renumbered).collect();
            let ends = step.ends.iter().map(renumbered).collect();
            Step { id: renumbered(id), after, ends, ..step }
        };
        ids.iter().map(step).collect()
    };
    names.into_iter().map(of).collect()
}

/// The groups, each with its members, everybody there and able to sign in.
pub(super) fn begun(members: [u8; GROUPS]) -> Server {
    let everybody = (1 << PEOPLE) - 1;
    Server { members, active: everybody, there: everybody }
}
