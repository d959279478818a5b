//! Operations on groups: members, and the few attributes beside them.

use serde_json::{Value, json};

use super::super::error::Refusal;
use super::super::filter::eval::{element_matches, get};
use super::super::filter::{Filter, Operator};
use super::super::personality::{Act, GroupPatch};
use super::super::record::{Kind, Members, Record};
use super::super::{Sandbox, members, read, schema};
use super::attribute;
use super::operation::{Operation, Target, Verb, pairs};

/// How many members an operation names.
pub(super) fn sent(operation: &Operation) -> usize {
    match (&operation.target, &operation.value) {
        (Some(target), Some(Value::Array(values))) if target.is("members") => values.len(),
        (Some(target), _) if target.is("members") => 1,
        (None, Some(Value::Object(map))) => match get(map, "members") {
            Some(Value::Array(values)) => values.len(),
            _ => 0,
        },
        _ => 0,
    }
}

/// Applies one operation.
pub(super) fn apply(
    sandbox: &Sandbox,
    group: &mut Record,
    operation: &Operation,
) -> Result<(), Refusal> {
    let rules = &sandbox.personality.group_patch;
    let Some(target) = &operation.target else {
        for (name, value) in pairs(operation)? {
            without_path(sandbox, group, operation.verb, name, value)?;
        }
        return Ok(());
    };
    if target.is("members") {
        return with_members(sandbox, group, operation, target);
    }
    let act = attribute_act(rules, &target.path.name, rules.rename);
    if read::permit(act, &format!("`{}` in a PATCH", target.written))? == Act::Ignored {
        return Ok(());
    }
    let storage = &sandbox.personality.storage;
    attribute::change(group, operation.verb, target, operation.value.as_ref(), storage)
}

fn attribute_act(rules: &GroupPatch, name: &str, rename: Act) -> Act {
    if name.eq_ignore_ascii_case("displayName") {
        rename
    } else if name.eq_ignore_ascii_case("externalId") {
        rules.external_id
    } else if schema::core(Kind::Group, name).is_some_and(|found| found.read_only) {
        Act::Refused("mutability")
    } else {
        Act::Right
    }
}

fn without_path(
    sandbox: &Sandbox,
    group: &mut Record,
    verb: Verb,
    name: &str,
    value: &Value,
) -> Result<(), Refusal> {
    let rules = &sandbox.personality.group_patch;
    if !name.eq_ignore_ascii_case("members") {
        let act = attribute_act(rules, name, rules.rename_no_path);
        if read::permit(act, &format!("`{name}` without a path"))? == Act::Ignored {
            return Ok(());
        }
        let target = Target::parse(name)?;
        return attribute::change(group, verb, &target, Some(value), &sandbox.personality.storage);
    }
    let act = match verb {
        Verb::Replace => rules.replace_no_path,
        Verb::Add | Verb::Remove => rules.add_no_path,
    };
    let act = read::permit(act, "`members` without a path")?;
    let replaces = match act {
        Act::Ignored => return Ok(()),
        Act::Whole => true,
        Act::Merged => false,
        _ => verb == Verb::Replace,
    };
    put_in(sandbox, group, value, replaces)
}

/// Adds the members, or makes them the only ones.
fn put_in(
    sandbox: &Sandbox,
    group: &mut Record,
    value: &Value,
    replaces: bool,
) -> Result<(), Refusal> {
    let rules = &sandbox.personality.group_patch;
    let ids = members::resolve(sandbox, value, rules.unknown_member)?;
    if replaces {
        group.members = Members::new();
    }
    members::add(&mut group.members, ids, rules.duplicates);
    Ok(())
}

fn with_members(
    sandbox: &Sandbox,
    group: &mut Record,
    operation: &Operation,
    target: &Target,
) -> Result<(), Refusal> {
    let rules = &sandbox.personality.group_patch;
    if target.sub().is_some() {
        return Err(Refusal::path(format!("`{}`: members are immutable", target.written)));
    }
    let value = operation.value.as_ref().filter(|value| !value.is_null());
    match (operation.verb, &target.inner) {
        (Verb::Remove, Some(filter)) => {
            if read::permit(rules.remove_filter, "`members[…]`")? == Act::Right {
                remove_matching(sandbox, group, filter);
            }
            Ok(())
        }
        (_, Some(_)) => Err(Refusal::path(format!("`{}` is for `remove`", target.written))),
        (Verb::Remove, None) => match value {
            Some(Value::Array(values)) if values.is_empty() => Ok(()),
            Some(value) => remove_listed(sandbox, group, value),
            None => {
                if read::permit(rules.remove_all, "`remove` of all members")? == Act::Right {
                    group.members = Members::new();
                }
                Ok(())
            }
        },
        (Verb::Add, None) => {
            let one;
            let value = match value {
                Some(value @ Value::Object(_)) => {
                    if read::permit(rules.add_object, "a member that is not in an array")?
                        == Act::Ignored
                    {
                        return Ok(());
                    }
                    one = json!([value]);
                    &one
                }
                Some(value) => value,
                None => return Err(Refusal::value("`members` has no value")),
            };
            put_in(sandbox, group, value, false)
        }
        (Verb::Replace, None) => {
            let empty = json!([]);
            let value = value.unwrap_or(&empty);
            let act = match value {
                Value::Array(values) if values.is_empty() => rules.replace_empty,
                _ => rules.replace,
            };
            match read::permit(act, "`replace` of members")? {
                Act::Ignored => Ok(()),
                act => put_in(sandbox, group, value, act != Act::Merged),
            }
        }
    }
}

/// `remove members` with a value array.
fn remove_listed(sandbox: &Sandbox, group: &mut Record, value: &Value) -> Result<(), Refusal> {
    match read::permit(sandbox.personality.group_patch.remove_values, "`remove` with a value")? {
        Act::Ignored => {}
        Act::Whole => group.members = Members::new(),
        _ => {
            let listed = match value {
                Value::Array(_) => value.clone(),
                one => json!([one]),
            };
            let unknown = super::super::personality::Unknown::Kept;
            for (id, _) in members::resolve(sandbox, &listed, unknown)? {
                group.members.remove(&id);
            }
        }
    }
    Ok(())
}

fn remove_matching(sandbox: &Sandbox, group: &mut Record, filter: &Filter) {
    if let Filter::Compare(path, Operator::Equal, Value::String(wanted)) = filter
        && path.name.eq_ignore_ascii_case("value")
        && path.sub.is_none()
    {
        let id = members::known(sandbox, wanted).map(|(id, _)| id);
        group.members.remove(id.as_deref().unwrap_or(wanted));
        return;
    }
    let attribute = schema::core(Kind::Group, "members");
    group.members.retain(|id, _| {
        let found = sandbox.state.member(id);
        let element = json!({
            "value": id,
            "type": found.map(|member| member.kind.name()),
            "display": found.map(|member| member.name()),
        });
        !element_matches(filter, &element, attribute)
    });
}
