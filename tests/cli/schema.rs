//! The JSON Schema, held up to every file of the examples by a small checker of our own.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::folder::Folder;

/// Whether a value is what a schema says; where it is not, why.
fn check(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let Value::Object(schema) = schema else {
        return if *schema == Value::Bool(true) { Ok(()) } else { Err("not allowed".to_owned()) };
    };
    schema.iter().try_for_each(|(keyword, rule)| {
        keyword_holds(root, schema, (keyword, rule), value)
            .map_err(|why| if why.contains(": ") { why } else { format!("{value}: {why}") })
    })
}

fn keyword_holds(
    root: &Value,
    schema: &Map<String, Value>,
    (keyword, rule): (&str, &Value),
    value: &Value,
) -> Result<(), String> {
    let demand = |is_so: bool| if is_so { Ok(()) } else { Err(format!("{keyword} {rule}")) };
    let matching = |choices: &Value| {
        choices.as_array().unwrap().iter().filter(|one| check(root, one, value).is_ok()).count()
    };
    match keyword {
        "$schema" | "$defs" | "title" | "description" | "default" => Ok(()),
        "$ref" => {
            let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
            check(root, root.pointer(pointer).unwrap(), value)
        }
        "oneOf" => demand(matching(rule) == 1),
        "anyOf" => demand(matching(rule) >= 1),
        "enum" => demand(rule.as_array().unwrap().contains(value)),
        "type" => demand(match rule {
            Value::Array(types) => types.iter().any(|one| is_a(one, value)),
            one => is_a(one, value),
        }),
        "minLength" => {
            demand(value.as_str().is_none_or(|text| text.len() as u64 >= rule.as_u64().unwrap()))
        }
        "minItems" => {
            demand(value.as_array().is_none_or(|list| list.len() as u64 >= rule.as_u64().unwrap()))
        }
        "maximum" => demand(value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap())),
        "minimum" => demand(value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap())),
        "pattern" => {
            demand(value.as_str().is_none_or(|text| matches(rule.as_str().unwrap(), text)))
        }
        "items" => {
            value.as_array().into_iter().flatten().try_for_each(|one| check(root, rule, one))
        }
        _ => object_holds(root, schema, (keyword, rule), value.as_object()),
    }
}

/// The keywords about objects; anything else is not known here, and so not let through.
fn object_holds(
    root: &Value,
    schema: &Map<String, Value>,
    (keyword, rule): (&str, &Value),
    object: Option<&Map<String, Value>>,
) -> Result<(), String> {
    let known = schema.get("properties").and_then(Value::as_object);
    let mut entries = object.into_iter().flatten();
    match keyword {
        "minProperties" => match object {
            Some(object) if (object.len() as u64) < rule.as_u64().unwrap() => Err("too few".into()),
            _ => Ok(()),
        },
        "required" => {
            let names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
            let missing: Vec<&str> = names
                .filter(|name| object.is_some_and(|object| !object.contains_key(*name)))
                .collect();
            if missing.is_empty() { Ok(()) } else { Err(format!("without {missing:?}")) }
        }
        "propertyNames" => {
            entries.try_for_each(|(name, _)| check(root, rule, &Value::from(name.as_str())))
        }
        "properties" => entries.try_for_each(|(name, value)| match rule.get(name) {
            Some(schema) => check(root, schema, value).map_err(|why| format!("{name}: {why}")),
            None => Ok(()),
        }),
        "additionalProperties" => entries
            .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
            .try_for_each(|(name, value)| {
                check(root, rule, value).map_err(|why| format!("{name}: {why}"))
            }),
        other => panic!("the checker does not know the keyword `{other}`; teach it"),
    }
}

fn is_a(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("no type is called `{other}`"),
    }
}

/// The few patterns there are, by hand.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^[A-Z]{2}$" => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
        "^urn:" => text.starts_with("urn:"),
        "^(env:[A-Z_][A-Z0-9_]*|file:.+|exec:.+)$" => {
            let name =
                |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            text.strip_prefix("env:").is_some_and(name)
                || ["file:", "exec:"].iter().any(|start| text.len() > 5 && text.starts_with(start))
        }
        "^ *([0-9]+ *%?|[0-9]+ *% +or +[0-9]+) *$" => {
            let words: Vec<&str> = text.split_whitespace().collect();
            let is_number =
                |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
            let percent = |word: &str| word.strip_suffix('%').is_some_and(is_number);
            match words[..] {
                [one] => is_number(one) || percent(one),
                [one, "or", other] => percent(one) && is_number(other),
                _ => false,
            }
        }
        other => panic!("the checker does not know the pattern `{other}`; teach it"),
    }
}

