//! The basis of a plan: what it was computed from, in few bytes.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::align::align;
use super::jurisdiction::{Jurisdiction, Reach};
use crate::config::Desired;
use crate::kind::{Address, Fields, Key};
use crate::live::{Fingerprint, Live, Member};

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
            basis.insert(listed, Fingerprint::of(&ids.join("\n"), &Fields::new()));
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
