//! The pieces that schemas are made of.

use serde_json::{Map, Value, json};

/// An object with these keys and no other, at least those of `required`.
pub(super) fn closed(about: &str, properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "description": about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The properties of `keys`, each as `of` says. A key that `of` does not know is an open value,
/// which the tests refuse.
pub(super) fn properties(keys: &[&str], of: impl Fn(&str) -> Option<Value>) -> Map<String, Value> {
    keys.iter().map(|key| ((*key).to_owned(), of(key).unwrap_or(Value::Bool(true)))).collect()
}

/// A string.
pub(super) fn string(about: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": about })
}

/// A list of strings.
pub(super) fn strings(about: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string", "minLength": 1 }, "description": about })
}

/// One of these words.
pub(super) fn words<T>(choices: &[(&str, T)], about: &str) -> Value {
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    json!({ "enum": words, "description": about })
}

/// A mapping whose keys are names.
pub(super) fn named(about: &str, value: &Value) -> Value {
    json!({ "type": "object", "description": about, "additionalProperties": value })
}
