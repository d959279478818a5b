//! The organization of the story: twelve people, four groups, twenty memberships; and what
//! becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// Parts of the story that can be left out, where the server's refusal of them says to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Groups have `members` at all.
    Members,
    /// Memberships are taken away, and people who are in groups leave.
    Removals,
    /// A person gets another `userName`.
    Rename,
    /// A person's `displayName` changes.
    Shown,
    /// A person's `displayName` is not made of the parts of the name.
    Nickname,
    /// People are deleted.
    Deletion,
    /// A person is deactivated.
    Leaver,
    /// `externalId` is written.
    ExternalId,
    /// `emails.type` is written.
    EmailType,
    /// `title` is written.
    Title,
    /// `displayName` is written.
    DisplayName,
}

/// A person as the files have it.
#[derive(Clone)]
pub(crate) struct Person {
    external_id: String,
    given: &'static str,
    family: &'static str,
    shown: String,
    title: &'static str,
    active: bool,
}

/// A group as the files have it.
#[derive(Clone)]
pub(crate) struct Group {
    previously: Option<&'static str>,
    external_id: Option<&'static str>,
    additive: bool,
    /// Those that the files list.
    pub(crate) members: BTreeSet<&'static str>,
    /// Those that somebody else added, and that are left alone.
    pub(crate) strangers: BTreeSet<&'static str>,
}

/// What the files say, and so what the server must hold.
#[derive(Clone)]
pub(crate) struct Organization {
    pub(crate) people: BTreeMap<&'static str, Person>,
    pub(crate) groups: BTreeMap<&'static str, Group>,
    without: &'static [Part],
}

const PEOPLE: [(&str, &str, &str); 12] = [
    ("ada@example.com", "Ada", "Lovelace"),
    ("bo@example.com", "Bo", "Bright"),
    ("cy@example.com", "Cy", "Crane"),
    ("Dora@example.com", "Dora", "Dock"),
    ("eve@example.com", "Eve", "Elm"),
    ("fay@example.com", "Fay", "Frost"),
    ("gus@example.com", "Gus", "Green"),
    ("hal@example.com", "Hal", "Hill"),
    ("ivy@example.com", "Ivy", "Irons"),
    ("joe@example.com", "Joe", "Jones"),
    ("kim@example.com", "Kim", "Knight"),
    ("lou@example.com", "Lou", "Lake"),
];
const ADMINS: [&str; 5] = [PEOPLE[0].0, PEOPLE[1].0, PEOPLE[2].0, PEOPLE[3].0, PEOPLE[9].0];
const OPS: [&str; 6] =
    [PEOPLE[2].0, PEOPLE[3].0, PEOPLE[4].0, PEOPLE[5].0, PEOPLE[6].0, PEOPLE[10].0];
const NET: [&str; 5] = [PEOPLE[5].0, PEOPLE[6].0, PEOPLE[7].0, PEOPLE[8].0, PEOPLE[9].0];
const STORE: [&str; 4] = [PEOPLE[0].0, PEOPLE[4].0, PEOPLE[8].0, PEOPLE[7].0];

