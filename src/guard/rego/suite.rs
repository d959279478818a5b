//! What the tests of a rule must show: that it fires, that it does not, and where it turns.

use std::collections::BTreeSet;

use super::runner::TestResult;
use super::{Outline, Rule};
use crate::guard::builtin;

/// What a rule's tests do not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lack {
    /// The rule.
    pub rule: String,
    /// Its file.
    pub file: String,
    /// What is not there: names of tests to write.
    pub missing: Vec<&'static str>,
    /// Whether the tests fail for it; the project's own rules are told only.
    pub fails: bool,
}

/// The rules whose tests are not enough. A built-in rule has a test of each sort; one of the
/// project's own has any.
#[must_use]
pub fn lacks(outline: &Outline, results: &[TestResult]) -> Vec<Lack> {
    let names: BTreeSet<&str> = results.iter().map(|result| result.name.as_str()).collect();
    outline.rules().iter().filter_map(|rule| lack(rule, &names)).collect()
}

fn lack(rule: &Rule, names: &BTreeSet<&str>) -> Option<Lack> {
    let fails = builtin::is_built_in(&rule.file);
    let has = |words: &[&str]| {
        words.iter().any(|word| {
            let prefix = format!("{}_test.test_{word}", rule.package);
            names.range(prefix.as_str()..).next().is_some_and(|name| name.starts_with(&prefix))
        })
    };
    let wanted: &[(&[&str], &str)] = if fails {
        &[
            (&["denies", "warns"], "test_denies_… or test_warns_…"),
            (&["allows"], "test_allows_…"),
            (&["boundary"], "test_boundary_…"),
        ]
    } else {
        &[(&[""], "test_…")]
    };
    let missing: Vec<&str> =
        wanted.iter().filter(|(words, _)| !has(words)).map(|(_, name)| *name).collect();
    let lack = || Lack { rule: rule.id.clone(), file: rule.file.clone(), missing, fails };
    let enough = wanted.iter().all(|(words, _)| has(words));
    (!enough).then(lack)
}

#[cfg(test)]
mod tests {
    use super::super::Outcome;
    use super::super::load::tests::one_rule;
    use super::*;

    fn result(name: &str) -> TestResult {
        let outcome = Outcome::Passed;
        TestResult { file: String::new(), line: 1, name: name.into(), outcome, prints: vec![] }
    }

    #[test]
    fn a_built_in_rule_needs_each_sort_and_an_own_one_any() {
        let mut set = one_rule("deny contains v if { input.actor; v := {\"msg\": \"m\"} }");
        let outline = Outline::of(&set).unwrap();
        let own = lacks(&outline, &[result("guardrails.owner_test.test_x")]);
        assert_eq!((own.len(), own[0].fails, own[0].missing.len()), (1, false, 1));
        assert_eq!(lacks(&outline, &[result("guardrails.own_test.test_x")]), []);
        set.folders = vec!["built-in".to_owned()];
        set.files[0].path = "built-in/group-cycle/rule.rego".to_owned();
        let text = &mut set.files[0].text;
        *text = text.replace("id: own", "id: group-cycle").replace(".own", ".group_cycle");
        let outline = Outline::of(&set).unwrap();
        let names = ["test_warns_x", "test_allows_x", "test_boundary_x"];
        let all = names.map(|name| result(&format!("guardrails.group_cycle_test.{name}")));
        assert_eq!(lacks(&outline, &all), []);
        for gone in 0..3 {
            let mut some = all.to_vec();
            some.remove(gone);
            let found = lacks(&outline, &some);
            assert!(found[0].fails && found[0].missing.len() == 1, "{found:?}");
        }
    }
}
