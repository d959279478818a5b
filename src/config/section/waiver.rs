//! `waivers`: reviewed, dated, counted exceptions.

use crate::config::Waiver;
use crate::config::decode::{Mapping, list, number, text};
use crate::config::node::Node;
use crate::config::patterns::check_glob;
use crate::config::sink::Sink;
use crate::config::when::{Edge, instant};
use crate::config::words::Excerpt;

/// The keys of a waiver.
pub(in crate::config) const KEYS: &[&str] =
    &["rule", "for", "until", "reason", "approvedBy", "atMost"];

/// Reads the section.
pub(super) fn read(section: Node<'_>, out: &mut Vec<Waiver>, sink: &mut Sink) {
    for entry in list(section, "waivers", sink).into_iter().flatten() {
        let Some(mapping) = Mapping::of(entry, "waivers", KEYS, sink) else { continue };
        out.extend(read_one(mapping, sink));
    }
}

fn read_one(mapping: Mapping<'_>, sink: &mut Sink) -> Option<Waiver> {
    let mut wanted = |key: &str, why: &str| {
        let node = mapping.required(key, why, sink)?;
        Some((node, text(node, key, sink)?))
    };
    let rule = wanted("rule", "a waiver waives one rule or limit");
    let applies_to = wanted("for", "a waiver without a bound would switch the rule off");
    let reason = wanted("reason", "whoever reads it next year must know why");
    let approved_by = wanted("approvedBy", "an exception is somebody's decision");
    let until = mapping
        .required("until", "an exception without an end is a rule", sink)
        .and_then(|node| instant(node, "until", Edge::End, sink));
    let at_most = match mapping.get("atMost") {
        Some(node) => number(node, "atMost", 1, sink).map(u64::from),
        None => Some(1),
    };
    let (node, applies_to) = applies_to?;
    let is_bounded = is_bounded(node, applies_to, sink) && check_glob(node, applies_to, sink);
    let (rule, reason, approved_by) = (rule?.1, reason?.1, approved_by?.1);
    let (until, at_most) = (until?, at_most?);
    is_bounded.then(|| Waiver {
        rule: rule.to_owned(),
        applies_to: applies_to.to_owned(),
        until,
        reason: reason.to_owned(),
        approved_by: approved_by.to_owned(),
        at_most,
        source: sink.source(mapping.place()),
    })
}

/// Whether the pattern says anything: one of stars alone waives everything.
fn is_bounded(node: Node<'_>, pattern: &str, sink: &mut Sink) -> bool {
    let says_something = pattern.chars().any(|c| !matches!(c, '*' | '?' | '/' | '{' | '}' | ','));
    if !says_something {
        sink.error(
            node.place(),
            "unbounded-waiver",
            [
                format_args!("`for: {}` waives the rule for everything", Excerpt(pattern)),
                format_args!("then the rule may as well not exist"),
                format_args!("name an address, such as `user/bot@example.com`"),
            ],
        );
    }
    says_something
}
