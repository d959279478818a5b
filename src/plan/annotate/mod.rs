//! The last pass: what the changes come to. It changes none of them.

mod cost;
mod held;
mod ids;
mod own;
mod population;
mod roles;

pub use own::{OwnLoss, OwnWay};

use super::access::{self, AccessDelta, Privileged};
use super::administrators::administration;
use super::draft::Draft;
use super::gate::dates_decide;
use super::inputs::Inputs;
use super::{Approvers, Plan};
use crate::kind::KindName;

/// The plan of `draft`: with what it costs, who administers and who gains or loses access by it,
/// and what shares and ids the later stages count with.
pub(super) fn annotate(inputs: Inputs<'_>, draft: Draft) -> Plan {
    let Inputs { desired, live, aligned, now, .. } = inputs;
    let Draft { changes, unmanaged, waiting, mut findings, held } = draft;
    let graph = access::build(live, aligned, &changes, &Privileged::of(&desired.project));
    findings.extend(roles::unmatched(&desired.project, &graph));
    findings.extend(own::check(inputs, &graph, &changes));
    let own = own::losses(inputs, &graph, &changes);
    let (held, more) = held::held(inputs, &graph, held);
    findings.extend(more);
    findings.sort();
    let doubts = KindName::ALL
        .iter()
        .filter(|kind| {
            !live.capabilities.refused_kinds.contains_key(kind) && !kind.spec().is_link()
        })
        .filter_map(|kind| Some((*kind, live.doubt(*kind)?.to_owned())))
        .collect();
    let administration = administration(inputs, &changes);
    Plan {
        organization: desired.project.organization.clone(),
        target: live.capabilities.target.clone(),
        now,
        cost: cost::cost(&changes, &live.capabilities, &desired.project, &administration),
        administration,
        own,
        approvers: Approvers::of(inputs),
        member_batch: live.capabilities.member_batch.max(1),
        new_groups_have_members: live.capabilities.new_groups_have_members,
        access: AccessDelta::of(&graph, &changes, desired),
        population: population::population(inputs, &changes),
        ids: ids::ids(inputs, &changes),
        graph,
        changes,
        unmanaged,
        waiting,
        held,
        findings,
        doubts,
        skew: live.skew.filter(|_| dates_decide(desired)),
    }
}
