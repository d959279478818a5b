//! Generated worlds: an organization as it is live, and as its files say it should be.

use serde_json::{Value, json};

use super::rng::Rng;

/// One organization, live and desired.
#[derive(Clone)]
pub(crate) struct World {
    /// What the target holds: a seed document of the sandbox.
    pub(crate) live: Value,
    /// The project file.
    pub(crate) project: String,
    /// The desired files, by name.
    pub(crate) files: Vec<(String, String)>,
}

const PEOPLE: [&str; 10] = ["ada", "Bo", "cy", "dee", "eve", "fay", "gus", "Hal", "ivy", "joe"];
const GROUPS: [&str; 6] = ["admins", "ops", "Net Team", "storage/core", "audit", "sales"];
const TITLES: [&str; 3] = ["Engineer", "Manager", "Analyst"];
/// Names that no declaration may reach: protected, or outside `manage`.
pub(crate) const UNTOUCHABLE_USERS: [&str; 3] =
    ["bg-one@example.com", "guest@partner.org", "root@partner.org"];
/// Groups that no declaration may reach.
pub(crate) const UNTOUCHABLE_GROUPS: [&str; 2] = ["legacy-wiki", "vault"];

struct Person {
    name: String,
    external_id: Option<String>,
    title: Option<&'static str>,
    family: String,
    active: Option<bool>,
}

impl World {
    /// The world of a seed.
    pub(crate) fn generate(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut declared = people(&mut rng, 65);
        let live_people = live_people(&mut rng, &mut declared);
        let groups = pick_some(&mut rng, &GROUPS, 70);
        let (live_groups, renames) = live_groups(&mut rng, &groups, &live_people);
        let users: Vec<Value> =
            live_people.iter().map(user_json).chain(outsiders(&mut rng)).collect();
        let files = desired_files(&mut rng, &declared, &groups, &renames);
        let live = json!({ "users": users, "groups": live_groups });
        Self { live, project: project(&mut rng), files }
    }

    /// The same world with its files and its listings in another order.
    pub(crate) fn reordered(&self, rng: &mut Rng) -> Self {
        let mut live = self.live.clone();
        for kind in ["users", "groups"] {
            live[kind] = Value::from(rng.shuffled(live[kind].as_array().unwrap()));
        }
        Self { live, files: rng.shuffled(&self.files), ..self.clone() }
    }

    /// The same world with ids that do not depend on the order of its listings.
    pub(crate) fn with_ids(mut self) -> Self {
        for (kind, name) in [("users", "userName"), ("groups", "displayName")] {
            for one in self.live[kind].as_array_mut().unwrap() {
                let id = format!("{kind}-{}", one[name].as_str().unwrap());
                one["id"] = Value::from(id.to_lowercase().replace([' ', '/', '@'], "-"));
            }
        }
        self
    }

    /// A world whose files say what is live already.
    pub(crate) fn into_live(self) -> Self {
        let mut users = String::from("users:\n  somebody@example.com: {}\n");
        let mut live = self.live.clone();
        let ours = |name: &str| name.ends_with("@example.com") && !name.starts_with("bg-");
        for user in live["users"].as_array().unwrap() {
            let name = user["userName"].as_str().unwrap();
            if ours(name) {
                users += &format!("  {name}:\n    active: {}\n", user["active"]);
                for field in ["title", "externalId", "name"] {
                    if !user[field].is_null() {
                        users += &format!("    {field}: {}\n", user[field]);
                    }
                }
            }
        }
        live["users"].as_array_mut().unwrap().push(json!({ "userName": "somebody@example.com" }));
        let mut groups = String::from("groups:\n  nobody: { members: [] }\n");
        for group in live["groups"].as_array().unwrap() {
            let name = group["displayName"].as_str().unwrap();
            if UNTOUCHABLE_GROUPS.contains(&name) {
                continue;
            }
            let members = group["members"].as_array().unwrap();
            let names: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
            let (inside, outside): (Vec<&str>, Vec<&str>) =
                names.iter().partition(|name| ours(name));
            let mode = if outside.is_empty() { "exact" } else { "additive" };
            groups +=
                &format!("  {name}: {{ memberMode: {mode}, members: [{}] }}\n", inside.join(", "));
        }
        live["groups"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "displayName": "nobody", "members": [] }));
        let files = vec![("users.yaml".to_owned(), users), ("groups.yaml".to_owned(), groups)];
        Self { live, files, ..self }
    }
}

