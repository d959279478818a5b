//! Which rules there are, from the folders and headers alone.
//!
//! Nothing here runs or parses Rego: it is safe on any input, and it decides what must have run
//! before a verdict counts.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::metadata::{self, Metadata};
pub use super::scope::Scope;
use super::{PolicyFile, PolicySet};
use crate::guard::{PolicyError, Problem, builtin};
use crate::kind::KindName;
use crate::plan::Level;

/// What every package of a guardrail begins with.
pub(super) const ROOT: &str = "guardrails.";
/// The packages of shared helpers: `guardrails.lib` and below.
const LIBRARY: &str = "guardrails.lib";

/// One guardrail, as its folder and header tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name, the folder's.
    pub id: String,
    /// Its package: `guardrails.` and the id with `_` for `-`.
    pub package: String,
    /// The file with the header.
    pub file: String,
    /// One line for people.
    pub title: String,
    /// A paragraph for people.
    pub description: String,
    /// The worst it can say.
    pub severity: Level,
    /// How much it is shown at a time.
    pub scope: Scope,
    /// The kinds it looks at: what `check` shows it, beside everything that is about somebody
    /// protected.
    pub kinds: Vec<KindName>,
    /// What to do about its findings, where they do not say so themselves.
    pub remedy: String,
    /// The governance practice it comes from.
    pub practice: String,
    /// Whether a waiver may let its findings through.
    pub waivable: bool,
    /// What it can be told in `muster.yaml`, with what holds where nothing is.
    pub parameters: BTreeMap<String, serde_json::Value>,
    /// Which of the parameters hold names of roles.
    pub role_parameters: Vec<String>,
    /// What makes it fire, laid over an empty document.
    pub canary: serde_json::Value,
    /// The line of its header.
    pub line: u32,
}

/// Every rule that should run, sorted by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    rules: Vec<Rule>,
}

impl Outline {
    /// Finds the rules of a set.
    ///
    /// # Errors
    ///
    /// [`PolicyError::Problems`] with everything that is wrong with folders, packages and
    /// headers; [`PolicyError::NoRules`] where there is nothing at all.
    pub fn of(set: &PolicySet) -> Result<Self, PolicyError> {
        let mut problems = Vec::new();
        twice(set, &mut problems);
        let mut folders: BTreeMap<&str, Vec<&PolicyFile>> = BTreeMap::new();
        for file in &set.files {
            folders.entry(file.folder()).or_default().push(file);
        }
        empty(set, &folders, &mut problems);
        // By package: two ids that differ by `-` and `_` alone would be one package.
        let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
        for (folder, files) in &folders {
            match folder_rule(folder, files) {
                Ok(Some(rule)) => match rules.entry(rule.package.clone()) {
                    Entry::Occupied(other) => problems.push(at_top(
                        &rule.file,
                        format!("the rule `{}` is already declared in {}", rule.id, {
                            &other.get().file
                        }),
                        "give it a name of its own: a built-in rule cannot be replaced",
                    )),
                    Entry::Vacant(place) => {
                        place.insert(rule);
                    }
                },
                Ok(None) => {}
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            problems.sort();
            problems.dedup();
            return Err(PolicyError::Problems(problems));
        }
        if rules.is_empty() {
            return Err(PolicyError::NoRules);
        }
        let mut rules: Vec<Rule> = rules.into_values().collect();
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { rules })
    }

    /// Those of the rules that are wanted.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&Rule) -> bool) -> Self {
        Self { rules: self.rules.iter().filter(|rule| wanted(rule)).cloned().collect() }
    }

    /// The rules, sorted by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Their ids: what must have run.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.rules.iter().map(|rule| rule.id.clone()).collect()
    }

    /// The rule of this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// Every kind that some rule looks at: what `check` must show.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<KindName> {
        self.rules.iter().flat_map(|rule| rule.kinds.iter().copied()).collect()
    }
}

fn at_top(file: &str, what: String, remedy: &str) -> Problem {
    Problem { file: file.to_owned(), line: 1, column: 1, what, remedy: remedy.to_owned() }
}

fn twice(set: &PolicySet, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for file in &set.files {
        if !seen.insert(&file.path) {
            let what = format!("the file `{}` is given twice", file.path);
            problems.push(at_top(&file.path, what, "name each folder of policies once"));
        }
    }
}

/// Folders with no rule in them or below them.
fn empty(set: &PolicySet, folders: &BTreeMap<&str, Vec<&PolicyFile>>, problems: &mut Vec<Problem>) {
    let (mut rules, mut tests) = (BTreeSet::from([""]), BTreeSet::new());
    for file in &set.files {
        let kind = if file.is_test() { &mut tests } else { &mut rules };
        let ends = file.path.match_indices('/').map(|(end, _)| end);
        kind.extend(ends.filter_map(|end| file.path.get(..end)));
    }
    let named = set.folders.iter().map(String::as_str);
    for folder in named.chain(folders.keys().copied()).collect::<BTreeSet<_>>() {
        if rules.contains(folder) {
            continue;
        }
        let what = if tests.contains(folder) {
            format!("the folder `{folder}` holds tests and no rule")
        } else {
            format!("the folder `{folder}` holds no `*.rego`")
        };
        problems.push(at_top(folder, what, "put a rule there, or take the folder out"));
    }
}

