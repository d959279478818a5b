//! A plan and its verdict as Markdown, for the comment under a pull request: who gains and who
//! loses what, what the guard says, and only then which objects change.

use super::access::{NAMED, grouped};
use super::findings::bounded;
use super::plain;
use crate::guard::Verdict;
use crate::plan::{Action, Change, Level, Plan};

/// The plan as Markdown.
#[must_use]
pub fn plan(plan: &Plan, verdict: &Verdict) -> String {
    let summary = plan.summary();
    let mut out = format!(
        "## {} on {}\n\n**{}** {} to create, {} to update, {} to delete.\n",
        cell(&plan.organization),
        cell(&plan.target),
        if verdict.passes() { "Plan:" } else { "Refused:" },
        summary.create,
        summary.update,
        summary.delete
    );
    access(plan, &mut out);
    findings(verdict, &mut out);
    changes(plan, &mut out);
    out
}

fn access(plan: &Plan, out: &mut String) {
    if plan.access.is_empty() {
        return;
    }
    out.push_str("\n### Who gains and who loses what\n\n");
    out.push_str("| | role | until | who | asked |\n|---|---|---|---|---|\n");
    for (together, people) in grouped(&plan.access) {
        let names = &people.names;
        let mut who: Vec<String> = names.iter().take(NAMED).map(|name| cell(name)).collect();
        if names.len() > NAMED {
            who.push(format!("and {} more", names.len() - NAMED));
        }
        let privileged = if together.is_privileged() { " **privileged**" } else { "" };
        out.push_str(&format!(
            "| {} | {}{privileged} | {} | {} | {} |\n",
            together.sign(),
            cell(&together.what),
            cell(&together.until),
            who.join(", "),
            cell(&people.asked(&together))
        ));
    }
}

fn findings(verdict: &Verdict, out: &mut String) {
    let (shown, rest) = bounded(verdict.findings());
    if !shown.is_empty() {
        out.push_str("\n### What the guard says\n\n");
    }
    let word = |level| match level {
        Level::Deny => "**deny**",
        Level::Warn => "warn",
    };
    for finding in shown {
        let source = finding.source.as_ref().map(|source| format!(" ({source})"));
        out.push_str(&format!(
            "- {} `{}`: {}{}\n",
            word(finding.level),
            plain(&finding.id),
            cell(&finding.message),
            cell(&source.unwrap_or_default())
        ));
    }
    for rest in rest {
        let (about, words) = (rest.about(cell), rest.words());
        let (word, id) = (word(rest.level), plain(rest.id));
        out.push_str(&format!("- {word} `{id}`: {words}, about {about}\n"));
    }
    for waived in verdict.waived() {
        out.push_str(&format!(
            "- waived `{}` until {}, approved by {}: {}\n",
            plain(&waived.rule),
            crate::kind::written(waived.until),
            cell(&waived.approved_by),
            cell(&waived.reason)
        ));
    }
    for off in verdict.off() {
        out.push_str(&format!("- off `{}`: {}\n", plain(&off.rule), cell(&off.reason)));
    }
}

fn changes(plan: &Plan, out: &mut String) {
    if plan.is_empty() {
        out.push_str(if plan.held.is_empty() {
            "\nNo changes. What is declared is live.\n"
        } else {
            "\nNo changes now. What is held back is planned again by the next run.\n"
        });
        return;
    }
    out.push_str("\n<details><summary>Objects that change</summary>\n\n```diff\n");
    for change in &plan.changes {
        out.push_str(&format!("{} {}\n", sign(change), plain(&change.address.to_string())));
    }
    out.push_str("```\n\n</details>\n");
    for waiting in &plan.waiting {
        out.push_str(&format!("\nWaiting: {}\n", cell(&waiting.address.to_string())));
    }
}

const fn sign(change: &Change) -> &'static str {
    match change.action {
        Action::Create => "+",
        Action::Update => "!",
        Action::Delete => "-",
    }
}

/// Stands where two letters together would mean something; it has no width.
const GAP: &str = "&#8203;";

/// Text from elsewhere that ends no cell, begins no markup, is no link and mentions nobody.
///
/// An entity for the sign itself is not enough: GitHub looks for mentions and addresses after it
/// has decoded entities.
fn cell(text: &str) -> String {
    let text = text.lines().map(plain).collect::<Vec<_>>().join(" ");
    // A sign without its partner would make code of what follows it.
    let has_odd_ticks = text.matches('`').count() % 2 == 1 || text.contains("``");
    let mut safe = String::with_capacity(text.len());
    let mut last = None;
    for (at, letter) in text.char_indices() {
        let rest = text.get(at + letter.len_utf8()..).unwrap_or_default();
        let before = text.get(..at).unwrap_or_default();
        let is_digit = rest.starts_with(|next: char| next.is_ascii_digit());
        match letter {
            // An entity would be decoded, to a mention even.
            '&' => safe.push_str("&amp;"),
            '`' if has_odd_ticks => safe.push_str("\\`"),
            '|' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '\\' | '!' | '~' => {
                safe.push('\\');
                safe.push(letter);
                if letter == '#' && is_digit {
                    safe.push_str(GAP);
                }
            }
            // An `@` after a word is an address; one at a word's beginning would call somebody.
            '@' if last.is_none_or(|last: char| !last.is_alphanumeric()) => {
                safe.push('@');
                safe.push_str(GAP);
            }
            ':' if rest.starts_with("//") => {
                safe.push(':');
                safe.push_str(GAP);
            }
            '.' if ends_with_www(before) => {
                safe.push_str(GAP);
                safe.push('.');
            }
            letter => safe.push(letter),
        }
        last = Some(letter);
    }
    safe
}

fn ends_with_www(text: &str) -> bool {
    let start = text.len().checked_sub(3).and_then(|start| text.get(start..));
    start.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_is_a_link_or_a_mention() {
        for (text, shown) in [
            ("ada@example.com", "ada@example.com"),
            ("@acme/owners, @ada", "@&#8203;acme/owners, @&#8203;ada"),
            ("see https://evil.example/x", "see https:&#8203;//evil.example/x"),
            ("ftp://x", "ftp:&#8203;//x"),
            ("WWW.evil.example", "WWW&#8203;.evil.example"),
            ("#12 and acme/x#3", "\\#&#8203;12 and acme/x\\#&#8203;3"),
            ("a|b\n<img>[x](y)", "a\\|b \\<img\\>\\[x\\](y)"),
            ("&#64;ada &lt;b&gt;", "&amp;\\#&#8203;64;ada &amp;lt;b&amp;gt;"),
            ("~~x~~ `a` b", "\\~\\~x\\~\\~ `a` b"),
            ("a ` b", "a \\` b"),
            ("until 2027-01-31T10:00:00Z: éww.x", "until 2027-01-31T10:00:00Z: éww.x"),
        ] {
            assert_eq!(cell(text), shown);
        }
    }
}
