//! What one change of a plan means for the order of the steps.

use std::collections::BTreeSet;

use crate::kind::{Family, Key};
use crate::plan::{Action, Change, Plan, Presence};

/// Whether a change takes access away and can be made at once: a role, or an account's use.
pub(super) fn is_revocation(change: &Change) -> bool {
    match change.action {
        Action::Update => change.removes,
        Action::Delete => change.family() == Family::Grant,
        Action::Create => false,
    }
}

/// What a change does to the number of administrators.
pub(super) enum Effect {
    /// It may raise it.
    Raises,
    /// It lowers it.
    Lowers,
    /// Nothing.
    None,
}

/// What a change of an object does to the number of administrators.
pub(super) fn effect(plan: &Plan, change: &Change, joining: &BTreeSet<&Key>) -> Effect {
    let key = change.address.key();
    let keeps_active = !plan.administration.newcomers_wait;
    let switches = Presence::after(change, keeps_active).is_some();
    let (concerned, lowers) = match change.family() {
        Family::Subject => {
            let is_one = plan
                .administration
                .realms
                .first()
                .is_some_and(|all| all.standing.contains_key(key))
                || joining.contains(key);
            (is_one && switches, change.removes)
        }
        Family::Group => {
            let is_disbanded = plan.administration.disbanded.contains(key);
            let names = change.kind().spec().name;
            let renames = change.fields.iter().any(|field| Some(field.as_str()) == names);
            let is_made = change.action == Action::Create || renames;
            (plan.administration.groups.contains(key) && (is_made || is_disbanded), is_disbanded)
        }
        Family::Grant => match plan.administration.bindings.get(&change.address) {
            Some(gives) => (true, !gives),
            None => (false, false),
        },
        Family::Membership | Family::Scope | Family::Plain => (false, false),
    };
    match (concerned, lowers) {
        (false, _) => Effect::None,
        (true, true) => Effect::Lowers,
        (true, false) => Effect::Raises,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Administrators;
    use crate::guard::fixture::{administered, change, plan, rename};

    /// The effect of one change of a group of administrators.
    fn of(change: Change) -> Effect {
        let mut plan = plan(vec![change]);
        let admins: &[&str] = &["admins"];
        administered(&mut plan, &[("a", admins)]);
        let groups = vec!["admins".to_owned()];
        plan.administration.rule = Some(Administrators { roles: vec![], groups, at_least: 1 });
        effect(&plan, &plan.changes[0], &BTreeSet::new())
    }

    #[test]
    fn a_group_makes_administrators_when_it_is_made_or_renamed_and_by_nothing_else() {
        assert!(matches!(of(change("group/admins", Action::Create)), Effect::Raises));
        assert!(matches!(of(rename("group/admins", "displayName", "old")), Effect::Raises));
        assert!(matches!(of(rename("group/admins", "externalId", "old")), Effect::None));
        assert!(matches!(of(change("group/others", Action::Create)), Effect::None));
    }
}
