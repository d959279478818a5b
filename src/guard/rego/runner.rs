//! The runner of `*_test.rego`: every `test_…` that the source declares, each by itself.
//!
//! A test that is undefined or false has failed; so has a test file without tests.

use std::collections::BTreeMap;
use std::time::Duration;

use regorus::Value;
use regorus::unstable::{Module, Ref};

use super::engine::wrong;
use super::{PolicySet, engine, load, syntax};
use crate::guard::PolicyError;

/// What became of a test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is true.
    Passed,
    /// It is not, and what it was instead.
    Failed(String),
    /// It could not be evaluated, and why.
    Broken(String),
}

/// One test and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestResult {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The test's package and name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What it printed, each with its place.
    pub prints: Vec<String>,
}

/// Which lines of a rule file the tests went through; lines that hold nothing to evaluate are
/// neither.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The file.
    pub file: String,
    /// How many lines were evaluated.
    pub covered: usize,
    /// The lines that were not.
    pub missed: Vec<u32>,
}

/// What became of all tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestReport {
    /// Each test, by file and line.
    pub results: Vec<TestResult>,
    /// Each file that holds no tests, by name; none where only some tests were asked for.
    pub coverage: Vec<Coverage>,
    /// How many tests were not asked for.
    pub left_out: usize,
}

/// Runs the tests of a set whose names match `pattern` (a regular expression), or all of them,
/// `limit` long at most each.
///
/// # Errors
///
/// Everything that is wrong with the rules, test files that cannot be read, and a pattern that is
/// none.
pub fn run_tests(
    set: &PolicySet,
    settings: &str,
    pattern: Option<&str>,
    limit: Duration,
) -> Result<TestReport, PolicyError> {
    let mut inner = engine::bare(limit)?;
    engine::load_with(set, settings, &mut inner)?;
    let mut problems = Vec::new();
    let rules = inner.get_modules().len();
    for file in set.files.iter().filter(|file| file.is_test()) {
        load::add(&mut inner, &file.path, &file.text, &mut problems);
    }
    if !problems.is_empty() {
        return Err(PolicyError::Problems(problems));
    }
    inner.set_enable_coverage(pattern.is_none());
    let mut of_rules: Vec<Ref<Module>> = inner.get_modules().clone();
    let modules = of_rules.split_off(rules);
    let mut report = TestReport::default();
    for module in &modules {
        let tests = declared(module);
        if tests.is_empty() {
            let file = module.package.span.source.get_path().clone();
            let outcome = Outcome::Failed("the file holds no test".to_owned());
            let name = file.clone();
            report.results.push(TestResult { file, line: 1, name, outcome, prints: vec![] });
        }
        for (name, (file, line)) in tests {
            if !wanted(&mut inner, pattern, &name)? {
                report.left_out += 1;
                continue;
            }
            let outcome = run(&mut inner, &name);
            let prints = inner.take_prints().map_err(wrong)?;
            report.results.push(TestResult { file, line, name, outcome, prints });
        }
    }
    report.results.sort();
    if pattern.is_none() {
        report.coverage = coverage(&inner, &of_rules)?;
    }
    Ok(report)
}

/// Whether a test is asked for. The expression is matched by the engine, whose own are linear.
fn wanted(
    engine: &mut regorus::Engine,
    pattern: Option<&str>,
    name: &str,
) -> Result<bool, PolicyError> {
    let Some(pattern) = pattern else { return Ok(true) };
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let query = format!("regex.match({}, {})", quoted(pattern), quoted(name));
    let no_pattern = |_| PolicyError::Pattern(format!("`{pattern}` is no regular expression"));
    let answer = engine.eval_query(query, false).map_err(no_pattern)?;
    let value = answer.result.first().and_then(|one| one.expressions.first());
    Ok(value.is_some_and(|expression| expression.value == Value::Bool(true)))
}

/// What the tests went through. A file that none of them reached is not in the engine's report: it
/// has missed every rule.
fn coverage(engine: &regorus::Engine, rules: &[Ref<Module>]) -> Result<Vec<Coverage>, PolicyError> {
    let report = engine.get_coverage_report().map_err(wrong)?;
    let mut files: BTreeMap<String, Coverage> = BTreeMap::new();
    for module in rules {
        let file = module.package.span.source.get_path().clone();
        let missed = module.policy.iter().map(|rule| rule.span().line).collect();
        files.insert(file.clone(), Coverage { file, covered: 0, missed });
    }
    for seen in report.files {
        if let Some(file) = files.get_mut(&seen.path) {
            // An expression may end a line on which another begins.
            file.missed = seen.not_covered.difference(&seen.covered).copied().collect();
            file.covered = seen.covered.len();
        }
    }
    Ok(files.into_values().collect())
}

/// The tests a file declares, by package and name, and where.
fn declared(module: &Module) -> BTreeMap<String, (String, u32)> {
    let mut tests = BTreeMap::new();
    let Some((package, _)) = syntax::path(&module.package.refr) else { return tests };
    for rule in &module.policy {
        let Some((head, _)) = syntax::head_of(rule) else { continue };
        if head.root.starts_with("test_") {
            let place = (rule.span().source.get_path().clone(), rule.span().line);
            tests.entry(format!("{}.{}", package.dotted(), head.root)).or_insert(place);
        }
    }
    tests
}

fn run(engine: &mut regorus::Engine, name: &str) -> Outcome {
    engine.set_input(Value::new_object());
    match engine.eval_rule(format!("data.{name}")) {
        Ok(Value::Bool(true)) => Outcome::Passed,
        Ok(Value::Undefined) => Outcome::Failed("it is undefined".to_owned()),
        Ok(other) => Outcome::Failed(format!("it is {other}")),
        Err(error) => Outcome::Broken(load::from_engine(name, &error.to_string()).what),
    }
}

