//! What a rule may answer: a set of findings in the one shape there is. Anything else is a
//! refusal, never zero findings.

use std::collections::BTreeSet;

use regorus::Value;

use super::lint::Entrypoint;
use super::outline::Rule;
use crate::plan::Level;

/// A finding as a rule made it, on its way out of the worker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFinding {
    /// The rule's id.
    pub rule: String,
    /// Whether it denies.
    pub level: Level,
    /// What it says.
    pub message: String,
    /// What it is about; addresses, checked by the parent.
    pub addresses: Vec<String>,
    /// The file it points at, where it points at one.
    pub file: Option<String>,
    /// The line in that file.
    pub line: Option<u32>,
    /// What to do, where the rule says so itself.
    pub remedy: Option<String>,
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Set(_) => "a set",
        Value::Object(_) => "an object",
        Value::Undefined => "undefined",
    }
}

/// Reads what an entrypoint evaluated to.
///
/// # Errors
///
/// In words, what is wrong with its shape.
pub(super) fn read(
    rule: &Rule,
    entry: &Entrypoint,
    value: &Value,
) -> Result<BTreeSet<RawFinding>, String> {
    let place = format!("{}:{}: `{}`", entry.file, entry.line, entry.name);
    let Value::Set(items) = value else {
        return Err(format!("{place} is {} and must be a set of findings", kind_of(value)));
    };
    let mut findings = BTreeSet::new();
    for item in items.iter() {
        let finding = finding(rule, entry.level, item)
            .map_err(|what| format!("{place} has a finding that is none: {what}"))?;
        findings.insert(finding);
    }
    Ok(findings)
}

fn finding(rule: &Rule, level: Level, item: &Value) -> Result<RawFinding, String> {
    if !matches!(item, Value::Object(_)) {
        return Err(format!("it is {}; write {{\"msg\": …}}", kind_of(item)));
    }
    let message = text(item, "msg")?.ok_or("it has no `msg`")?;
    if message.trim().is_empty() {
        return Err("its `msg` is empty".to_owned());
    }
    if let Some(id) = text(item, "id")?
        && id != rule.id
    {
        return Err(format!("its `id` is `{id}`, and the rule is `{}`", rule.id));
    }
    let (file, line) = location(item)?;
    Ok(RawFinding {
        rule: rule.id.clone(),
        level,
        message,
        addresses: addresses(item)?,
        file,
        line,
        remedy: text(item, "remedy")?.filter(|remedy| !remedy.trim().is_empty()),
    })
}

fn field<'a>(item: &'a Value, name: &str) -> Option<&'a Value> {
    match &item[name] {
        Value::Undefined | Value::Null => None,
        value => Some(value),
    }
}

fn text(item: &Value, name: &str) -> Result<Option<String>, String> {
    match field(item, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_string())),
        Some(other) => Err(format!("its `{name}` is {} and must be a string", kind_of(other))),
    }
}

fn addresses(item: &Value) -> Result<Vec<String>, String> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.to_string()),
        other => Err(format!("`addresses` holds {} and must hold strings", kind_of(other))),
    };
    match field(item, "addresses") {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(one).collect(),
        Some(Value::Set(items)) => items.iter().map(one).collect(),
        Some(other) => Err(format!("its `addresses` is {} and must be a list", kind_of(other))),
    }
}

fn location(item: &Value) -> Result<(Option<String>, Option<u32>), String> {
    let Some(place) = field(item, "_loc") else { return Ok((None, None)) };
    if !matches!(place, Value::Object(_)) {
        return Err(format!("its `_loc` is {} and must be an object", kind_of(place)));
    }
    let file = text(place, "file")?;
    let line = match field(place, "line") {
        None => None,
        Some(line) => {
            Some(line.as_u32().map_err(|_| "the `line` of its `_loc` is no line".to_owned())?)
        }
    };
    Ok((file, line))
}

#[cfg(test)]
mod tests {
    use super::super::{Outline, load};
    use super::*;

    #[test]
    fn only_a_set_is_an_answer() {
        let set = load::tests::one_rule("");
        let outline = Outline::of(&set).unwrap();
        let rule = outline.get("own").unwrap();
        let entry = Entrypoint {
            name: "deny".to_owned(),
            level: Level::Deny,
            file: "p/own/rule.rego".to_owned(),
            line: 11,
        };
        let none = Value::from(std::collections::BTreeSet::new());
        assert_eq!(read(rule, &entry, &none), Ok(BTreeSet::new()));
        for (value, word) in [
            (Value::Undefined, "undefined"),
            (Value::Null, "null"),
            (Value::from(false), "a boolean"),
            (Value::new_array(), "an array"),
            (Value::new_object(), "an object"),
            (Value::from("x"), "a string"),
        ] {
            let why = read(rule, &entry, &value).unwrap_err();
            assert!(why.contains(word) && why.starts_with("p/own/rule.rego:11: "), "{why}");
        }
    }
}
