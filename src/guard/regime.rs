//! What the project says to its guardrails: parameters, severities, and which are turned off.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::input::Settings;
use super::rego::{Outline, PolicySet, Rule};
use super::{PolicyError, Problem};
use crate::config::{Project, RuleConfig, RuleSeverity};
use crate::kind::{Roles, Source, with_texts};
use crate::plan::{Finding, Level};

/// The guardrails of a project, as it wants them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regime {
    /// The parameters of every rule, defaults filled in.
    pub settings: Settings,
    /// The rules that are turned off, with why and where.
    pub off: BTreeMap<String, (String, Source)>,
    /// The rules that must have run.
    pub expected: Vec<String>,
    /// The rules of which no finding can be waived.
    pub unwaivable: BTreeSet<String>,
    severities: BTreeMap<String, Level>,
}

impl Regime {
    /// The regime of these rules, of whom the project says nothing.
    #[must_use]
    pub fn expecting<T: ToString>(rules: &[T]) -> Self {
        Self { expected: rules.iter().map(T::to_string).collect(), ..Self::default() }
    }

    /// Joins what the rules declare with what the project says to them.
    ///
    /// # Errors
    ///
    /// A rule that is not there, a parameter that it does not have, a value of another type, and
    /// a rule without waivers that is turned off or lowered.
    pub fn of(outline: &Outline, project: &Project) -> Result<Self, PolicyError> {
        // Only there is it known what can be a role's name.
        let is_role: &dyn Fn(&str) -> bool = match project.target.speaks_greenlake() {
            true => &|name| project.roles.grn_of(name).is_some(),
            false => &|_| true,
        };
        Self::join(outline, &project.governance.rules, &project.roles, is_role)
    }

    /// The regime of rules to which nobody says anything.
    #[must_use]
    pub fn unsaid(outline: &Outline) -> Self {
        Self::join(outline, &BTreeMap::new(), &Roles::default(), &|_| true).unwrap_or_default()
    }

    fn join(
        outline: &Outline,
        configs: &BTreeMap<String, RuleConfig>,
        roles: &Roles,
        is_role: &dyn Fn(&str) -> bool,
    ) -> Result<Self, PolicyError> {
        let mut regime = Self::default();
        let mut problems = Vec::new();
        for (id, config) in configs {
            match outline.get(id) {
                Some(rule) => {
                    problems.extend(unknown_roles(rule, config, is_role));
                    regime.take(rule, config, &mut problems);
                }
                None => problems.push(problem(
                    &config.source,
                    format!("`rules` names `{id}`, and there is no such rule"),
                    "`muster policy list` shows the rules there are",
                )),
            }
        }
        for rule in outline.rules() {
            let said = configs.get(&rule.id).map(|config| &config.parameters);
            let mut values = rule.parameters.clone();
            for (name, value) in said.into_iter().flatten() {
                // The names of roles that reports and rules use.
                let value = with_texts(value, &|role| roles.canonical(role));
                values.insert(name.clone(), value);
            }
            if !values.is_empty() {
                regime.settings.insert(rule.id.clone(), values);
            }
        }
        let on = outline.rules().iter().filter(|rule| !regime.off.contains_key(&rule.id));
        regime.expected = on.map(|rule| rule.id.clone()).collect();
        let firm = outline.rules().iter().filter(|rule| !rule.waivable);
        regime.unwaivable = firm.map(|rule| rule.id.clone()).collect();
        if problems.is_empty() { Ok(regime) } else { Err(PolicyError::Problems(problems)) }
    }

