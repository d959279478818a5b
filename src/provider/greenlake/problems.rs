//! What cannot be done as it is written, found before anything is planned: names that name
//! nothing, and what HPE GreenLake demands of a new user.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::config::Desired;
use crate::kind::{Address, Fields, GREENLAKE_USER_URN, Item, Key, KindName};
use crate::live::Listing;
use crate::plan::{Finding, Level};

use super::binding::{Names, scope_of, text};
use super::mixture;
use super::platform::compared;
use super::scope::{Scopes, Spelled, Unresolved, Wanted};

/// Scopes one assignment may have (OpenAPI, `RoleAssignmentV1beta1Common.scope`).
const MOST_SCOPES: usize = 20;

/// A declared binding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'a> {
    item: &'a Item,
    pub(super) workspace: &'a str,
}

/// The declared bindings, whether their grants hold or not.
pub(super) fn declared(desired: &Desired) -> Vec<Declared<'_>> {
    let bindings = desired.of_kind(KindName::Binding);
    bindings.map(|item| Declared { item, workspace: text(&item.fields, "workspace") }).collect()
}

/// Which lists of names the declared bindings need, by workspace.
pub(super) fn wanted(declared: &[Declared<'_>]) -> BTreeMap<String, Wanted> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for one in declared {
        let entry = wanted.entry(one.workspace.to_owned()).or_default();
        for name in scope_of(&one.item.fields) {
            *entry = entry.or(Wanted::by_name(name));
        }
    }
    wanted
}

/// How the files spell the scopes of each binding.
pub(super) fn spelled(declared: &[Declared<'_>], scopes: &BTreeMap<String, Scopes>) -> Spelled {
    let mut spelled = Spelled::new();
    for one in declared {
        let Some(scopes) = of(scopes, one.workspace) else { continue };
        for name in scope_of(&one.item.fields) {
            if let Ok(grn) = scopes.grn(name) {
                let key = one.item.address.key().as_str().to_owned();
                spelled.insert((key, compared(&grn)), name.to_owned());
            }
        }
    }
    spelled
}

fn of<'a>(scopes: &'a BTreeMap<String, Scopes>, workspace: &str) -> Option<&'a Scopes> {
    let found = scopes.iter().find(|(name, _)| Key::new(name) == Key::new(workspace));
    found.map(|(_, scopes)| scopes)
}

