//! Domains: how far each has come, as text and as JSON.

use std::fmt::Write as _;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::version::FORMAT_VERSION;
use super::{Style, Tone, plain};
use crate::kind::Diagnostic;

/// What is told of all domains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Domains {
    /// The organization.
    pub organization: String,
    /// The target.
    pub target: String,
    /// Whether the account was asked for claims.
    pub claims_read: bool,
    /// Every domain that is declared, claimed or verified, by name.
    pub domains: Vec<Domain>,
    /// Domains that users have, and nobody claimed or declared.
    pub unclaimed: Vec<Unclaimed>,
}

/// What is told of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Domain {
    /// The domain.
    pub domain: String,
    /// How far it has come, in one word.
    pub state: &'static str,
    /// Whether the YAML declares it.
    pub is_declared: bool,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The TXT value to publish.
    pub txt: Option<String>,
    /// When the provider last saw the record.
    pub last_verified: Option<String>,
    /// The connection that signs its users in.
    pub connection: Option<String>,
    /// The connection that is declared.
    pub wanted_connection: Option<String>,
    /// How many users have it.
    pub users: usize,
    /// The zone it lies in.
    pub zone: Option<String>,
    /// What all servers together say of the value, in one word.
    pub sight: &'static str,
    /// What each server says.
    pub dns: Vec<Seen>,
    /// What is wrong, or worth knowing.
    #[serde(serialize_with = "published")]
    pub problems: Vec<Diagnostic>,
}

/// What one server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Who was asked.
    pub server: String,
    /// Whether it shows the value; `None` when that is not known.
    pub has_value: Option<bool>,
    /// What it answered, in words.
    pub said: String,
    /// The texts of all TXT records it showed.
    pub records: Vec<String>,
}

/// A domain that users have, and nobody claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unclaimed {
    /// The domain.
    pub domain: String,
    /// How many users have it.
    pub users: usize,
    /// The nearest domain above it that is claimed or declared.
    pub under: Option<String>,
}

/// Problems as they are published: without the place, for they are in no file.
fn published<S: Serializer>(problems: &[Diagnostic], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(
        problems.iter().map(
            |one| json!({ "id": one.id, "what": one.what, "why": one.why, "remedy": one.remedy }),
        ),
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Published<'a> {
    format_version: &'static str,
    #[serde(flatten)]
    domains: &'a Domains,
}

/// As JSON.
#[must_use]
pub fn domains_json(domains: &Domains) -> Value {
    let published = Published { format_version: FORMAT_VERSION, domains };
    serde_json::to_value(published).unwrap_or(Value::Null)
}

/// As text.
#[must_use]
pub fn domains_text(all: &Domains, style: Style) -> String {
    let title = format!("{} on {}", plain(&all.organization), plain(&all.target));
    let mut out = format!("{}\n", style.paint(Tone::Bold, &title));
    if all.domains.is_empty() {
        let none = if all.claims_read { "declared or claimed" } else { "declared" };
        let _ = writeln!(out, "\nNo domain is {none}.");
    }
    for one in &all.domains {
        out.push('\n');
        out.push_str(&domain(one, style));
    }
    if !all.unclaimed.is_empty() {
        let heading = "Domains that users have and nobody claimed:";
        let _ = writeln!(out, "\n{}", style.paint(Tone::Bold, heading));
        for one in &all.unclaimed {
            let under = one.under.as_deref().map_or_else(String::new, |under| {
                format!("; the claim of {} does not cover it", plain(under))
            });
            let _ = writeln!(out, "  {}: {}{under}", plain(&one.domain), users(one.users));
        }
    }
    out
}

fn domain(one: &Domain, style: Style) -> String {
    let tone = match one.state {
        "verified" | "bound" => Tone::Good,
        "missing" | "unclear" => Tone::Deny,
        _ => Tone::Warn,
    };
    let name = style.paint(Tone::Bold, &plain(&one.domain));
    let undeclared = if one.is_declared { "" } else { ", not declared" };
    let state = style.paint(tone, one.state);
    let mut out = format!("{name}: {state}, {}{undeclared}\n", users(one.users));
    let mut line = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            let _ = writeln!(out, "  {name:14}{}", plain(value));
        }
    };
    line("owner", one.owner.as_ref());
    line("TXT", one.txt.as_ref());
    line("last verified", one.last_verified.as_ref());
    line("connection", one.connection.as_ref());
    if one.wanted_connection != one.connection {
        line("declared sso", one.wanted_connection.as_ref());
    }
    for seen in &one.dns {
        let _ = writeln!(out, "  {:14}{}: {}", "DNS", plain(&seen.server), plain(&seen.said));
    }
    for problem in &one.problems {
        let head = style.paint(Tone::Warn, &format!("note[{}]", problem.id));
        let _ = writeln!(out, "  {head}: {}; {}", plain(&problem.what), plain(&problem.why));
        if !problem.remedy.is_empty() {
            let _ = writeln!(out, "    help: {}", plain(&problem.remedy));
        }
    }
    out
}

fn users(count: usize) -> String {
    if count == 1 { "1 user".to_owned() } else { format!("{count} users") }
}