    fn take(&mut self, rule: &Rule, config: &RuleConfig, problems: &mut Vec<Problem>) {
        let id = &rule.id;
        for (name, value) in &config.parameters {
            if let Some((what, remedy)) = misfit(rule, name, value) {
                problems.push(problem(&config.source, what, &remedy));
            }
        }
        let lowers = config.severity == Some(RuleSeverity::Warn) || config.off.is_some();
        if lowers && !rule.waivable {
            let what = format!("`{id}` cannot be turned off or lowered");
            let remedy = "take that out: the rule keeps people from being locked out";
            problems.push(problem(&config.source, what, remedy));
            return;
        }
        if let Some(reason) = &config.off {
            self.off.insert(id.clone(), (reason.clone(), config.source.clone()));
        }
        match config.severity {
            Some(RuleSeverity::Deny) => self.severities.insert(id.clone(), Level::Deny),
            Some(RuleSeverity::Warn) => self.severities.insert(id.clone(), Level::Warn),
            None => None,
        };
    }

    /// The policies and their rules without those that are turned off.
    #[must_use]
    pub fn without_off(&self, set: &PolicySet, outline: &Outline) -> (PolicySet, Outline) {
        let off: Vec<&str> = outline
            .rules()
            .iter()
            .filter(|rule| self.off.contains_key(&rule.id))
            .filter_map(|rule| rule.file.rsplit_once('/').map(|(folder, _)| folder))
            .collect();
        let kept = |folder: &str| !off.contains(&folder);
        let set = PolicySet {
            folders: set.folders.iter().filter(|folder| kept(folder)).cloned().collect(),
            files: set.files.iter().filter(|file| kept(file.folder())).cloned().collect(),
        };
        (set, outline.only(|rule| !self.off.contains_key(&rule.id)))
    }

    /// The worst that a rule can say here.
    #[must_use]
    pub fn severity(&self, rule: &Rule) -> Level {
        self.severities.get(&rule.id).copied().unwrap_or(rule.severity)
    }

    /// The findings of a rule at the severity that the project gives it.
    #[must_use]
    pub fn at_severity(&self, rule: &str, findings: Vec<Finding>) -> Vec<Finding> {
        let Some(level) = self.severities.get(rule) else { return findings };
        findings.into_iter().map(|finding| Finding { level: *level, ..finding }).collect()
    }
}

fn problem(source: &Source, what: String, remedy: &str) -> Problem {
    Problem {
        file: source.file.to_string(),
        line: source.line,
        column: source.column,
        what,
        remedy: remedy.to_owned(),
    }
}

/// What is wrong with a parameter, and what to do.
fn misfit(rule: &Rule, name: &str, value: &Value) -> Option<(String, String)> {
    let id = &rule.id;
    let Some(default) = rule.parameters.get(name) else {
        let known: Vec<&str> = rule.parameters.keys().map(String::as_str).collect();
        let remedy = match known.as_slice() {
            [] => "it has none; write `severity` or `off` at most".to_owned(),
            known => format!("write one of: {}", known.join(", ")),
        };
        return Some((format!("`{id}` has no parameter `{name}`"), remedy));
    };
    let alike = match (default, value) {
        // A limit of nothing would turn the rule off, or make it refuse everything.
        (Value::Number(_), Value::Number(number)) => number.as_u64().is_some_and(|n| n > 0),
        (Value::String(_), Value::String(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Array(_), Value::Array(_))
        | (Value::Object(_), Value::Object(_)) => true,
        _ => false,
    };
    let what = format!("`{name}` of `{id}` cannot be `{value}`");
    (!alike).then(|| (what, format!("write a value like its default, `{default}`")))
}

/// Names in parameters that hold names of roles, and are none: a conflict that nobody can have
/// must not look like one that is kept.
fn unknown_roles(rule: &Rule, config: &RuleConfig, is_role: &dyn Fn(&str) -> bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let names = rule.role_parameters.iter();
    for (name, value) in names.filter_map(|name| config.parameters.get_key_value(name)) {
        for role in texts(value).into_iter().filter(|role| !is_role(role)) {
            problems.push(problem(
                &config.source,
                format!("`{role}` in `{name}` of `{}` names no role", rule.id),
                "write an alias of `roles`, a `provider.name` or a GRN",
            ));
        }
    }
    problems
}

/// Every text in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => vec![],
    }
}
