//! The part of a plan that only takes access away, to be applied when the whole is refused: a leaver
//! does not keep access because somebody else's change waits for a review.
//!
//! A person who gains anything in the same plan is moving, and is left alone: half a move takes away
//! what the other half was to replace. So is what is renamed, and a group or role that the plan gives
//! another form.

use std::collections::BTreeSet;

use super::{Action, Change, Plan};
use crate::kind::{Address, Family, Key};
use crate::live::Usability;

/// The changes of a plan that only take access away, net of the whole plan.
#[must_use]
pub fn revocations(plan: &Plan) -> Vec<Change> {
    let moving = Moving::of(plan);
    plan.changes.iter().filter(|change| moving.lets(change)).cloned().collect()
}

/// Everything that does not only lose.
struct Moving<'a> {
    plan: &'a Plan,
    /// People who gain a role or a membership, or who are new.
    people: BTreeSet<Key>,
    /// Users and groups that are renamed.
    renamed: BTreeSet<&'a Address>,
    /// Users and groups that are given a role, in any scope.
    holders: BTreeSet<Address>,
    /// Whether the plan makes or renames a group, which may take the place of another.
    makes_groups: bool,
}

impl<'a> Moving<'a> {
    fn of(plan: &'a Plan) -> Self {
        let mut people: BTreeSet<Key> =
            plan.access.gained.iter().map(|holding| holding.user.clone()).collect();
        let mut renamed = BTreeSet::new();
        let mut holders = BTreeSet::new();
        let mut makes_groups = false;
        for change in &plan.changes {
            let is_new = change.action == Action::Create;
            let is_renamed = renames(change);
            if is_renamed {
                renamed.insert(&change.address);
            }
            match change.family() {
                Family::Subject if is_new || is_renamed => {
                    people.insert(change.address.key().clone());
                }
                Family::Membership if change.action != Action::Delete => {
                    people.extend(change.address.member().cloned());
                }
                Family::Group => makes_groups |= is_new || is_renamed,
                Family::Grant if !change.removes => holders.extend(change.address.principal()),
                Family::Subject
                | Family::Membership
                | Family::Grant
                | Family::Scope
                | Family::Plain => {}
            }
        }
        Self { plan, people, renamed, holders, makes_groups }
    }

    /// Whether a change takes access away and nobody whom it is about is moving.
    fn lets(&self, change: &Change) -> bool {
        let is_renamed = |address: &Address| self.renamed.contains(address);
        change.takes_away()
            && match change.family() {
                Family::Subject => {
                    let only_active = change.fields.iter().all(Usability::is_field);
                    (change.action == Action::Delete || only_active)
                        && !self.people.contains(change.address.key())
                }
                Family::Membership => change.address.ends().is_some_and(|(group, user)| {
                    !self.people.contains(user.key()) && !is_renamed(&group)
                }),
                Family::Group => {
                    change.action == Action::Delete
                        && !self.makes_groups
                        && self.are_still(&change.address)
                }
                Family::Grant => change.address.principal().is_some_and(|holder| {
                    !is_renamed(&holder)
                        && !self.holders.contains(&holder)
                        && self.are_still(&holder)
                }),
                Family::Scope | Family::Plain => false,
            }
    }

    /// Whether nobody who holds what `holder` holds is moving.
    fn are_still(&self, holder: &Address) -> bool {
        let graph = &self.plan.graph;
        let Some(place) = graph.place(holder) else { return false };
        if holder.family() == Family::Subject {
            return !self.people.contains(holder.key());
        }
        let inside = graph.before.below(place);
        let members = inside.iter().flat_map(|group| graph.before.members_of(*group));
        let keys = inside.iter().chain(members).filter_map(|place| graph.node(*place));
        !keys.map(|node| node.address.key()).any(|key| self.people.contains(key))
    }
}

/// Whether a change gives an object another name.
fn renames(change: &Change) -> bool {
    let name = change.kind().spec().name;
    change.action == Action::Update
        && change.fields.iter().any(|field| Some(field.as_str()) == name)
}
