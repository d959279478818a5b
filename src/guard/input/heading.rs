//! From a graph and the files to everything of the document but its changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::build::{self, Indexer};
use super::header::{self, Administrators, BreakGlassView, Header, Point, Protected, SCHEMA};
use super::{Asked, Summary, access, select};
use crate::config::Desired;
use crate::guard::protection::Protection;
use crate::kind::{Address, Key};
use crate::plan::Change;
use crate::plan::access::{AccessDelta, Graph, Place, Side};

/// What a header is made from.
pub(super) struct Heading<'a> {
    pub(super) graph: &'a Graph,
    pub(super) desired: &'a Desired,
    pub(super) asked: &'a Asked,
    pub(super) protection: &'a Protection,
    pub(super) changes: &'a [Change],
    pub(super) access: Option<&'a AccessDelta>,
    pub(super) target: String,
    pub(super) summary: Summary,
}

impl<'a> Heading<'a> {
    /// Of a state in which nothing changes.
    pub(super) fn still(
        graph: &'a Graph,
        desired: &'a Desired,
        asked: &'a Asked,
        protection: &'a Protection,
        target: String,
    ) -> Self {
        let summary = Summary::default();
        Self { graph, desired, asked, protection, changes: &[], access: None, target, summary }
    }

    pub(super) fn make(self, point: Point, now: Timestamp) -> Header {
        let project = &self.desired.project;
        let before = select::administrators(self.graph, &self.graph.before, self.desired);
        let after = select::administrators(self.graph, &self.graph.after, self.desired);
        let both: BTreeSet<Place> = before.union(&after).copied().collect();
        let actor = header::person(&self.asked.actor);
        let named = select::Named { administrators: &both, actor: &actor };
        let selection = select::select(self.graph, self.desired, point, self.changes, named);
        let indexer = Indexer {
            graph: self.graph,
            desired: self.desired,
            point,
            protection: self.protection,
            selection: &selection,
        };
        let users = indexer.users();
        let names = |places: &BTreeSet<Place>| {
            let nodes = places.iter().filter_map(|place| self.graph.node(*place));
            nodes.map(|node| header::segment(node.address.key())).collect::<BTreeSet<_>>()
        };
        Header {
            schema: SCHEMA,
            point,
            organization: project.organization.clone(),
            target: self.target.clone(),
            holds: header::holds(project),
            now: now.to_string(),
            now_ns: header::nanoseconds(Some(now)),
            actor: header::segment(&actor),
            run: self.asked.run,
            protected: Protected {
                users: project.protected.users.clone(),
                groups: project.protected.groups.clone(),
            },
            administrators: Administrators {
                roles: project.administrators.roles.clone(),
                groups: project.administrators.groups.clone(),
                before: names(&before).into_iter().collect(),
                after: names(&after).into_iter().collect(),
            },
            privileged: project.governance.privileged.clone(),
            break_glass: self.break_glass(point),
            summary: self.summary,
            settings: self.asked.settings.clone(),
            waivers: header::waivers(self.desired),
            workspaces: header::workspaces(project),
            groups: indexer.groups(),
            bindings: indexer.bindings(),
            domains: indexer.domains(&users),
            users,
            access: self.access.map(access::access).unwrap_or_default(),
        }
    }

    fn break_glass(&self, point: Point) -> BTreeMap<String, BreakGlassView> {
        let accounts = &self.desired.project.governance.break_glass;
        let after: &Side = &self.graph.after;
        let view = |(key, account): (&Key, &crate::config::BreakGlass)| {
            let address = Address::of_subject(key.clone());
            let place = self.graph.place(&address);
            let domain = build::domain_of(key);
            let facts = self.graph.domains.get(domain.as_str());
            let view = BreakGlassView {
                address: address.to_string(),
                tested: header::instant(account.tested),
                tested_ns: header::nanoseconds(account.tested),
                owner: account.owner.clone().unwrap_or_default(),
                state: match (point, place.map(|place| after.presence_of(place))) {
                    (Point::Check, _) => "unknown",
                    // One that nobody has signed in with yet opens no door on the worst day.
                    (_, presence) => presence.unwrap_or_default().word(),
                },
                sso: facts.map(|facts| facts.sso.1.clone()).unwrap_or_default(),
                domain,
                source: Some(account.source.clone()),
            };
            (header::segment(key), view)
        };
        accounts.iter().map(view).collect()
    }
}