fn pick_some<'a>(rng: &mut Rng, from: &[&'a str], percent: usize) -> Vec<&'a str> {
    from.iter().copied().filter(|_| rng.chance(percent)).collect()
}

fn people(rng: &mut Rng, percent: usize) -> Vec<Person> {
    let names = pick_some(rng, &PEOPLE, percent);
    names
        .into_iter()
        .map(|name| Person {
            name: format!("{name}@example.com"),
            external_id: rng.chance(40).then(|| format!("E-{}", name.to_lowercase())),
            title: rng.chance(50).then(|| *rng.pick(&TITLES)),
            family: format!("F{}", rng.below(3)),
            active: rng.chance(20).then(|| rng.chance(50)),
        })
        .collect()
}

/// Those of the declared that are live already, some changed, some under an old name, and some
/// whom nobody declares.
fn live_people(rng: &mut Rng, declared: &mut [Person]) -> Vec<Person> {
    let mut live = Vec::new();
    for person in declared.iter_mut() {
        if rng.chance(25) {
            // The server shows `active` where it was sent. An account of which it says nothing is
            // not known to be an administrator who can act.
            person.active.get_or_insert(true);
            continue;
        }
        let renamed = person.external_id.is_some() && rng.chance(25);
        live.push(Person {
            name: if renamed { format!("old-{}", person.name) } else { person.name.clone() },
            external_id: if renamed || rng.chance(70) { person.external_id.clone() } else { None },
            title: if rng.chance(30) { Some(*rng.pick(&TITLES)) } else { person.title },
            family: if rng.chance(30) { "Old".to_owned() } else { person.family.clone() },
            active: Some(rng.chance(90)),
        });
    }
    let taken: Vec<String> = declared.iter().map(|person| person.name.to_lowercase()).collect();
    for name in PEOPLE {
        let name = format!("{name}@example.com");
        if !taken.contains(&name.to_lowercase()) && rng.chance(50) {
            let active = Some(rng.chance(80));
            live.push(Person {
                name,
                external_id: None,
                title: None,
                family: "Gone".to_owned(),
                active,
            });
        }
    }
    live
}

fn user_json(person: &Person) -> Value {
    let mut user = json!({
        "userName": person.name,
        "name": { "givenName": "G", "familyName": person.family },
        "active": person.active.unwrap_or(true),
    });
    if let Some(id) = &person.external_id {
        user["externalId"] = json!(id);
    }
    if let Some(title) = person.title {
        user["title"] = json!(title);
    }
    user
}

fn outsiders(rng: &mut Rng) -> Vec<Value> {
    UNTOUCHABLE_USERS
        .iter()
        .map(|name| json!({ "userName": name, "title": *rng.pick(&TITLES), "active": true }))
        .collect()
}

/// Live groups, and the old names of those that the files rename.
fn live_groups(
    rng: &mut Rng,
    groups: &[&str],
    people: &[Person],
) -> (Vec<Value>, Vec<(String, String)>) {
    let mut live = Vec::new();
    let mut renames = Vec::new();
    let everybody: Vec<&str> =
        people.iter().map(|person| person.name.as_str()).chain(UNTOUCHABLE_USERS).collect();
    for name in GROUPS {
        let declared = groups.contains(&name);
        if !rng.chance(if declared { 70 } else { 40 }) {
            continue;
        }
        let old = format!("Old {name}");
        let shown = if declared && rng.chance(25) { old } else { name.to_owned() };
        if shown != name {
            renames.push((name.to_owned(), shown.clone()));
        }
        live.push(json!({ "displayName": shown, "members": pick_some(rng, &everybody, 50) }));
    }
    for name in UNTOUCHABLE_GROUPS {
        live.push(json!({ "displayName": name, "members": pick_some(rng, &everybody, 40) }));
    }
    (live, renames)
}