/// The rule of one folder; `None` for a folder of helpers or of tests (which is told elsewhere).
fn folder_rule(folder: &str, files: &[&PolicyFile]) -> Result<Option<Rule>, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut packages: BTreeSet<&str> = BTreeSet::new();
    let mut headers: Vec<(&PolicyFile, Metadata)> = Vec::new();
    let rule_files: Vec<&&PolicyFile> = files.iter().filter(|file| !file.is_test()).collect();
    for file in &rule_files {
        let Some((package, line)) = metadata::package_of(&file.text) else {
            let what = "the file does not begin with a package".to_owned();
            problems.push(at_top(&file.path, what, "write `package guardrails.` and its name"));
            continue;
        };
        if !packages.is_empty() && !packages.contains(package) {
            let what = format!("the folder holds more than one package, `{package}` among them");
            let mut problem = at_top(&file.path, what, "give each rule a folder of its own");
            problem.line = line;
            problems.push(problem);
        }
        packages.insert(package);
        // More bodies for a function of the pack would change what its rules say, without a word.
        if package == LIBRARY && !builtin::is_built_in(&file.path) {
            let what = format!("the package `{LIBRARY}` is the built-in pack's own");
            let remedy = "call yours `guardrails.lib.` and a name";
            problems.push(Problem { line, ..at_top(&file.path, what, remedy) });
        }
        // What rules share has no header that anybody goes by.
        if is_library(package) {
            continue;
        }
        if let Some((line, block)) = metadata::header_of(&file.text) {
            match metadata::read(&file.path, line, &block) {
                Ok(metadata) => headers.push((file, metadata)),
                Err(found) => problems.extend(found),
            }
        }
    }
    let Some(package) = packages.first() else { return stop(problems) };
    if is_library(package) || !problems.is_empty() {
        return stop(problems);
    }
    let name = folder.rsplit('/').next().unwrap_or_default();
    let file = rule_files.first().map_or(folder, |file| file.path.as_str());
    let wanted = format!("{ROOT}{}", name.replace('-', "_"));
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !name.bytes().all(plain) {
        let what = format!("`{name}` is no rule's name");
        let remedy = "name the folder in small letters, digits and `-`";
        return Err(vec![at_top(file, what, remedy)]);
    }
    if *package != wanted {
        let what = format!("the package is `{package}`, and the folder's name asks for `{wanted}`");
        problems.push(at_top(file, what, "rename one of them"));
        return stop(problems);
    }
    let mut headers = headers.into_iter();
    let (Some((file, metadata)), None) = (headers.next(), headers.next()) else {
        let what = format!("the rule `{name}` does not have exactly one METADATA header");
        let remedy =
            "write one `# METADATA` block above one `package`, as policies/README.md shows";
        return Err(vec![at_top(file, what, remedy)]);
    };
    if metadata.id != name {
        let what = format!("the rule's id is `{}`, and its folder is `{name}`", metadata.id);
        let mut problem = at_top(&file.path, what, "write the folder's name as `custom.id`");
        problem.line = metadata.line;
        return Err(vec![problem]);
    }
    Ok(Some(rule(package, file, metadata)))
}

fn is_library(package: &str) -> bool {
    package == LIBRARY || package.starts_with("guardrails.lib.")
}

fn stop(problems: Vec<Problem>) -> Result<Option<Rule>, Vec<Problem>> {
    if problems.is_empty() { Ok(None) } else { Err(problems) }
}

