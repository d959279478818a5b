//! The organization of the story: 200 users, 20 groups, 1,000 memberships, made by counting.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

/// How many users there are at first.
const USERS: usize = 200;
/// How many groups there are; every user is in a quarter of them.
const GROUPS: usize = 20;
/// The last group is additive: what is not listed in it is left alone.
pub(crate) const ADDITIVE: usize = GROUPS - 1;

/// A user as the YAML has it.
struct User {
    given: String,
    family: String,
    /// False once a leaver was deactivated: no longer in the YAML, and still on the server.
    active: bool,
}

/// A group as the YAML has it.
struct Group {
    name: String,
    previously: Option<String>,
    members: BTreeSet<String>,
    /// Members that only the server has: somebody else added them.
    strangers: BTreeSet<String>,
}

/// What the YAML says, and so what the server must hold.
pub(crate) struct Organization {
    users: BTreeMap<String, User>,
    groups: Vec<Group>,
}

/// The `userName` of a user by number.
fn user_name(number: usize) -> String {
    format!("u{number:03}@example.com")
}

impl Organization {
    /// The organization as it begins: user `i` is in the groups `i`, `i + 4`, .. `i + 16`.
    pub(crate) fn new() -> Self {
        let user = |number| {
            let (given, family) = (format!("Given{number}"), format!("Family{number}"));
            (user_name(number), User { given, family, active: true })
        };
        let group = |number| {
            let listed = (0..USERS).filter(|user| user % 4 == number % 4).map(user_name);
            Group {
                name: format!("managed-{number:02}"),
                previously: None,
                members: listed.collect(),
                strangers: BTreeSet::new(),
            }
        };
        Self { users: (0..USERS).map(user).collect(), groups: (0..GROUPS).map(group).collect() }
    }

    /// How many users, groups and memberships the YAML has.
    pub(crate) fn size(&self) -> [usize; 3] {
        let memberships = self.groups.iter().map(|group| group.members.len()).sum();
        [self.users.values().filter(|user| user.active).count(), self.groups.len(), memberships]
    }

    /// Five people leave, none of them in the additive group.
    pub(crate) fn leavers(&mut self, stay_inactive: bool) {
        for name in [0, 1, 2, 4, 5].map(user_name) {
            if stay_inactive {
                self.users.entry(name.clone()).and_modify(|user| user.active = false);
            } else {
                self.users.remove(&name);
            }
            for group in &mut self.groups {
                group.members.remove(&name);
            }
        }
    }

    /// Ten people go from one group to the next, the last of them to the additive one.
    pub(crate) fn movers(&mut self) {
        for number in ADDITIVE - 10..ADDITIVE {
            let name = user_name(100 + number);
            assert!(self.groups[number].members.remove(&name), "{name} was in {number}");
            assert!(self.groups[number + 1].members.insert(name), "not yet in the next");
        }
    }

    /// Two groups get another name.
    pub(crate) fn renames(&mut self) {
        for group in &mut self.groups[..2] {
            let renamed = format!("{}-renamed", group.name);
            group.previously = Some(std::mem::replace(&mut group.name, renamed));
        }
    }

    /// Thirty people get another name.
    pub(crate) fn attributes(&mut self) {
        for number in 150..180 {
            let changed = |user: &mut User| user.family = format!("Renamed{number}");
            self.users.entry(user_name(number)).and_modify(changed);
        }
    }

    /// Somebody else adds a user to the additive group.
    pub(crate) fn stranger(&mut self, name: &str) {
        self.groups[ADDITIVE].strangers.insert(name.to_owned());
    }

    /// The desired state as YAML.
    pub(crate) fn yaml(&self) -> String {
        let mut text = "users:\n".to_owned();
        for (name, User { given, family, .. }) in self.users.iter().filter(|(_, u)| u.active) {
            let names = format!("name: {{ givenName: {given}, familyName: {family} }}");
            writeln!(text, "  {name}: {{ {names} }}").unwrap();
        }
        text.push_str("groups:\n");
        for (number, group) in self.groups.iter().enumerate() {
            writeln!(text, "  {}:", group.name).unwrap();
            if let Some(previously) = &group.previously {
                writeln!(text, "    previously: [{previously}]").unwrap();
            }
            if number == ADDITIVE {
                writeln!(text, "    memberMode: additive").unwrap();
            }
            writeln!(text, "    members:").unwrap();
            for member in &group.members {
                writeln!(text, "      - {member}").unwrap();
            }
        }
        text
    }

    /// What the server must hold of it, in the form of the independent reader.
    pub(crate) fn expected(&self) -> Value {
        let users = self.users.iter().map(|(name, user)| {
            json!({
                "userName": name,
                "name.givenName": user.given,
                "name.familyName": user.family,
                "active": user.active,
            })
        });
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        let groups = groups.into_iter().map(|group| {
            let members: BTreeSet<_> = group.members.union(&group.strangers).collect();
            json!({ "displayName": group.name, "members": members })
        });
        json!({ "users": users.collect::<Vec<_>>(), "groups": groups.collect::<Vec<_>>() })
    }
}
