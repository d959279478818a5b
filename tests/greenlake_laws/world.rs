//! Generated organizations, and files that ask for everything that files can ask for.

use std::collections::BTreeSet;

use muster::config::{Desired, SourceText, parse};
use serde_json::{Value, json};

use super::memory::WORKSPACES;
use super::rng::Rng;

/// One organization, live and desired.
pub(crate) struct World {
    /// What the twin begins with.
    pub(crate) seed: Value,
    /// The names of users that muster signs in as.
    pub(crate) own: Vec<String>,
    /// Every user that the files name as one of theirs, by any name, folded.
    pub(crate) declared: BTreeSet<String>,
    everywhere: bool,
    desired: Desired,
}

/// `(name, source)`.
const USERS: [(&str, &str); 17] = [
    ("ada@acme.example", "Local"),
    ("Bo@acme.example", "Local"),
    ("cy@acme.example", "Local"),
    ("dee@acme.example", "Local"),
    ("eve@acme.example", "Local"),
    ("fay@acme.example", "Local"),
    ("gus@acme.example", "Local"),
    ("robot@acme.example", "Local"),
    ("sam@acme.example", "SCIM"),
    ("sue@sync.example", "SCIM"),
    ("syd@sync.example", "SCIM"),
    ("guest@acme.example", "External"),
    ("far@else.example", "External"),
    ("bg-one@acme.example", "Local"),
    ("bg-two@rescue.example", "Local"),
    ("q7w2@recovery.auth.greenlake.hpe.com", "Local"),
    ("near@else.example", "Local"),
];
const NEW_USERS: [&str; 3] = ["hal@acme.example", "ivy@acme.example", "bg-new@acme.example"];
const GROUPS: [(&str, &str); 10] = [
    ("ops", "Local"),
    ("Net Team", "Local"),
    ("audit", "Local"),
    ("sales", "Local"),
    ("store", "Local"),
    ("feed", "SCIM"),
    ("feed two", "SCIM"),
    ("vault", "Local"),
    ("vault-two", "Local"),
    ("legacy-wiki", "Local"),
];
const NEW_GROUPS: [&str; 3] = ["brand new", "ops-2", "vault-new"];
const ROLES: [(&str, &str); 3] = [
    ("admin", "ccs.account-admin"),
    ("observer", "ccs.observer"),
    ("storage", "storageservices.LimitedAdmin"),
];

/// Whether `protected.users` has the user.
pub(crate) fn is_protected(user: &str) -> bool {
    user.starts_with("bg-") || user.ends_with("@recovery.auth.greenlake.hpe.com")
}

/// Whether `protected.groups` has the group.
pub(crate) fn is_protected_group(group: &str) -> bool {
    group.starts_with("vault")
}

const DOMAINS: [&str; 2] = ["acme.example", "sync.example"];

impl World {
    /// The world of a seed.
    pub(crate) fn generate(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let own = if rng.chance(30) { vec!["robot@acme.example".to_owned()] } else { Vec::new() };
        let seed = live(&mut rng, &own);
        let everywhere = rng.chance(30);
        let wild = rng.chance(60);
        // Files that are refused before anything is planned say nothing about plans.
        for _ in 0..100 {
            let (files, declared) = files(&mut rng, wild, everywhere);
            let project = project(&mut rng, everywhere);
            if let Some(desired) = desired(&project, &files) {
                return Self { seed, own, declared, everywhere, desired };
            }
        }
        panic!("no files of a hundred are understood")
    }

    /// What the files say.
    pub(crate) fn desired(&self) -> Desired {
        self.desired.clone()
    }

    /// Whether `manage.users` has the user.
    pub(crate) fn is_managed(&self, user: &str) -> bool {
        self.everywhere || in_domains(user)
    }
}

fn in_domains(user: &str) -> bool {
    user.rsplit_once('@').is_some_and(|(_, domain)| DOMAINS.contains(&domain))
}

fn desired(project: &str, files: &str) -> Option<Desired> {
    let text =
        |name: &str, text: &str| SourceText { name: name.into(), bytes: text.as_bytes().to_vec() };
    let parsed = parse(&text("muster.yaml", project), &[text("identity/all.yaml", files)], 1);
    if let (Err(problems), true) = (&parsed, std::env::var_os("MUSTER_LAW_SHOW").is_some()) {
        panic!("{:#?}\n{files}", problems.sorted());
    }
    parsed.ok().map(|(desired, _)| desired)
}

fn some<T: Copy>(rng: &mut Rng, from: &[T], percent: usize) -> Vec<T> {
    from.iter().copied().filter(|_| rng.chance(percent)).collect()
}

/// The administrator whom nobody may touch.
const KEEPER: &str = "bg-keeper@rescue.example";

