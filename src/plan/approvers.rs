//! The accounts that a waiver's `approvedBy` may name, under every name that they have.
//!
//! Two questions, and two ways to compare. Whether the approver is known is asked of the name as it
//! is written: a look-alike of a known name is not known. Whether the approver has something of the
//! exception is asked of every name that an account goes by, look-alikes and all.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::inputs::Inputs;
use crate::config::Desired;
use crate::kind::{Address, Family, Fields, Key, skeleton};
use crate::live::Member;

/// One `approvedBy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approver {
    /// Whether it is a declared user or an entry of `approvers`.
    pub is_known: bool,
    /// The users and groups that it may name, and the users in those groups.
    pub accounts: BTreeSet<Address>,
}

/// Every `approvedBy` of the waivers, as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvers(BTreeMap<String, Approver>);

impl Approvers {
    /// By what is declared alone.
    #[must_use]
    pub fn declared(desired: &Desired) -> Self {
        Self::find(desired, None)
    }

    /// By what is declared and what is live.
    pub(super) fn of(inputs: Inputs<'_>) -> Self {
        Self::find(inputs.desired, Some(inputs))
    }

    /// One of them; `None`: no waiver names it.
    #[must_use]
    pub fn get(&self, written: &str) -> Option<&Approver> {
        self.0.get(written)
    }

    fn find(desired: &Desired, inputs: Option<Inputs<'_>>) -> Self {
        let written: BTreeSet<&str> =
            desired.waivers.iter().map(|waiver| waiver.approved_by.as_str()).collect();
        let mut asked: Vec<Asked<'_>> =
            written.into_iter().map(|text| Asked::new(text, desired)).collect();
        if asked.is_empty() {
            return Self::default();
        }
        let by_look = asked.iter().any(|one| !one.is_named);
        let declared = desired.items.values().map(|item| (&item.address, &item.fields));
        let live = inputs.iter().flat_map(|inputs| inputs.objects());
        let live = live.map(|(object, address)| (address, &object.fields));
        for (address, fields) in declared.chain(live) {
            let name_of_kind = match address.family() {
                Family::Subject | Family::Group => address.kind().spec().name,
                Family::Membership | Family::Grant | Family::Scope | Family::Plain => continue,
            };
            let names = names(desired, address, fields, name_of_kind);
            let (exact, alike) = (folded(&names), || names.iter().map(|name| skeleton(name)));
            let alike = if by_look { alike().collect() } else { BTreeSet::new() };
            asked.iter_mut().for_each(|one| one.compare(address, &exact, &alike));
        }
        let found = asked.into_iter().map(|one| one.found(desired, inputs));
        Self(found.collect())
    }
}

/// The names that a user or group goes by: what it is called now, what it was called before, what
/// its person is called, and the addresses of its mail.
fn names(
    desired: &Desired,
    address: &Address,
    fields: &Fields,
    name_of_kind: Option<&str>,
) -> BTreeSet<String> {
    let mut names = BTreeSet::from([address.key().as_str().to_owned()]);
    let intent = desired.intents.get(address);
    names.extend(intent.into_iter().flat_map(|it| &it.previously).map(|key| key.as_str().into()));
    let person = ["displayName", "nickName", "externalId"];
    for field in person.into_iter().chain(name_of_kind) {
        names.extend(fields.get(field).and_then(Value::as_str).map(str::to_owned));
    }
    if let Some(name) = fields.get("name").and_then(Value::as_object) {
        let part = |key: &str| name.get(key).and_then(Value::as_str).unwrap_or_default();
        let (given, family) = (part("givenName"), part("familyName"));
        names.extend([
            part("formatted").to_owned(),
            format!("{given} {family}"),
            format!("{family} {given}"),
            format!("{family}, {given}"),
        ]);
    }
    names.extend(mails(fields));
    let local = |name: &String| name.split_once('@').map(|(local, _)| local.to_owned());
    let locals: Vec<String> = names.iter().filter_map(local).collect();
    names.extend(locals);
    names.retain(|name| !name.trim().is_empty());
    names
}

fn mails(fields: &Fields) -> impl Iterator<Item = String> {
    let list = fields.get("emails").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|mail| mail.get("value").unwrap_or(mail).as_str().map(str::to_owned))
}

