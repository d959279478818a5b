//! `administrators-unnamed`: the target holds roles, and nothing says which of them make
//! administrators. Nobody is counted then, so nothing may be taken from anybody: whoever it is
//! taken from may be the last administrator.

use crate::kind::Family;
use crate::plan::{Action, Change, Finding, Level, Plan};

/// The rule's name.
pub(super) const ID: &str = "administrators-unnamed";

/// Whether a change may take a role from somebody: directly, with the account, or with a group.
fn takes(change: &Change) -> bool {
    let ends = change.takes_away();
    match change.family() {
        Family::Subject | Family::Group | Family::Membership => ends,
        // Other scopes, or other contents of one, may be fewer.
        Family::Grant | Family::Scope => ends || change.action == Action::Update,
        Family::Plain => false,
    }
}

/// What there is to say of a plan for such a target.
pub(super) fn finding(plan: &Plan) -> Finding {
    let taking: Vec<&Change> = plan.changes.iter().filter(|change| takes(change)).collect();
    let (level, then) = match taking.as_slice() {
        [] => (Level::Warn, "a plan that takes anything from anybody would be refused"),
        _ => (Level::Deny, "so nothing may be taken from anybody"),
    };
    let mut addresses: Vec<_> = taking.iter().map(|change| change.address.clone()).collect();
    addresses.sort();
    Finding {
        level,
        id: ID.to_owned(),
        message: format!(
            "nothing says who is an administrator, and nothing protects the last one: {then}"
        ),
        addresses,
        source: taking.first().and_then(|change| change.source.clone()),
        remedy: "write in muster.yaml which roles make administrators, such as `administrators: { \
                 roles: [ccs.account-admin] }`, or which groups"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{change, desired, plan, rename};
    use super::super::{Layer, judge};
    use super::*;

    fn said(changes: Vec<Change>, unnamed: bool) -> Vec<(Level, usize)> {
        let mut plan = plan(changes);
        plan.administration.unnamed = unnamed;
        let law = "law".to_owned();
        let verdict = judge(
            &plan,
            &desired(),
            vec![(law.clone(), vec![])],
            &crate::guard::Regime::expecting(&["law"]),
        )
        .unwrap();
        let mut of = verdict.rules().iter().filter(|rule| rule.id == ID);
        assert!(of.all(|rule| rule.layer == Layer::Invariant));
        let of = verdict.findings().filter(|finding| finding.id == ID);
        of.map(|finding| (finding.level, finding.addresses.len())).collect()
    }

    #[test]
    fn whoever_takes_anything_says_first_who_is_an_administrator() {
        for taking in [
            change("user/a@x.org", Action::Delete),
            change("group/g", Action::Delete),
            change("membership/g/a@x.org", Action::Delete),
            change("binding/group/g/root/main", Action::Delete),
            change("binding/group/g/root/main", Action::Update),
        ] {
            assert_eq!(said(vec![taking.clone()], true), [(Level::Deny, 1)], "{}", taking.address);
            assert_eq!(said(vec![taking], false), []);
        }
        let mut off = change("user/a@x.org", Action::Update);
        off.removes = true;
        assert_eq!(said(vec![off], true), [(Level::Deny, 1)]);
    }

    #[test]
    fn what_only_gives_is_warned_about() {
        let giving = vec![
            change("user/a@x.org", Action::Create),
            change("binding/group/g/root/main", Action::Create),
            rename("group/h", "displayName", "g"),
        ];
        assert_eq!(said(giving, true), [(Level::Warn, 0)]);
        assert_eq!(said(vec![], true), [(Level::Warn, 0)]);
    }
}
