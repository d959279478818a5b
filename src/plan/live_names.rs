//! The names that live objects have at the target, where the files give them others.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::access::Holding;
use super::align::align;
use super::jurisdiction::Jurisdiction;
use crate::config::Desired;
use crate::kind::{Address, Key};
use crate::live::Live;

/// The live addresses of objects that a plan names otherwise: declared under another name
/// (`previously`, `externalId`), and not renamed yet. Empty where the files are all that is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveNames {
    by_declared: BTreeMap<Address, Address>,
}

impl LiveNames {
    /// The names of what is live.
    #[must_use]
    pub fn of(desired: &Desired, live: &Live, now: Timestamp) -> Self {
        let aligned = align(desired, live, &Jurisdiction::of(&desired.project), now);
        let named = live.objects().iter().zip(aligned.addresses);
        let named = named.filter(|(object, address)| object.key != *address.key());
        let named = named.filter(|(_, address)| address.principal().is_none());
        let live = |(object, address): (&crate::live::Object, Address)| {
            (address, Address::new(object.kind, object.key.clone()))
        };
        Self { by_declared: named.map(live).collect() }
    }

    /// The live address of what has this address in a plan.
    #[must_use]
    pub fn live(&self, address: &Address) -> Address {
        let plain = |address: &Address| self.by_declared.get(address).unwrap_or(address).clone();
        if let Some((group, user)) = address.ends() {
            return Address::membership(plain(&group).key().clone(), plain(&user).key().clone());
        }
        match address.principal() {
            Some(holder) => address.held_by(&plain(&holder)),
            None => plain(address),
        }
    }

    /// The address that the live object of this address has in a plan; `None`: it is the name
    /// that a live object is to have, and has not.
    #[must_use]
    pub fn declared(&self, live: &Address) -> Option<Address> {
        let renamed = self.by_declared.iter().find(|(_, other)| *other == live);
        match renamed {
            Some((declared, _)) => Some(declared.clone()),
            None => (!self.by_declared.contains_key(live)).then(|| live.clone()),
        }
    }

    /// The name of a user at the target.
    #[must_use]
    pub fn user(&self, user: &Key) -> Key {
        self.live(&Address::of_subject(user.clone())).key().clone()
    }

    /// The name of a group at the target.
    #[must_use]
    pub fn group(&self, group: &Key) -> Key {
        self.live(&Address::of_group(group.clone())).key().clone()
    }

    /// The same holding, in the names of the target.
    #[must_use]
    pub fn holding(&self, holding: &Holding) -> Holding {
        Holding {
            user: self.user(&holding.user),
            via: holding.via.as_ref().map(|group| self.group(group)),
            binding: self.live(&holding.binding),
            membership: holding.membership.as_ref().map(|one| self.live(one)),
            ..holding.clone()
        }
    }
}
