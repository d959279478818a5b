//! What is typed after `muster policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::flags::{AskArgs, FormatArgs, TargetArgs, switch};
use crate::guard::input::Point;

/// `muster policy …`.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PolicyCommand {
    /// List the rules, built in and the project's own
    List(FormatArgs),
    /// Say what a rule is for, what it can be told, and what to do about its findings
    Explain(ExplainArgs),
    /// Write a copy of a built-in rule, with its tests, as one of the project's own
    Eject(EjectArgs),
    /// Run the tests of the rules, and say what they do not reach
    Test(TestArgs),
    /// Print the input document that rules are given, as `opa eval --input` takes it
    Input(InputArgs),
    /// Let the rules judge what is live, as it is
    Audit(AuditArgs),
}

/// `muster policy explain`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArgs {
    /// The rule's id
    #[arg(value_name = "RULE")]
    pub(in crate::cli) rule: String,
    /// Show the rule's text too
    #[arg(long, env = "MUSTER_SOURCE", value_parser = switch)]
    pub(in crate::cli) source: bool,
    /// How to show it.
    #[command(flatten)]
    pub(in crate::cli) format: FormatArgs,
}

/// `muster policy eject`.
#[derive(Debug, Args)]
pub(in crate::cli) struct EjectArgs {
    /// The built-in rule's id
    #[arg(value_name = "RULE")]
    pub(in crate::cli) rule: String,
    /// The policy folder to write into
    #[arg(value_name = "DIR", default_value = "policies")]
    pub(in crate::cli) folder: PathBuf,
}

/// `muster policy test`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TestArgs {
    /// Only tests whose names match this regular expression; coverage is not judged then
    #[arg(long, value_name = "PATTERN", env = "MUSTER_TEST_RUN")]
    pub(in crate::cli) run: Option<String>,
    /// Show what tests print, and which lines they do not reach
    #[arg(long, env = "MUSTER_VERBOSE", value_parser = switch)]
    pub(in crate::cli) verbose: bool,
}

/// When the guardrails are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PointArg {
    /// Offline: what is declared.
    Check,
    /// What a plan would change.
    Plan,
    /// The state that the plan would end in.
    End,
    /// What is live, as it is.
    Live,
}

impl From<PointArg> for Point {
    fn from(point: PointArg) -> Self {
        match point {
            PointArg::Check => Self::Check,
            PointArg::Plan => Self::Plan,
            PointArg::End => Self::End,
            PointArg::Live => Self::Live,
        }
    }
}

/// `muster policy input`.
#[derive(Debug, Args)]
pub(in crate::cli) struct InputArgs {
    /// Who asks.
    #[command(flatten)]
    pub(in crate::cli) ask: AskArgs,
    /// Of which point
    #[arg(long, value_enum, default_value = "check", env = "MUSTER_POINT")]
    pub(in crate::cli) point: PointArg,
    /// The treatment of the target.
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    /// As of this day (YYYY-MM-DD) or instant (RFC 3339) instead of now
    #[arg(long, value_name = "DATE", env = "MUSTER_AT")]
    pub(in crate::cli) at: Option<String>,
}

/// `muster policy audit`.
#[derive(Debug, Args)]
pub(in crate::cli) struct AuditArgs {
    /// Who asks.
    #[command(flatten)]
    pub(in crate::cli) ask: AskArgs,
    /// Judge what the plan would leave instead of what is there now
    #[arg(long, env = "MUSTER_END", value_parser = switch)]
    pub(in crate::cli) end: bool,
    /// The treatment of the target.
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    /// As of this day (YYYY-MM-DD) or instant (RFC 3339) instead of now
    #[arg(long, value_name = "DATE", env = "MUSTER_AT")]
    pub(in crate::cli) at: Option<String>,
    /// How to show it.
    #[command(flatten)]
    pub(in crate::cli) format: FormatArgs,
}
