//! Why somebody holds a role, and who can use one: every path, with the lines that give it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::access::place;
use super::version::FORMAT_VERSION;
use super::{Style, Tone, plain};
use crate::config::Desired;
use crate::kind::{Address, Key, written};
use crate::plan::LiveNames;
use crate::plan::access::Holding;

/// What is told of holdings: the files that ask for them, and the names to tell them by.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What the files say.
    pub desired: &'a Desired,
    /// The names at the target; none where the files are asked.
    pub names: &'a LiveNames,
}

/// What is told of one path.
fn path(holding: &Holding, Told { desired, names }: Told<'_>) -> String {
    let group = |group: &Key| plain(names.group(group).as_str());
    let mut out = String::new();
    if let Some(membership) = &holding.membership {
        let group = group(membership.key());
        out.push_str(&format!("      in group/{group}{}\n", line(membership, desired)));
    }
    match (&holding.via, &holding.membership) {
        (Some(via), Some(membership)) if via != membership.key() => {
            out.push_str(&format!("      which is in group/{}\n", group(via)));
        }
        _ => {}
    }
    let holder = holding.via.as_ref().map_or_else(
        || "bound to the user".to_owned(),
        |holder| format!("bound to group/{}", group(holder)),
    );
    out.push_str(&format!("      {holder}{}\n", line(&holding.binding, desired)));
    out
}

/// Where something is declared, until when, why and by whom.
fn line(address: &Address, desired: &Desired) -> String {
    let Some(item) = desired.items.get(address) else { return ": not declared".to_owned() };
    let source = item.source.as_ref().map(|source| format!(" ({})", plain(&source.to_string())));
    let grant = item.grant.as_deref();
    let until = grant.and_then(|grant| grant.until);
    let until = until.map(|until| format!(", until {}", written(until)));
    let owner = item.fields.get("owner").and_then(Value::as_str);
    let owner = owner.map(|owner| format!(", owner {}", plain(owner)));
    let reason = grant.and_then(|grant| grant.reason.as_deref());
    let reason = reason.map(|reason| format!(": {}", plain(reason)));
    [source, until, owner, reason].into_iter().flatten().collect()
}

/// The roles of one person or group, or that it has none.
#[must_use]
pub fn why(who: &str, holdings: &[Holding], told: Told<'_>, style: Style) -> String {
    let who = plain(who);
    if holdings.is_empty() {
        return format!("{who} holds no such role.\n");
    }
    let mut out = String::new();
    let mut roles: BTreeMap<String, Vec<&Holding>> = BTreeMap::new();
    for holding in holdings {
        let role = place(&holding.role, holding.workspace.as_deref(), &holding.scope);
        let privileged = if holding.privileged { " (privileged)" } else { "" };
        roles.entry(format!("{role}{privileged}")).or_default().push(holding);
    }
    let plural = if roles.len() == 1 { "role" } else { "roles" };
    out.push_str(&format!("{who} holds {} {plural}.\n", roles.len()));
    for (role, paths) in roles {
        out.push_str(&format!("\n  {}\n", style.paint(Tone::Bold, &role)));
        let paths: Vec<String> = paths.iter().map(|holding| path(holding, told)).collect();
        out.push_str(&paths.join("      and also\n"));
    }
    out
}

/// The people who hold a role.
#[must_use]
pub fn who_can(role: &str, holdings: &[Holding], told: Told<'_>, style: Style) -> String {
    let mut people: BTreeMap<Key, Vec<&Holding>> = BTreeMap::new();
    for holding in holdings {
        people.entry(told.names.user(&holding.user)).or_default().push(holding);
    }
    let mut out = match people.len() {
        0 => return format!("Nobody holds {}.\n", plain(role)),
        1 => format!("1 person holds {}.\n", plain(role)),
        count => format!("{count} people hold {}.\n", plain(role)),
    };
    for (user, paths) in people {
        out.push_str(&format!("\n  {}\n", style.paint(Tone::Bold, &plain(user.as_str()))));
        for holding in paths {
            let role = place(&holding.role, holding.workspace.as_deref(), &holding.scope);
            out.push_str(&format!("    {role}\n{}", path(holding, told)));
        }
    }
    out
}

/// One holding as it is published.
#[must_use]
pub fn holding(one: &Holding) -> Value {
    json!({
        "principal": Address::of_subject(one.user.clone()),
        "role": one.role,
        "workspace": one.workspace,
        "scope": one.scope,
        "via": one.via.clone().map(Address::of_group),
        "binding": one.binding,
        "membership": one.membership,
        "privileged": one.privileged,
        "already": one.already,
        "until": one.until.map(|until| until.to_string()),
        "reason": one.reason,
        "owner": one.owner,
        "source": one.source,
    })
}

/// What `why` and `who-can` answer, as one line of JSON.
#[must_use]
pub fn json(holdings: &[Holding], names: &LiveNames) -> Value {
    let mut holdings: Vec<Holding> = holdings.iter().map(|one| names.holding(one)).collect();
    holdings.sort();
    let paths: Vec<Value> = holdings.iter().map(holding).collect();
    json!({ "formatVersion": FORMAT_VERSION, "paths": paths })
}
