//! What became of a plan, as text.

use super::escape::plain;
use super::json::Requests;
use super::style::{Style, Tone};
use crate::apply::{Outcome, Receipt};

/// Every step that is not simply done, then the closing count lines.
#[must_use]
pub fn outcome(outcome: &Outcome, requests: Requests, style: Style) -> String {
    let mut out = String::new();
    let (mut done, mut already, mut stale, mut failed, mut skipped, mut pending) =
        (0, 0, 0, 0, 0, 0);
    for (step, receipt) in &outcome.receipts {
        let (word, tone, cause) = match receipt {
            Receipt::Done { .. } => {
                done += 1;
                continue;
            }
            Receipt::AlreadySo { .. } => {
                already += 1;
                continue;
            }
            Receipt::Stale { cause } => {
                stale += 1;
                ("stale", Tone::Warn, cause.clone())
            }
            Receipt::Failed { cause } => {
                failed += 1;
                ("failed", Tone::Deny, cause.clone())
            }
            Receipt::Skipped { because, cause } => {
                skipped += 1;
                ("skipped", Tone::Warn, format!("because of `{because}`: {cause}"))
            }
            Receipt::Pending => {
                pending += 1;
                ("pending", Tone::Warn, "the run was stopped before it was tried".to_owned())
            }
        };
        let what = format!("{} {}", step.op.verb(), step.op.address());
        out.push_str(&format!(
            "{} {}\n    {}\n",
            style.paint(tone, word),
            plain(&what),
            plain(&cause)
        ));
    }
    if let Some(why) = &outcome.halted {
        out.push_str(&format!(
            "{} {}\n",
            style.paint(Tone::Deny, "All writing stopped:"),
            plain(why)
        ));
    }
    let (mark, tone) = if outcome.is_complete() {
        ("Applied:", Tone::Good)
    } else {
        ("Applied in part:", Tone::Deny)
    };
    let mut counts = vec![format!("{done} steps done")];
    for (count, word) in [
        (already, "already so"),
        (stale, "stale"),
        (failed, "failed"),
        (skipped, "skipped"),
        (pending, "pending"),
    ] {
        if count > 0 {
            counts.push(format!("{count} {word}"));
        }
    }
    out.push_str(&format!("{} {}.\n", style.paint(tone, mark), counts.join(", ")));
    let asked = format!("{} reads and {} writes made.\n", requests.reads, requests.writes);
    out.push_str(&style.paint(Tone::Faint, &asked));
    if !outcome.is_complete() {
        out.push_str("What is left will be planned anew: run `muster plan` and look at it.\n");
    }
    out
}