fn live(rng: &mut Rng, own: &[String]) -> Value {
    let users = some(rng, &USERS, 75);
    let robot = users.iter().all(|(name, _)| !own.iter().any(|own| own == name));
    let robot = own.iter().filter(|_| robot).map(|name| (name.as_str(), "Local"));
    let users: Vec<(&str, &str)> = users.iter().copied().chain(robot).collect();
    let groups = some(rng, &GROUPS, 70);
    let names: Vec<&str> = users.iter().map(|(name, _)| *name).collect();
    let mut assignments = assignments(rng, &names, &groups);
    // Somebody administers every workspace, whatever a plan takes from the others.
    assignments.extend(WORKSPACES.iter().map(|(name, _)| {
        json!({ "workspace": name, "principal": format!("user:{KEEPER}"),
                "role": "ccs.account-admin", "source": "LOCAL" })
    }));
    let mut rows: Vec<Value> = users.iter().map(|(name, source)| user(rng, name, source)).collect();
    rows.push(json!({ "userName": KEEPER, "source": "Local", "active": true }));
    let clients = WORKSPACES.iter().map(|(name, _)| {
        let mut client =
            json!({ "id": format!("c-{name}"), "secret": format!("s-{name}"), "workspace": name });
        if let (Some(own), "main") = (own.first(), *name) {
            client["principal"] = json!(format!("user:{own}"));
        }
        client
    });
    json!({
        "provider": "greenlake",
        "organization": { "name": "generated" },
        "workspaces": WORKSPACES.map(|(name, id)| json!({ "id": id, "name": name })),
        "clients": clients.collect::<Vec<_>>(),
        "users": rows,
        "groups": groups.iter().map(|(name, source)| json!({
            "displayName": name, "source": source, "description": *rng.pick(&["one", "two", "three"]),
            "members": some(rng, &names, 35),
        })).collect::<Vec<_>>(),
        "scopeGroups": [{ "workspace": "prod", "name": "fleet" }],
        "assignments": assignments,
    })
}

fn user(rng: &mut Rng, name: &str, source: &str) -> Value {
    let (active, status) = match rng.below(20) {
        0 => (false, "STAGED"),
        1 => (false, "INACTIVE"),
        2 => (false, "ACTIVE"),
        _ => (true, "ACTIVE"),
    };
    json!({
        "userName": name, "source": source, "active": active, "status": status,
        "name": { "givenName": "G", "familyName": *rng.pick(&["One", "Two"]) },
        "countryCode": *rng.pick(&["GB", "US"]),
    })
}

fn assignments(rng: &mut Rng, users: &[&str], groups: &[(&str, &str)]) -> Vec<Value> {
    let mut holders: Vec<String> = users.iter().map(|name| format!("user:{name}")).collect();
    holders.extend(groups.iter().map(|(name, _)| format!("group:{name}")));
    holders.push("api-client:00000000000040008000000000000aaa".to_owned());
    holders.push("user:00000000000040008000000000000bbb".to_owned());
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for (workspace, _) in WORKSPACES {
        for _ in 0..rng.below(9) {
            let holder = rng.pick(&holders).clone();
            let role = rng.pick(&ROLES).1;
            let source = if rng.chance(25) { "EXTERNAL" } else { "LOCAL" };
            if !seen.insert((workspace, holder.clone(), role, source)) {
                continue;
            }
            let mut row = json!({
                "workspace": workspace, "principal": holder, "role": role, "source": source,
            });
            if workspace == "prod" && role == "storageservices.LimitedAdmin" && rng.chance(50) {
                row["scope"] = json!(["fleet"]);
            }
            all.push(row);
        }
    }
    all
}

/// The files, and every user they declare. Wild ones ask for what nobody may have.
fn files(rng: &mut Rng, wild: bool, everywhere: bool) -> (String, BTreeSet<String>) {
    let everybody = USERS.iter().filter(|(name, source)| {
        (everywhere || in_domains(name)) && (wild || (*source == "Local" && !is_protected(name)))
    });
    let new = NEW_USERS.into_iter().filter(|name| wild || !is_protected(name));
    let everybody: Vec<&str> = everybody.map(|(name, _)| *name).chain(new).collect();
    let all_groups = GROUPS.iter().filter(|(name, source)| {
        let tame = *source == "Local" && !is_protected_group(name);
        !name.starts_with("legacy-") && (wild || tame)
    });
    let new = NEW_GROUPS.into_iter().filter(|name| wild || !is_protected_group(name));
    let all_groups: Vec<&str> = all_groups.map(|(name, _)| *name).chain(new).collect();
    let users = some(rng, &everybody, 50);
    let groups = some(rng, &all_groups, 60);
    let mut declared: BTreeSet<String> = users.iter().map(|name| name.to_lowercase()).collect();
    let mut text = String::from(
        "users:\n  always@acme.example: { name: { givenName: A, familyName: B }, countryCode: GB }\n",
    );
    let mut taken: BTreeSet<&str> = users.iter().chain(&groups).copied().collect();
    for name in &users {
        let mut before = String::new();
        let old = rng.pick(&USERS).0;
        if wild && rng.chance(15) && taken.insert(old) {
            before = format!(", previously: [{old}]");
            declared.insert(old.to_lowercase());
        }
        text += &format!(
            "  {name}: {{ name: {{ givenName: G, familyName: {} }}, countryCode: {}{before} }}\n",
            rng.pick(&["One", "Two"]),
            rng.pick(&["GB", "US"]),
        );
    }
    text += "groups:\n  always: { members: [always@acme.example] }\n";
    for name in &groups {
        let old = if wild { rng.pick(&GROUPS).0 } else { *rng.pick(&all_groups) };
        let before = (rng.chance(20) && taken.insert(old)).then_some(old);
        text += &group(rng, name, before, &users);
    }
    text += &bindings(rng, &users, &groups);
    (text + WAIVERS, declared)
}