#[cfg(test)]
mod tests {
    use super::super::PolicyFile;
    use super::super::load::tests::one_rule;
    use std::collections::BTreeSet;

    use super::*;
    use crate::guard::builtin;

    const LIMIT: Duration = Duration::from_secs(30);

    #[test]
    fn the_built_in_pack_passes_its_tests() {
        let results = run_tests(&builtin::policies(), "{}", None, LIMIT).unwrap().results;
        let failed: Vec<_> =
            results.iter().filter(|result| result.outcome != Outcome::Passed).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        for rule in super::super::Outline::of(&builtin::policies()).unwrap().rules() {
            let of_rule = |word: &str| {
                let prefix = format!("{}_test.test_{word}", rule.package);
                results.iter().filter(|result| result.name.starts_with(&prefix)).count()
            };
            assert!(of_rule("denies") + of_rule("warns") >= 1, "{}", rule.id);
            assert!(of_rule("allows") >= 1 && of_rule("boundary") >= 1, "{}", rule.id);
            let missing = |result: &&TestResult| {
                result.name.starts_with(&rule.package) && result.name.contains("missing")
            };
            assert!(results.iter().any(|result| missing(&result)), "{}", rule.id);
        }
    }

    /// Of how many lines one is taken out: a mutant runs all the tests of its rule.
    const STEP: usize = if cfg!(feature = "broad") { 1 } else { 10 };

    /// Every line of every built-in rule is there for a reason that its tests know. Of each rule
    /// the shared library is loaded beside it, and nothing else.
    #[test]
    fn no_line_of_a_built_in_rule_can_be_taken_out() {
        let pack = builtin::policies();
        let folders: BTreeSet<&str> = pack.files.iter().map(PolicyFile::folder).collect();
        let folders: Vec<&str> = folders.into_iter().collect();
        let half = folders.len() / 2;
        let (one, other) = folders.split_at(half);
        let (tried, survivors) = std::thread::scope(|scope| {
            let workers = [one, other].map(|some| scope.spawn(|| mutate(&pack, some)));
            let halves = workers.map(|worker| worker.join().unwrap());
            halves.into_iter().fold((0, Vec::new()), |(count, mut all), (tried, some)| {
                all.extend(some);
                (count + tried, all)
            })
        });
        assert!(survivors.is_empty(), "{}", survivors.join("\n"));
        assert!(tried > 1_000 / STEP, "{tried}");
    }

    /// Takes every line out of the rules of `folders`, one at a time: how many, and which no test
    /// has missed.
    fn mutate(pack: &PolicySet, folders: &[&str]) -> (usize, Vec<String>) {
        let (mut tried, mut survivors) = (0, Vec::new());
        for folder in folders {
            let beside = |file: &&PolicyFile| {
                file.folder() == *folder
                    || (file.folder().ends_with("/lib") && !folder.ends_with("/lib"))
            };
            let files: Vec<PolicyFile> = pack.files.iter().filter(beside).cloned().collect();
            let set = PolicySet { folders: Vec::new(), files };
            for (index, file) in set.files.iter().enumerate() {
                if file.is_test() || file.folder() != *folder {
                    continue;
                }
                for (number, line) in file.text.lines().enumerate() {
                    let is_comment = line.trim_start().starts_with('#');
                    if line.trim().is_empty() || is_comment || !number.is_multiple_of(STEP) {
                        continue;
                    }
                    let kept = file.text.lines().enumerate().filter(|(at, _)| *at != number);
                    let text: Vec<&str> = kept.map(|(_, line)| line).collect();
                    let mut mutant = set.clone();
                    mutant.files[index].text = text.join("\n");
                    let caught = run_tests(&mutant, "{}", None, LIMIT).map_or(true, |report| {
                        report.results.iter().any(|result| result.outcome != Outcome::Passed)
                    });
                    tried += 1;
                    if !caught {
                        survivors.push(format!("{}:{}: `{}`", file.path, number + 1, line.trim()));
                    }
                }
            }
        }
        (tried, survivors)
    }

    #[test]
    fn a_test_that_is_not_true_has_failed() {
        let mut set = one_rule("deny contains v if { input.actor; v := {\"msg\": \"m\"} }");
        let text = "package guardrails.own_test\n\nimport data.guardrails.own\n\n\
                    test_true if count(own.deny) == 1 with input as {\"actor\": 1}\n\
                    test_undefined if count(own.deny) == 2 with input as {\"actor\": 1}\n\
                    test_false := false\n\
                    test_wrong if count(1) == 1\n";
        set.files
            .push(PolicyFile { path: "p/own/rule_test.rego".to_owned(), text: text.to_owned() });
        let results = run_tests(&set, "{}", None, LIMIT).unwrap().results;
        let outcomes: Vec<_> = results.iter().map(|r| (r.line, &r.outcome)).collect();
        assert_eq!(outcomes[0], (5, &Outcome::Passed));
        assert_eq!(outcomes[1], (6, &Outcome::Failed("it is undefined".to_owned())));
        assert_eq!(outcomes[2], (7, &Outcome::Failed("it is false".to_owned())));
        assert!(matches!(outcomes[3], (8, Outcome::Broken(_))), "{outcomes:?}");
        set.files[1].text = "package guardrails.own_test\n".to_owned();
        let results = run_tests(&set, "{}", None, LIMIT).unwrap().results;
        assert!(matches!(results[0].outcome, Outcome::Failed(_)));
    }
}
