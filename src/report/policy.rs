//! The rules themselves, for people and programs: `muster policy list` and `explain`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::version::FORMAT_VERSION;
use super::{Style, Tone, plain};
use crate::guard::rego::{PolicyFile, Rule, Scope};
use crate::guard::{Regime, builtin};
use crate::plan::Level;

const fn word(level: Level) -> &'static str {
    match level {
        Level::Deny => "deny",
        Level::Warn => "warn",
    }
}

const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Change => "change",
        Scope::Plan => "plan",
    }
}

fn tone(level: Level) -> Tone {
    if level == Level::Deny { Tone::Deny } else { Tone::Warn }
}

/// One rule a line, those that are turned off with why, and how many there are.
#[must_use]
pub fn list(rules: &[Rule], regime: &Regime, style: Style) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default().max(4);
    let head = format!("{:width$}  SAYS  SCOPE   WHAT", "RULE");
    let mut out = format!("{}\n", style.paint(Tone::Bold, &head));
    for rule in rules {
        let said = match regime.off.contains_key(&rule.id) {
            true => style.paint(Tone::Faint, "off "),
            false => style.paint(tone(regime.severity(rule)), word(regime.severity(rule))),
        };
        let own = if builtin::is_built_in(&rule.file) { "" } else { " (own)" };
        let title = plain(&rule.title);
        let _ = writeln!(out, "{:width$}  {said}  {:6}  {title}{own}", rule.id, scope(rule.scope));
    }
    let off = regime.off.len();
    let _ = write!(out, "\n{} rules", rules.len());
    let _ = writeln!(out, "{}", if off > 0 { format!(", {off} turned off:") } else { ".".into() });
    for (id, (reason, source)) in &regime.off {
        let _ = writeln!(out, "  {id}: {}\n    --> {}", plain(reason), plain(&source.to_string()));
    }
    out
}

/// The same as one line of JSON.
#[must_use]
pub fn list_json(rules: &[Rule], regime: &Regime) -> Value {
    let rules: Vec<Value> = rules.iter().map(|rule| brief(rule, regime)).collect();
    json!({ "formatVersion": FORMAT_VERSION, "rules": rules })
}

fn brief(rule: &Rule, regime: &Regime) -> Value {
    let off = regime.off.get(&rule.id);
    json!({
        "id": rule.id,
        "title": rule.title,
        "severity": regime.severity(rule),
        "scope": scope(rule.scope),
        "builtIn": builtin::is_built_in(&rule.file),
        "off": off.map(|(reason, source)| json!({ "reason": reason, "source": source })),
    })
}

/// All that a rule says of itself, what this project says to it, and the text of `files`.
#[must_use]
pub fn explain(rule: &Rule, regime: &Regime, files: &[&PolicyFile], style: Style) -> String {
    let title = format!("{}: {}", rule.id, plain(&rule.title));
    let mut out = format!("{}\n\n", style.paint(Tone::Bold, &title));
    let _ = writeln!(out, "  {}\n", wrapped(&rule.description, "  "));
    let mut say = |name: &str, what: &str| {
        let _ = writeln!(out, "  {name:10}  {}", wrapped(what, "              "));
    };
    let here = regime.severity(rule);
    match (here, rule.severity) {
        (here, own) if here == own => say("says", word(own)),
        (here, own) => {
            say("says", &format!("{} in this project; {} of itself", word(here), word(own)))
        }
    }
    if let Some((reason, source)) = regime.off.get(&rule.id) {
        say("turned off", &format!("{reason} ({source})"));
    }
    say(
        "scope",
        match rule.scope {
            Scope::Change => "change: each change by itself",
            Scope::Plan => "plan: all at once",
        },
    );
    let kinds: Vec<&str> = rule.kinds.iter().map(|kind| kind.as_str()).collect();
    let kinds = if kinds.is_empty() { "protected".to_owned() } else { kinds.join(", ") };
    say("kinds", &format!("{kinds} (of the changes, at `check`)"));
    say("waivers", if rule.waivable { "may let its findings through" } else { "there are none" });
    for (name, default) in &rule.parameters {
        let value = value(rule, regime, name).unwrap_or(default);
        let told = if value == default { String::new() } else { format!("; default {default}") };
        say("parameter", &format!("{name}: {value}{told}"));
    }
    say("remedy", &rule.remedy);
    if !rule.practice.is_empty() {
        say("practice", &rule.practice);
    }
    say("written in", &format!("{}:{}", rule.file, rule.line));
    for file in files {
        let _ = writeln!(out, "\n{}", style.paint(Tone::Faint, &plain(&file.path)));
        for line in file.text.lines() {
            let _ = writeln!(out, "{}", plain(&line.replace('\t', "    ")));
        }
    }
    out
}

fn value<'a>(rule: &Rule, regime: &'a Regime, name: &str) -> Option<&'a Value> {
    regime.settings.get(&rule.id)?.get(name)
}

/// The same as one line of JSON; `source` holds the text of `files` by their names.
#[must_use]
pub fn explain_json(rule: &Rule, regime: &Regime, files: &[&PolicyFile]) -> Value {
    let parameter = |(name, default): (&String, &Value)| {
        let value = value(rule, regime, name).unwrap_or(default);
        (name.clone(), json!({ "default": default, "value": value }))
    };
    let parameters: serde_json::Map<String, Value> =
        rule.parameters.iter().map(parameter).collect();
    let texts: serde_json::Map<String, Value> =
        files.iter().map(|file| (file.path.clone(), file.text.as_str().into())).collect();
    let mut whole = brief(rule, regime);
    let more = json!({
        "formatVersion": FORMAT_VERSION,
        "description": rule.description,
        "ownSeverity": rule.severity,
        "kinds": rule.kinds,
        "waivable": rule.waivable,
        "parameters": parameters,
        "remedy": rule.remedy,
        "practice": rule.practice,
        "file": rule.file,
        "line": rule.line,
        "source": if files.is_empty() { Value::Null } else { texts.into() },
    });
    if let (Value::Object(whole), Value::Object(more)) = (&mut whole, more) {
        whole.extend(more);
    }
    whole
}

/// Text made safe, broken at words into lines of at most 90 characters, all but the first
/// indented.
fn wrapped(text: &str, indent: &str) -> String {
    let (mut out, mut width) = (String::new(), indent.len());
    for word in text.split_whitespace().map(plain) {
        let length = word.chars().count();
        if width + length >= 90 && !out.is_empty() {
            let _ = write!(out, "\n{indent}");
            width = indent.len();
        } else if !out.is_empty() {
            out.push(' ');
            width += 1;
        }
        width += length;
        out.push_str(&word);
    }
    out
}
