//! Whether administrators can still sign in after the plan: under a name that they have now, and by
//! a connection that the plan does not edit.

use std::collections::BTreeSet;

use serde_json::Value;

use super::delta::Delta;
use super::invariants::ADMINISTRATORS;
use super::roll::Roll;
use crate::kind::{Address, Family, Fields, Key};
use crate::plan::{Action, Change, Finding, Level, Plan, Realm};

/// The administrators before a plan and after it.
pub(super) struct Administering<'a> {
    plan: &'a Plan,
    before: Roll,
    after: Roll,
}

impl<'a> Administering<'a> {
    pub(super) fn of(plan: &'a Plan, all: &Realm, steps: &[(Delta, &Change)]) -> Self {
        let mut after = Roll::new(all);
        steps.iter().for_each(|(delta, _)| after.take(delta));
        Self { plan, before: Roll::new(all), after }
    }

    /// The finding where the plan gives new names to sign in with to so many administrators that,
    /// if the names are wrong, too few are left. One may be renamed while another keeps the name.
    pub(super) fn renamed(&self, must_remain: usize) -> Option<Finding> {
        let is_one = |change: &&Change| self.before.is_one(change.address.key());
        let renaming: Vec<&Change> = self
            .plan
            .changes
            .iter()
            .filter(|change| signs_in_anew(change))
            .filter(is_one)
            .collect();
        let first = renaming.first()?;
        let renamed: BTreeSet<&Key> = renaming.iter().map(|change| change.address.key()).collect();
        let stays = |user: &&Key| self.before.is_one(user) && !renamed.contains(*user);
        let kept = self.after.ones().filter(stays).count();
        if kept > 0 && (renamed.len() == 1 || kept >= must_remain) {
            return None;
        }
        let count = renamed.len();
        Some(Finding {
            level: Level::Deny,
            id: ADMINISTRATORS.to_owned(),
            message: format!(
                "{count} {} would sign in under another name, and {kept} under the name they have \
                 now, of at least {must_remain}: if the new names are wrong, nobody can mend it",
                if count == 1 { "administrator" } else { "administrators" },
            ),
            addresses: renaming.iter().map(|change| change.address.clone()).collect(),
            source: first.source.clone(),
            remedy: format!(
                "rename in two changes: keep at least {must_remain} administrators under the names \
                 they have now, apply, let somebody sign in under a new name, then rename the others"
            ),
        })
    }

    /// Whether somebody who administers can still sign in if a connection that this plan edits
    /// turns out wrong: an administrator whose domain keeps its way of signing in.
    pub(super) fn routed(&self) -> Option<Finding> {
        let edits = |change: &&Change| {
            let sso =
                |fields: Option<&Fields>| fields.and_then(|fields| fields.get("sso")).cloned();
            change.kind().spec().routes_sign_in
                && sso(change.before.as_ref()) != sso(change.after.as_ref())
        };
        let edited: Vec<&Change> = self.plan.changes.iter().filter(edits).collect();
        let first = edited.first()?;
        let routed: BTreeSet<&str> =
            edited.iter().map(|change| change.address.key().as_str()).collect();
        let keeps = |user: &&Key| {
            let domain = user.as_str().rsplit_once('@').map(|(_, domain)| domain);
            domain.is_none_or(|domain| !routed.contains(domain))
        };
        if self.after.ones().any(|user| keeps(&user)) {
            return None;
        }
        let addresses: Vec<Address> = edited.iter().map(|change| change.address.clone()).collect();
        Some(Finding {
            level: Level::Deny,
            id: ADMINISTRATORS.to_owned(),
            message: "every administrator signs in by a connection that this plan edits: if it is \
                      wrong, nobody can mend it"
                .to_owned(),
            addresses,
            source: first.source.clone(),
            remedy: "keep an administrator who signs in another way: a break-glass account of a \
                     domain without a connection, or the recovery account"
                .to_owned(),
        })
    }
}