/// What the project file says.
pub(crate) const PROJECT: &str = "organization: matrix
target: { provider: sandbox }
manage:
  users: { domains: [example.com], onRemove: delete }
  groups: { names: [\"*\"], except: [\"legacy-*\"] }
protected: { users: [\"bg-*@example.com\"], groups: [vault] }
limits:
  users: { remove: \"100%\", update: \"100%\" }
  groups: { remove: \"100%\", update: \"100%\" }
  memberships: { remove: \"100%\", update: \"100%\" }
";

/// Whether the person is one that the project manages.
pub(crate) fn is_managed_user(name: &str) -> bool {
    name.ends_with("@example.com") && !name.starts_with("bg-")
}

/// Whether the group is one that the project manages.
pub(crate) fn is_managed_group(name: &str) -> bool {
    name != "vault" && !name.starts_with("legacy-")
}

/// What is there from the start: a protected person, two whom nobody manages with `crowd` more
/// like them, and two groups of theirs.
pub(crate) fn seed(crowd: usize) -> Value {
    let user = |name: String| {
        json!({
            "userName": name, "externalId": format!("X-{name}"), "displayName": "Out Sider",
            "name": { "givenName": "Out", "familyName": "Sider" }, "active": true,
            "emails": [{ "value": name }],
        })
    };
    let mut users: Vec<Value> = ["bg-one@example.com", "guest@partner.org", "root@partner.org"]
        .map(|name| user(name.to_owned()))
        .into();
    users.extend((0..crowd).map(|number| user(format!("p{number:03}@partner.org"))));
    json!({ "users": users, "groups": [
        { "displayName": "legacy-wiki", "members": ["guest@partner.org", "root@partner.org"] },
        { "displayName": "vault", "members": ["bg-one@example.com"] },
    ]})
}

impl Organization {
    /// The organization as it begins.
    pub(crate) fn new(without: &'static [Part]) -> Self {
        let person = |(number, (name, given, family)): (usize, (&'static str, _, _))| {
            let shown = match name {
                "Dora@example.com" if !without.contains(&Part::Nickname) => "Dee".to_owned(),
                _ => format!("{given} {family}"),
            };
            let external_id = format!("E-{number:02}");
            (name, Person { external_id, given, family, shown, title: "Engineer", active: true })
        };
        let id = (!without.contains(&Part::ExternalId)).then_some("G-04");
        let has_members = !without.contains(&Part::Members);
        let group = |members: &[&'static str], additive, external_id| Group {
            previously: None,
            external_id,
            additive,
            members: members.iter().copied().filter(|_| has_members).collect(),
            strangers: BTreeSet::new(),
        };
        let groups = BTreeMap::from([
            ("admins", group(&ADMINS, false, None)),
            ("ops", group(&OPS, false, None)),
            ("Net Team", group(&NET, true, None)),
            ("storage/core", group(&STORE, false, id)),
        ]);
        Self { people: PEOPLE.into_iter().enumerate().map(person).collect(), groups, without }
    }

    /// The organization with so many people more, all of them in one group.
    pub(crate) fn with_crowd(mut self, count: usize) -> Self {
        for number in 0..count {
            let name: &'static str = format!("m{number:04}@example.com").leak();
            let person = Person {
                external_id: format!("M-{number:04}"),
                ..self.people["ada@example.com"].clone()
            };
            self.people.insert(name, person);
            self.joins(name, "Net Team");
        }
        self
    }

    /// Whether this part is told.
    pub(crate) fn has(&self, part: Part) -> bool {
        !self.without.contains(&part)
    }

    /// Everything that happens between the first day and the second.
    pub(crate) fn goes_on(&mut self) {
        let mut ops = self.groups.remove("ops").unwrap();
        ops.previously = Some("ops");
        self.groups.insert("operations", ops);
        self.person("ada@example.com").title = "Countess";
        self.person("bo@example.com").family = "Brighter";
        if self.has(Part::Shown) {
            self.person("bo@example.com").shown = "Bo Brighter".to_owned();
        }
        if self.has(Part::Leaver) {
            self.person("kim@example.com").active = false;
        }
        if self.has(Part::Deletion) {
            self.people.remove("lou@example.com");
        }
        if self.has(Part::Rename) {
            let gus = self.people.remove("gus@example.com").unwrap();
            self.people.insert("gustav@example.com", gus);
        }
        if self.has(Part::Members) {
            self.memberships_go_on();
        }
    }

    fn memberships_go_on(&mut self) {
        let removals = self.has(Part::Removals);
        self.joins("cy@example.com", "storage/core");
        self.joins("ivy@example.com", "admins");
        if removals {
            self.leaves("cy@example.com", "admins");
            self.leaves("ivy@example.com", "storage/core");
            self.leaves("kim@example.com", "operations");
        }
        if removals && self.has(Part::Deletion) {
            self.people.remove("joe@example.com");
            self.leaves("joe@example.com", "admins");
            self.leaves("joe@example.com", "Net Team");
        }
        if self.has(Part::Rename) {
            for group in ["operations", "Net Team"] {
                self.leaves("gus@example.com", group);
                self.joins("gustav@example.com", group);
            }
        }
        self.groups.get_mut("Net Team").unwrap().strangers.insert("guest@partner.org");
    }

    fn person(&mut self, name: &str) -> &mut Person {
        self.people.get_mut(name).unwrap()
    }

    fn joins(&mut self, user: &'static str, group: &str) {
        assert!(self.groups.get_mut(group).unwrap().members.insert(user), "{user} joins {group}");
    }

    fn leaves(&mut self, user: &str, group: &str) {
        assert!(self.groups.get_mut(group).unwrap().members.remove(user), "{user} leaves {group}");
    }

    /// What the files say of a person, and so what the server must.
    pub(crate) fn attributes(&self, name: &str, person: &Person) -> Map<String, Value> {
        let mut says = json!({
            "externalId": person.external_id,
            "name": { "givenName": person.given, "familyName": person.family },
            "displayName": person.shown,
            "title": person.title,
            "emails": [{ "value": name.to_lowercase(), "type": "work", "primary": true }],
            "active": person.active,
        });
        if !self.has(Part::EmailType) {
            says["emails"][0].as_object_mut().unwrap().remove("type");
        }
        let mut says = says.as_object().unwrap().clone();
        for (part, name) in [
            (Part::ExternalId, "externalId"),
            (Part::Title, "title"),
            (Part::DisplayName, "displayName"),
        ] {
            if !self.has(part) {
                says.remove(name);
            }
        }
        says
    }

    /// The desired state as YAML.
    pub(crate) fn yaml(&self) -> String {
        let mut text = "users:\n".to_owned();
        for (name, person) in &self.people {
            let says = Value::Object(self.attributes(name, person));
            writeln!(text, "  {name}: {says}").unwrap();
        }
        text.push_str("groups:\n");
        for (name, group) in &self.groups {
            let mut says = json!({});
            if let Some(id) = group.external_id {
                says["externalId"] = json!(id);
            }
            if let Some(old) = group.previously {
                says["previously"] = json!([old]);
            }
            if self.has(Part::Members) {
                says["members"] = json!(group.members);
                says["memberMode"] = json!(if group.additive { "additive" } else { "exact" });
            }
            writeln!(text, "  {name}: {says}").unwrap();
        }
        text.push_str(WAIVERS);
        text
    }
}

/// The groups are small and change a lot; the brakes have tests of their own.
const WAIVERS: &str = "waivers:
  - { rule: limit/memberships/group-half, for: \"membership/**\", until: 2099-12-31, reason: small, approvedBy: me, atMost: 99 }
";

impl Group {
    /// Everybody who must be in it, in lower case.
    pub(crate) fn everybody(&self) -> BTreeSet<String> {
        self.members.union(&self.strangers).map(|name| name.to_lowercase()).collect()
    }

    /// Its `externalId`.
    pub(crate) fn external_id(&self) -> Option<&'static str> {
        self.external_id
    }

    /// The name it had before.
    pub(crate) fn previously(&self) -> Option<&'static str> {
        self.previously
    }
}
