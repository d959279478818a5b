//! Operations on users: which form this server takes, then the change itself.

use serde_json::{Map, Value};

use super::super::error::Refusal;
use super::super::personality::{Act, UserPatch};
use super::super::record::{Kind, Record};
use super::super::schema::{self, Type};
use super::super::{Sandbox, read};
use super::attribute;
use super::operation::{Operation, Target, Verb, pairs};

/// Applies one operation.
pub(super) fn apply(
    sandbox: &Sandbox,
    user: &mut Record,
    operation: &Operation,
) -> Result<(), Refusal> {
    if let Some(target) = &operation.target {
        let act = act_with_path(&sandbox.personality.user_patch, operation.verb, target);
        return change(sandbox, user, operation, act, target);
    }
    for (name, value) in pairs(operation)? {
        let one = Operation { verb: operation.verb, target: None, value: Some(value.clone()) };
        let target = Target::parse(name)?;
        let act = act_without_path(&sandbox.personality.user_patch, operation.verb, &target);
        change(sandbox, user, &one, act, &target)?;
    }
    Ok(())
}

fn change(
    sandbox: &Sandbox,
    user: &mut Record,
    operation: &Operation,
    act: Act,
    target: &Target,
) -> Result<(), Refusal> {
    let storage = &sandbox.personality.storage;
    let value = operation.value.as_ref();
    let verb = match read::permit(act, &format!("`{}` in a PATCH", target.written))? {
        Act::Ignored => return Ok(()),
        Act::Merged => Verb::Add,
        Act::Whole => {
            let read_only = schema::core(Kind::User, &target.path.name)
                .is_some_and(|found| found.read_only && target.path.urn.is_none());
            if read_only || target.path.urn.is_some() {
                store_raw(user, &target.written, value);
                return Ok(());
            }
            // The other parts of a complex value, the other values of a plural one, are dropped.
            user.attributes.retain(|name, _| !name.eq_ignore_ascii_case(&target.path.name));
            Verb::Replace
        }
        _ => operation.verb,
    };
    attribute::change(user, verb, target, value, storage)
}

/// Some servers store what they should refuse; the id itself stays.
fn store_raw(user: &mut Record, key: &str, value: Option<&Value>) {
    let reserved = ["id", "meta", "schemas"];
    if reserved.iter().any(|name| key.eq_ignore_ascii_case(name)) {
        return;
    }
    if let Some(value) = value {
        let map: &mut Map<String, Value> = &mut user.attributes;
        map.insert(key.to_string(), value.clone());
    }
}

fn act_with_path(rules: &UserPatch, verb: Verb, target: &Target) -> Act {
    if let Some(act) = act_by_name(rules, verb, target) {
        return act;
    }
    if target.inner.is_some() {
        return rules.filtered;
    }
    if target.sub().is_some() {
        return rules.dotted;
    }
    rules.other
}

fn act_without_path(rules: &UserPatch, verb: Verb, target: &Target) -> Act {
    if target.path.urn.is_none() && target.path.sub.is_some() {
        return rules.dotted_key;
    }
    if let Some(act) = act_by_name(rules, verb, target) {
        return act;
    }
    match schema::core(Kind::User, &target.path.name).map(|found| (found.kind, found.many)) {
        Some((Type::Complex(_), false)) => rules.no_path_complex,
        _ => rules.other,
    }
}

/// The act that follows from the attribute alone, if it does.
fn act_by_name(rules: &UserPatch, verb: Verb, target: &Target) -> Option<Act> {
    if let Some(urn) = &target.path.urn {
        let enterprise = urn.eq_ignore_ascii_case(schema::ENTERPRISE_URN);
        return Some(if enterprise { rules.enterprise } else { rules.unknown_urn });
    }
    let name = target.path.name.to_ascii_lowercase();
    let found = schema::core(Kind::User, &name);
    if found.is_some_and(|attribute| attribute.read_only) {
        return Some(rules.read_only);
    }
    match name.as_str() {
        "active" => return Some(Act::Right),
        "username" => return Some(rules.user_name),
        "externalid" => return Some(rules.external_id),
        "displayname" => return Some(rules.display_name),
        _ => {}
    }
    let plural = found.is_some_and(|attribute| attribute.many);
    if !plural || target.inner.is_some() || target.sub().is_some() {
        return None;
    }
    match verb {
        Verb::Add => Some(rules.add_many),
        Verb::Replace if name == "roles" => Some(rules.roles),
        Verb::Replace => Some(rules.replace_many),
        Verb::Remove => None,
    }
}
