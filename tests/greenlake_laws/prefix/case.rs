//! One small organization and what its files ask for: who administers it, by which ways, and who
//! still does afterwards.

use muster::config::{Desired, SourceText, parse};
use serde_json::{Value, json};

use super::super::memory::WORKSPACES;

/// The ways to be an administrator: a set of [`NAMED`], [`BY_GROUP`] and [`DIRECT`].
pub(crate) type Ways = u8;
/// A member of the group that `administrators.groups` names.
pub(crate) const NAMED: Ways = 1;
/// A member of the group that holds the administrators' role.
pub(crate) const BY_GROUP: Ways = 2;
/// The holder of the administrators' role.
pub(crate) const DIRECT: Ways = 4;
/// Each way.
pub(crate) const EACH: [Ways; 3] = [NAMED, BY_GROUP, DIRECT];

pub(crate) const ADMINS: &str = "admins";
pub(crate) const OPERATORS: &str = "operators";
pub(crate) const ROLE: &str = "storageservices.LimitedAdmin";

/// A person before the plan and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) before: Ways,
    /// `None`: the account goes.
    pub(crate) after: Option<Ways>,
}

/// What the files change for everybody at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    Nothing,
    /// The operators lose their role.
    RoleGoes,
    /// Their role holds for a part of the workspace only.
    RoleNarrowed,
    /// The operators' group goes.
    OperatorsGo,
    /// The administrators' group goes.
    AdminsGo,
    /// The administrators' group gets a name that makes nobody an administrator.
    AdminsRenamed,
    /// The operators get their role by this plan.
    RoleComes,
}

impl Whole {
    pub(crate) const ALL: [Self; 7] = [
        Self::Nothing,
        Self::RoleGoes,
        Self::RoleNarrowed,
        Self::OperatorsGo,
        Self::AdminsGo,
        Self::AdminsRenamed,
        Self::RoleComes,
    ];
}

/// An organization, its files and its guard.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) people: Vec<Person>,
    pub(crate) whole: Whole,
    pub(crate) at_least: usize,
    pub(crate) margin: usize,
    /// Whether accounts that go are switched off rather than deleted.
    pub(crate) deactivates: bool,
}

/// The name of a person, by number.
pub(crate) fn name(at: usize) -> String {
    format!("p{at}@acme.example")
}

impl Case {
    fn members(&self, way: Ways, of: impl Fn(&Person) -> Ways) -> Vec<String> {
        let people = self.people.iter().enumerate();
        people.filter(|(_, one)| of(one) & way != 0).map(|(at, _)| name(at)).collect()
    }

    /// The organization at first.
    pub(crate) fn seed(&self) -> Value {
        let before = |way| self.members(way, |one| one.before);
        let user = |name: String| json!({ "userName": name, "source": "Local", "active": true });
        let mut users: Vec<Value> = (0..self.people.len()).map(|at| user(name(at))).collect();
        users.push(user("staff@acme.example".to_owned()));
        let role = |who: String| json!({ "workspace": "prod", "principal": who, "role": ROLE });
        let mut roles: Vec<Value> =
            before(DIRECT).iter().map(|name| role(format!("user:{name}"))).collect();
        roles.push(json!({ "workspace": "main", "principal": "group:everybody",
            "role": "ccs.observer" }));
        if self.whole != Whole::RoleComes {
            roles.push(role(format!("group:{OPERATORS}")));
        }
        let clients = WORKSPACES.map(|(name, _)| {
            json!({ "id": format!("c-{name}"), "secret": format!("s-{name}"), "workspace": name })
        });
        json!({
            "provider": "greenlake",
            "organization": { "name": "acme" },
            "workspaces": WORKSPACES.map(|(name, id)| json!({ "id": id, "name": name })),
            "clients": clients,
            "users": users,
            "groups": [
                { "displayName": ADMINS, "members": before(NAMED) },
                { "displayName": OPERATORS, "members": before(BY_GROUP) },
                { "displayName": "everybody", "members": ["staff@acme.example"] },
            ],
            "scopeGroups": [{ "workspace": "prod", "name": "fleet" }],
            "assignments": roles,
        })
    }