/// The names that a text may stand for: `NAME`, `user/NAME`, `@NAME`, `mailto:NAME`, `TEXT <NAME>`.
fn readings(text: &str) -> BTreeSet<String> {
    let mut readings = BTreeSet::from([text.trim().to_owned()]);
    let kind_of = |address: &Address| matches!(address.family(), Family::Subject | Family::Group);
    let address = text.parse().ok().filter(kind_of);
    readings.extend(address.map(|address: Address| address.key().as_str().to_owned()));
    if let Some((before, inside)) = text.split_once('<') {
        readings.insert(before.trim().to_owned());
        let inside = inside.split('>').next().unwrap_or_default();
        readings.extend(self::readings(inside));
    }
    for prefix in ["user/", "group/", "mailto:", "@"] {
        let head = text.trim().get(..prefix.len());
        if head.is_some_and(|head| head.eq_ignore_ascii_case(prefix)) {
            readings
                .extend(text.trim().get(prefix.len()..).map(self::readings).unwrap_or_default());
        }
    }
    readings.retain(|one| !one.is_empty());
    readings
}

fn folded(names: &BTreeSet<String>) -> BTreeSet<Key> {
    names.iter().map(|name| Key::new(name)).collect()
}

/// One `approvedBy` while it is looked for.
struct Asked<'a> {
    written: &'a str,
    exact: BTreeSet<Key>,
    alike: BTreeSet<String>,
    is_known: bool,
    /// The one declared user that it is the `userName` of: not another who looks the same.
    is_named: bool,
    same: BTreeSet<Address>,
    similar: BTreeSet<Address>,
}

impl<'a> Asked<'a> {
    fn new(written: &'a str, desired: &Desired) -> Self {
        let exact = folded(&readings(written));
        // Without what nobody sees, and with every letter as it looks, `user/` is still a prefix.
        let plain: String = readings(written)
            .iter()
            .flat_map(|one| readings(&skeleton(one)))
            .map(|one| skeleton(&one))
            .collect::<Vec<_>>()
            .join("\n");
        let alike = plain.lines().map(str::to_owned).collect();
        let listed = desired.project.governance.approvers.iter();
        let is_listed = listed.map(|entry| Key::new(entry)).any(|entry| exact.contains(&entry));
        let declared = |key: &Key| desired.items.get(&Address::of_subject(key.clone()));
        let is_named = exact.iter().any(|key| declared(key).is_some());
        Self {
            written,
            exact,
            alike,
            is_known: is_listed || is_named,
            is_named,
            same: BTreeSet::new(),
            similar: BTreeSet::new(),
        }
    }

    fn compare(&mut self, address: &Address, exact: &BTreeSet<Key>, alike: &BTreeSet<String>) {
        if !self.exact.is_disjoint(exact) {
            self.same.insert(address.clone());
        } else if !self.is_named && !self.alike.is_disjoint(alike) {
            self.similar.insert(address.clone());
        }
    }

    fn found(self, desired: &Desired, inputs: Option<Inputs<'_>>) -> (String, Approver) {
        let is_mailed = |address: &Address| {
            let item = desired.items.get(address).filter(|_| address.family() == Family::Subject);
            item.is_some_and(|item| {
                mails(&item.fields).any(|mail| self.exact.contains(&Key::new(&mail)))
            })
        };
        let is_known = self.is_known || self.same.iter().any(is_mailed);
        let mut accounts: BTreeSet<Address> = self.same;
        accounts.extend(self.similar);
        let groups: BTreeSet<Address> =
            accounts.iter().filter(|one| one.family() == Family::Group).cloned().collect();
        if !groups.is_empty() {
            accounts.extend(members(&groups, desired, inputs));
        }
        (self.written.to_owned(), Approver { is_known, accounts })
    }
}

