//! A plan and its verdict as text, in the manner of `terraform plan`.

use std::collections::BTreeMap;

use super::access::access;
use super::change::change;
use super::escape::plain;
use super::findings::bounded;
use super::style::{Style, Tone};
use crate::guard::Verdict;
use crate::plan::{Finding, Level, Plan, Unmanaged, Waiting};

/// How many addresses a finding shows before it says how many more there are.
const SHOWN: usize = 10;

/// The plan, what the guard says of it, what it costs, and the closing count line.
#[must_use]
pub fn plan(plan: &Plan, verdict: &Verdict, requests_made: u64, style: Style) -> String {
    let mut out = String::new();
    let title = format!("{} on {}", plain(&plan.organization), plain(&plan.target));
    out.push_str(&style.paint(Tone::Bold, &title));
    out.push_str("\n\n");
    let access = access(&plan.access, style);
    if !access.is_empty() {
        out.push_str(&access);
        out.push('\n');
    }
    for one in &plan.changes {
        out.push_str(&change(one, style));
        out.push_str("\n\n");
    }
    if !plan.unmanaged.is_empty() {
        out.push_str(&unmanaged(&plan.unmanaged, style));
        out.push('\n');
    }
    for one in &plan.waiting {
        out.push_str(&waiting(one, style));
    }
    out.push_str(&self::verdict(verdict, style));
    if plan.is_empty() {
        out.push_str(match (plan.waiting.len(), plan.held.len()) {
            (0, 0) => "\nNo changes. What is declared is live.\n",
            (0, _) => "\nNo changes now. What is held back is planned again by the next run.\n",
            _ => "\nNo changes now. What waits is planned again by the next run.\n",
        });
    } else {
        let plural = if plan.cost.requests == 1 { "request" } else { "requests" };
        let cost = format!(
            "\nApplying takes about {} {plural}, {} s at the target's limits.\n",
            plan.cost.requests, plan.cost.seconds
        );
        out.push_str(&style.paint(Tone::Faint, &cost));
        let summary = plan.summary();
        out.push_str(&format!(
            "{} {} to create, {} to update, {} to delete.\n",
            style.paint(Tone::Bold, "Plan:"),
            summary.create,
            summary.update,
            summary.delete
        ));
    }
    let plural = if requests_made == 1 { "request" } else { "requests" };
    out.push_str(&style.paint(Tone::Faint, &format!("{requests_made} {plural} made.")));
    out.push('\n');
    out
}

/// What cannot be done yet, and why.
fn waiting(waiting: &Waiting, style: Style) -> String {
    let mark = style.paint(Tone::Warn, "waiting:");
    let mut out = format!("{mark} {}\n", plain(&waiting.address.to_string()));
    if let Some(source) = &waiting.source {
        out.push_str(&format!("  --> {}\n", plain(&source.to_string())));
    }
    out.push_str(&format!("  {}\n\n", lines(&waiting.why, "  ")));
    out
}

/// What is left alone, counted by reason.
fn unmanaged(all: &[Unmanaged], style: Style) -> String {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in all {
        by_reason.entry(&one.why).or_default().push(plain(&one.address.to_string()));
    }
    let mut out = style.paint(Tone::Bold, "Left alone:");
    out.push('\n');
    for (why, addresses) in by_reason {
        out.push_str(&format!("  {} {}: {}\n", addresses.len(), plain(why), some(&addresses)));
    }
    out
}

fn some(addresses: &[String]) -> String {
    let shown = addresses.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match addresses.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// What the guard says: every finding, and how many rules ran.
#[must_use]
pub fn verdict(verdict: &Verdict, style: Style) -> String {
    let mut out = String::new();
    let mut denied = 0;
    let mut warned = 0;
    for finding in verdict.findings() {
        match finding.level {
            Level::Deny => denied += 1,
            Level::Warn => warned += 1,
        }
    }
    let (shown, rest) = bounded(verdict.findings());
    for finding in shown {
        out.push_str(&self::finding(finding, style));
        out.push('\n');
    }
    for rest in rest {
        let (head, about) = (head(rest.level, rest.id, style), rest.about(plain));
        out.push_str(&format!("{head}: {}\n  about: {about}\n\n", rest.words()));
    }
    for waived in verdict.waived() {
        let addresses: Vec<String> =
            waived.addresses.iter().map(|address| plain(&address.to_string())).collect();
        out.push_str(&format!(
            "{}: {} until {}, approved by {}: {}\n  --> {}\n  about: {}\n\n",
            style.paint(Tone::Warn, &format!("waived[{}]", plain(&waived.rule))),
            addresses.len(),
            crate::kind::written(waived.until),
            plain(&waived.approved_by),
            plain(&waived.reason),
            plain(&waived.source.to_string()),
            some(&addresses)
        ));
    }
    for off in verdict.off() {
        out.push_str(&format!(
            "{}: {}\n  --> {}\n\n",
            style.paint(Tone::Warn, &format!("off[{}]", plain(&off.rule))),
            plain(&off.reason),
            plain(&off.source.to_string()),
        ));
    }
    let rules = verdict.rules().len();
    let words = match (denied, warned) {
        (0, 0) => format!("{rules} rules ran and found nothing."),
        (0, _) => format!("{rules} rules ran: {}.", warnings(warned)),
        _ => format!("{rules} rules ran: {denied} denied, {}.", warnings(warned)),
    };
    let (mark, tone) = if denied > 0 { ("Refused:", Tone::Deny) } else { ("Guarded:", Tone::Good) };
    out.push_str(&format!("{} {words}\n", style.paint(tone, mark)));
    out
}

fn warnings(count: usize) -> String {
    if count == 1 { "1 warning".to_owned() } else { format!("{count} warnings") }
}

/// One finding: what it does, its rule, what is wrong, where, and what to do.
#[must_use]
pub fn finding(finding: &Finding, style: Style) -> String {
    let head = head(finding.level, &finding.id, style);
    // A message names things, and a name may hold a line break: it is shown, not obeyed.
    let mut out = format!("{head}: {}\n", plain(finding.message.trim_end()));
    if let Some(source) = &finding.source {
        out.push_str(&format!("  --> {}\n", plain(&source.to_string())));
    }
    let is_said =
        |address: &crate::kind::Address| finding.message.contains(&format!("`{address}`"));
    if !finding.addresses.iter().take(SHOWN).all(is_said) {
        let addresses: Vec<String> =
            finding.addresses.iter().map(|address| plain(&address.to_string())).collect();
        out.push_str(&format!("  about: {}\n", some(&addresses)));
    }
    if !finding.remedy.is_empty() {
        out.push_str(&format!("  help: {}\n", lines(&finding.remedy, "        ")));
    }
    out
}

/// What a finding does, and its rule.
fn head(level: Level, id: &str, style: Style) -> String {
    let (word, tone) = match level {
        Level::Deny => ("deny", Tone::Deny),
        Level::Warn => ("warn", Tone::Warn),
    };
    style.paint(tone, &format!("{word}[{}]", plain(id)))
}

/// Text of several lines, each made safe, all but the first indented.
fn lines(text: &str, indent: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join(&format!("\n{indent}"))
}
