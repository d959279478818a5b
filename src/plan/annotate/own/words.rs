//! The YAML that keeps muster's own access: each line works as it is printed.

use serde_json::Value;

use crate::config::Desired;
use crate::kind::{Address, Family, Fields};
use crate::plan::{Action, Change};

/// The remedy for the account itself.
pub(super) fn of_account(account: &Address, change: &Change) -> String {
    let key = scalar(account.key().as_str());
    match change.action {
        Action::Delete => format!("keep `{key}: {{}}` under `users`, {OTHERWISE}"),
        Action::Update if change.removes => {
            format!("take `active: false` from `{key}`, {OTHERWISE}")
        }
        Action::Create | Action::Update => format!(
            "write the name that `{key}` has now; or rename the account at the target, let muster \
             sign in with the new name, and then write it here"
        ),
    }
}

const OTHERWISE: &str = "or let muster sign in as another account";

/// The remedy, from what is to be kept.
pub(super) fn remedy(keep: &[String], is_replaced: bool) -> String {
    let keep = keep.join("; ");
    if is_replaced {
        format!(
            "do it in two changes: first add what replaces the role and {keep}; apply; then take it \
             away in a second change"
        )
    } else {
        format!("{keep}; {OTHERWISE}")
    }
}

/// The lines that keep what each of `causes` takes away.
pub(super) fn keep(desired: &Desired, account: &Address, causes: &[&Change]) -> Vec<String> {
    causes.iter().filter_map(|change| keep_one(desired, account, change)).collect()
}

fn keep_one(desired: &Desired, account: &Address, change: &Change) -> Option<String> {
    let declared = desired.items.get(&change.address);
    let address = &change.address;
    let is_dated = declared.is_some_and(|item| item.grant.is_some());
    Some(match (change.family(), change.action) {
        // Declared, and removed all the same: its time is over, or has not begun.
        (Family::Grant | Family::Membership, Action::Delete) if is_dated => {
            let source = declared.and_then(|item| item.source.clone());
            let place = source.map_or_else(String::new, |source| format!(" at {source}"));
            format!("change `from` and `until` of `{address}`{place} so that it holds today")
        }
        (Family::Grant, Action::Delete) => {
            format!("keep `- {}` under `bindings`", binding(change.before.as_ref()?, address)?)
        }
        (Family::Grant, Action::Update) => match scope(change.before.as_ref()?) {
            Some(scope) => format!("keep `scope: {scope}` of `{address}`"),
            None => format!("leave `scope` of `{address}` out"),
        },
        (Family::Membership, Action::Delete) => {
            let (group, user) = address.ends()?;
            let (group, user) = (scalar(group.key().as_str()), scalar(user.key().as_str()));
            format!("keep `- {user}` in the `members` of `{group}` under `groups`")
        }
        (Family::Group, Action::Delete) => {
            let (group, user) = (scalar(address.key().as_str()), scalar(account.key().as_str()));
            format!("keep `{group}: {{ members: [{user}] }}` under `groups`")
        }
        (Family::Scope, _) => {
            let contents = change.kind().spec().contents?;
            let list = change.before.as_ref()?.get(contents)?;
            format!("keep `{contents}: {list}` of `{address}`")
        }
        (
            Family::Group | Family::Membership | Family::Grant | Family::Subject | Family::Plain,
            Action::Create | Action::Update | Action::Delete,
        ) => return None,
    })
}

/// A binding as one line of YAML.
fn binding(fields: &Fields, address: &Address) -> Option<String> {
    let holder = address.principal()?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(scalar);
    let holder = match holder.family() {
        Family::Group => format!("group: {}", scalar(holder.key().as_str())),
        Family::Subject => format!("user: {}", scalar(holder.key().as_str())),
        Family::Membership | Family::Grant | Family::Scope | Family::Plain => return None,
    };
    let mut parts = vec![format!("role: {}", text("role")?), holder];
    parts.extend(text("workspace").map(|name| format!("workspace: {name}")));
    parts.extend(scope(fields).map(|scope| format!("scope: {scope}")));
    Some(format!("{{ {} }}", parts.join(", ")))
}

/// The parts of a workspace that a binding names, as YAML; `None`: it holds for the whole of it.
fn scope(fields: &Fields) -> Option<String> {
    let names = fields.get("scope")?.as_array()?;
    let names: Vec<String> = names.iter().filter_map(Value::as_str).map(scalar).collect();
    (!names.is_empty()).then(|| format!("[{}]", names.join(", ")))
}

/// Text as YAML reads it back, in quotes where it needs them.
fn scalar(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@/".contains(&byte);
    let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    let plain = starts && !is_word && text.bytes().all(is_plain);
    if plain { text.to_owned() } else { Value::from(text).to_string() }
}
