//! One change as text, in the manner of `terraform plan`.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::escape::plain;
use super::style::{Style, Tone};
use crate::kind::{FieldName, Fields};
use crate::plan::{Action, Change};

/// One change: its reason and source, its address with the sign of its action, its fields.
#[must_use]
pub(super) fn change(change: &Change, style: Style) -> String {
    let (sign, tone) = match change.action {
        Action::Create => ("+", Tone::Create),
        Action::Update => ("~", Tone::Update),
        Action::Delete => ("-", Tone::Delete),
    };
    let source = change.source.as_ref().map_or_else(String::new, |source| format!(" ({source})"));
    let why = format!("  # {}{}", plain(&change.reason), plain(&source));
    let mut lines = vec![style.paint(Tone::Faint, &why)];
    lines.push(format!("  {} {}", style.paint(tone, sign), plain(&change.address.to_string())));
    let empty = Fields::new();
    let before = change.before.as_ref().unwrap_or(&empty);
    let after = change.after.as_ref().unwrap_or(&empty);
    for name in &change.fields {
        lines.extend(field(name, before.get(name), after.get(name), style));
    }
    if change.kind().spec().is_link() {
        lines.extend(grant(after, style));
    }
    lines.join("\n")
}

/// The terms of a grant: until when, and why.
fn grant(after: &Fields, style: Style) -> Vec<String> {
    ["from", "until", "reason"]
        .iter()
        .filter_map(|name| Some((name, after.get(*name)?)))
        .map(|(name, value)| {
            format!("      {} {name}: {}", style.paint(Tone::Create, "+"), scalar(value))
        })
        .collect()
}

fn field(
    name: &FieldName,
    before: Option<&Value>,
    after: Option<&Value>,
    style: Style,
) -> Vec<String> {
    let name = plain(name.as_str());
    match (before, after) {
        (None, Some(after)) if is_scalar(after) => {
            vec![format!("      {} {name}: {}", style.paint(Tone::Create, "+"), scalar(after))]
        }
        (Some(before), Some(after)) if is_scalar(before) && is_scalar(after) => vec![format!(
            "      {} {name}: {} -> {}",
            style.paint(Tone::Update, "~"),
            scalar(before),
            scalar(after)
        )],
        (before, after) => {
            let sign = if before.is_some() { ("~", Tone::Update) } else { ("+", Tone::Create) };
            let mut lines = vec![format!("      {} {name}:", style.paint(sign.1, sign.0))];
            lines.extend(drawn(&pretty(before), &pretty(after), style));
            lines
        }
    }
}

/// The lines that go and the lines that come, drawn side by side in one column.
fn drawn(before: &str, after: &str, style: Style) -> Vec<String> {
    TextDiff::from_lines(before, after)
        .iter_all_changes()
        .map(|line| {
            let text = plain(line.value().trim_end_matches('\n'));
            match line.tag() {
                ChangeTag::Equal => format!("            {text}"),
                ChangeTag::Insert => format!("          {} {text}", style.paint(Tone::Create, "+")),
                ChangeTag::Delete => format!("          {} {text}", style.paint(Tone::Delete, "-")),
            }
        })
        .collect()
}

const fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

fn scalar(value: &Value) -> String {
    plain(&value.to_string())
}

/// A value as the lines of a small outline: `key: value`, one a line; lists as `- key: value`.
fn pretty(value: Option<&Value>) -> String {
    let mut out = String::new();
    if let Some(value) = value {
        outline(value, 0, &mut out);
    }
    out
}

fn outline(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                if is_scalar(value) {
                    out.push_str(&format!("{indent}{name}: {value}\n"));
                } else {
                    out.push_str(&format!("{indent}{name}:\n"));
                    outline(value, depth + 1, out);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                if let Value::Object(map) = item
                    && map.values().all(is_scalar)
                {
                    let pairs: Vec<String> =
                        map.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                    out.push_str(&format!("{indent}- {}\n", pairs.join(", ")));
                } else if is_scalar(item) {
                    out.push_str(&format!("{indent}- {item}\n"));
                } else {
                    out.push_str(&format!("{indent}-\n"));
                    outline(item, depth + 1, out);
                }
            }
        }
        scalar => out.push_str(&format!("{indent}{scalar}\n")),
    }
}
