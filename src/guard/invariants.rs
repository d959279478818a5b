//! What no waiver can set aside: protected objects, unproved reads, one action an address, and
//! what planning itself denied. Incidents: `H` (protected objects deleted), `A` (a partial read
//! taken as truth).

use std::collections::BTreeMap;

use super::protection::{Protection, touched_by};
use crate::kind::{Address, Family, KindName};
use crate::plan::{Action, Change, Finding, Level, Plan};

/// The invariants, in the order they are checked. `administrators` is in its own file.
pub(super) const IDS: [&str; 4] = ["administrators", "one-action", "protected", "unproved-read"];

/// The rule of how many administrators remain.
pub(super) const ADMINISTRATORS: &str = "administrators";
/// The rule of protected users and groups.
pub(super) const PROTECTED: &str = "protected";

fn deny(id: &str, change: &Change, message: String, remedy: &str) -> Finding {
    Finding {
        level: Level::Deny,
        id: id.to_owned(),
        message,
        addresses: vec![change.address.clone()],
        source: change.source.clone(),
        remedy: remedy.to_owned(),
    }
}

/// `protected`: no change is about a protected user or group, at either end, before or after.
pub(super) fn protected(plan: &Plan, protection: &Protection) -> Vec<Finding> {
    if protection.is_empty() {
        return Vec::new();
    }
    let finding = |change: &Change| {
        let touched = touched_by(change);
        let hit = protection.first(&touched)?;
        let what = if *hit == change.address {
            format!("`{hit}` is protected and is never written")
        } else {
            format!("`{}` touches `{hit}`, which is protected and never written", change.address)
        };
        let remedy = "take it out of the YAML, or change `protected` in muster.yaml in a change \
                      of its own";
        Some(deny(PROTECTED, change, what, remedy))
    };
    plan.changes.iter().filter_map(finding).collect()
}

/// The listings a removal of this kind rests on.
fn rests_on(kind: KindName) -> impl Iterator<Item = KindName> {
    let others = match kind.family() {
        // A membership is read with its group, and is a reference to a user.
        Family::Membership => kind.spec().depends_on,
        Family::Subject | Family::Group | Family::Grant | Family::Scope | Family::Plain => &[],
    };
    std::iter::once(kind).chain(others.iter().copied())
}

/// `unproved-read`: nothing is removed on the strength of a listing that could not be proved.
pub(super) fn unproved_read(plan: &Plan) -> Vec<Finding> {
    let finding = |change: &Change| {
        let kind = rests_on(change.kind()).find(|kind| plan.doubts.contains_key(kind))?;
        let why = plan.doubts.get(&kind)?;
        let what = format!(
            "`{}` would be removed, but the listing of {} is not proved complete: {why}",
            change.address,
            kind.plural(),
        );
        let remedy = "run the plan again; if it stays so, `muster doctor` says what the server \
                      gets wrong";
        Some(deny("unproved-read", change, what, remedy))
    };
    plan.changes.iter().filter(|change| change.takes_away()).filter_map(finding).collect()
}

/// `one-action`: an address has one change in a plan; a delete beside a create would lose the
/// object's id, its history and everything that hangs on it.
pub(super) fn one_action(plan: &Plan) -> Vec<Finding> {
    let mut seen: BTreeMap<&Address, &Change> = BTreeMap::new();
    let mut findings = Vec::new();
    for change in &plan.changes {
        if let Some(first) = seen.insert(&change.address, change) {
            let what = format!(
                "`{}` has two changes in one plan: {} and {}",
                change.address,
                verb(first.action),
                verb(change.action),
            );
            let remedy = "say `previously` if it is a rename; else apply the removal first, in a \
                          plan of its own";
            findings.push(deny("one-action", change, what, remedy));
        }
    }
    findings
}

const fn verb(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{change, plan, rename};
    use super::*;
    use crate::config::Protected;

    fn protection() -> Protection {
        let users = vec!["*@recovery.example.com".to_owned()];
        Protection::new(&Protected { users, groups: vec!["break-glass".to_owned()] }).unwrap()
    }

    #[test]
    fn nothing_protected_is_touched_from_any_side() {
        let touching = [
            change("user/one@recovery.example.com", Action::Update),
            change("user/One@Recovery.example.com", Action::Create),
            change("membership/ops/one@recovery.example.com", Action::Create),
            change("membership/break-glass/ada@example.com", Action::Delete),
            change("binding/user/one@recovery.example.com/viewer/-", Action::Delete),
            change("binding/group/break-glass/viewer/-", Action::Create),
            rename("user/two@example.com", "userName", "one@recovery.example.com"),
            rename("group/other", "displayName", "Break-Glass"),
        ];
        for change in touching {
            let found = protected(&plan(vec![change.clone()]), &protection());
            assert_eq!(found.len(), 1, "{}", change.address);
            assert_eq!(found[0].level, Level::Deny);
        }
        let harmless = change("membership/ops/ada@example.com", Action::Delete);
        assert!(protected(&plan(vec![harmless]), &protection()).is_empty());
    }

    #[test]
    fn nothing_is_removed_on_an_unproved_read() {
        let mut one = plan(vec![
            change("user/a@x.org", Action::Delete),
            change("membership/g/a@x.org", Action::Delete),
            change("group/g", Action::Delete),
            change("user/b@x.org", Action::Create),
            change("membership/g/b@x.org", Action::Create),
        ]);
        assert!(unproved_read(&one).is_empty());
        one.doubts.insert(KindName::User, "the total changed between pages".to_owned());
        let found: Vec<_> =
            unproved_read(&one).iter().map(|f| f.addresses[0].to_string()).collect();
        assert_eq!(found, ["user/a@x.org", "membership/g/a@x.org"]);
    }

    #[test]
    fn a_deactivation_is_a_removal_too() {
        let mut off = change("user/a@x.org", Action::Update);
        off.removes = true;
        let mut one = plan(vec![off]);
        one.doubts.insert(KindName::User, "short page".to_owned());
        assert_eq!(unproved_read(&one).len(), 1);
    }

    #[test]
    fn an_address_is_not_deleted_and_made_in_one_plan() {
        let both = vec![
            change("group/g", Action::Delete),
            change("group/G", Action::Create),
            change("group/h", Action::Create),
        ];
        assert_eq!(one_action(&plan(both)).len(), 1);
    }
}
