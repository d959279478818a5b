//! The interpreter, asked for findings.
//!
//! Always regorus' interpreter and never its virtual machine, which is wrong without saying so in
//! the version that is used here (hazard H6).

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use regorus::Value;
use regorus::utils::limits::ExecutionTimerConfig;

use super::answer::{self, RawFinding};
use super::load::{self, Loaded};
use super::outline::{Rule, Scope};
use super::{PolicySet, lint, shadow};
use crate::guard::{PolicyError, Problem, builtin};

/// How far an evaluation may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The processor time there is for no changes at all. What a policy burns is counted, not the
    /// time that goes by: a busy machine is no reason to refuse a plan.
    pub processor: Duration,
    /// The processor time there is more for every change.
    pub per_change: Duration,
    /// The time by the clock that there is beside it.
    pub clock: Duration,
    /// The address space there is, in bytes, beside eight times the input.
    pub memory: u64,
    /// The most that is read of the answer, in bytes.
    pub answer: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            processor: Duration::from_secs(2),
            per_change: Duration::from_millis(2),
            clock: Duration::from_secs(30),
            memory: 512 << 20,
            answer: 256 << 20,
        }
    }
}

impl Bounds {
    /// The processor time there is for so many changes, in a document of so many bytes: a
    /// millisecond for every two kilobytes. Four times what the pack was seen to need for the first
    /// fill of the largest organization (60 MB, 15 s): a slow machine is no reason to refuse it.
    #[must_use]
    pub fn processor(&self, changes: usize, bytes: u64) -> Duration {
        let changes = u32::try_from(changes).unwrap_or(u32::MAX);
        let reading = Duration::from_millis(bytes >> 11);
        self.processor.saturating_add(self.per_change.saturating_mul(changes)) + reading
    }

    /// The time by the clock for so many changes, in a document of so many bytes.
    #[must_use]
    pub fn deadline(&self, changes: usize, bytes: u64) -> Duration {
        self.clock.saturating_add(self.processor(changes, bytes))
    }
}

/// How many units of work go by between two looks at the clock.
const TICKS: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);

/// The rules, loaded, checked and ready to be asked.
pub(super) struct Engine {
    inner: regorus::Engine,
    rules: Vec<Loaded>,
    header: Value,
}

impl Engine {
    /// Loads a set, mounts `settings` as `data.settings` and nothing else (hazard H2: data can
    /// shadow a rule), and asks every rule about its canary.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the policies; a rule that is silent in its canary.
    pub(super) fn new(
        set: &PolicySet,
        settings: &str,
        limit: Duration,
    ) -> Result<Self, PolicyError> {
        let mut inner = bare(limit)?;
        let rules = load_with(set, settings, &mut inner)?;
        let mut engine = Self { inner, rules, header: Value::new_object() };
        engine.sing()?;
        Ok(engine)
    }

    /// Begins to judge what the header is of, `limit` long at most each time; the rules of others
    /// are asked about no changes at all first.
    ///
    /// # Errors
    ///
    /// A rule that has no answer to no changes.
    pub(super) fn begin(&mut self, header: &str, limit: Duration) -> Result<(), PolicyError> {
        self.inner.set_execution_timer_config(timer(limit));
        self.header = Value::from_json_str(header).map_err(wrong)?;
        self.show(Value::new_array())?;
        for loaded in self.rules.iter().filter(|loaded| !is_of_pack(loaded)) {
            findings(&mut self.inner, loaded)?;
        }
        let _ = self.inner.take_prints();
        Ok(())
    }

    /// Asks every rule about its canary: one that finds nothing there cannot be relied on to find
    /// anything.
    fn sing(&mut self) -> Result<(), PolicyError> {
        let mut silent = Vec::new();
        for loaded in &self.rules {
            let Rule { id, parameters, canary, .. } = &loaded.rule;
            let settings = serde_json::json!({ id: parameters });
            let document = crate::guard::input::canary(canary, &settings).to_string();
            self.inner.set_input(Value::from_json_str(&document).map_err(wrong)?);
            if findings(&mut self.inner, loaded)?.is_empty() {
                silent.push(Problem {
                    file: loaded.rule.file.clone(),
                    line: loaded.rule.line,
                    column: 1,
                    what: format!("the rule `{id}` finds nothing in its own canary"),
                    remedy: "correct the rule, or `custom.canary`: a rule that cannot fire is no \
                             guard"
                        .to_owned(),
                });
            }
        }
        if silent.is_empty() { Ok(()) } else { Err(PolicyError::Problems(silent)) }
    }

