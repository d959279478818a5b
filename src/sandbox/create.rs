//! POST (RFC 7644 section 3.3), and the rules that a new and a changed resource share.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::call::{Call, object};
use super::error::{Cause, Refusal};
use super::personality::Taken;
use super::record::{Kind, Members, Record};
use super::{Effect, Response, Sandbox, identifier, members, normalise, read};

/// `POST /Users`, `POST /Groups`.
pub(super) fn answer(
    sandbox: &mut Sandbox,
    call: &Call<'_>,
    kind: Kind,
) -> Result<Response, Refusal> {
    let record = Arc::new(make(sandbox, call, kind, &object(&call.request.body)?)?);
    sandbox.commit(Effect::Put(Arc::clone(&record)));
    if sandbox.personality.echo.hidden {
        return Ok(read::without_members(sandbox, &record, 201));
    }
    read::shown(sandbox, call, &record, 201)
}

fn make(
    sandbox: &Sandbox,
    call: &Call<'_>,
    kind: Kind,
    body: &Map<String, Value>,
) -> Result<Record, Refusal> {
    let rules = &sandbox.personality.storage;
    let input = normalise::body(kind, body, rules)?;
    let mut attributes = input.attributes;
    if kind == Kind::User {
        normalise::name_new_user(&mut attributes, rules);
    }
    let needed: &[&str] = if kind == Kind::User { rules.required } else { &[] };
    for name in needed.iter().chain([&kind.key()]) {
        let value = attributes.get(*name);
        if value.is_none_or(|value| value.as_str().is_some_and(str::is_empty)) {
            return Err(lacks(sandbox, name));
        }
    }
    check_unique(sandbox, kind, &attributes, None)?;
    let mut held = Members::new();
    if let Some(value) = &input.members
        && rules.members_on_write.0
        && !value.is_null()
    {
        let ids = members::resolve(sandbox, value, rules.unknown_member)?;
        members::within_request(sandbox, ids.len())?;
        members::add(&mut held, ids, false);
        members::within_group(sandbox, &held)?;
    }
    let serial = sandbox.state.next_serial(kind);
    let id = identifier::issue(rules.id, kind, serial, &attributes);
    if sandbox.state.table(kind).find(&id).is_some() {
        return Err(Refusal::new(409, "uniqueness", format!("the id `{id}` is taken")));
    }
    Ok(Record {
        kind,
        serial,
        id,
        attributes,
        members: held,
        created: Arc::clone(&call.now),
        modified: Arc::clone(&call.now),
        version: 1,
        broken: false,
    })
}

fn lacks(sandbox: &Sandbox, name: &str) -> Refusal {
    // A web framework's own check of the body, before SCIM has a say.
    if sandbox.personality.storage.lacking_status == 422 {
        return Refusal::plain(422, format!("`{name}` is required")).because(Cause::Detail);
    }
    Refusal::value(format!("`{name}` is required"))
}

/// Refuses names that another resource has. `own` is the resource that is changed.
pub(super) fn check_unique(
    sandbox: &Sandbox,
    kind: Kind,
    attributes: &Map<String, Value>,
    own: Option<&Record>,
) -> Result<(), Refusal> {
    let rules = &sandbox.personality.storage;
    let text = |name: &str| attributes.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = text(kind.key());
    let other = |record: &Record| own.is_none_or(|own| own.serial != record.serial);
    let same = |record: &Record| match kind {
        Kind::User => rules.caseless || record.name() == name,
        Kind::Group => true,
    };
    let taken = sandbox.state.table(kind).named(name).any(|record| other(record) && same(record));
    if taken {
        let answer = match (kind, own) {
            (Kind::User, None) => rules.user_taken,
            (Kind::User, Some(_)) => rules.rename_taken,
            (Kind::Group, _) => rules.group_taken,
        };
        conflict(answer, format!("`{}` `{name}` is taken", kind.key()))?;
    }
    let external = text("externalId");
    if kind == Kind::User && !external.is_empty() && rules.external_id_taken != Taken::Allowed {
        let mut users = sandbox.state.users();
        if users.any(|user| other(user) && user.text("externalId") == external) {
            conflict(rules.external_id_taken, format!("`externalId` `{external}` is taken"))?;
        }
    }
    Ok(())
}

fn conflict(answer: Taken, detail: String) -> Result<(), Refusal> {
    match answer {
        Taken::Allowed => Ok(()),
        Taken::Typed => Err(Refusal::new(409, "uniqueness", detail)),
        Taken::Bare => Err(Refusal::plain(409, detail)),
        Taken::Detail => Err(Refusal::plain(409, detail).because(Cause::Detail)),
        Taken::Crash | Taken::Breaks => Err(Refusal::crash()),
    }
}

/// Stores a changed resource: a new version and date if it changed, or if the server always does
/// that. Returns what is stored, and whether it changed.
pub(super) fn store(
    sandbox: &mut Sandbox,
    call: &Call<'_>,
    old: &Record,
    mut new: Record,
) -> Result<(Arc<Record>, bool), Refusal> {
    normalise::stamp(new.kind, &mut new.attributes);
    let changed = *old != new;
    let named =
        |record: &Record| (record.name().to_string(), record.text("externalId").to_string());
    if named(old) != named(&new)
        && let Err(refusal) = check_unique(sandbox, new.kind, &new.attributes, Some(old))
    {
        if sandbox.personality.storage.rename_taken == Taken::Breaks {
            let broken = Record { broken: true, ..old.clone() };
            sandbox.commit(Effect::Put(Arc::new(broken)));
        }
        return Err(refusal);
    }
    let rules = &sandbox.personality.patch;
    if !changed && !rules.touches {
        return Ok((Arc::new(new), false));
    }
    new.version += 1;
    if rules.dates_move {
        new.modified = Arc::clone(&call.now);
    }
    let record = Arc::new(new);
    sandbox.commit(Effect::Put(Arc::clone(&record)));
    Ok((record, changed))
}