/// Whether a person signs in under another name after the change: another user name, or both
/// another external id and none of the e-mail addresses of before, for a provider finds its user by
/// either.
fn signs_in_anew(change: &Change) -> bool {
    let (Family::Subject, Action::Update) = (change.family(), change.action) else { return false };
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return false };
    let differs = |name: &str, fold: fn(&str) -> String| {
        let said = |fields: &Fields| fields.get(name).and_then(Value::as_str).map(fold);
        said(before).zip(said(after)).is_some_and(|(before, after)| before != after)
    };
    let folded = |name: &str| Key::new(name).as_str().to_owned();
    let name = change.kind().spec().name;
    let mails = |fields: &Fields| fields.get("emails").map(addresses);
    let mailed_anew = mails(before)
        .zip(mails(after))
        .is_some_and(|(before, after)| !before.is_empty() && before.is_disjoint(&after));
    name.is_some_and(|name| differs(name, folded))
        || differs("externalId", str::to_owned) && mailed_anew
}

/// The e-mail addresses in a value, as they are compared.
fn addresses(emails: &Value) -> BTreeSet<Key> {
    let all = emails.as_array().into_iter().flatten();
    all.filter_map(|email| email.get("value").unwrap_or(email).as_str()).map(Key::new).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::{Asking, administered, change, plan, rename};
    use super::*;
    use crate::config::Administrators;
    use crate::kind::FieldName;

    fn denied(at_least: u32, changes: Vec<Change>) -> bool {
        let mut plan = plan(changes);
        let admins: &[&str] = &["admins"];
        administered(&mut plan, &[("ada", admins), ("raj", admins), ("mia", admins), ("eve", &[])]);
        let groups = vec!["admins".to_owned()];
        let rule = Administrators { roles: vec![], groups, at_least, margin: 0 };
        let found = Asking(rule).judge(&plan);
        found.iter().any(|finding| finding.level == Level::Deny)
    }

    fn renaming(users: &[&str]) -> Vec<Change> {
        let one = |user: &&str| rename(&format!("user/{user}"), "userName", &format!("old-{user}"));
        users.iter().map(one).collect()
    }

    #[test]
    fn enough_administrators_keep_the_name_they_sign_in_with() {
        for (at_least, users, expected) in [
            (2, vec!["ada", "raj", "mia"], true),
            (2, vec!["ada", "raj"], true),
            (1, vec!["ada", "raj"], false),
            (2, vec!["ada"], false),
            // Whoever is renamed alone leaves the others, however many are asked for.
            (3, vec!["ada", "eve"], false),
            (3, vec!["eve"], false),
        ] {
            assert_eq!(denied(at_least, renaming(&users)), expected, "{at_least} {users:?}");
        }
    }

    #[test]
    fn a_newcomer_has_no_name_that_was_tried() {
        let mut changes = renaming(&["ada", "raj", "mia"]);
        for user in ["new", "other"] {
            changes.push(change(&format!("user/{user}"), Action::Create));
            changes.push(change(&format!("membership/admins/{user}"), Action::Create));
        }
        assert!(denied(2, changes));
    }

    #[test]
    fn a_name_in_other_letters_is_the_same_name() {
        let users = ["ada", "raj", "mia"];
        let case =
            users.map(|user| rename(&format!("user/{user}"), "userName", &user.to_uppercase()));
        assert!(!denied(2, case.to_vec()));
    }

    #[test]
    fn another_external_id_and_other_mail_are_another_name() {
        let edit = |user: &str, id: &str, mail: &str| {
            let mut one = change(&format!("user/{user}"), Action::Update);
            let fields = |id: &str, mail: &str| {
                Fields::from_iter([
                    (FieldName::fixed("externalId"), id.into()),
                    (FieldName::fixed("emails"), json!([{ "value": mail, "type": "work" }])),
                ])
            };
            one.before = Some(fields("1", "A@x.org"));
            one.after = Some(fields(id, mail));
            one
        };
        let all = |id, mail| ["ada", "raj", "mia"].map(|user| edit(user, id, mail)).to_vec();
        assert!(denied(2, all("2", "b@x.org")));
        assert!(!denied(2, all("1", "b@x.org")));
        assert!(!denied(2, all("2", "a@x.org")));
    }
}
