//! Plans and outcomes as JSON: published types of their own, with a version.

use serde::Serialize;
use serde_json::Value;

pub use super::version::FORMAT_VERSION;
use super::why::holding;

use crate::apply::{Outcome, Receipt};
use crate::guard::{RuleRun, TurnedOff, Verdict, Waived};
use crate::kind::{Address, FieldName, Fields, Source};
use crate::plan::{Action, Change, Finding, Plan, Waiting};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PlanJson<'a> {
    format_version: &'static str,
    organization: &'a str,
    target: &'a str,
    summary: SummaryJson,
    access: AccessJson,
    changes: Vec<ChangeJson<'a>>,
    unmanaged: Vec<UnmanagedJson<'a>>,
    waiting: &'a [Waiting],
    held: &'a [Waiting],
    verdict: VerdictJson<'a>,
    cost: CostJson,
    requests_made: u64,
}

#[derive(Serialize)]
struct SummaryJson {
    create: u64,
    update: u64,
    delete: u64,
}

/// Who gains and who loses what.
#[derive(Serialize)]
struct AccessJson {
    gained: Vec<Value>,
    lost: Vec<Value>,
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    address: &'a Address,
    kind: &'static str,
    action: Action,
    before: &'a Option<Fields>,
    after: &'a Option<Fields>,
    fields: &'a [FieldName],
    reason: &'a str,
    source: &'a Option<Source>,
}

#[derive(Serialize)]
struct UnmanagedJson<'a> {
    address: &'a Address,
    why: &'a str,
}

#[derive(Serialize)]
struct VerdictJson<'a> {
    rules: &'a [RuleRun],
    findings: Vec<&'a Finding>,
    waived: &'a [Waived],
    off: &'a [TurnedOff],
}

#[derive(Serialize)]
struct CostJson {
    requests: u64,
    seconds: f64,
}

#[derive(Serialize)]
struct ReceiptJson<'a> {
    step: usize,
    verb: &'static str,
    address: &'a Address,
    covers: &'a [Address],
    #[serde(flatten)]
    receipt: &'a Receipt,
}

/// What an apply asked of the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// Requests that only read.
    pub reads: u64,
    /// Requests that write.
    pub writes: u64,
}

/// One change as it is published.
#[must_use]
pub fn change(change: &Change) -> Value {
    to_value(&change_json(change))
}

fn change_json(change: &Change) -> ChangeJson<'_> {
    ChangeJson {
        address: &change.address,
        kind: change.kind().as_str(),
        action: change.action,
        before: &change.before,
        after: &change.after,
        fields: &change.fields,
        reason: &change.reason,
        source: &change.source,
    }
}

/// The plan and its verdict as one line of JSON.
#[must_use]
pub fn plan(plan: &Plan, verdict: &Verdict, requests_made: u64) -> Value {
    let summary = plan.summary();
    to_value(&PlanJson {
        format_version: FORMAT_VERSION,
        organization: &plan.organization,
        target: &plan.target,
        summary: SummaryJson {
            create: summary.create,
            update: summary.update,
            delete: summary.delete,
        },
        access: AccessJson {
            gained: plan.access.gained.iter().map(holding).collect(),
            lost: plan.access.lost.iter().map(holding).collect(),
        },
        changes: plan.changes.iter().map(change_json).collect(),
        unmanaged: plan
            .unmanaged
            .iter()
            .map(|one| UnmanagedJson { address: &one.address, why: &one.why })
            .collect(),
        waiting: &plan.waiting,
        held: &plan.held,
        verdict: verdict_json(verdict),
        cost: CostJson { requests: plan.cost.requests, seconds: plan.cost.seconds },
        requests_made,
    })
}

/// A verdict as it is published.
#[must_use]
pub fn verdict(verdict: &Verdict) -> Value {
    to_value(&verdict_json(verdict))
}

fn verdict_json(verdict: &Verdict) -> VerdictJson<'_> {
    VerdictJson {
        rules: verdict.rules(),
        findings: verdict.findings().collect(),
        waived: verdict.waived(),
        off: verdict.off(),
    }
}

/// What was applied: the plan, and in place of `requestsMade` what was asked of the target in
/// all, with a receipt for every step.
#[must_use]
pub fn outcome(
    plan_json: Value,
    outcome: &Outcome,
    requests: Requests,
    journal_head: &str,
) -> Value {
    let mut json = plan_json;
    let receipts: Vec<Value> = outcome
        .receipts
        .iter()
        .map(|(step, receipt)| {
            to_value(&ReceiptJson {
                step: step.id,
                verb: step.op.verb(),
                address: step.op.address(),
                covers: &step.covers,
                receipt,
            })
        })
        .collect();
    if let Value::Object(map) = &mut json {
        map.insert("requestsMade".to_owned(), to_value(&requests));
        map.insert("complete".to_owned(), Value::Bool(outcome.is_complete()));
        map.insert("halted".to_owned(), to_value(&outcome.halted));
        map.insert("receipts".to_owned(), Value::Array(receipts));
        map.insert("journalHead".to_owned(), Value::from(journal_head));
    }
    json
}

/// A part of a plan, or what became of it, with the whole plan under `whole`: one document.
#[must_use]
pub fn part_of(part: Value, whole: &Value) -> Value {
    let mut json = part;
    if let Value::Object(map) = &mut json {
        map.insert("whole".to_owned(), whole.clone());
    }
    json
}

/// Serialises what cannot fail to serialise: string keys, finite numbers.
fn to_value(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
