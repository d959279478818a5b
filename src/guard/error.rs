//! Why the policies could not be judged by. Whatever it is, it is a refusal.

use std::fmt;

/// One thing that is wrong with a policy file, pointing into it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// The file, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong: lower case, no stop, the input in backticks.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, remedy } = self;
        write!(f, "{file}:{line}:{column}: {what}; {remedy}")
    }
}

/// Why the policies could not be judged by: a plan is never approved on one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A glob of the project that cannot be read.
    #[error("a pattern cannot be read: {0}")]
    Pattern(String),
    /// What is wrong with the policy files, sorted; never empty.
    #[error("{}", list(.0))]
    Problems(Vec<Problem>),
    /// No rule was expected: an empty set of guardrails lets nothing through.
    #[error("there are no guardrails to judge by")]
    NoRules,
    /// The rules that ran are not those that should have.
    #[error(
        "the guardrails that ran are not those that should have; missing: {}; not asked for: {}",
        words(.missing), words(.extra)
    )]
    Incomplete {
        /// Expected, and not run.
        missing: Vec<String>,
        /// Run, and not expected, or run twice.
        extra: Vec<String>,
    },
    /// A rule that could not be evaluated, and why.
    #[error("the guardrail `{rule}` could not be evaluated: {why}")]
    Rule {
        /// Which rule.
        rule: String,
        /// Why.
        why: String,
    },
    /// The process that judges ended without an answer.
    #[error("the guardrails could not be evaluated: {0}")]
    Worker(String),
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

fn words(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