fn desired_files(
    rng: &mut Rng,
    people: &[Person],
    groups: &[&str],
    renames: &[(String, String)],
) -> Vec<(String, String)> {
    let mut users = Vec::new();
    for person in people {
        let mut lines = vec![format!("  {}:", person.name)];
        lines.push(format!("    name: {{ familyName: {} }}", person.family));
        if let Some(id) = &person.external_id {
            lines.push(format!("    externalId: {id}"));
        }
        if let Some(title) = person.title {
            lines.push(format!("    title: {title}"));
        }
        if let Some(active) = person.active {
            lines.push(format!("    active: {active}"));
        }
        users.push(lines.join("\n"));
    }
    let mut declared = Vec::new();
    for name in groups {
        declared.push(group_yaml(rng, name, people, renames));
    }
    let half = rng.below(users.len() + 1);
    let (first, second) = users.split_at(half);
    let part = |key: &str, items: &[String]| {
        if items.is_empty() { String::new() } else { format!("{key}:\n{}\n", items.join("\n")) }
    };
    let files = [
        ("identity/a.yaml", part("users", first)),
        ("identity/b.yaml", format!("{}{}", part("users", second), part("groups", &declared))),
        ("identity/waivers.yaml", WAIVERS.to_owned()),
    ];
    files
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name.to_owned(), text))
        .collect()
}

/// Worlds are small and change a lot: what a reviewer would wave through one by one is waived
/// here, so that the laws are about what is done and not about brakes.
pub(crate) const WAIVERS: &str = "waivers:
  - { rule: limit/memberships/group-half, for: \"membership/**\", until: 2099-12-31, reason: generated, approvedBy: laws, atMost: 1000 }
  - { rule: limit/memberships/group-empty, for: \"membership/**\", until: 2099-12-31, reason: generated, approvedBy: laws, atMost: 1000 }
  - { rule: limit/memberships/group-empty, for: \"group/**\", until: 2099-12-31, reason: generated, approvedBy: laws, atMost: 1000 }
";

fn group_yaml(
    rng: &mut Rng,
    name: &str,
    people: &[Person],
    renames: &[(String, String)],
) -> String {
    let mut lines = vec![format!("  {name}:")];
    if let Some((_, old)) = renames.iter().find(|(new, _)| new == name) {
        lines.push(format!("    previously: [{old}]"));
    }
    if rng.chance(85) {
        if rng.chance(25) {
            lines.push("    memberMode: additive".to_owned());
        }
        let members: Vec<String> =
            people.iter().filter(|_| rng.chance(50)).map(|person| person.name.clone()).collect();
        if members.is_empty() {
            lines.push("    members: []".to_owned());
        } else {
            lines.push("    members:".to_owned());
            for member in members {
                let line = match rng.below(6) {
                    0 => format!("{{ user: {member}, until: 2020-01-31, reason: over }}"),
                    1 => format!("{{ user: {member}, until: 2099-01-31, reason: for now }}"),
                    _ => member,
                };
                lines.push(format!("      - {line}"));
            }
        }
    } else {
        lines.push("    description: members are not ours".to_owned());
    }
    lines.join("\n")
}

fn project(rng: &mut Rng) -> String {
    let remove = *rng.pick(&["report", "deactivate", "delete"]);
    let groups = *rng.pick(&["report", "delete"]);
    let administrators = if rng.chance(50) {
        format!(
            "administrators: {{ groups: [admins, \"old admins\"], atLeast: {} }}\n",
            1 + rng.below(2)
        )
    } else {
        String::new()
    };
    let everything = "{ remove: \"100%\", update: \"100%\" }";
    format!(
        "organization: generated
target: {{ provider: sandbox }}
manage:
  users: {{ domains: [example.com], onRemove: {remove} }}
  groups: {{ names: [\"*\"], except: [\"legacy-*\"], onRemove: {groups} }}
protected: {{ users: [\"bg-*@example.com\"], groups: [vault] }}
{administrators}limits:
  users: {everything}
  groups: {everything}
  memberships: {everything}
"
    )
}
