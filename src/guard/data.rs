//! People's own data for their policies: where it is mounted, and what it adds up to.
//!
//! Placed as OPA places it: the folders between the policy folder and the file are the path in
//! `data`; the file's own name does not count. Only below `settings`, because data elsewhere
//! could stand where a rule does, and silence it.

use serde_json::{Map, Value};

use super::rego::PolicyFile;
use super::{PolicyError, Problem};
use crate::config::{Diagnostic, SourceText, read_data};

/// The one place in `data` that people's data may be.
pub const SETTINGS: &str = "settings";

/// What the data files in `folders` (those that the project names) add up to: the value of
/// `data.settings`, `{}` where there is none.
///
/// # Errors
///
/// [`PolicyError::Problems`]: every file that cannot be read, is in no `settings` folder, or says
/// otherwise than another.
pub fn settings(files: &[PolicyFile], folders: &[String]) -> Result<Value, PolicyError> {
    let mut problems = Vec::new();
    let mut whole = Value::Object(Map::new());
    for file in files {
        let mut say = |what: String, remedy: &str| {
            problems.push(Problem {
                file: file.path.clone(),
                line: 1,
                column: 1,
                what,
                remedy: remedy.to_owned(),
            });
        };
        let Some(parts) = place(file, folders) else {
            let what = "data may only be in a folder `settings` of a policy folder".to_owned();
            let remedy = "move the file there: `settings/teams/any.yaml` is `data.settings.teams`, \
                          and no rule can be shadowed by it";
            say(what, remedy);
            continue;
        };
        let source =
            SourceText { name: file.path.as_str().into(), bytes: file.text.clone().into() };
        let value = match read_data(&source) {
            Ok(value) => value,
            Err(found) => {
                problems.extend(found.sorted().iter().map(|one| problem(&file.path, one)));
                continue;
            }
        };
        if parts.is_empty() && !value.is_object() {
            let what = "the data of `settings` itself is no mapping".to_owned();
            say(what, "write names with values, or move the file into a folder below `settings`");
            continue;
        }
        let wrapped = parts.iter().rev().fold(value, |inner, part| {
            Value::Object([((*part).to_owned(), inner)].into_iter().collect())
        });
        if let Err(path) = merge(&mut whole, wrapped, SETTINGS) {
            let what = format!("`data.{path}` is in another file already");
            say(what, "write each value in one file");
        }
    }
    if problems.is_empty() { Ok(whole) } else { Err(PolicyError::Problems(problems)) }
}

fn problem(path: &str, found: &Diagnostic) -> Problem {
    let (line, column) = found.source.as_ref().map_or((1, 1), |at| (at.line, at.column));
    Problem {
        file: path.to_owned(),
        line,
        column,
        what: found.what.clone(),
        remedy: found.remedy.clone(),
    }
}

/// The folders below `settings`, where the file is there by every policy folder that holds it.
fn place<'a>(file: &'a PolicyFile, folders: &[String]) -> Option<Vec<&'a str>> {
    let mut found = None;
    for folder in folders {
        let folder = folder.trim_end_matches('/');
        let rest = if folder.is_empty() || folder == "." {
            Some(file.path.as_str())
        } else {
            file.path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'))
        };
        let Some(rest) = rest else { continue };
        let mut parts: Vec<&str> = rest.split('/').collect();
        parts.pop();
        if parts.first() != Some(&SETTINGS) {
            return None;
        }
        parts.remove(0);
        if found.as_ref().is_some_and(|other| *other != parts) {
            return None;
        }
        found = Some(parts);
    }
    found
}

/// Lays objects together; the path of what both have.
fn merge(base: &mut Value, other: Value, path: &str) -> Result<(), String> {
    match (base, other) {
        (Value::Object(base), Value::Object(other)) => {
            for (key, value) in other {
                let path = format!("{path}.{key}");
                match base.get_mut(&key) {
                    Some(there) => merge(there, value, &path)?,
                    None => {
                        base.insert(key, value);
                    }
                }
            }
            Ok(())
        }
        _ => Err(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<Value, String> {
        let file = |(path, text): &(&str, &str)| PolicyFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        let files: Vec<PolicyFile> = files.iter().map(file).collect();
        let folders = ["policies".to_owned(), "more/".to_owned()];
        settings(&files, &folders).map_err(|error| error.to_string())
    }

    #[test]
    fn the_folder_is_the_path_and_the_name_does_not_count() {
        let whole = read(&[
            ("policies/settings/a.yaml", "limits: { a: 1 }\n"),
            ("policies/settings/teams/x.json", "[\"ops\"]"),
            ("policies/settings/limits/any.yml", "b: 2\n"),
            ("more/settings/deep/er/z.yaml", "true\n"),
        ]);
        let expected = serde_json::json!({
            "limits": {"a": 1, "b": 2}, "teams": ["ops"], "deep": {"er": true}
        });
        assert_eq!(whole.unwrap(), expected);
        assert_eq!(read(&[]).unwrap(), serde_json::json!({}));
    }

    #[test]
    fn what_could_shadow_a_rule_or_contradict_is_refused_with_its_file() {
        for (files, expected) in [
            (&[("policies/a.yaml", "a: 1")][..], "policies/a.yaml:1:1: data may only"),
            (&[("policies/guardrails/a.yaml", "a: 1")], "data may only"),
            (&[("policies/x/settings/a.yaml", "a: 1")], "data may only"),
            (&[("policies/settings.yaml", "a: 1")], "data may only"),
            (&[("policies/settings/a.yaml", "[1]")], "no mapping"),
            (&[("policies/settings/a.yaml", "a: 1\na: 2")], "policies/settings/a.yaml:2:1"),
            (
                &[
                    ("policies/settings/a.yaml", "a: {b: 1}"),
                    ("policies/settings/b.yaml", "a: {b: 1}"),
                ],
                "policies/settings/b.yaml:1:1: `data.settings.a.b` is in another file",
            ),
            (
                &[("policies/settings/a.yaml", "a: 1"), ("more/settings/a/b.yaml", "b: 1")],
                "`data.settings.a` is in another file",
            ),
        ] {
            let said = read(files).unwrap_err();
            assert!(said.contains(expected), "{said}");
        }
    }
}
