//! The header of a rule: the `# METADATA` block above its package (OPA's annotations).

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value as Json;

use super::scope::Scope;
use crate::config::{Node, SourceText, Tag, Tree, read_tree};
use crate::guard::Problem;
use crate::kind::KindName;
use crate::plan::Level;

/// What a rule says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) line: u32,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) id: String,
    pub(super) severity: Level,
    pub(super) scope: Scope,
    pub(super) kinds: Vec<KindName>,
    pub(super) remedy: String,
    pub(super) practice: String,
    /// Whether a waiver may let its findings through.
    pub(super) waivable: bool,
    /// What it can be told in `muster.yaml`, with what holds where nothing is.
    pub(super) parameters: BTreeMap<String, Json>,
    /// Which of the parameters hold names of roles.
    pub(super) role_parameters: Vec<String>,
    /// What makes it fire.
    pub(super) canary: Json,
}

/// The package a file declares, by its text alone, and the line of the declaration.
pub(super) fn package_of(text: &str) -> Option<(&str, u32)> {
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.strip_prefix("package")?.strip_prefix([' ', '\t'])?.trim_start();
        let end = name.find([' ', '\t', '#', ';']).unwrap_or(name.len());
        return name.get(..end).map(|name| (name, number));
    }
    None
}

/// The header of a file: the METADATA block that the package declaration follows.
pub(super) fn header_of(text: &str) -> Option<(u32, String)> {
    let mut found: Option<(u32, String)> = None;
    let mut inside = false;
    for (line, number) in text.lines().zip(1_u32..) {
        let trimmed = line.trim_end();
        if trimmed == "# METADATA" {
            found = Some((number, String::new()));
            inside = true;
        } else if let Some(rest) = trimmed.strip_prefix('#') {
            if let (true, Some((_, block))) = (inside, found.as_mut()) {
                block.push_str(rest.strip_prefix(' ').unwrap_or(rest));
                block.push('\n');
            }
        } else {
            inside = false;
            if trimmed.trim_start().starts_with("package") {
                return found;
            }
            if !trimmed.trim().is_empty() {
                return None;
            }
        }
    }
    None
}

/// A header is small; one that is not is no header.
const MAX_NODES: usize = 1_000;

/// Where something is in a header: line and column from 1.
type At = (u32, u32);

fn place(node: Node<'_>) -> At {
    (node.place().line, node.place().column)
}

/// What is wrong with a header as YAML: where, what, and what to do.
type NoYaml = (At, String, String);

/// The tree of a header.
fn tree(source: &SourceText) -> Result<Tree<'_>, Vec<NoYaml>> {
    let wrong = |what: &str, remedy: &str| vec![((1, 1), what.to_owned(), remedy.to_owned())];
    match read_tree(source) {
        Err(problems) => Err((problems.sorted().into_iter())
            .map(|one| {
                let at = one.source.map_or((1, 1), |source| (source.line, source.column));
                (at, one.what, one.remedy)
            })
            .collect()),
        Ok(tree) if tree.len() > MAX_NODES => {
            Err(wrong("the header is too large", "keep data in a file of its own"))
        }
        Ok(tree) if tree.root().is_none() => {
            Err(wrong("the header is empty", "write it; policies/README.md has an example"))
        }
        Ok(tree) => Ok(tree),
    }
}

/// A node as JSON: a scalar is a number or a boolean where it is written like one.
fn json(node: Node<'_>) -> Json {
    match node.tag() {
        Tag::List => node.children().map(json).collect(),
        Tag::Map => {
            let entries = node.entries().map(|(key, value)| (key.text().to_owned(), json(value)));
            entries.collect::<serde_json::Map<_, _>>().into()
        }
        Tag::Plain | Tag::Quoted | Tag::Refused => match serde_json::from_str(node.text()) {
            Ok(value @ (Json::Number(_) | Json::Bool(_))) => value,
            _ => node.text().into(),
        },
    }
}

/// A problem of the block that follows the line of `# METADATA`.
fn in_block(file: &str, line: u32, at: At, what: String, remedy: &str) -> Problem {
    Problem {
        file: file.to_owned(),
        // The block begins on the line below `# METADATA`; its columns are those after `# `.
        line: line.saturating_add(at.0),
        column: at.1.saturating_add(2),
        what,
        remedy: remedy.to_owned(),
    }
}

