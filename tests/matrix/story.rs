//! One story told to one server: three days, and what came of each.

use std::cell::RefCell;
use std::sync::atomic::AtomicBool;

use futures::executor::block_on;
use muster::apply::{
    Chain, Entry, Journal, Known, Outcome, Receipt, RunOptions, recorded, run, schedule,
};
use muster::config::{Desired, SourceText, parse};
use muster::guard::{Approved, Regime, approve, judge};
use muster::live::Live;
use muster::plan::{Finding, Plan, plan};
use muster::provider::scim::{Dialect, ReadError, ReadOptions, ReadStats, ScimWriter, read};

use super::look::{Lacks, damage, differences};
use super::memory::now;
use super::organization::{Organization, PROJECT, Part, seed};
use super::server::Server;

/// What came of one day.
#[derive(Debug)]
pub(crate) enum Came {
    /// The server holds what the files say, and a second plan is empty.
    Right,
    /// The same, and it was said, in these words, what the server did not keep.
    Warns(String),
    /// It was said, in these words, that it cannot be; and nothing else was harmed.
    Refuses(String),
    /// The server harmed what it was not asked to, and all writing stopped with these words.
    Stopped(String),
    /// The third outcome, which there must not be.
    Wrong(String),
}

/// One server, how it is spoken to, and what it is to hold.
pub(crate) struct Story {
    server: Server,
    profile: &'static str,
    lacks: Lacks,
    organization: Organization,
    journal: Lines,
}

/// A journal in memory.
#[derive(Default)]
struct Lines(RefCell<Vec<String>>);

impl Journal for Lines {
    fn record(&self, entry: &Entry) -> Result<(), String> {
        let line = Chain::after(None).line(entry, "2026-01-01T00:00:00Z")?;
        self.0.borrow_mut().push(line);
        Ok(())
    }
}

