//! What parent and worker say to each other: JSON, one message a line.

use serde_json::value::RawValue;

use super::PolicySet;
pub use super::answer::RawFinding;
use super::runner::TestReport;
use crate::guard::{PolicyError, Problem};

/// What the worker is bounded by, all that it does counted from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// The address space there is, in bytes.
    pub memory: u64,
    /// The processor time there is, in seconds.
    pub seconds: u64,
    /// The time by the clock that one evaluation may take, in seconds.
    pub clock: u64,
}

/// The first line, read before anything else is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The version of this protocol.
    pub version: u32,
    /// What loading, checking and trying the policies is bounded by.
    pub room: Room,
}

/// The version of this protocol: parent and worker are one program, so they agree or refuse.
pub const VERSION: u32 = 3;

/// The second line: what to judge by. It is loaded, checked and tried at once.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The policies.
    pub policies: PolicySet,
    /// What is mounted as `data.settings`.
    pub settings: Box<RawValue>,
    /// Tests to run instead of judging; nothing follows then.
    pub tests: Option<Tests>,
}

/// The third line, which may come much later: what is judged.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// What everything is bounded by, now that it is known how much there is.
    pub room: Room,
    /// The input document without its changes.
    pub header: Box<RawValue>,
}

/// Which tests to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tests {
    /// A regular expression that their names match somewhere; all of them without.
    pub pattern: Option<String>,
}

/// Every line after it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Line {
    /// A list of changes.
    Changes(Box<RawValue>),
    /// There are no more.
    End,
}

/// What the worker answers: to each list of changes its findings, to the end those of the rules
/// that see the whole plan and then `Done`; or what is wrong, and nothing after it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Answer {
    /// What was found.
    Findings(Vec<RawFinding>),
    /// Everything was evaluated, by these rules.
    Done {
        /// Their ids.
        rules: Vec<String>,
    },
    /// What became of the tests.
    Tests(TestReport),
    /// The policies are wrong.
    Problems(Vec<Problem>),
    /// A rule has no answer.
    Broken {
        /// Which.
        rule: String,
        /// Why.
        why: String,
    },
    /// Something else stands in the way.
    Failed(String),
}

impl From<PolicyError> for Answer {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::Problems(problems) => Self::Problems(problems),
            PolicyError::Rule { rule, why } => Self::Broken { rule, why },
            PolicyError::Worker(why) => Self::Failed(why),
            other => Self::Failed(other.to_string()),
        }
    }
}