/// Reads a header.
///
/// # Errors
///
/// Everything that is missing from it or wrong with it.
pub(super) fn read(file: &str, line: u32, block: &str) -> Result<Metadata, Vec<Problem>> {
    let problem = |at: At, what, remedy: &str| in_block(file, line, at, what, remedy);
    let no_yaml = |(at, what, remedy): NoYaml| {
        problem(at, format!("the METADATA is no YAML: {what}"), &remedy)
    };
    let source = SourceText { name: "METADATA".into(), bytes: block.into() };
    let tree = tree(&source).map_err(|wrong| wrong.into_iter().map(no_yaml).collect::<Vec<_>>())?;
    let root = tree.root();
    let mut problems = Vec::new();
    let mut text = |node: Option<Node<'_>>, name: &str, needed: bool| {
        let text = node.map(|node| node.text().trim()).unwrap_or_default().to_owned();
        if needed && text.is_empty() {
            let at = node.map_or((0, 0), place);
            let what = format!("the METADATA has no `{name}`");
            problems.push(problem(at, what, "write it; policies/README.md has an example"));
        }
        text
    };
    let title = text(root.and_then(|root| root.get("title")), "title", true);
    let description = text(root.and_then(|root| root.get("description")), "description", true);
    let custom = root.and_then(|root| root.get("custom"));
    let of = |name: &str| custom.and_then(|custom| custom.get(name));
    let id = text(of("id"), "custom.id", true);
    let remedy = text(of("remedy"), "custom.remedy", true);
    let practice = text(of("practice"), "custom.practice", false);
    let severity = text(of("severity"), "custom.severity", true);
    let scope = text(of("scope"), "custom.scope", true);
    let mut choice = |name: &str, value: &str, choices: &str| {
        if !value.is_empty() {
            let at = of(name).map_or((0, 0), place);
            let what = format!("`{value}` is no {name}");
            problems.push(problem(at, what, &format!("write {choices}")));
        }
    };
    let severity =
        named(&severity, [("deny", Level::Deny), ("warn", Level::Warn)]).unwrap_or_else(|| {
            choice("severity", &severity, "`deny` or `warn`");
            Level::Deny
        });
    let scope =
        named(&scope, [("change", Scope::Change), ("plan", Scope::Plan)]).unwrap_or_else(|| {
            choice("scope", &scope, "`change` or `plan`");
            Scope::Plan
        });
    let Extras { waivable, parameters, role_parameters, canary, wrong } = extras(&of);
    problems.extend(wrong.into_iter().map(|(at, what, remedy)| problem(at, what, remedy)));
    let kinds = read_kinds(of("kinds"));
    let kinds = kinds.map_err(|(at, what)| problems.push(problem(at, what, KINDS)));
    match kinds {
        Ok(kinds) if problems.is_empty() => Ok(Metadata {
            line,
            title,
            description,
            id,
            severity,
            scope,
            kinds,
            remedy,
            practice,
            waivable,
            parameters,
            role_parameters,
            canary,
        }),
        _ => Err(problems),
    }
}

fn named<T: Copy>(written: &str, choices: [(&str, T); 2]) -> Option<T> {
    choices.iter().find(|(word, _)| *word == written).map(|(_, value)| *value)
}

/// What a header says beside what every policy engine knows, and what is wrong with it: where,
/// what, and what to do.
struct Extras {
    waivable: bool,
    parameters: BTreeMap<String, Json>,
    role_parameters: Vec<String>,
    canary: Json,
    wrong: Vec<(At, String, &'static str)>,
}

fn extras<'a>(of: &impl Fn(&str) -> Option<Node<'a>>) -> Extras {
    let mut wrong = Vec::new();
    let waivable = match of("waivable").map(|node| (node, node.text())) {
        None | Some((_, "true")) => true,
        Some((_, "false")) => false,
        Some((node, _)) => {
            let what = "`custom.waivable` is neither true nor false".to_owned();
            wrong.push((place(node), what, "write `true` or `false`"));
            false
        }
    };
    let parameters = match of("parameters").map(|node| (node, json(node))) {
        None => BTreeMap::new(),
        Some((_, Json::Object(named))) => named.into_iter().collect(),
        Some((node, _)) => {
            let what = "`custom.parameters` is no mapping".to_owned();
            let remedy = "write `parameters: {days: 90}`: each name with its default";
            wrong.push((place(node), what, remedy));
            BTreeMap::new()
        }
    };
    let mut role_parameters = Vec::new();
    if let Some(node) = of("roleParameters") {
        match serde_json::from_value::<Vec<String>>(json(node)) {
            Ok(names) if names.iter().all(|name| parameters.contains_key(name)) => {
                role_parameters = names;
            }
            _ => {
                let what = "`custom.roleParameters` is no list of the rule's parameters".to_owned();
                let remedy = "write `roleParameters: [conflicts]`: those that hold names of roles";
                wrong.push((place(node), what, remedy));
            }
        }
    }
    let canary = read_canary(of("canary")).unwrap_or_else(|(at, what)| {
        let remedy = "write what makes the rule fire, laid over an empty input document, as \
                      `canary: |` and a JSON object; policies/README.md has examples";
        wrong.push((at, what, remedy));
        Json::Null
    });
    Extras { waivable, parameters, role_parameters, canary, wrong }
}

/// The canary: a JSON object.
fn read_canary(node: Option<Node<'_>>) -> Result<Json, (At, String)> {
    let node = node.ok_or_else(|| ((0, 0), "the METADATA has no `custom.canary`".to_owned()))?;
    let at = place(node);
    let canary: Json = serde_json::from_str(node.text())
        .map_err(|error| (at, format!("`custom.canary` is no JSON: {error}")))?;
    if canary.is_object() {
        return Ok(canary);
    }
    Err((at, "`custom.canary` is no JSON object".to_owned()))
}

