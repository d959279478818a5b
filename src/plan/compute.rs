//! The plan: from what is declared and what is live to what is to be done.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::access::{self, AccessDelta, Privileged};
use super::administrators::administration;
use super::align::{Aligned, align};
use super::builder::{Builder, Gathered};
use super::cost::cost;
use super::jurisdiction::{Jurisdiction, Reach};
use super::objects::plan_objects;
use super::{Change, Plan, Population, deactivation, holders, links, order, own, quota, roles};
use crate::config::Desired;
use crate::kind::{Address, Key, KindName};
use crate::live::{Fingerprint, Live, Member, Usability};

/// What there is to do at `now`. Total: whatever cannot be done is a finding.
#[must_use]
pub fn plan(desired: &Desired, live: &Live, now: Timestamp) -> Plan {
    let jurisdiction = Jurisdiction::of(&desired.project);
    let aligned = align(desired, live, &jurisdiction, now);
    let mut builder = Builder::new(desired, live, &jurisdiction, now);
    aligned.findings.iter().cloned().for_each(|finding| builder.find(finding));
    builder.declared.clone_from(&aligned.declared);
    plan_objects(&mut builder, &aligned);
    builder.leaving = leaving(&builder.changes);
    let mut population = population(live, &aligned, &jurisdiction, &builder.changes);
    let mut ids = links::plan_links(&mut builder, &aligned, &mut population);
    holders::remember(&builder, &aligned, &mut ids);
    order::order_names(&mut builder);
    let more = own::check(&builder, &aligned).into_iter().chain(roles::check(&builder));
    more.collect::<Vec<_>>().into_iter().for_each(|finding| builder.find(finding));
    let Gathered { changes, unmanaged, waiting, mut findings } = builder.finish();
    findings.extend(quota::check(live, &aligned, &changes));
    findings.extend(deactivation::check(desired, live));
    let doubts = KindName::ALL
        .iter()
        .filter(|kind| !live.capabilities.refused_kinds.contains_key(kind) && !kind.spec().is_link)
        .filter_map(|kind| Some((*kind, live.doubt(*kind)?.to_owned())))
        .collect();
    let graph = access::build(live, &aligned, &changes, &Privileged::of(&desired.project));
    findings.extend(roles::unmatched(&desired.project, &graph));
    findings.sort();
    Plan {
        organization: desired.project.organization.clone(),
        target: live.capabilities.target.clone(),
        now,
        cost: cost(&changes, &live.capabilities, &desired.project),
        administration: administration(desired, live, &aligned, &changes),
        member_batch: live.capabilities.member_batch.max(1),
        access: AccessDelta::of(&graph, &changes, desired),
        graph,
        changes,
        unmanaged,
        waiting,
        findings,
        population,
        ids,
        doubts,
    }
}

/// The fingerprint of every live object that is managed or declared, by the address it has in
/// the plan, and of the member list of every group among them (`membership/GROUP/*`): what a plan
/// file holds and `apply` compares.
#[must_use]
pub fn basis(desired: &Desired, live: &Live, now: Timestamp) -> BTreeMap<Address, Fingerprint> {
    let jurisdiction = Jurisdiction::of(&desired.project);
    let aligned = align(desired, live, &jurisdiction, now);
    let mut basis = BTreeMap::new();
    for (object, address) in live.objects().iter().zip(&aligned.addresses) {
        if jurisdiction.reach(address) != Reach::Managed {
            continue;
        }
        basis.insert(address.clone(), object.fingerprint());
        if let Some(members) = &object.members {
            let mut ids: Vec<&str> = members.iter().map(|member| member_id(live, member)).collect();
            ids.sort_unstable();
            let listed = Address::membership(address.key().clone(), Key::new("*"));
            basis.insert(listed, Fingerprint::of(&ids.join("\n"), &BTreeMap::new()));
        }
    }
    basis
}

fn member_id<'a>(live: &'a Live, member: &'a Member) -> &'a str {
    match member {
        Member::Known(place) => {
            live.objects().get(*place as usize).map_or("", |object| object.id.as_str())
        }
        Member::Unknown(id) => id,
    }
}

/// The users that changes deactivate or delete.
fn leaving(changes: &[Change]) -> BTreeSet<Address> {
    let leaves = |change: &&Change| change.removes && change.kind() == KindName::User;
    changes.iter().filter(leaves).map(|change| change.address.clone()).collect()
}

/// How many live things of each kind are managed, and how many of them are in use; members are
/// counted with the links.
fn population(
    live: &Live,
    aligned: &Aligned,
    reach: &Jurisdiction,
    changes: &[Change],
) -> Population {
    let mut population = Population::default();
    let removed = |change: &&Change| change.removes && !change.kind().spec().is_link;
    let removed: BTreeSet<&Address> =
        changes.iter().filter(removed).map(|change| &change.address).collect();
    for (object, address) in live.objects().iter().zip(&aligned.addresses) {
        if reach.reach(address) != Reach::Managed {
            continue;
        }
        *population.by_kind.entry(object.kind).or_default() += 1;
        let usability = Usability::of(object, &live.capabilities);
        if usability.can_sign_in() || removed.contains(address) {
            *population.in_use.entry(object.kind).or_default() += 1;
        }
        // Deleting a group empties it.
        if let (true, Some(members)) = (removed.contains(address), &object.members) {
            population.members.insert(address.clone(), members.len() as u64);
        }
    }
    population
}
