//! PUT (RFC 7644 section 3.5.1).

use serde_json::{Value, json};

use super::call::{Call, object};
use super::error::Refusal;
use super::personality::Act;
use super::record::{Kind, Members, Record};
use super::{Response, Sandbox, create, members, normalise, read};

/// `PUT /Users/ID`, `PUT /Groups/ID`.
pub(super) fn answer(
    sandbox: &mut Sandbox,
    call: &Call<'_>,
    kind: Kind,
    id: &str,
) -> Result<Response, Refusal> {
    let old = read::find_to_write(sandbox, call, kind, id)?;
    let body = object(&call.request.body)?;
    let input = normalise::body(kind, &body, &sandbox.personality.storage)?;
    let rules = &sandbox.personality.put;
    let mut new = Record { attributes: input.attributes, ..(*old).clone() };
    if new.name().is_empty() {
        return Err(Refusal::value(format!("`{}` is required", kind.key())));
    }
    match kind {
        Kind::User => {
            normalise::name_user(&mut new.attributes, &sandbox.personality.storage);
            for name in rules.kept {
                if let (None, Some(value)) = (new.attributes.get(*name), old.attributes.get(*name))
                {
                    new.attributes.insert((*name).into(), value.clone());
                }
            }
            if rules.email_is_user_name {
                let email = json!([{ "value": new.name(), "type": "work", "primary": true }]);
                new.attributes.insert("emails".into(), email);
            }
            immutable(sandbox, &old, &new)?;
        }
        Kind::Group => {
            if new.name() != old.name() {
                read::permit(rules.rename, "a changed `displayName` in a PUT")?;
                let by_patch = sandbox.personality.group_patch.rename;
                if matches!(by_patch, Act::Refused("mutability")) {
                    read::permit(by_patch, "a changed `displayName`")?;
                }
            }
            replace_members(sandbox, input.members.as_ref(), &mut new)?;
        }
    }
    let (record, _) = create::store(sandbox, call, &old, new)?;
    if sandbox.personality.echo.hidden {
        return Ok(read::without_members(sandbox, &record, 200));
    }
    read::shown(sandbox, call, &record, 200)
}

/// What PATCH refuses as immutable, PUT refuses too.
fn immutable(sandbox: &Sandbox, old: &Record, new: &Record) -> Result<(), Refusal> {
    let rules = &sandbox.personality.user_patch;
    for (name, act) in [
        ("userName", rules.user_name),
        ("externalId", rules.external_id),
        ("displayName", rules.display_name),
    ] {
        if old.text(name) != new.text(name) && matches!(act, Act::Refused("mutability")) {
            read::permit(act, &format!("a changed `{name}`"))?;
        }
    }
    Ok(())
}

fn replace_members(
    sandbox: &Sandbox,
    sent: Option<&Value>,
    new: &mut Record,
) -> Result<(), Refusal> {
    let Some(sent) = sent else {
        if read::permit(sandbox.personality.put.no_members, "a PUT without `members`")?
            == Act::Right
        {
            new.members = Members::new();
        }
        return Ok(());
    };
    let rules = &sandbox.personality.storage;
    if !rules.members_on_write.1 {
        return Ok(());
    }
    let ids = match sent {
        Value::Null => Vec::new(),
        sent => members::resolve(sandbox, sent, rules.unknown_member)?,
    };
    members::within_request(sandbox, ids.len())?;
    new.members = Members::new();
    members::add(&mut new.members, ids, false);
    members::within_group(sandbox, &new.members)
}