fn rule(package: &str, file: &PolicyFile, metadata: Metadata) -> Rule {
    Rule {
        id: metadata.id,
        package: package.to_owned(),
        file: file.path.clone(),
        title: metadata.title,
        description: metadata.description,
        severity: metadata.severity,
        scope: metadata.scope,
        kinds: metadata.kinds,
        remedy: metadata.remedy,
        practice: metadata.practice,
        waivable: metadata.waivable,
        parameters: metadata.parameters,
        role_parameters: metadata.role_parameters,
        canary: metadata.canary,
        line: metadata.line,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::builtin;
    use super::*;

    const RULE: &str = "# METADATA\n# title: T\n# description: D\n# custom:\n#   id: my-rule\n#   \
                        severity: deny\n#   scope: change\n#   kinds: [user]\n#   remedy: R\n#   \
                        canary: \"{}\"\npackage guardrails.my_rule\n";

    fn set(files: &[(&str, &str)]) -> PolicySet {
        let file = |(path, text): &(&str, &str)| PolicyFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        PolicySet { folders: vec![], files: files.iter().map(file).collect() }
    }

    fn wrong(set: &PolicySet) -> String {
        Outline::of(set).unwrap_err().to_string()
    }

    #[test]
    fn the_rules_are_known_from_the_folders() {
        let own = set(&[("policies/my-rule/any.rego", RULE)]);
        let outline = Outline::of(&builtin::policies().with(own)).unwrap();
        assert_eq!(outline.rules().len(), builtin::RULES + 1);
        assert!(outline.ids().is_sorted());
        assert!(outline.kinds().contains(&KindName::User));
        // The many kinds are not handed to the built-in pack at `check`.
        let pack = Outline::of(&builtin::policies()).unwrap();
        assert!(!pack.kinds().contains(&KindName::Membership));
        assert_eq!(outline.get("my-rule").unwrap().package, "guardrails.my_rule");
    }

    #[test]
    fn the_rule_in_the_readme_is_one() {
        let readme = include_str!("../../../policies/README.md");
        let rule = readme.split("```rego\n").nth(1).unwrap().split("```").next().unwrap();
        let own = builtin::policies().with(set(&[("policies/no-interns/rule.rego", rule)]));
        assert!(Outline::of(&own).unwrap().get("no-interns").is_some());
        let loaded =
            super::super::load::load(&own, &serde_json::json!({}), &mut regorus::Engine::new());
        assert!(loaded.is_ok(), "{loaded:?}");
        for id in Outline::of(&builtin::policies()).unwrap().ids() {
            assert!(readme.contains(&format!("| `{id}` |")), "{id}");
        }
    }

    #[test]
    fn a_set_without_rules_is_refused() {
        assert_eq!(Outline::of(&PolicySet::default()), Err(PolicyError::NoRules));
        let lib = set(&[("p/lib/l.rego", "package guardrails.lib.own\nx := 1\n")]);
        assert_eq!(Outline::of(&lib), Err(PolicyError::NoRules));
    }

    #[test]
    fn an_empty_folder_or_one_of_tests_only_is_refused() {
        let mut own = set(&[("policies/my-rule/any.rego", RULE)]);
        own.folders = vec!["policies".to_owned(), "policies/other".to_owned()];
        assert!(wrong(&own).contains("the folder `policies/other` holds no `*.rego`"));
        let tests = "package guardrails.my_rule_test\ntest_x if true\n";
        let own = set(&[("policies/my-rule/rule_test.rego", tests)]);
        assert!(wrong(&own).contains("holds tests and no rule"));
        let mut own = set(&[("policies/my-rule/any.rego", RULE)]);
        own.folders = vec!["policies/my".to_owned()];
        assert!(wrong(&own).contains("`policies/my` holds no"), "a prefix of a name is no folder");
    }

    #[test]
    fn what_the_packs_rules_share_cannot_be_added_to() {
        let text = "package guardrails.lib\nis_denied(obj, key) if key == \"privileged\"\n";
        for path in ["policies/lib/x.rego", "built-in/lib/x.rego", "lib/lib.rego"] {
            let said = wrong(&builtin::policies().with(set(&[(path, text)])));
            assert!(said.contains("`guardrails.lib` is the built-in pack's own"), "{said}");
        }
    }

    #[test]
    fn a_built_in_rule_cannot_be_shadowed() {
        let text = RULE.replace("my-rule", "break-glass").replace("my_rule", "break_glass");
        let own = set(&[("policies/break-glass/rule.rego", &text)]);
        let said = wrong(&builtin::policies().with(own));
        assert!(said.contains("`break-glass` is already declared"), "{said}");
        let text = RULE.replace("my-rule", "break_glass").replace("my_rule", "break_glass");
        let own = set(&[("policies/break_glass/rule.rego", &text)]);
        let said = wrong(&builtin::policies().with(own));
        assert!(said.contains("`break_glass` is no rule's name"), "{said}");
    }

    #[test]
    fn packages_folders_and_ids_must_agree() {
        for (path, from, to, expected) in [
            ("p/my-rule/a.rego", "guardrails.my_rule", "guardrails.my_rul", "asks for"),
            ("p/my-rule/a.rego", "guardrails.my_rule", "main", "asks for"),
            ("p/a.rego", "", "", "asks for"),
            ("a.rego", "", "", "asks for"),
            ("p/my-rule/a.rego", "id: my-rule", "id: other", "its folder is `my-rule`"),
            ("p/my-rule/a.rego", "# METADATA", "#", "exactly one METADATA"),
            ("p/my-rule/a.rego", "package", "import", "does not begin with a package"),
            ("p/my-rule/a.rego", "scope: change", "scope: x", "`x` is no scope"),
        ] {
            let text = if from.is_empty() { RULE.to_owned() } else { RULE.replace(from, to) };
            let said = wrong(&set(&[(path, &text)]));
            assert!(said.contains(expected), "{said}");
        }
        let two = [("p/my-rule/a.rego", RULE), ("p/my-rule/b.rego", "package guardrails.b\n")];
        assert!(wrong(&set(&two)).contains("more than one package"));
        let two = [("p/my-rule/a.rego", RULE), ("p/my-rule/b.rego", RULE)];
        assert!(wrong(&set(&two)).contains("exactly one METADATA"));
        let two = [("p/my-rule/a.rego", RULE), ("p/my-rule/a.rego", RULE)];
        assert!(wrong(&set(&two)).contains("given twice"));
    }
}
