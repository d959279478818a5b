//! Whoever approves an exception is not the one it is for.

use super::{Waived, waiver};
use crate::kind::{Address, Family, Key};
use crate::plan::access::{Graph, Place};
use crate::plan::{Finding, Level};

/// The waivers that were approved by somebody who has something of them.
pub(super) fn findings(waived: &[Waived], graph: &Graph) -> Vec<Finding> {
    let own = |one: &&Waived| {
        let approver = Key::new(&one.approved_by);
        one.addresses.iter().any(|address| benefits(&approver, address, graph))
    };
    let finding = |one: &Waived| Finding {
        level: Level::Deny,
        id: waiver::ID.to_owned(),
        message: format!(
            "this waiver of `{}` was approved by `{}`, whom it is for",
            one.rule, one.approved_by
        ),
        addresses: one.addresses.clone(),
        source: Some(one.source.clone()),
        remedy: "have it approved by somebody who gains nothing by it".to_owned(),
    };
    waived.iter().filter(own).map(finding).collect()
}

/// Whether what is at `address` is this person's, or a group's that the person is in.
fn benefits(person: &Key, address: &Address, graph: &Graph) -> bool {
    if address.member() == Some(person) {
        return true;
    }
    let holder = address.principal().unwrap_or_else(|| address.clone());
    match holder.family() {
        Family::Subject => holder.key() == person,
        Family::Group => {
            let person = Address::of_subject(person.clone());
            let (Some(group), Some(person)) = (graph.place(&holder), graph.place(&person)) else {
                return false;
            };
            let in_it = |group: Place| graph.after.members_of(group).contains(&person);
            address.member().is_none() && graph.after.below(group).into_iter().any(in_it)
        }
        Family::Membership | Family::Grant | Family::Scope | Family::Plain => false,
    }
}