    /// The ids of the rules it asks.
    pub(super) fn ids(&self) -> Vec<String> {
        self.rules.iter().map(|loaded| loaded.rule.id.clone()).collect()
    }

    /// Whether any rule is asked about all changes at once.
    pub(super) fn wants_all(&self) -> bool {
        self.rules.iter().any(|loaded| !is_in_parts(loaded))
    }

    /// Asks the rules that judge each change by itself about some of the changes.
    ///
    /// # Errors
    ///
    /// The first rule that has no answer, and why.
    pub(super) fn ask_some(&mut self, changes: Value) -> Result<BTreeSet<RawFinding>, PolicyError> {
        self.show(changes)?;
        let mut found = BTreeSet::new();
        for loaded in self.rules.iter().filter(|loaded| is_in_parts(loaded)) {
            found.extend(findings(&mut self.inner, loaded)?);
        }
        let _ = self.inner.take_prints();
        Ok(found)
    }

    /// Asks all other rules about all changes.
    ///
    /// # Errors
    ///
    /// The first rule that has no answer, and why.
    pub(super) fn ask_all(&mut self, changes: Value) -> Result<BTreeSet<RawFinding>, PolicyError> {
        self.show(changes)?;
        let asked = self.rules.iter().filter(|loaded| !is_in_parts(loaded));
        let (pack, own): (Vec<&Loaded>, Vec<_>) = asked.partition(|loaded| is_of_pack(loaded));
        let mut found = BTreeSet::new();
        let alone = match together(&mut self.inner, &pack) {
            Some(findings) => {
                found = findings;
                own
            }
            // Which of them it is that has no answer is seen by asking each alone.
            None => [pack, own].concat(),
        };
        for loaded in alone {
            found.extend(findings(&mut self.inner, loaded)?);
        }
        // What rules print is for `policy test`; here it would only fill memory.
        let _ = self.inner.take_prints();
        Ok(found)
    }

    /// Makes the document of these changes the input.
    fn show(&mut self, changes: Value) -> Result<(), PolicyError> {
        let mut input = self.header.clone();
        input
            .as_object_mut()
            .map_err(|_| PolicyError::Worker("the input has no header".to_owned()))?
            .insert(Value::from("changes"), changes);
        self.inner.set_input(input);
        Ok(())
    }
}

fn is_of_pack(loaded: &Loaded) -> bool {
    builtin::is_built_in(&loaded.rule.file)
}

/// Whether a rule is shown some of the changes at a time. The pack is asked once and together: what
/// its rules share goes through the whole document.
fn is_in_parts(loaded: &Loaded) -> bool {
    loaded.rule.scope == Scope::Change && !is_of_pack(loaded)
}

/// What all these rules find, in one evaluation: what they share is worked out once. `None` where
/// any of them has no answer, or not one of the right shape.
///
/// Only for the rules that come with the program. Those of others are asked alone, so that nothing
/// they do can reach another rule: after a `with`, what the engine remembers may be wrong.
fn together(engine: &mut regorus::Engine, rules: &[&Loaded]) -> Option<BTreeSet<RawFinding>> {
    let entries = || {
        rules.iter().flat_map(|loaded| loaded.entrypoints.iter().map(|entry| (&loaded.rule, entry)))
    };
    if rules.is_empty() {
        return Some(BTreeSet::new());
    }
    // A line each, for lines are bounded.
    let paths: Vec<String> =
        entries().map(|(rule, entry)| format!("data.{}.{}", rule.package, entry.name)).collect();
    let answer = engine.eval_query(format!("[{}]", paths.join(",\n")), false).ok()?;
    let [one] = answer.result.as_slice() else { return None };
    let [expression] = one.expressions.as_slice() else { return None };
    let values = expression.value.as_array().ok().filter(|values| values.len() == paths.len())?;
    let mut found = BTreeSet::new();
    for ((rule, entry), value) in entries().zip(values.iter()) {
        found.extend(answer::read(rule, entry, value).ok()?);
    }
    Some(found)
}

