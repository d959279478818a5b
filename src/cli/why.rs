//! `muster why` and `muster who-can`: from the files alone, or from what is live.

use std::collections::BTreeSet;

use super::args::{Format, StateArgs, WhoCanArgs, WhyArgs};
use super::base::understand;
use super::context::instant;
use super::exit::{Exit, Failure};
use super::plan::{Sides, both_sides};
use crate::config::{Desired, nearest};
use crate::edge::project::ProjectFiles;
use crate::edge::terminal;
use crate::kind::{Address, Family, Key};
use crate::plan::access::{Graph, Holding, Place, When, declared, holdings};
use crate::plan::{LiveNames, plan};
use crate::report::Style;
use crate::report::why::{self, Told};

/// The state that is asked about: what the files say, or what is live, by its live names.
struct State {
    desired: Desired,
    graph: Graph,
    names: LiveNames,
}

async fn state(files: ProjectFiles, args: &StateArgs) -> Result<State, Failure> {
    let now = instant(args.at.as_deref())?;
    if !args.live {
        let desired = understand(files, None)?.desired;
        let graph = declared(&desired, now, When::InForce);
        return Ok(State { desired, graph, names: LiveNames::default() });
    }
    let Sides { context, session, sight } = both_sides(files, args.target).await?;
    session.close().await;
    let desired = context.desired;
    let names = LiveNames::of(&desired, &sight.live, now);
    let mut graph = plan(&desired, &sight.live, now).graph;
    graph.after.clone_from(&graph.before);
    Ok(State { desired, graph, names })
}

impl State {
    fn told(&self) -> Told<'_> {
        Told { desired: &self.desired, names: &self.names }
    }

    fn show(
        &self,
        found: &[Holding],
        format: Format,
        text: impl FnOnce(Style) -> String,
    ) -> Result<(), Failure> {
        match format {
            Format::Text => terminal::text(&text(terminal::stdout_style()))?,
            Format::Json => terminal::json(&why::json(found, &self.names))?,
        }
        Ok(())
    }

    /// The subject: an address, or the name of a user.
    fn principal(&self, written: &str) -> Result<Address, Failure> {
        let address: Option<Address> = written.parse().ok();
        let named = address.filter(|one| matches!(one.family(), Family::Subject | Family::Group));
        let wanted = named.unwrap_or_else(|| Address::user(written));
        let declared = self.names.declared(&wanted);
        if let Some(declared) = declared.filter(|one| self.graph.place(one).is_some()) {
            return Ok(declared);
        }
        let live = self.names.live(&wanted);
        let (what, remedy) = if live == wanted {
            let remedy = "write a userName, or `group/NAME`; `--live` asks the target instead of \
                          the files"
                .to_owned();
            (format!("there is no `{wanted}` here"), remedy)
        } else {
            let what = format!("there is no `{wanted}` at the target yet");
            (what, format!("write `{live}`, the name that it has there until the next apply"))
        };
        Err(Failure::new(Exit::Error, &what, &remedy))
    }
}

/// `muster why`.
pub(super) async fn why(files: ProjectFiles, args: &WhyArgs) -> Result<Exit, Failure> {
    let state = state(files, &args.state).await?;
    let State { desired, graph, .. } = &state;
    let who = state.principal(&args.principal)?;
    let is_group = who.family() == Family::Group;
    let people =
        if is_group { members(graph, &who) } else { graph.place(&who).into_iter().collect() };
    let mut found = holdings(graph, &graph.after, desired, &people);
    if is_group {
        found.retain(|one| one.via.as_ref() == Some(who.key()));
    }
    if let Some(role) = &args.role {
        let role = desired.project.roles.canonical(role);
        found.retain(|one| one.role == role);
    }
    let who = state.names.live(&who).to_string();
    state.show(&found, args.state.format.format, |style| {
        why::why(&who, &found, state.told(), style)
    })?;
    Ok(if found.is_empty() { Exit::Error } else { Exit::Ok })
}

/// `muster who-can`.
pub(super) async fn who_can(files: ProjectFiles, args: &WhoCanArgs) -> Result<Exit, Failure> {
    let state = state(files, &args.state).await?;
    let State { desired, graph, .. } = &state;
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
    let mut found = holdings(graph, &graph.after, desired, &people);
    found.retain(|one| one.role == role);
    if let Some(workspace) = &args.workspace {
        let workspace = known_workspace(workspace, desired, graph)?;
        // A role in the whole organization is one in every workspace.
        found.retain(|one| one.workspace.as_ref().is_none_or(|own| Key::new(own) == workspace));
    }
    state.show(&found, args.state.format.format, |style| {
        why::who_can(&role, &found, state.told(), style)
    })?;
    Ok(Exit::Ok)
}

/// The workspace of this name: one that the project names, or that a role is held in. Of a name
/// that nothing has, `nobody` would be the answer to another question.
fn known_workspace(written: &str, desired: &Desired, graph: &Graph) -> Result<Key, Failure> {
    let held = graph.roles.iter().filter_map(|role| role.workspace.as_ref());
    let known: BTreeSet<&String> = desired.project.target.workspaces.keys().chain(held).collect();
    let wanted = Key::new(written);
    if known.iter().any(|name| Key::new(name) == wanted) {
        return Ok(wanted);
    }
    let names: Vec<&str> = known.into_iter().map(String::as_str).collect();
    let remedy = match (nearest(written, names.iter().copied()), names.as_slice()) {
        (_, []) => "leave `--workspace` out: no workspace is named here".to_owned(),
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, _) => format!("the workspaces: {}", names.join(", ")),
    };
    Err(Failure::new(Exit::Error, &format!("there is no workspace `{written}`"), &remedy))
}

/// Everybody in a group, or in one below it.
fn members(graph: &Graph, group: &Address) -> BTreeSet<Place> {
    let below = graph.place(group).map(|place| graph.after.below(place)).unwrap_or_default();
    below.iter().flat_map(|group| graph.after.members_of(*group).iter().copied()).collect()
}
