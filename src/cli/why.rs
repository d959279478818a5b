//! `muster why` and `muster who-can`: from the files alone, or from what is live.

use std::collections::BTreeSet;

use super::args::{Format, StateArgs, WhoCanArgs, WhyArgs};
use super::base::understand;
use super::context::instant;
use super::exit::{Exit, Failure};
use super::plan::{Sides, both_sides};
use crate::config::Desired;
use crate::edge::project::ProjectFiles;
use crate::edge::terminal;
use crate::kind::{Address, Family};
use crate::plan::access::{Graph, Holding, Place, When, declared, holdings};
use crate::plan::plan;
use crate::report::why;

/// The state that is asked about: what the files say, or what is live.
async fn state(files: ProjectFiles, args: &StateArgs) -> Result<(Desired, Graph), Failure> {
    let now = instant(args.at.as_deref())?;
    if !args.live {
        let desired = understand(files, None)?.desired;
        let graph = declared(&desired, now, When::InForce);
        return Ok((desired, graph));
    }
    let Sides { context, session, sight } = both_sides(files, args.target).await?;
    session.close().await;
    let mut graph = plan(&context.desired, &sight.live, now).graph;
    graph.after.clone_from(&graph.before);
    Ok((context.desired, graph))
}

/// `muster why`.
pub(super) async fn why(files: ProjectFiles, args: &WhyArgs) -> Result<Exit, Failure> {
    let (desired, graph) = state(files, &args.state).await?;
    let who = principal(&args.principal, &graph)?;
    let is_group = who.family() == Family::Group;
    let people =
        if is_group { members(&graph, &who) } else { graph.place(&who).into_iter().collect() };
    let mut found = holdings(&graph, &graph.after, &desired, &people);
    if is_group {
        found.retain(|one| one.via.as_ref() == Some(who.key()));
    }
    if let Some(role) = &args.role {
        let role = desired.project.roles.canonical(role);
        found.retain(|one| one.role == role);
    }
    let style = terminal::stdout_style();
    show(&found, args.state.format.format, || why::why(&who.to_string(), &found, &desired, style))?;
    Ok(if found.is_empty() { Exit::Error } else { Exit::Ok })
}

/// `muster who-can`.
pub(super) async fn who_can(files: ProjectFiles, args: &WhoCanArgs) -> Result<Exit, Failure> {
    let (desired, graph) = state(files, &args.state).await?;
    let role = desired.project.roles.canonical(&args.role);
    if !graph.roles.iter().any(|one| one.role == role) {
        let known: BTreeSet<&str> = graph.roles.iter().map(|one| one.role.as_str()).collect();
        let known: Vec<&str> = known.into_iter().collect();
        let what = format!("no binding gives the role `{role}`");
        let remedy = match known.as_slice() {
            [] => "there are no bindings at all".to_owned(),
            known => format!("the roles that are given: {}", known.join(", ")),
        };
        return Err(Failure::new(Exit::Error, &what, &remedy));
    }
    let people: BTreeSet<Place> = graph.places(Family::Subject).collect();
    let mut found = holdings(&graph, &graph.after, &desired, &people);
    found.retain(|one| one.role == role);
    if let Some(workspace) = &args.workspace {
        // A role in the whole organization is one in every workspace.
        found.retain(|one| one.workspace.as_ref().is_none_or(|own| own == workspace));
    }
    let style = terminal::stdout_style();
    show(&found, args.state.format.format, || why::who_can(&role, &found, &desired, style))?;
    Ok(Exit::Ok)
}

fn show(found: &[Holding], format: Format, text: impl FnOnce() -> String) -> Result<(), Failure> {
    match format {
        Format::Text => terminal::text(&text())?,
        Format::Json => terminal::json(&why::json(found))?,
    }
    Ok(())
}

/// Everybody in a group, or in one below it.
fn members(graph: &Graph, group: &Address) -> BTreeSet<Place> {
    let below = graph.place(group).map(|place| graph.after.below(place)).unwrap_or_default();
    below.iter().flat_map(|group| graph.after.members_of(*group).iter().copied()).collect()
}

/// Who is meant: an address, or the name of a user.
fn principal(written: &str, graph: &Graph) -> Result<Address, Failure> {
    let address: Option<Address> = written.parse().ok();
    let named = address.filter(|one| matches!(one.family(), Family::Subject | Family::Group));
    let wanted = named.unwrap_or_else(|| Address::user(written));
    if graph.place(&wanted).is_some() {
        return Ok(wanted);
    }
    let what = format!("there is no `{wanted}` here");
    let remedy = "write a userName, or `group/NAME`; `--live` asks the target instead of the files";
    Err(Failure::new(Exit::Error, &what, remedy))
}
