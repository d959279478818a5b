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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is true.
    Passed,
    /// It is not, and what it was instead.
    Failed(String),
    /// It could not be evaluated, and why.
    Broken(String),
}

/// One test and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestResult {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The test's package and name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// Runs every test of a set, `limit` long at most each.
///
/// # Errors
///
/// Everything that is wrong with the rules, and test files that cannot be read.
pub fn run_tests(
    set: &PolicySet,
    settings: &str,
    limit: Duration,
) -> Result<Vec<TestResult>, PolicyError> {
    let mut inner = engine::bare(limit)?;
    load::load(set, &mut inner)?;
    let mut problems = Vec::new();
    let rules = inner.get_modules().len();
    for file in set.files.iter().filter(|file| file.is_test()) {
        load::add(&mut inner, &file.path, &file.text, &mut problems);
    }
    if !problems.is_empty() {
        return Err(PolicyError::Problems(problems));
    }
    let mut data = Value::new_object();
    let settings = Value::from_json_str(settings).map_err(wrong)?;
    data.as_object_mut().map_err(wrong)?.insert(Value::from("settings"), settings);
    inner.add_data(data).map_err(wrong)?;
    let modules: Vec<Ref<Module>> = inner.get_modules().iter().skip(rules).cloned().collect();
    let mut results = Vec::new();
    for module in &modules {
        let tests = declared(module);
        if tests.is_empty() {
            let file = module.package.span.source.get_path().clone();
            let outcome = Outcome::Failed("the file holds no test".to_owned());
            results.push(TestResult { file, line: 1, name: String::new(), outcome });
        }
        for (name, (file, line)) in tests {
            let outcome = run(&mut inner, &name);
            results.push(TestResult { file, line, name, outcome });
        }
    }
    results.sort();
    Ok(results)
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
    use super::*;
    use crate::guard::builtin;

    const LIMIT: Duration = Duration::from_secs(30);

    #[test]
    fn the_built_in_pack_passes_its_tests() {
        let results = run_tests(&builtin::policies(), "{}", LIMIT).unwrap();
        let failed: Vec<_> =
            results.iter().filter(|result| result.outcome != Outcome::Passed).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        for rule in super::super::Outline::of(&builtin::policies()).unwrap().rules() {
            let of_rule = |word: &str| {
                let prefix = format!("{}_test.test_{word}", rule.package);
                results.iter().filter(|result| result.name.starts_with(&prefix)).count()
            };
            assert!(of_rule("denies") >= 1 && of_rule("allows") >= 1, "{}", rule.id);
            let missing = |result: &&TestResult| {
                result.name.starts_with(&rule.package)
                    && ["missing", "does_not_say"].iter().any(|word| result.name.contains(word))
            };
            assert!(results.iter().any(|result| missing(&result)), "{}", rule.id);
        }
    }

    /// Every line of every built-in rule is there for a reason that its tests know.
    #[test]
    fn no_line_of_a_built_in_rule_can_be_taken_out() {
        let pack = builtin::policies();
        let mut tried = 0;
        for (index, file) in pack.files.iter().enumerate().filter(|(_, file)| !file.is_test()) {
            for (number, line) in file.text.lines().enumerate() {
                if line.trim().is_empty() || line.starts_with('#') {
                    continue;
                }
                let kept = file.text.lines().enumerate().filter(|(at, _)| *at != number);
                let text: Vec<&str> = kept.map(|(_, line)| line).collect();
                let mut set = pack.clone();
                set.files[index].text = text.join("\n");
                let caught = run_tests(&set, "{}", LIMIT).map_or(true, |results| {
                    results.iter().any(|result| result.outcome != Outcome::Passed)
                });
                assert!(caught, "{}:{}: `{}`", file.path, number + 1, line.trim());
                tried += 1;
            }
        }
        assert!(tried > 50, "{tried}");
    }

    #[test]
    fn a_test_that_is_not_true_has_failed() {
        let mut set = one_rule("deny contains v if { input.x; v := {\"msg\": \"m\"} }");
        let text = "package guardrails.own_test\n\nimport data.guardrails.own\n\n\
                    test_true if count(own.deny) == 1 with input as {\"x\": 1}\n\
                    test_undefined if count(own.deny) == 2 with input as {\"x\": 1}\n\
                    test_false := false\n\
                    test_wrong if count(1) == 1\n";
        set.files
            .push(PolicyFile { path: "p/own/rule_test.rego".to_owned(), text: text.to_owned() });
        let results = run_tests(&set, "{}", LIMIT).unwrap();
        let outcomes: Vec<_> = results.iter().map(|r| (r.line, &r.outcome)).collect();
        assert_eq!(outcomes[0], (5, &Outcome::Passed));
        assert_eq!(outcomes[1], (6, &Outcome::Failed("it is undefined".to_owned())));
        assert_eq!(outcomes[2], (7, &Outcome::Failed("it is false".to_owned())));
        assert!(matches!(outcomes[3], (8, Outcome::Broken(_))), "{outcomes:?}");
        set.files[1].text = "package guardrails.own_test\n".to_owned();
        let results = run_tests(&set, "{}", LIMIT).unwrap();
        assert!(matches!(results[0].outcome, Outcome::Failed(_)));
    }
}
