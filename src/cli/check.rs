//! `muster check`: everything that can be known offline.

use super::args::{CheckArgs, Format};
use super::context::{Context, instant};
use super::exit::{Exit, Failure};
use super::judge::judge_declared_by_all;
use super::plan::refused;
use crate::edge::terminal;
use crate::guard::Verdict;
use crate::kind::KindName;
use crate::report::{json, plain, text};

/// `muster check`.
pub(super) async fn run(context: &Context, args: &CheckArgs) -> Result<Exit, Failure> {
    let now = instant(args.at.as_deref())?;
    let verdict = judge_declared_by_all(context, now).await?;
    match args.format.format {
        Format::Text => {
            let style = terminal::stdout_style();
            terminal::text(&format!("{}\n{}", counts(context), text::verdict(&verdict, style)))?;
        }
        Format::Json => {
            let counts: serde_json::Map<String, serde_json::Value> = KindName::ALL
                .iter()
                .map(|kind| {
                    (kind.plural().to_owned(), context.desired.of_kind(*kind).count().into())
                })
                .collect();
            let json = serde_json::json!({
                "formatVersion": json::FORMAT_VERSION,
                "organization": context.desired.project.organization,
                "declared": counts,
                "verdict": json::verdict(&verdict),
            });
            terminal::json(&json)?;
        }
    }
    Ok(status(&verdict))
}

/// How much is declared, kind by kind.
fn counts(context: &Context) -> String {
    let some: Vec<String> = KindName::ALL
        .iter()
        .map(|kind| (context.desired.of_kind(*kind).count(), kind))
        .filter(|(count, _)| *count > 0)
        .map(|(count, kind)| kind.counted(count as u64))
        .collect();
    let organization = plain(&context.desired.project.organization);
    format!("{organization} declares {}.", some.join(", "))
}

/// How a judgement of the guardrails alone ends.
pub(super) fn status(verdict: &Verdict) -> Exit {
    verdict.denials().map(|(layer, _)| layer).min().map_or(Exit::Ok, refused)
}