fn schema() -> Value {
    Folder::with(&[]).muster(&["schema"]).run().exits(0).json()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// Every YAML file under a folder, hidden ones apart.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_hidden = path.file_name().unwrap().to_string_lossy().starts_with('.');
        if path.is_dir() && !is_hidden {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "yaml") {
            found.push(path);
        }
    }
}

#[test]
fn the_schema_accepts_every_example() {
    let schema = schema();
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"), &mut found);
    assert!(found.len() >= 20, "{found:?}");
    let mut wrong = Vec::new();
    for path in found {
        let value = yaml(&std::fs::read_to_string(&path).unwrap());
        // `oneOf` would not say why: the file's own part of the schema does.
        let is_project = path.file_name().unwrap() == "muster.yaml";
        let part = &schema["$defs"][if is_project { "project" } else { "desired" }];
        let checked = check(&schema, part, &value).and_then(|()| check(&schema, &schema, &value));
        wrong.extend(checked.err().map(|why| format!("{}: {why}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_schema_accepts_a_new_project() {
    let folder = Folder::with(&[]);
    folder.muster(&["init"]).run().exits(0);
    for name in ["muster.yaml", "identity/example.yaml"] {
        check(&schema(), &schema(), &yaml(&folder.read(name))).unwrap();
    }
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let schema = schema();
    for text in [
        "people: {}",
        "users: [ada@example.com]",
        "users: { a@example.com: { colour: red } }",
        "users: { a@example.com: { countryCode: gb } }",
        "users: { a@example.com: { active: 'yes' } }",
        "groups: { g: { members: everybody } }",
        "groups: { g: { members: [], memberMode: all } }",
        "bindings: [{ group: g }]",
        "organization: acme",
        "organization: acme\ntarget: { provider: ldap }",
        "organization: acme\ntarget: { provider: sandbox, credential: hunter2 }",
        "organization: acme\ntarget: { provider: sandbox }\nlimits: { users: { remove: many } }",
    ] {
        assert!(check(&schema, &schema, &yaml(text)).is_err(), "{text}");
        let project = "organization: acme\ntarget: { provider: sandbox }\n";
        let folder = Folder::with(&[("muster.yaml", project), ("people.yaml", "users: {}\n")]);
        let name = if text.starts_with("organization") { "muster.yaml" } else { "people.yaml" };
        folder.write(name, text);
        folder.muster(&["check"]).run().exits(1).says("error[");
    }
}

#[test]
fn what_people_stumble_over_is_said_where_they_write_it() {
    let folder = Folder::with(&[]);
    let schema = folder.muster(&["schema"]).run().exits(0).out;
    let readme = include_str!("../../README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "of the managed items of the kind that are live and in use",
        "of fewer than ten it allows two",
        "2 where it is left out",
        "not for a part of a workspace, nor through a group in a group",
        "where this is left out they are compared and never written",
        "those outside `manage` as well",
    ] {
        assert!(schema.contains(words), "{words}");
    }
    for words in [
        "of the managed items of the kind that are live and in use",
        "Below ten items it allows two, `0%` too",
        "`administrators.atLeast` is 2 where it is left out",
        "or through a group in a group, is none",
        "compared and never written where `manage.bindings` is left out",
        "A group whose key is written in another case than its live name is renamed",
        "a user outside `manage` cannot be declared",
        "a limit or an invariant refused the plan, whether or not a policy did too",
        "(`STRASSE` and `straße` do not: they are two)",
        "two windows of time are two changes",
    ] {
        assert!(readme.contains(words), "{words}");
    }
}

#[test]
fn a_key_in_another_case_renames_and_two_windows_are_refused() {
    let project = "organization: acme\ntarget: { provider: sandbox, seed: live.json }\n\
                   manage: { users: { domains: [example.com] }, groups: { names: ['*'] } }\n";
    let live = r#"{"users": [], "groups": [{"displayName": "Ops"}]}"#;
    let folder = Folder::with(&[
        ("muster.yaml", project),
        ("live.json", live),
        ("identity.yaml", "groups: { ops: {}, STRASSE: {}, straße: {} }\n"),
    ]);
    let plan = folder.muster(&["plan"]).run();
    plan.shows("displayName: \"Ops\" -> \"ops\"").shows("+ group/straße");
    let twice = "groups: { ops: {} }\nbindings:\n\
        \x20 - { role: viewer, group: ops, until: 2027-01-31 }\n\
        \x20 - { role: viewer, group: ops, from: 2027-03-01 }\n";
    folder.write("identity.yaml", twice);
    folder.muster(&["check"]).run().exits(1).says("with one `from` and one `until`");
}