/// What to do about kinds that are none.
const KINDS: &str = "write `kinds: [binding]`, or whichever of user, group, membership, binding, \
                     domain and protected the rule looks at";

/// What stands for no kind, but for the items that `check` shows anyway: those that are about
/// somebody protected.
const PROTECTED: &str = "protected";

/// The kinds a rule looks at; at least one, or `protected`.
fn read_kinds(node: Option<Node<'_>>) -> Result<Vec<KindName>, (At, String)> {
    let none = || "the METADATA has no `custom.kinds`".to_owned();
    let node = node.ok_or_else(|| ((0, 0), none()))?;
    if node.tag() != Tag::List {
        return Err((place(node), "`custom.kinds` is no list".to_owned()));
    }
    let mut kinds = Vec::new();
    for item in node.children() {
        let text = item.text();
        if text == PROTECTED {
            continue;
        }
        kinds.push(KindName::from_str(text).map_err(|what| (place(item), what))?);
    }
    if node.children().next().is_none() {
        return Err((place(node), none()));
    }
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "title: T\ndescription: D\ncustom:\n  id: a-b\n  severity: deny\n  \
                        scope: change\n  kinds: [binding, user]\n  remedy: R\n  canary: \"{}\"\n";

    #[test]
    fn a_header_is_read() {
        let metadata = read("f.rego", 1, GOOD).unwrap();
        assert_eq!(metadata.kinds, [KindName::Binding, KindName::User]);
        assert_eq!((metadata.severity, metadata.scope), (Level::Deny, Scope::Change));
        let protected = GOOD.replace("[binding, user]", "[protected]");
        assert_eq!(read("f.rego", 1, &protected).unwrap().kinds, []);
    }

    #[test]
    fn whatever_is_missing_or_wrong_is_said_with_its_place() {
        for (from, to, expected) in [
            ("title: T", "titel: T", "`title`"),
            ("description: D\n", "", "`description`"),
            ("  id: a-b\n", "", "`custom.id`"),
            ("severity: deny", "severity: high", "`high` is no severity"),
            ("scope: change", "scope: rule", "`rule` is no scope"),
            ("kinds: [binding, user]", "kinds: [bindings]", "`bindings` is not a kind"),
            ("kinds: [binding, user]", "kinds: []", "`custom.kinds`"),
            ("kinds: [binding, user]", "kind: binding", "`custom.kinds`"),
            ("kinds: [binding, user]", "kinds: binding", "no list"),
            ("  remedy: R\n", "", "`custom.remedy`"),
            ("  canary: \"{}\"\n", "", "`custom.canary`"),
            ("  canary: \"{}\"\n", "  canary: \"[]\"\n", "no JSON object"),
            ("  canary: \"{}\"\n", "  canary: {}\n", "no JSON"),
            ("  remedy: R\n", "  remedy: R\n  waivable: perhaps\n", "`custom.waivable`"),
            ("  remedy: R\n", "  remedy: R\n  parameters: [1]\n", "`custom.parameters`"),
            ("title: T", "title: [", "no YAML"),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD, "{from}");
            let problems = read("f.rego", 3, &text).unwrap_err();
            assert!(problems.iter().any(|p| p.what.contains(expected)), "{problems:?}");
            assert!(problems.iter().all(|p| p.line >= 3), "{problems:?}");
        }
        let problems = read("f.rego", 3, "custom: {}").unwrap_err();
        assert_eq!(problems.len(), 8, "{problems:?}");
    }

    #[test]
    fn what_is_no_header_is_an_error_with_a_place() {
        let deep = "[".repeat(50) + &"]".repeat(50);
        let wide = "a: [".to_owned() + &"x,".repeat(2_000) + "]";
        for text in [
            "",
            "# a",
            "a: 1\na: 2",
            "a: &x 1\nb: *x",
            "a: [",
            "{a: 1",
            "? [a]\n: 1",
            "--- a\n--- b",
        ]
        .into_iter()
        .chain([deep.as_str(), wide.as_str()])
        {
            let problems = read("f.rego", 3, text).unwrap_err();
            assert!(problems[0].what.starts_with("the METADATA is no YAML: "), "{problems:?}");
            assert!(problems.iter().all(|p| p.line > 3 && p.column > 2), "{text}: {problems:?}");
        }
    }

    #[test]
    fn the_header_is_the_block_above_the_package() {
        let text = "# Copyright\n\n# METADATA\n# title: T\n#\n# custom: {}\npackage a.b # x\n";
        assert_eq!(header_of(text), Some((3, "title: T\n\ncustom: {}\n".to_owned())));
        assert_eq!(package_of(text), Some(("a.b", 7)));
        let below = "package a\n# METADATA\n# title: T\ndeny contains v if v := 1\n";
        assert_eq!(header_of(below), None);
        assert_eq!(package_of("x := 1"), None);
    }
}