    /// What the files say.
    pub(crate) fn desired(&self) -> Desired {
        let text =
            |name: &str, text: String| SourceText { name: name.into(), bytes: text.into_bytes() };
        let files = [text("identity/all.yaml", self.files())];
        parse(&text("muster.yaml", self.project("")), &files, 1)
            .map(|(desired, _)| desired)
            .unwrap_or_else(|problems| panic!("{:#?}\n{}", problems.sorted(), self.files()))
    }

    fn files(&self) -> String {
        let after = |way| self.members(way, |one| one.after.unwrap_or_default()).join(", ");
        let mut text = String::from("users:\n  staff@acme.example: {}\n");
        for (at, _) in self.people.iter().enumerate().filter(|(_, one)| one.after.is_some()) {
            text += &format!("  {}: {{}}\n", name(at));
        }
        text += "groups:\n  everybody: { members: [staff@acme.example] }\n";
        match self.whole {
            Whole::AdminsGo => {}
            Whole::AdminsRenamed => {
                text +=
                    &format!("  crew: {{ previously: [{ADMINS}], members: [{}] }}\n", after(NAMED));
            }
            _ => text += &format!("  {ADMINS}: {{ members: [{}] }}\n", after(NAMED)),
        }
        if self.whole != Whole::OperatorsGo {
            text += &format!("  {OPERATORS}: {{ members: [{}] }}\n", after(BY_GROUP));
        }
        text += "bindings:\n  - { role: ccs.observer, group: everybody, workspace: main }\n";
        let binding =
            |who: &str, more| format!("  - {{ role: {ROLE}, {who}, workspace: prod{more} }}\n");
        match self.whole {
            Whole::RoleGoes | Whole::OperatorsGo => {}
            Whole::RoleNarrowed => {
                text += &binding(&format!("group: {OPERATORS}"), ", scope: [fleet]");
            }
            _ => text += &binding(&format!("group: {OPERATORS}"), ""),
        }
        for name in self.members(DIRECT, |one| one.after.unwrap_or_default()) {
            text += &binding(&format!("user: {name}"), "");
        }
        text + WAIVERS
    }

    /// The project, with these lines at its target.
    pub(crate) fn project(&self, target: &str) -> String {
        let workspaces =
            WORKSPACES.map(|(name, id)| format!("    {name}: {{ id: {id} }}\n")).concat();
        let all = "{ remove: \"100%\", update: \"100%\" }";
        let (at_least, margin) = (self.at_least, self.margin);
        let goes = if self.deactivates { "deactivate" } else { "delete" };
        format!(
            "organization: acme
target:
  provider: sandbox
  personality: greenlake
  workspace: main
  workspaces:
{workspaces}{target}manage:
  users: {{ domains: [acme.example], onRemove: {goes} }}
  groups: {{ names: [\"*\"], onRemove: delete }}
  bindings: {{ onRemove: delete }}
administrators:
  groups: [{ADMINS}]
  roles: [{ROLE}]
  atLeast: {at_least}
  margin: {margin}
limits: {{ users: {all}, groups: {all}, memberships: {all}, bindings: {all} }}
"
        )
    }
}

/// What the limits say of small groups is not what these cases are about.
pub(crate) const WAIVERS: &str = "waivers:
  - { rule: limit/memberships/group-half, for: \"membership/**\", until: 2099-12-31, reason: small, approvedBy: laws, atMost: 1000 }
  - { rule: limit/memberships/group-empty, for: \"membership/**\", until: 2099-12-31, reason: small, approvedBy: laws, atMost: 1000 }
  - { rule: limit/memberships/group-empty, for: \"group/**\", until: 2099-12-31, reason: small, approvedBy: laws, atMost: 1000 }
";
