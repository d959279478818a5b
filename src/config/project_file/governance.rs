//! `breakGlass`, `privileged`, `approvers` and `rules`: what guardrails go by.

use std::collections::BTreeMap;

use crate::config::decode::{Mapping, is_scalar, json, one_of, open_map, text, texts};
use crate::config::governance::{BreakGlass, Governance, RuleConfig, RuleSeverity};
use crate::config::node::Node;
use crate::config::sink::Sink;
use crate::config::when::{Edge, instant};
use crate::config::words::Excerpt;
use crate::kind::{Key, Roles};

/// The keys of a break-glass account.
pub(in crate::config) const BREAK_GLASS_KEYS: &[&str] = &["tested", "owner"];
/// What a rule may be lowered or raised to.
pub(in crate::config) const SEVERITIES: &[(&str, RuleSeverity)] =
    &[("deny", RuleSeverity::Deny), ("warn", RuleSeverity::Warn)];

/// Reads the four keys of the project.
pub(super) fn read(project: Mapping<'_>, roles: &Roles, sink: &mut Sink) -> Governance {
    let break_glass = project.get("breakGlass").map(|node| break_glass(node, sink));
    let privileged = super::values::globs(project, "privileged", sink).unwrap_or_default();
    let rules = project.get("rules").map(|node| rules(node, sink));
    Governance {
        break_glass: break_glass.unwrap_or_default(),
        privileged: privileged.iter().map(|role| roles.canonical(role)).collect(),
        privileged_source: project.get("privileged").map(|node| sink.source(node.place())),
        approvers: approvers(project, sink),
        rules: rules.unwrap_or_default(),
    }
}

fn approvers(project: Mapping<'_>, sink: &mut Sink) -> Vec<String> {
    let listed = project.get("approvers").and_then(|node| texts(node, "approvers", sink));
    listed.unwrap_or_default().into_iter().map(|(name, _)| name.to_owned()).collect()
}

fn break_glass(node: Node<'_>, sink: &mut Sink) -> BTreeMap<Key, BreakGlass> {
    let mut accounts: BTreeMap<Key, BreakGlass> = BTreeMap::new();
    for (key, body) in open_map(node, "breakGlass", sink).into_iter().flatten() {
        if !is_scalar(key) {
            continue;
        }
        let Some(mapping) = Mapping::of(body, key.text(), BREAK_GLASS_KEYS, sink) else { continue };
        let owner = mapping.get("owner").and_then(|node| text(node, "owner", sink));
        let tested = mapping.get("tested");
        let account = BreakGlass {
            written: key.text().to_owned(),
            tested: tested.and_then(|node| instant(node, "tested", Edge::Start, sink)),
            owner: owner.map(str::to_owned),
            source: sink.source(key.place()),
        };
        if let Some(first) = accounts.insert(Key::new(key.text()), account) {
            sink.error_also(
                key.place(),
                "repeated-key",
                [
                    format_args!("`{}` is listed twice under `breakGlass`", Excerpt(key.text())),
                    format_args!("names compare without case"),
                    format_args!("delete this entry"),
                ],
                (first.source, "first listed here"),
            );
        }
    }
    accounts
}

fn rules(node: Node<'_>, sink: &mut Sink) -> BTreeMap<String, RuleConfig> {
    let mut rules = BTreeMap::new();
    for (key, body) in open_map(node, "rules", sink).into_iter().flatten() {
        if is_scalar(key)
            && let Some(rule) = rule(key, body, sink)
        {
            rules.insert(key.text().to_owned(), rule);
        }
    }
    rules
}

fn rule(key: Node<'_>, body: Node<'_>, sink: &mut Sink) -> Option<RuleConfig> {
    let mut rule = RuleConfig {
        parameters: BTreeMap::new(),
        severity: None,
        off: None,
        source: sink.source(key.place()),
    };
    for (name, value) in open_map(body, key.text(), sink)? {
        match name.text() {
            "severity" => rule.severity = one_of(value, "severity", SEVERITIES, sink),
            "off" => rule.off = text(value, "off", sink).map(str::to_owned),
            other if is_scalar(name) => {
                if let Some(value) = json(value, other, sink) {
                    rule.parameters.insert(other.to_owned(), value);
                }
            }
            _ => {}
        }
    }
    Some(rule)
}
