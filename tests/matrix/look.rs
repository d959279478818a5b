//! What the server holds, compared with what the files say, and with what it held before.

use std::collections::{BTreeMap, BTreeSet};

use muster::sandbox::{Record, State};
use serde_json::Value;

use super::organization::{Organization, is_managed_group, is_managed_user};

/// What a server cannot hold, as its own papers say: `displayName`, `emails.type`,
/// `group.externalId`; `deletion` where deleted people stay, deactivated.
pub(crate) type Lacks = &'static [&'static str];

/// Where the server differs from what the files say, in words.
pub(crate) fn differences(state: &State, wanted: &Organization, lacks: Lacks) -> Vec<String> {
    let mut found = Vec::new();
    let mut expected = BTreeSet::new();
    for (name, person) in &wanted.people {
        expected.insert(name.to_lowercase());
        let Some(user) = state.user_named(name) else {
            found.push(format!("{name} is not there"));
            continue;
        };
        if user.name() != *name && !lacks.contains(&"userName.case") {
            found.push(format!("{name} is spelled {}", user.name()));
        }
        for (field, want) in wanted.attributes(name, person) {
            let have = user.attribute(&field).unwrap_or(&Value::Null);
            if !lacks.contains(&field.as_str()) && !says(&field, &want, have, lacks) {
                found.push(format!("{name}: {field} is {have}, not {want}"));
            }
        }
    }
    for user in state.users().filter(|user| is_managed_user(user.name())) {
        let left = lacks.contains(&"deletion") && user.attribute("active") == Some(&false.into());
        if !expected.contains(&user.name().to_lowercase()) && !left {
            found.push(format!("{} is there", user.name()));
        }
    }
    for (name, group) in &wanted.groups {
        let Some(record) = state.group_named(name).filter(|record| record.name() == *name) else {
            found.push(format!("{name} is not there"));
            continue;
        };
        let id = record.attribute("externalId").and_then(Value::as_str);
        if id != group.external_id() && !lacks.contains(&"group.externalId") {
            found.push(format!("{name}: externalId is {id:?}"));
        }
        let members = state.member_names(name).into_iter().map(|name| name.to_lowercase());
        let mut members: Vec<String> = members.collect();
        members.sort();
        if members != Vec::from_iter(group.everybody()) {
            found.push(format!("{name} has {members:?}, not {:?}", group.everybody()));
        }
    }
    let groups = state.groups().filter(|group| is_managed_group(group.name())).count();
    if groups != wanted.groups.len() {
        found.push(format!("there are {groups} groups, not {}", wanted.groups.len()));
    }
    found
}

/// Whether `have` says what `want` does, except for the parts that the server lacks.
fn says(path: &str, want: &Value, have: &Value, lacks: Lacks) -> bool {
    match (want, have) {
        (Value::Object(want), Value::Object(have)) => want.iter().all(|(name, want)| {
            let path = format!("{path}.{name}");
            let have = have.get(name).unwrap_or(&Value::Null);
            lacks.contains(&path.as_str()) || says(&path, want, have, lacks)
        }),
        (Value::Array(want), Value::Array(have)) => {
            let pairs = want.iter().zip(have);
            want.len() == have.len() && pairs.into_iter().all(|(a, b)| says(path, a, b, lacks))
        }
        _ => want == have,
    }
}

/// What was harmed between `before` and `after` that nobody asked for, in words.
pub(crate) fn damage(before: &State, after: &State, wanted: &Organization) -> Vec<String> {
    let mut found = Vec::new();
    if untouchable(before) != untouchable(after) {
        found.push("something outside the jurisdiction changed".to_owned());
    }
    twins("user", after.users(), &mut found);
    twins("group", after.groups().filter(|group| is_managed_group(group.name())), &mut found);
    people(before, after, wanted, &mut found);
    groups(before, after, wanted, &mut found);
    found
}

/// Everything that nobody may write, byte for byte.
fn untouchable(state: &State) -> Vec<Value> {
    let export = state.export();
    let rows = |kind: &str| export[kind].as_array().cloned().unwrap_or_default();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let users = rows("users").into_iter().filter(|row| !is_managed_user(&text(row, "userName")));
    let groups =
        rows("groups").into_iter().filter(|row| !is_managed_group(&text(row, "displayName")));
    users.chain(groups).collect()
}

fn twins<'a>(kind: &str, records: impl Iterator<Item = &'a Record>, found: &mut Vec<String>) {
    let mut names = BTreeSet::new();
    for record in records {
        if !names.insert(record.name().to_lowercase()) {
            found.push(format!("there are two {kind}s named {}", record.name()));
        }
    }
}

fn people(before: &State, after: &State, wanted: &Organization, found: &mut Vec<String>) {
    let now: BTreeMap<&str, &Record> = after.users().map(|user| (user.id(), user)).collect();
    let declared = |user: &Record| {
        wanted.people.iter().find(|(name, person)| {
            let says = wanted.attributes(name, person);
            name.to_lowercase() == user.name().to_lowercase()
                || user.attribute("externalId").is_some_and(|id| Some(id) == says.get("externalId"))
        })
    };
    for old in before.users().filter(|user| is_managed_user(user.name())) {
        let name = old.name();
        let (new, asked) = match (now.get(old.id()), declared(old)) {
            (Some(new), Some(asked)) => (new, asked),
            (None, Some(_)) => {
                found.push(format!("{name} is gone"));
                continue;
            }
            (_, None) => continue,
        };
        let says = wanted.attributes(asked.0, asked.1);
        for field in ["name", "title", "emails", "externalId", "active"] {
            let (had, has) = (old.attribute(field), new.attribute(field));
            let null = Value::Null;
            let is_asked = says.get(field).is_some_and(|want| {
                self::says(field, want, has.unwrap_or(&null), &["emails.type"])
            });
            if had != has && !is_asked {
                found.push(format!("{name}: {field} was {had:?} and is {has:?}"));
            }
        }
    }
}

fn groups(before: &State, after: &State, wanted: &Organization, found: &mut Vec<String>) {
    let fold = |names: Vec<String>| -> BTreeSet<String> {
        names.into_iter().map(|name| name.to_lowercase()).collect()
    };
    for (name, group) in &wanted.groups {
        let old = before.group_named(name).or_else(|| before.group_named(group.previously()?));
        let Some(old) = old else { continue };
        let Some(new) = after.groups().find(|group| group.id() == old.id()) else {
            found.push(format!("{} is gone", old.name()));
            continue;
        };
        let (had, has) =
            (fold(before.member_names(old.name())), fold(after.member_names(new.name())));
        let mut listed = group.everybody();
        if listed.contains("gustav@example.com") {
            listed.insert("gus@example.com".to_owned());
        }
        for lost in had.difference(&has).filter(|user| listed.contains(*user)) {
            let renamed = lost == "gus@example.com" && has.contains("gustav@example.com");
            if !renamed {
                found.push(format!("{name} lost {lost}"));
            }
        }
        for gained in has.difference(&had).filter(|user| !listed.contains(*user)) {
            found.push(format!("{name} gained {gained}"));
        }
    }
}