/// What is wrong with the declared bindings.
pub(super) fn of_bindings(declared: &[Declared<'_>], names: &Names) -> Vec<Finding> {
    let mut findings = Vec::new();
    for one in declared {
        let finding = |id: &str, message: String, remedy: String| Finding {
            level: Level::Deny,
            id: id.to_owned(),
            message,
            addresses: vec![one.item.address.clone()],
            source: one.item.source.clone(),
            remedy,
        };
        let role = text(&one.item.fields, "role");
        let role_grn = names.roles.grn_of(role);
        if role_grn.is_none() {
            let remedy = "write an alias of `roles:`, `provider.name` or a GRN".to_owned();
            findings.push(finding("unknown-role", format!("`{role}` names no role"), remedy));
        }
        let written = scope_of(&one.item.fields);
        if written.len() > MOST_SCOPES {
            let message =
                format!("the binding has {} scopes, and {MOST_SCOPES} is the most", written.len());
            let remedy = "put what belongs together into a scope group".to_owned();
            findings.push(finding("too-many-scopes", message, remedy));
        }
        let Some(scopes) = of(&names.scopes, one.workspace) else { continue };
        let together = mixture::problems(role_grn.as_deref(), &written, scopes);
        findings.extend(together.into_iter().map(|(id, what, remedy)| finding(id, what, remedy)));
        for name in written {
            let said = scopes.grn(name).err();
            let said = said.and_then(|why| unresolved(one.workspace, name, &why, names));
            findings
                .extend(said.map(|(message, remedy)| finding("unknown-scope", message, remedy)));
        }
    }
    findings
}

/// The message and the remedy for a scope that names nothing; `None`: this plan makes it.
fn unresolved(
    workspace: &str,
    name: &str,
    why: &Unresolved,
    names: &Names,
) -> Option<(String, String)> {
    Some(match why {
        Unresolved::Planned => return None,
        Unresolved::Ambiguous => (
            format!("in `{workspace}` a scope group and a tenant group are named `{name}`"),
            format!("write `scope-group/{name}` or `tenant-group/{name}`"),
        ),
        Unresolved::Elsewhere(id) => (
            format!("the scope `{name}` lies in another workspace than `{workspace}` ({id})"),
            "a role is given in one workspace, for parts of it: write a binding for the other one"
                .to_owned(),
        ),
        Unresolved::Unknown(known) => {
            let other = names.scopes.iter().find(|(other, scopes)| {
                Key::new(other) != Key::new(workspace) && scopes.names().iter().any(|it| it == name)
            });
            let mut message =
                format!("`{workspace}` has no scope group and no tenant group named `{name}`");
            if let Some((other, _)) = other {
                message = format!("{message}; workspace `{other}` has one");
            }
            if let Some(said) =
                of(&names.scopes, workspace).and_then(|one| one.no_tenant_groups.as_deref())
            {
                message = format!("{message} (its tenant groups could not be read: {said})");
            }
            let remedy = match known.as_slice() {
                [] => {
                    "leave `scope` out for the whole workspace, or make the group first".to_owned()
                }
                some => format!(
                    "write one of {}",
                    some.iter().take(10).cloned().collect::<Vec<_>>().join(", ")
                ),
            };
            (message, remedy)
        }
    })
}

/// Users that would be created and lack what HPE GreenLake demands (OpenAPI, `CreateUser`).
pub(super) fn of_users(desired: &Desired, listings: &[Listing]) -> Vec<Finding> {
    let live: BTreeSet<Address> = listings
        .iter()
        .flat_map(Listing::objects)
        .map(|object| Address::new(object.kind, object.key.clone()))
        .collect();
    let is_renamed = |item: &Item| {
        let intent = desired.intents.get(&item.address);
        intent.is_some_and(|intent| {
            intent
                .previously
                .iter()
                .any(|key| live.contains(&Address::new(KindName::User, key.clone())))
        })
    };
    let new = desired.of_kind(KindName::User);
    let new = new.filter(|item| !live.contains(&item.address) && !is_renamed(item));
    new.filter_map(|item| {
        let lacking = lacking(&item.fields);
        (!lacking.is_empty()).then(|| Finding {
            level: Level::Deny,
            id: "user-incomplete".to_owned(),
            message: format!(
                "`{}` cannot be created: HPE GreenLake demands {}",
                item.address.key(),
                lacking.join(", ")
            ),
            addresses: vec![item.address.clone()],
            source: item.source.clone(),
            remedy: "write `name: { givenName: …, familyName: … }` and `countryCode: …`".to_owned(),
        })
    })
    .collect()
}

fn lacking(fields: &Fields) -> Vec<&'static str> {
    let has = |field: &str, part: &str, fits: fn(&str) -> bool| {
        let value = fields.get(field).and_then(|value| value.get(part)).and_then(Value::as_str);
        value.is_some_and(fits)
    };
    let is_name: fn(&str) -> bool = |name| !name.is_empty() && name.chars().count() <= 50;
    let is_country: fn(&str) -> bool =
        |code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let demands = [
        (has("name", "givenName", is_name), "a `name.givenName` of at most 50 characters"),
        (has("name", "familyName", is_name), "a `name.familyName` of at most 50 characters"),
        (
            has(GREENLAKE_USER_URN, "countryCode", is_country),
            "a `countryCode` of two capital letters",
        ),
    ];
    demands.into_iter().filter(|(is_met, _)| !is_met).map(|(_, what)| what).collect()
}
