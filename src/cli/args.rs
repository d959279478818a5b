//! What was typed. Every flag has a `MUSTER_` variable, but for those that write or loosen; a flag
//! beats its variable.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(super) use super::flags::{AskArgs, BaseArgs, Format, FormatArgs, RunKind, TargetArgs, switch};
use super::policy::PolicyCommand;
use crate::sandbox::greenlake::Rate;

/// Keep an organization's identity in Git: plan the difference between YAML and live SCIM
/// state, let guardrails judge it, and apply it.
#[derive(Debug, Parser)]
#[command(name = "muster", version, max_term_width = 100, arg_required_else_help = true)]
pub(super) struct Cli {
    /// Run as if started in this folder
    #[arg(short = 'C', long = "chdir", value_name = "DIR", global = true, env = "MUSTER_CHDIR")]
    pub(super) chdir: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a small working project into a folder
    Init(InitArgs),
    /// Check the files, offline: no credentials, no network
    Check(CheckArgs),
    /// Show what apply would do, and what the guardrails say of it; changes nothing
    Plan(PlanArgs),
    /// Make the target say what the files say
    Apply(ApplyArgs),
    /// Show how far every domain has come: claim, TXT record, DNS, connection, users
    Domains(DomainsArgs),
    /// Say why somebody holds a role: every path, with the lines that give it
    Why(WhyArgs),
    /// Say who holds a role
    WhoCan(WhoCanArgs),
    /// The rules: list, explain, test them, and let them judge what is live
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Write what is live, and in `manage`, as files that plan empty
    Import(ImportArgs),
    /// Read a server and say which SCIM profile fits it, and why
    Doctor(DoctorArgs),
    /// The embedded server that plans can be rehearsed against
    #[command(subcommand)]
    Sandbox(SandboxCommand),
    /// Print the JSON Schema of the files, for editors
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Judge a plan: started by muster itself, with bounds, to run policies in
    #[command(hide = true)]
    PolicyWorker,
}

/// How to show a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// For people.
    Text,
    /// For programs: versioned JSON.
    Json,
    /// For the comment under a pull request.
    Markdown,
}

impl From<Format> for PlanFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

/// Which state is asked about who holds what.
#[derive(Debug, Args)]
pub(super) struct StateArgs {
    /// Ask the target instead of the files
    #[arg(long, env = "MUSTER_LIVE", value_parser = switch)]
    pub(super) live: bool,
    /// As of this day (YYYY-MM-DD) or instant (RFC 3339) instead of now
    #[arg(long, value_name = "DATE", env = "MUSTER_AT")]
    pub(super) at: Option<String>,
    /// The treatment of the target.
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// How to show it.
    #[command(flatten)]
    pub(super) format: FormatArgs,
}

/// `muster why`.
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// A userName, or `group/NAME`
    #[arg(value_name = "PRINCIPAL")]
    pub(super) principal: String,
    /// Only this role
    #[arg(value_name = "ROLE")]
    pub(super) role: Option<String>,
    /// Which state is asked about.
    #[command(flatten)]
    pub(super) state: StateArgs,
}

/// `muster who-can`.
#[derive(Debug, Args)]
pub(super) struct WhoCanArgs {
    /// The role: an alias of `roles`, `provider.name`, or a GRN
    #[arg(value_name = "ROLE")]
    pub(super) role: String,
    /// Only in this workspace
    #[arg(long, value_name = "NAME", env = "MUSTER_WORKSPACE")]
    pub(super) workspace: Option<String>,
    /// Which state is asked about.
    #[command(flatten)]
    pub(super) state: StateArgs,
}

/// `muster init`.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder to write into; it is made where there is none
    #[arg(default_value = ".", value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// The organization's name; the folder's where it is not given
    #[arg(long, value_name = "NAME", env = "MUSTER_ORGANIZATION")]
    pub(super) organization: Option<String>,
}

/// `muster check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Who asks.
    #[command(flatten)]
    pub(super) ask: AskArgs,
    /// The base of the change.
    #[command(flatten)]
    pub(super) base: BaseArgs,
    /// How to show it.
    #[command(flatten)]
    pub(super) format: FormatArgs,
    /// Check as of this day (YYYY-MM-DD) or instant (RFC 3339) instead of now
    #[arg(long, value_name = "DATE", env = "MUSTER_AT")]
    pub(super) at: Option<String>,
}

/// `muster plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Who asks.
    #[command(flatten)]
    pub(super) ask: AskArgs,
    /// The base of the change.
    #[command(flatten)]
    pub(super) base: BaseArgs,
    /// How to show it
    #[arg(long, value_enum, default_value = "text", env = "MUSTER_FORMAT")]
    pub(super) format: PlanFormat,
    /// Keep the plan in a file that `muster apply` takes
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// End with status 2 when there are changes
    #[arg(long, env = "MUSTER_DETAILED_EXITCODE", value_parser = switch)]
    pub(super) detailed_exitcode: bool,
    /// Plan as of this day (YYYY-MM-DD) or instant (RFC 3339) instead of now
    #[arg(long, value_name = "DATE", env = "MUSTER_AT")]
    pub(super) at: Option<String>,
    /// The treatment of the target.
    #[command(flatten)]
    pub(super) target: TargetArgs,
}

