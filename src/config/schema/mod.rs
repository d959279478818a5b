//! The JSON Schema (draft 2020-12) of both kinds of file, for editors. It is built from the same
//! tables the decoder reads by; what only the decoder can tell (dates, references, globs) is not
//! in it.

mod desired;
mod parts;
mod project;

use serde_json::{Value, json};

use super::project_file::KEYS as PROJECT_KEYS;
use super::section::sections;

/// The schema: `$defs.project` is `muster.yaml`, `$defs.desired` is a file of desired state; a
/// document is either.
#[must_use]
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "muster",
        "description": "the project file `muster.yaml`, or a file of desired state",
        "oneOf": [{ "$ref": "#/$defs/project" }, { "$ref": "#/$defs/desired" }],
        "$defs": {
            "project": project::schema(PROJECT_KEYS),
            "desired": desired::schema(&sections()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every place in the schema where a key has no schema of its own.
    fn open_places(at: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, inside)| {
                if *inside == Value::Bool(true) {
                    found.push(format!("{at}/{key}"));
                }
                open_places(&format!("{at}/{key}"), inside, found);
            }),
            Value::Array(list) => list.iter().for_each(|inside| open_places(at, inside, found)),
            _ => {}
        }
    }

    #[test]
    fn every_key_that_is_accepted_is_described() {
        let mut found = Vec::new();
        open_places("", &schema(), &mut found);
        assert_eq!(found, Vec::<String>::new());
        let schema = schema();
        let keys = |at: &str| -> Vec<String> {
            let object = schema.pointer(at).and_then(Value::as_object);
            object.map(|object| object.keys().cloned().collect()).unwrap_or_default()
        };
        let sorted = |keys: &[&str]| {
            let mut keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            keys.sort();
            keys
        };
        assert_eq!(keys("/$defs/project/properties"), sorted(PROJECT_KEYS));
        assert_eq!(keys("/$defs/desired/properties"), sorted(&sections()));
        let user = keys("/$defs/desired/properties/users/additionalProperties/properties");
        for key in ["active", "countryCode", "emails", "name", "posix", "previously"] {
            assert!(user.iter().any(|one| one == key), "{key}");
        }
        assert!(!user.iter().any(|one| one == "userName" || one == "password"));
    }
}
