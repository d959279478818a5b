//! One turn of the pipeline, from files and a twin to an outcome.

use std::sync::atomic::AtomicBool;

use futures::executor::block_on;
use muster::apply::{Known, NoJournal, RunOptions, run, schedule};
use muster::config::Desired;
use muster::guard::{Regime, Verdict, approve, judge};
use muster::live::Live;
use muster::plan::{Plan, plan};
use muster::provider::greenlake::{Asked, Found, GreenlakeWriter, read};
use muster::provider::scim::Dialect;
use serde_json::Value;

use super::memory::{Twin, now, platform};

/// The principals that muster itself is, as its tokens say.
fn own(twin: &Twin) -> Vec<String> {
    let state = twin.export();
    let id = |name: &str| {
        let users = state["users"].as_array().unwrap().iter();
        let mut users = users.filter(|user| user["userName"] == name);
        users.next().map(|user| user["id"].as_str().unwrap().to_owned())
    };
    let clients = state["clients"].as_array().unwrap().iter();
    let principals = clients.map(|client| client["principal"].as_str().unwrap());
    principals
        .map(|principal| match principal.strip_prefix("user:").and_then(id) {
            Some(id) => format!("user:{id}"),
            None => principal.to_owned(),
        })
        .collect()
}

/// Reads the twin and plans.
pub(crate) fn planned(desired: &Desired, twin: &Twin) -> (Plan, Found, Live) {
    let ways = twin.ways();
    let platform = platform(&ways);
    let dialect = Dialect::profile("greenlake").unwrap();
    let snapshot = block_on(read(&platform, &dialect)).unwrap();
    let asked = Asked { desired, target: "twin", own: own(twin), more: Vec::new() };
    let settled = block_on(snapshot.settle(&platform, asked)).unwrap();
    let mut plan = plan(desired, &settled.live, now());
    plan.findings.extend(settled.findings);
    plan.findings.sort();
    (plan, settled.found, settled.live)
}

/// The verdict, with one policy that finds nothing: the rest of the guard is what laws are about.
pub(crate) fn verdict(plan: &Plan, desired: &Desired) -> Verdict {
    judge(plan, desired, vec![("law".to_owned(), vec![])], &Regime::expecting(&["law"])).unwrap()
}

/// Plans and applies; the plan, if the guard let it through.
pub(crate) fn apply(desired: &Desired, twin: &Twin) -> Option<Plan> {
    let (plan, found, live) = planned(desired, twin);
    let verdict = verdict(&plan, desired);
    let approved = approve(plan, verdict).ok()?;
    let ways = twin.ways();
    let ids = approved.plan().ids.clone();
    let writer = GreenlakeWriter::new(platform(&ways), &found, ids);
    let stop = AtomicBool::new(false);
    let options = RunOptions { concurrency: 4, stop: &stop };
    let known = Known::of(approved.plan(), &live);
    let outcome = block_on(run(schedule(&approved), known, &writer, &NoJournal, options));
    assert!(outcome.is_complete(), "{:#?}", outcome.receipts);
    Some(approved.plan().clone())
}

/// A list of the twin's export.
pub(crate) fn rows<'a>(state: &'a Value, name: &str) -> &'a [Value] {
    state[name].as_array().unwrap()
}

/// A text of a row.
pub(crate) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}