/// The users in groups, by what is declared and by what is live.
fn members(
    groups: &BTreeSet<Address>,
    desired: &Desired,
    inputs: Option<Inputs<'_>>,
) -> BTreeSet<Address> {
    let ends = desired.links().filter_map(|item| item.address.ends());
    let declared = ends.filter(|(group, _)| groups.contains(group)).map(|(_, user)| user);
    let mut members: BTreeSet<Address> = declared.collect();
    let Some(inputs) = inputs else { return members };
    let live = inputs.objects().filter(|(_, address)| groups.contains(*address));
    for member in live.flat_map(|(object, _)| object.members.iter().flatten()) {
        let Member::Known(place) = member else { continue };
        members.extend(inputs.aligned.addresses.get(*place as usize).cloned());
    }
    members
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kind::KindName;
    use crate::plan::tests::{capabilities, group, live_with, object, planned, user};

    const PROJECT: &str = "approvers: [sec-lead, Cab <cab@acme.example>]\n\
        manage:\n\
        \x20 users: { domains: [example.com], onRemove: report }\n\
        \x20 groups: { names: ['*'], onRemove: report }\n";

    fn approver(written: &str) -> Approver {
        let dee = json!({
            "userName": "dee@example.com", "nickName": "Dee-Dee", "displayName": "Dee Day",
            "externalId": "E-17", "name": {"givenName": "Delia", "familyName": "Day"},
            "emails": [{"value": "delia.day@mail.example", "type": "work"}],
        });
        let objects = vec![
            object(KindName::User, "dee@example.com", &dee, None),
            user("old@example.com"),
            group("night", vec![Member::Known(0)]),
        ];
        let approved_by = Value::from(written);
        let files = format!(
            "users:\n\
             \x20 dee@example.com: {{ externalId: E-17 }}\n\
             \x20 new@example.com: {{ previously: [old@example.com, older@example.com] }}\n\
             \x20 d1@example.com: {{ emails: [{{ value: first@mail.example, type: work }}] }}\n\
             \x20 dl@example.com: {{}}\n\
             groups:\n\
             \x20 day: {{ members: [dee@example.com] }}\n\
             waivers:\n\
             \x20 - {{ rule: r, for: user/x, until: 2099-12-31, reason: r, approvedBy: {approved_by} }}\n"
        );
        let plan = planned(PROJECT, &files, &live_with(objects, capabilities()));
        plan.approvers.get(written).unwrap().clone()
    }

    #[test]
    fn an_account_is_found_under_every_name_it_goes_by() {
        for written in [
            "dee@example.com",
            "user/dee@example.com",
            "USER/Dee@Example.com",
            "dee",
            "Dee Day <dee@example.com>",
            "mailto:dee@example.com",
            "@dee@example.com",
            "dee@example.com\u{200b}",
            "us\u{200d}er/dee@example.com",
            "d\u{435}\u{435}@example.com",
            "\u{ff44}ee@example.com",
            "dee-dee",
            "DEE DAY",
            "E-17",
            "Delia Day",
            "Day, Delia",
            "delia.day@mail.example",
            "Delia.Day",
            "day",
            "group/day",
            "night",
            "n\u{456}ght",
        ] {
            let found = approver(written);
            assert!(
                found.accounts.contains(&Address::user("dee@example.com")),
                "{written:?}: {found:?}"
            );
        }
        for written in ["new", "old@example.com", "Older@example.com", "\u{43e}ld@example.com"] {
            let found = approver(written);
            assert!(
                found.accounts.contains(&Address::user("new@example.com")),
                "{written:?}: {found:?}"
            );
        }
        for written in ["sec-lead", "eve@example.com", "dee@other.example", "work"] {
            assert_eq!(approver(written).accounts, BTreeSet::new(), "{written:?}");
        }
    }

    #[test]
    fn a_declared_user_is_not_another_who_looks_alike() {
        assert_eq!(
            approver("d1@example.com").accounts,
            BTreeSet::from([Address::user("d1@example.com")])
        );
        assert_eq!(approver("dl\u{200b}@example.com").accounts.len(), 2);
    }

    #[test]
    fn a_known_approver_is_declared_or_listed_and_spelled_as_it_is() {
        for (written, expected) in [
            ("dee@example.com", true),
            ("user/Dee@example.com", true),
            ("Dee <dee@example.com>", true),
            ("first@mail.example", true),
            ("sec-lead", true),
            ("Sec-Lead", true),
            ("cab@acme.example", false),
            ("Cab <cab@acme.example>", true),
            ("dee@example.com\u{200b}", false),
            ("s\u{435}c-lead", false),
            ("dee", false),
            ("night", false),
            ("old@example.com", false),
            ("nobody", false),
        ] {
            assert_eq!(approver(written).is_known, expected, "{written:?}");
        }
    }
}
