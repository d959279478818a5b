//! `limits`: the brakes.

use std::collections::BTreeMap;

use crate::config::decode::{Mapping, found, text};
use crate::config::node::{Core, Node, Tag};
use crate::config::sink::Sink;
use crate::config::words::Excerpt;
use crate::config::{Brake, KindLimits, Limits};
use crate::kind::KindName;

/// How many of a kind one plan may remove, unless written.
pub(in crate::config) const DEFAULT_REMOVE: Brake = Brake { percent: Some(10), count: Some(50) };
/// How many of a kind one plan may update, unless written.
pub(in crate::config) const DEFAULT_UPDATE: Brake = Brake { percent: Some(30), count: None };

/// Reads the section; the defaults where nothing is written.
pub(super) fn read(node: Option<Node<'_>>, sink: &mut Sink) -> Limits {
    let default = KindLimits { remove: DEFAULT_REMOVE, update: DEFAULT_UPDATE };
    let mut limits: BTreeMap<KindName, KindLimits> =
        KindName::ALL.iter().map(|kind| (*kind, default)).collect();
    let known: Vec<&str> = KindName::ALL.iter().map(|kind| kind.plural()).collect();
    let Some(mapping) = node.and_then(|node| Mapping::of(node, "limits", &known, sink)) else {
        return Limits(limits);
    };
    for (kind, limit) in &mut limits {
        let Some(node) = mapping.get(kind.plural()) else { continue };
        let Some(mapping) = Mapping::of(node, kind.plural(), &["remove", "update"], sink) else {
            continue;
        };
        if let Some(brake) = mapping.get("remove").and_then(|node| brake(node, "remove", sink)) {
            limit.remove = brake;
        }
        if let Some(brake) = mapping.get("update").and_then(|node| brake(node, "update", sink)) {
            limit.update = brake;
        }
    }
    Limits(limits)
}

fn brake(node: Node<'_>, name: &str, sink: &mut Sink) -> Option<Brake> {
    let is_number = node.tag() == Tag::Plain && node.core() == Core::Integer;
    let is_scalar = matches!(node.tag(), Tag::Plain | Tag::Quoted);
    let written = if is_number || !is_scalar { node.text() } else { text(node, name, sink)? };
    let brake = read_brake(written);
    if brake.is_none() && node.tag() != Tag::Refused {
        let shown = if is_scalar { written } else { found(node) };
        sink.error(
            node.place(),
            "bad-limit",
            [
                format_args!("`{name}` is not a limit: `{}`", Excerpt(shown)),
                format_args!("a limit that cannot be read must not mean `no limit`"),
                format_args!("write `\"10%\"`, `\"50\"` or `\"10% or 50\"` (whichever is smaller)"),
            ],
        );
    }
    brake
}

fn read_brake(written: &str) -> Option<Brake> {
    let digits = |text: &str| {
        let is_decimal = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        is_decimal.then(|| text.parse::<u64>().ok())?
    };
    let percent = |text: &str| {
        let share = digits(text.trim().strip_suffix('%')?.trim_end())?;
        u32::try_from(share).ok().filter(|share| *share <= 100)
    };
    if let Some((share, count)) = written.split_once(" or ") {
        return Some(Brake { percent: Some(percent(share)?), count: Some(digits(count.trim())?) });
    }
    if let Some(share) = percent(written) {
        return Some(Brake { percent: Some(share), count: None });
    }
    Some(Brake { percent: None, count: Some(digits(written.trim())?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brakes_are_read_as_written() {
        let brake = |percent, count| Some(Brake { percent, count });
        assert_eq!(read_brake("10%"), brake(Some(10), None));
        assert_eq!(read_brake("50"), brake(None, Some(50)));
        assert_eq!(read_brake("10% or 50"), brake(Some(10), Some(50)));
        for written in ["", "%", "101%", "-1", "10% and 50", "ten", "50 or 10%", "1e3", "0x10"] {
            assert_eq!(read_brake(written), None, "{written}");
        }
    }
}
