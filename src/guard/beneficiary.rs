//! The approver of an exception is somebody known, and not the one that it is for.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Waived, waiver};
use crate::config::{Desired, Waiver};
use crate::kind::{Address, Family};
use crate::plan::access::{Graph, Place, When, declared as declared_graph, holders_for};
use crate::plan::{Approver, Approvers, Finding, Level};

/// The findings on the approvers of `desired`'s waivers, of which `waived` are in use.
pub(super) fn findings(
    desired: &Desired,
    now: Timestamp,
    waived: &[Waived],
    (approvers, graph): (&Approvers, &Graph),
) -> Vec<Finding> {
    let unknown = desired
        .waivers
        .iter()
        .filter(|waiver| now <= waiver.until)
        .filter(|waiver| !approvers.get(&waiver.approved_by).is_some_and(|one| one.is_known));
    let mut findings: Vec<Finding> =
        unknown.map(|waiver| unknown_approver(waiver, &desired.project.file)).collect();
    findings.extend(waived.iter().filter_map(|one| {
        let approver = approvers.get(&one.approved_by)?;
        Some(own_approval(one, own(approver, &one.addresses, graph)?))
    }));
    findings
}

/// The same of what is declared, offline.
pub(super) fn declared(desired: &Desired, now: Timestamp, waived: &[Waived]) -> Vec<Finding> {
    let graph = match waived {
        [] => Graph::default(),
        _ => declared_graph(desired, now, When::ToCome),
    };
    findings(desired, now, waived, (&Approvers::declared(desired), &graph))
}

fn unknown_approver(waiver: &Waiver, project: &str) -> Finding {
    let who = &waiver.approved_by;
    Finding {
        level: Level::Warn,
        id: waiver::ID.to_owned(),
        message: format!(
            "the approver `{who}` of this waiver of `{}` is neither a declared user nor an entry of \
             `approvers`",
            waiver.rule
        ),
        addresses: vec![],
        source: Some(waiver.source.clone()),
        remedy: format!(
            "write the userName of a declared user in `approvedBy`, or add `approvers: [{}]` to \
             {project}",
            serde_json::Value::from(who.as_str())
        ),
    }
}

fn own_approval(waived: &Waived, who: &Address) -> Finding {
    Finding {
        level: Level::Deny,
        id: waiver::ID.to_owned(),
        message: format!(
            "this waiver of `{}` was approved by `{}`, which may be `{who}`, whom it is for",
            waived.rule, waived.approved_by
        ),
        addresses: waived.addresses.clone(),
        source: Some(waived.source.clone()),
        remedy: "have it approved by somebody who gains nothing by it, and write that person's \
                 userName in `approvedBy`"
            .to_owned(),
    }
}

/// The account of the approver that something at the addresses is for.
fn own<'a>(approver: &'a Approver, addresses: &[Address], graph: &Graph) -> Option<&'a Address> {
    let mut people: BTreeSet<Address> = BTreeSet::new();
    for address in addresses {
        people.extend(beneficiaries(address, graph));
    }
    approver.accounts.iter().find(|account| people.contains(*account))
}

/// Everybody whom something at `address` is for: its user, its holder, or all the members of its
/// group, and whoever holds a role for it where it is a set of resources.
fn beneficiaries(address: &Address, graph: &Graph) -> BTreeSet<Address> {
    let holder = match address.family() {
        Family::Membership => return address.ends().map(|(_, user)| user).into_iter().collect(),
        Family::Subject | Family::Group => address.clone(),
        Family::Grant => match address.principal() {
            Some(holder) => holder,
            None => return BTreeSet::new(),
        },
        Family::Scope => {
            let holders = holders_for(graph, &BTreeSet::from([address]));
            return holders.into_iter().flat_map(|place| with_members(place, graph)).collect();
        }
        Family::Plain => return BTreeSet::new(),
    };
    let members = graph.place(&holder).map(|place| with_members(place, graph));
    members.into_iter().flatten().chain([holder]).collect()
}

/// A user; or a group, and everybody in it.
fn with_members(place: Place, graph: &Graph) -> BTreeSet<Address> {
    let address = |place: Place| graph.node(place).map(|node| node.address.clone());
    let mut all: BTreeSet<Address> = address(place).into_iter().collect();
    for group in graph.after.below(place) {
        all.extend(graph.after.members_of(group).iter().filter_map(|user| address(*user)));
    }
    all
}
