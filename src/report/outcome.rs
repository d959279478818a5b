//! What became of a plan, as text.

use std::collections::BTreeMap;

use super::escape::plain;
use super::json::Requests;
use super::style::{Style, Tone};
use crate::apply::{Outcome, Receipt};

/// Every step that is not simply done, then the closing count lines.
#[must_use]
pub fn outcome(outcome: &Outcome, requests: Requests, style: Style) -> String {
    let mut out = String::new();
    let mut counts: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (step, receipt) in &outcome.receipts {
        let (rank, word, tone, cause) = told(receipt);
        *counts.entry((rank, word)).or_default() += 1;
        if let Some(cause) = cause {
            let what = format!("{} {}", step.op.verb(), step.op.address());
            let word = style.paint(tone, word);
            out.push_str(&format!("{word} {}\n    {}\n", plain(&what), plain(&cause)));
        }
    }
    if let Some(why) = &outcome.halted {
        let mark = style.paint(Tone::Deny, "All writing stopped:");
        out.push_str(&format!("{mark} {}\n", plain(why)));
    }
    let (mark, tone) = if outcome.is_complete() {
        ("Applied:", Tone::Good)
    } else if outcome.only_waits() {
        ("Applied as far as it can be:", Tone::Warn)
    } else {
        ("Applied in part:", Tone::Deny)
    };
    let counts: Vec<String> =
        counts.into_iter().map(|((_, word), count)| format!("{count} {word}")).collect();
    let steps = if counts.is_empty() { "nothing to do".to_owned() } else { counts.join(", ") };
    out.push_str(&format!("{} {steps}.\n", style.paint(tone, mark)));
    let asked = format!("{} reads and {} writes made.\n", requests.reads, requests.writes);
    out.push_str(&style.paint(Tone::Faint, &asked));
    if !outcome.only_waits() {
        out.push_str("What is left will be planned anew: run `muster plan` and look at it.\n");
    }
    out
}

/// A receipt's place in the count line, its word and tone, and its cause where there is one.
fn told(receipt: &Receipt) -> (usize, &'static str, Tone, Option<String>) {
    match receipt {
        Receipt::Done { .. } => (0, "done", Tone::Good, None),
        Receipt::Differs { cause, .. } => {
            (1, "done with a warning", Tone::Warn, Some(cause.clone()))
        }
        Receipt::AlreadySo { .. } => (1, "already so", Tone::Good, None),
        Receipt::Stale { cause } => (2, "stale", Tone::Warn, Some(cause.clone())),
        Receipt::Waiting { cause } => (2, "waiting", Tone::Warn, Some(cause.clone())),
        Receipt::Failed { cause } => (3, "failed", Tone::Deny, Some(cause.clone())),
        Receipt::Damaged { cause } => (4, "damaged", Tone::Deny, Some(cause.clone())),
        Receipt::Skipped { because, cause } => {
            (4, "skipped", Tone::Warn, Some(format!("because of `{because}`: {cause}")))
        }
        Receipt::Pending => {
            let cause = "the run was stopped before it was tried".to_owned();
            (5, "pending", Tone::Warn, Some(cause))
        }
    }
}