fn group(rng: &mut Rng, name: &str, before: Option<&str>, users: &[&str]) -> String {
    let mut text = format!("  {name}:\n    description: {}\n", rng.pick(&["one", "two"]));
    if let Some(old) = before {
        text += &format!("    previously: [{old}]\n");
    }
    match rng.below(6) {
        0 => return text,
        1 => return text + "    members: []\n",
        2 => text += "    memberMode: additive\n",
        _ => {}
    }
    let members: Vec<String> = some(rng, users, 45)
        .iter()
        .map(|user| match rng.below(6) {
            0 => format!("{{ user: {user}, until: 2020-01-31, reason: over }}"),
            1 => format!("{{ user: {user}, until: 2099-01-31, reason: for now }}"),
            _ => (*user).to_owned(),
        })
        .collect();
    text + &format!("    members: [{}]\n", members.join(", "))
}

fn bindings(rng: &mut Rng, users: &[&str], groups: &[&str]) -> String {
    let mut seen = BTreeSet::new();
    let mut text =
        String::from("bindings:\n  - { role: observer, group: always, workspace: lab }\n");
    for _ in 0..rng.below(10) {
        let (kind, from) = if rng.chance(50) { ("group", groups) } else { ("user", users) };
        if from.is_empty() {
            continue;
        }
        let (holder, role, workspace) =
            (*rng.pick(from), rng.pick(&ROLES).0, rng.pick(&WORKSPACES).0);
        if !seen.insert((kind, holder, role, workspace)) {
            continue;
        }
        let scope = match (role, workspace) {
            ("storage", "prod") if rng.chance(50) => ", scope: [fleet]",
            _ => "",
        };
        let until = match rng.below(5) {
            0 => ", until: 2020-01-31, reason: over",
            1 => ", until: 2099-01-31, reason: for now",
            _ => "",
        };
        text += &format!(
            "  - {{ role: {role}, {kind}: {holder}, workspace: {workspace}{scope}{until} }}\n"
        );
    }
    text
}

/// Worlds are small and change a lot: what a reviewer would wave through one by one is waived.
const WAIVERS: &str = "waivers:
  - { rule: limit/memberships/group-half, for: \"membership/**\", until: 2099-12-31, reason: generated, approvedBy: laws, atMost: 1000 }
  - { rule: limit/memberships/group-empty, for: \"membership/**\", until: 2099-12-31, reason: generated, approvedBy: laws, atMost: 1000 }
  - { rule: limit/memberships/group-empty, for: \"group/**\", until: 2099-12-31, reason: generated, approvedBy: laws, atMost: 1000 }
";

fn project(rng: &mut Rng, everywhere: bool) -> String {
    let domains = if everywhere { "\"*\"".to_owned() } else { DOMAINS.join(", ") };
    let users = *rng.pick(&["delete", "delete", "delete", "report", "deactivate"]);
    let groups = *rng.pick(&["delete", "delete", "report"]);
    let bindings = *rng.pick(&["delete", "delete", "report"]);
    let bindings = if rng.chance(90) {
        format!("  bindings: {{ onRemove: {bindings} }}\n")
    } else {
        String::new()
    };
    let workspaces = WORKSPACES.map(|(name, id)| format!("    {name}: {{ id: {id} }}\n")).concat();
    let roles = ROLES.map(|(name, role)| format!("  {name}: {role}\n")).concat();
    let everything = "{ remove: \"100%\", update: \"100%\" }";
    format!(
        "organization: generated
target:
  provider: sandbox
  personality: greenlake
  workspace: main
  workspaces:
{workspaces}roles:
{roles}manage:
  users: {{ domains: [{domains}], onRemove: {users} }}
  groups: {{ names: [\"*\"], except: [\"legacy-*\"], onRemove: {groups} }}
{bindings}administrators: {{ roles: [admin], atLeast: 1 }}
protected:
  users: [\"bg-*\", \"*@recovery.auth.greenlake.hpe.com\"]
  groups: [\"vault*\"]
limits:
  users: {everything}
  groups: {everything}
  memberships: {everything}
  bindings: {everything}
"
    )
}