impl Story {
    pub(crate) fn new(
        (personality, profile): (&str, &'static str),
        crowd: usize,
        without: &'static [Part],
        lacks: Lacks,
    ) -> Self {
        let server = Server::new(&seed(crowd), personality);
        let organization = Organization::new(without);
        Self { server, profile, lacks, organization, journal: Lines::default() }
    }

    /// The same with so many people more in one group.
    pub(crate) fn with_crowd(mut self, count: usize) -> Self {
        self.organization = self.organization.with_crowd(count);
        self
    }

    /// The three days: an empty server is filled; much changes; nothing does.
    pub(crate) fn told(mut self) -> [Came; 3] {
        let first = self.day();
        if self.organization.has(Part::Members) {
            self.server.somebody_else("ops", ("eve@example.com", ""));
            self.server.somebody_else("Net Team", ("", "guest@partner.org"));
        }
        self.organization.goes_on();
        let second = self.day();
        let third = match &second {
            // Somebody has to look at it first.
            Came::Stopped(words) => Came::Stopped(words.clone()),
            _ => self.day(),
        };
        [first, second, third]
    }

    /// Reads, plans, judges, applies; and looks at what was done.
    pub(crate) fn day(&self) -> Came {
        let before = self.server.state();
        self.server.take_writes();
        let (words, is_done, is_stopped) = match self.turn() {
            Ok(turn) => turn,
            Err(words) => {
                let writes = self.server.take_writes();
                return if writes.is_empty() {
                    Came::Refuses(words)
                } else {
                    Came::Wrong(format!("refused after {writes:?}: {words}"))
                };
            }
        };
        let after = self.server.state();
        let harm = damage(&before, &after, &self.organization);
        let unlike = differences(&after, &self.organization, self.lacks);
        let again = self.server.take_writes().len();
        match (is_done, unlike.is_empty()) {
            (false, _) if !harm.is_empty() && is_stopped => Came::Stopped(words),
            _ if !harm.is_empty() => Came::Wrong(format!("{harm:?}; {words}")),
            (false, _) => Came::Refuses(words),
            // Told beforehand, as a warning of the plan.
            (true, false) if words.contains("in doubt") => Came::Refuses(words),
            (true, false) => {
                Came::Wrong(format!("said to be done, and is not: {unlike:?}; {words}"))
            }
            (true, true) => match self.plan() {
                Ok((plan, ..)) if plan.is_empty() && words.contains("did not keep") => {
                    Came::Warns(words)
                }
                Ok((plan, ..)) if plan.is_empty() => Came::Right,
                Ok((plan, ..)) => Came::Wrong(format!(
                    "after {again} writes the plan never ends: {:?}",
                    plan.changes.iter().map(|change| &change.reason).collect::<Vec<_>>()
                )),
                Err(error) => Came::Wrong(format!("cannot be read again: {error}")),
            },
        }
    }

    fn live(&self) -> Result<(Live, ReadStats), ReadError> {
        let dialect = Dialect::profile(self.profile).unwrap();
        let options = ReadOptions { target: "matrix".to_owned() };
        let (mut live, stats) = block_on(read(&self.server, &dialect, &options))?;
        live.memory = recorded(self.journal.0.borrow().iter().map(String::as_str));
        Ok((live, stats))
    }

    fn desired(&self) -> Desired {
        let text = |name: &str, text: &str| SourceText {
            name: name.into(),
            bytes: text.as_bytes().to_vec(),
        };
        let files = [text("organization.yaml", &self.organization.yaml())];
        match parse(&text("muster.yaml", PROJECT), &files, 1) {
            Ok((desired, _)) => desired,
            Err(problems) => panic!("the story has problems: {:#?}", problems.sorted()),
        }
    }

    fn plan(&self) -> Result<(Plan, Desired, Live, Dialect), ReadError> {
        let desired = self.desired();
        let (live, stats) = self.live()?;
        Ok((plan(&desired, &live, now()), desired, live, stats.dialect))
    }

    /// What was said, whether everything was done, and whether a loss stopped it. An error is a
    /// refusal to begin.
    fn turn(&self) -> Result<(String, bool, bool), String> {
        let (plan, desired, live, dialect) = self.plan().map_err(|error| error.to_string())?;
        let (law, nothing) = ("law".to_owned(), vec![]);
        let verdict =
            judge(&plan, &desired, vec![(law.clone(), nothing)], &Regime::expecting(&["law"]))
                .unwrap();
        let approved = approve(plan, verdict).map_err(|refusal| {
            let denials = refusal.verdict.denials().map(|(_, finding)| said(finding));
            denials.collect::<Vec<_>>().join("; ")
        })?;
        let outcome = self.carry_out((&approved, &live), dialect);
        let receipts = outcome.receipts.iter().filter_map(|(step, receipt)| {
            let cause = match receipt {
                Receipt::Failed { cause }
                | Receipt::Stale { cause }
                | Receipt::Damaged { cause }
                | Receipt::Differs { cause, .. } => cause,
                Receipt::Skipped { cause, .. } => cause,
                _ => return None,
            };
            Some(format!("{} {}: {cause}", step.op.verb(), step.op.address()))
        });
        let findings = approved.plan().findings.iter().map(said);
        let words = receipts.chain(findings).collect::<Vec<_>>().join("\n  ");
        let is_stopped = outcome.halted.is_some()
            && outcome.receipts.iter().any(|(_, one)| matches!(one, Receipt::Damaged { .. }));
        Ok((words, outcome.is_complete(), is_stopped))
    }

    fn carry_out(&self, (approved, live): (&Approved, &Live), dialect: Dialect) -> Outcome {
        let writer = ScimWriter::new(&self.server, dialect);
        let stop = AtomicBool::new(false);
        let options = RunOptions { concurrency: 4, stop: &stop };
        let known = Known::of(approved.plan(), live);
        block_on(run(schedule(approved), known, &writer, &self.journal, options))
    }
}

fn said(finding: &Finding) -> String {
    format!("{} ({})", finding.message, finding.remedy)
}