/// What one rule finds in the input that is set.
fn findings(
    engine: &mut regorus::Engine,
    loaded: &Loaded,
) -> Result<BTreeSet<RawFinding>, PolicyError> {
    let rule = &loaded.rule;
    let broken = |why: String| PolicyError::Rule { rule: rule.id.clone(), why };
    let mut found = BTreeSet::new();
    for entry in &loaded.entrypoints {
        let path = format!("data.{}.{}", rule.package, entry.name);
        let value = engine.eval_rule(path).map_err(|error| {
            let problem = load::from_engine(&entry.file, &error.to_string());
            let (file, line, column) = (problem.file, problem.line, problem.column);
            broken(format!("{file}:{line}:{column}: {}", problem.what))
        })?;
        found.extend(answer::read(rule, entry, &value).map_err(broken)?);
    }
    if loaded.is_shadowed {
        let undefined = engine.eval_rule(format!("data.{}.{}", rule.package, shadow::NAME));
        let places = undefined.map_err(|error| broken(error.to_string()))?;
        if let Some(why) = shadow::complaint(&places) {
            return Err(broken(why));
        }
    }
    Ok(found)
}

/// What the engine says, as an error of ours.
pub(super) fn wrong(error: impl std::fmt::Display) -> PolicyError {
    PolicyError::Worker(error.to_string())
}

/// Loads the rules of a set, with `settings` (JSON) as `data.settings`.
pub(super) fn load_with(
    set: &PolicySet,
    settings: &str,
    engine: &mut regorus::Engine,
) -> Result<Vec<Loaded>, PolicyError> {
    let parsed = serde_json::from_str(settings).map_err(wrong)?;
    let rules = load::load(set, &parsed, engine)?;
    let mut data = Value::new_object();
    let settings = Value::from_json_str(settings).map_err(wrong)?;
    data.as_object_mut().map_err(wrong)?.insert(Value::from("settings"), settings);
    engine.add_data(data).map_err(wrong)?;
    Ok(rules)
}

/// An engine with its brakes on and no policies.
pub(super) fn bare(limit: Duration) -> Result<regorus::Engine, PolicyError> {
    let mut engine = regorus::Engine::new();
    engine.set_strict_builtin_errors(true);
    engine.set_gather_prints(true);
    engine.set_execution_timer_config(timer(limit));
    for name in lint::banned() {
        let refuse = move |_: Vec<Value>| {
            let what = format!("`{name}` has no place in a guardrail");
            Err(std::io::Error::other(what).into())
        };
        let arity = if matches!(name, "rand.intn") { 2 } else { u8::from(takes_one(name)) };
        engine
            .add_extension(name.to_owned(), arity, Box::new(refuse))
            .map_err(|error| PolicyError::Worker(error.to_string()))?;
    }
    Ok(engine)
}

fn timer(limit: Duration) -> ExecutionTimerConfig {
    ExecutionTimerConfig { limit, check_interval: TICKS }
}

fn takes_one(name: &str) -> bool {
    matches!(name, "http.send" | "net.lookup_ip_addr" | "uuid.rfc4122")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::guard::input::canary;

    /// The pack is asked in one evaluation, which says of no rule that it was the one.
    #[test]
    fn a_rule_of_the_pack_that_has_no_answer_is_named() {
        let mut set = builtin::policies().without_tests();
        let is_it =
            |file: &&mut super::super::PolicyFile| file.path.ends_with("domain-owner/rule.rego");
        let file = set.files.iter_mut().find(is_it).unwrap();
        let bad = "some c in input.changes; c.address == \"user/bad@x.org\"; v := 1";
        file.text.push_str(&format!("\nwarn contains v if {{ {bad} }}\n"));
        let header = canary(&json!({}), &json!({})).to_string();
        let mut engine = Engine::new(&set, "{}", Duration::from_secs(30)).unwrap();
        engine.begin(&header, Duration::from_secs(30)).unwrap();
        let mut ask = |user: &str| {
            let changes = json!([{ "address": format!("user/{user}@x.org") }]).to_string();
            engine.ask_all(Value::from_json_str(&changes).unwrap())
        };
        assert!(ask("good").is_ok());
        match ask("bad") {
            Err(PolicyError::Rule { rule, why }) => {
                assert_eq!(rule, "domain-owner");
                assert!(why.contains("a number"), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}
