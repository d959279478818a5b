//! `muster policy input` and `muster policy audit`: what rules are given, and what they say of
//! what is there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::args::{AuditArgs, InputArgs};
use crate::cli::args::{AskArgs, Format};
use crate::cli::base::understand;
use crate::cli::check::status;
use crate::cli::context::{Context, instant};
use crate::cli::exit::{Exit, Failure};
use crate::cli::failures::unjudged;
use crate::cli::judge::ask;
use crate::cli::plan::{Sides, both_sides, sides_to_judge};
use crate::edge::project::ProjectFiles;
use crate::edge::terminal;
use crate::guard::input::{Document, Point};
use crate::guard::judge_declared;
use crate::kind::KindName;
use crate::live::Live;
use crate::plan::{Moment, Observation, Plan, observe, plan};
use crate::report::{json as published, plain, text};

/// `muster policy input`.
pub(super) async fn input(files: ProjectFiles, args: &InputArgs) -> Result<Exit, Failure> {
    let now = instant(args.at.as_deref())?;
    let point = Point::from(args.point);
    if point == Point::Check {
        let mut context = understand(files, None)?;
        context.asking.clone_from(&args.ask);
        let kinds = context.outline.kinds();
        let document = Document::declared(&context.desired, now, &kinds, &context.asked());
        return print(&document.map_err(|error| unjudged(&error))?);
    }
    let seen = Seen::of(both_sides(files, args.target).await?, &args.ask, now).await;
    if point == Point::Plan {
        let Seen { context, plan, .. } = &seen;
        let document = Document::planned(plan, &context.desired, &context.asked());
        return print(&document.map_err(|error| unjudged(&error))?);
    }
    let things = seen.things(point);
    print(&seen.document(point, &things)?)
}

fn print(document: &Document<'_>) -> Result<Exit, Failure> {
    let json = document.to_json();
    let json = json.map_err(|error| Failure::new(Exit::Error, &error.to_string(), ""))?;
    terminal::json(&json)?;
    Ok(Exit::Ok)
}

/// `muster policy audit`.
pub(super) async fn audit(files: ProjectFiles, args: &AuditArgs) -> Result<Exit, Failure> {
    let now = instant(args.at.as_deref())?;
    let (sides, workers) = sides_to_judge(files, None, args.target).await?;
    let seen = Seen::of(sides, &args.ask, now).await;
    let point = if args.end { Point::End } else { Point::Live };
    let things = seen.things(point);
    let document = seen.document(point, &things)?;
    let Seen { context, .. } = &seen;
    let results = ask(context, workers.head, &document).await?;
    let verdict = judge_declared(&context.desired, now, results, &context.regime)
        .map_err(|error| unjudged(&error))?;
    let organization = &context.desired.project.organization;
    let mut counts: BTreeMap<KindName, usize> = BTreeMap::new();
    for thing in &things {
        *counts.entry(thing.address.kind()).or_default() += 1;
    }
    match args.format.format {
        Format::Text => {
            let some: Vec<String> =
                counts.iter().map(|(kind, count)| kind.counted(*count as u64)).collect();
            let some = if some.is_empty() { "nothing".to_owned() } else { some.join(", ") };
            let word = if args.end { "will have" } else { "has" };
            let style = terminal::stdout_style();
            let verdict = text::verdict(&verdict, style);
            let organization = plain(organization);
            terminal::text(&format!("{organization} {word} {some}.\n{verdict}"))?;
        }
        Format::Json => {
            let observed: Map<String, Value> = counts
                .iter()
                .map(|(kind, count)| (kind.plural().to_owned(), (*count).into()))
                .collect();
            let json = json!({
                "formatVersion": published::FORMAT_VERSION,
                "organization": organization,
                "point": point,
                "observed": observed,
                "verdict": published::verdict(&verdict),
            });
            terminal::json(&json)?;
        }
    }
    Ok(status(&verdict))
}

/// The target as it was read, and what a plan would make of it.
struct Seen {
    context: Context,
    live: Live,
    plan: Plan,
}

impl Seen {
    async fn of(sides: Sides, ask: &AskArgs, now: Timestamp) -> Self {
        let Sides { mut context, session, sight } = sides;
        context.asking.clone_from(ask);
        session.close().await;
        let plan = plan(&context.desired, &sight.live, now);
        Self { context, live: sight.live, plan }
    }

    fn things(&self, point: Point) -> Vec<Observation> {
        let moment = if point == Point::End { Moment::Then } else { Moment::Now };
        observe(&self.plan, &self.live, moment)
    }

    fn document<'a>(
        &'a self,
        point: Point,
        things: &'a [Observation],
    ) -> Result<Document<'a>, Failure> {
        let asked = self.context.asked();
        Document::observed(&self.plan, things, &self.context.desired, point, &asked)
            .map_err(|error| unjudged(&error))
    }
}