/// `muster apply`.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// Who asks.
    #[command(flatten)]
    pub(super) ask: AskArgs,
    /// The base of the change.
    #[command(flatten)]
    pub(super) base: BaseArgs,
    /// A plan that `muster plan --out` kept: applied as it was reviewed, or not at all
    #[arg(value_name = "PLAN")]
    pub(super) plan: Option<PathBuf>,
    /// Apply only the changes that take access away, even where the whole plan is refused
    #[arg(long, conflicts_with = "plan")]
    pub(super) revocations_only: bool,
    /// Do not ask
    #[arg(long)]
    pub(super) yes: bool,
    /// The treatment of the target.
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// How to show it.
    #[command(flatten)]
    pub(super) format: FormatArgs,
}

/// `muster domains`.
#[derive(Debug, Args)]
pub(super) struct DomainsArgs {
    /// The treatment of the target.
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// How to show it.
    #[command(flatten)]
    pub(super) format: FormatArgs,
    /// Print the TXT records to publish instead, as this tool takes them
    #[arg(long, value_enum, value_name = "TOOL", env = "MUSTER_DNS")]
    pub(super) dns: Option<DnsTool>,
}

/// Who publishes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DnsTool {
    /// A zone file (RFC 1035 section 5), for BIND and all that read such.
    Bind,
    /// octoDNS, YAML.
    Octodns,
    /// DNSControl, JavaScript.
    Dnscontrol,
    /// Terraform, for Amazon Route 53.
    Terraform,
}

/// `muster import`.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The folder to write into, in the project's own; nothing in it is written over
    #[arg(long, value_name = "DIR", default_value = "identity")]
    pub(super) out: PathBuf,
    /// The treatment of the target.
    #[command(flatten)]
    pub(super) target: TargetArgs,
}

/// `muster doctor`.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct DoctorArgs {
    /// The treatment of the target.
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// How to show it.
    #[command(flatten)]
    pub(super) format: FormatArgs,
}

/// `10/1` is ten requests a second.
fn rate(text: &str) -> Result<Rate, String> {
    if text == "none" {
        return Ok(Rate::Unlimited);
    }
    let parts = text.split_once('/').and_then(|(requests, seconds)| {
        Some((requests.parse().ok()?, seconds.parse().ok().filter(|seconds| *seconds > 0)?))
    });
    let (requests, seconds) = parts.ok_or("say `none`, or like 10/1: ten requests a second")?;
    Ok(Rate::Every { requests, seconds })
}

/// `muster sandbox …`.
#[derive(Debug, Subcommand)]
pub(super) enum SandboxCommand {
    /// Serve a SCIM 2.0 directory, or an HPE GreenLake organization, on a loopback port until
    /// interrupted
    Serve(ServeArgs),
}

/// What the embedded server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Served {
    /// SCIM 2.0 alone.
    Scim,
    /// All that muster uses of HPE GreenLake.
    Greenlake,
}

/// `muster sandbox serve`.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// What to serve
    #[arg(long, value_enum, default_value = "scim", env = "MUSTER_SANDBOX_PROVIDER")]
    pub(super) provider: Served,
    /// The port on 127.0.0.1; 0 lets the system pick
    #[arg(long, default_value_t = 0, env = "MUSTER_SANDBOX_PORT")]
    pub(super) port: u16,
    /// A JSON file with the first users and groups
    #[arg(long, value_name = "FILE", env = "MUSTER_SANDBOX_SEED")]
    pub(super) seed: Option<PathBuf>,
    /// Where to keep the state; it survives a kill
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// Which real server to take after
    #[arg(
        long,
        value_name = "NAME",
        default_value = "rfc7644",
        env = "MUSTER_SANDBOX_PERSONALITY"
    )]
    pub(super) personality: String,
    /// The name server that HPE GreenLake's twin asks about claims, instead of its own
    #[arg(long, value_name = "IP:PORT", env = "MUSTER_SANDBOX_DNS")]
    pub(super) dns: Option<std::net::SocketAddr>,
    /// A fault to answer with, such as `GET /Users#2=503`; may be given more than once
    #[arg(long, value_name = "FAULT", env = "MUSTER_SANDBOX_FAULT")]
    pub(super) fault: Vec<String>,
    /// The variable that holds the bearer token to demand; none is demanded without
    #[arg(long, value_name = "VARIABLE", env = "MUSTER_SANDBOX_TOKEN_ENV")]
    pub(super) token_env: Option<String>,
    /// HPE GreenLake: REQUESTS/SECONDS that each endpoint takes, or `none`, instead of the
    /// published rates
    #[arg(long, value_name = "RATE", env = "MUSTER_SANDBOX_RATE", value_parser = rate)]
    pub(super) rate: Option<Rate>,
}
