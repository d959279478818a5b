//! What the files ask about `active` of a target that cannot do it: refused before anything is
//! written. Written all the same, it would change nothing there, and every later plan would say
//! that the account is as declared.

use crate::config::{Desired, OnRemove};
use crate::kind::{Address, Family, Item, KindName};
use crate::live::{Live, Usability};
use crate::plan::{Finding, Level};

const ID: &str = "target-cannot-deactivate";

/// Refuses `active` of users and `onRemove: deactivate` where the target does not let
/// muster switch accounts on or off.
pub(super) fn check(desired: &Desired, live: &Live) -> Vec<Finding> {
    let declared = (!live.capabilities.keeps_active()).then(|| declared(desired));
    let removal = (!live.capabilities.can_deactivate()).then(|| removal(desired));
    declared.flatten().into_iter().chain(removal.flatten()).collect()
}

fn declared(desired: &Desired) -> Option<Finding> {
    let says_active = |item: &&Item| Usability::is_declared(&item.fields);
    let items: Vec<&Item> = desired.of_family(Family::Subject).filter(says_active).collect();
    let first = items.first()?;
    let addresses: Vec<Address> = items.iter().map(|item| item.address.clone()).collect();
    let users = if addresses.len() == 1 { "1 user" } else { &format!("{} users", addresses.len()) };
    Some(Finding {
        level: Level::Deny,
        id: ID.to_owned(),
        message: format!(
            "`active` is declared for {users} and has no effect: this target does not let muster \
             switch accounts on or off"
        ),
        addresses,
        source: first.source.clone(),
        remedy: "take `active` out of the YAML; switch the account on or off at the target \
                 itself, or remove the user from the files and set `manage.users.onRemove: delete`"
            .to_owned(),
    })
}

fn removal(desired: &Desired) -> Option<Finding> {
    let manage = &desired.project.manage;
    let mut kinds = KindName::of_family(Family::Subject);
    let deactivates = kinds.any(|kind| manage.on_remove(kind) == OnRemove::Deactivate);
    deactivates.then(|| Finding {
        level: Level::Deny,
        id: ID.to_owned(),
        message: "`manage.users.onRemove` is `deactivate`, and muster cannot deactivate a user of \
                  this target: whoever leaves the files would stay as they are"
            .to_owned(),
        addresses: Vec::new(),
        source: desired.project.manage_source.clone(),
        remedy: "write `onRemove: delete` under `manage.users`, or `onRemove: report` and remove \
                 the accounts at the target itself"
            .to_owned(),
    })
}
