//! Users: read, create, delete.

use std::sync::Arc;

use super::document::{GROUPS, QUOTA, USERS, created, document};
use super::{filter, list, render, user_body};
use crate::sandbox::greenlake::call::Call;
use crate::sandbox::greenlake::collection::{next, room};
use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::greenlake::record::{Group, Principal, Source, User};
use crate::sandbox::greenlake::state::Kind;
use crate::sandbox::greenlake::twin::GreenLake;
use crate::sandbox::http::Response;
use crate::sandbox::record::fold;

const FILTERABLE: [filter::Attribute; 2] = [("displayname", false), ("username", false)];

pub(super) fn list(twin: &GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let terms = call.filter().map(|text| filter::read(text, &FILTERABLE)).transpose()?;
    let passes = |user: &User| {
        terms.as_ref().is_none_or(|terms| {
            terms.iter().any(|term| match term.attribute.as_str() {
                "username" => term.holds(&user.user_name),
                _ => term.holds(&user.display_name),
            })
        })
    };
    let mut rows: Vec<Arc<User>> =
        twin.state.users.iter().filter(|user| passes(user)).cloned().collect();
    match call.parameter("sortBy") {
        None => {}
        Some("displayName") => rows.sort_by_key(|user| fold(&user.display_name)),
        Some("meta.lastLogin") => rows.sort_by_key(|user| user.last_login),
        Some(other) => {
            let message = format!("`sortBy` is `{other}`; it is displayName or meta.lastLogin");
            return Err(Refusal::parameter("sortBy", message));
        }
    }
    match call.parameter("sortOrder") {
        None | Some("ascending") => {}
        Some("descending") => rows.reverse(),
        Some(other) => {
            let message = format!("`sortOrder` is `{other}`; it is ascending or descending");
            return Err(Refusal::parameter("sortOrder", message));
        }
    }
    list::listing(call, rows, render::user)
}

pub(super) fn get(twin: &GreenLake, id: &str) -> Result<Response, Refusal> {
    Ok(document(200, &render::user(found(twin, id)?)))
}

/// The user of that id.
pub(super) fn found<'a>(twin: &'a GreenLake, id: &str) -> Result<&'a Arc<User>, Refusal> {
    twin.state.users.find(id).ok_or_else(|| Refusal::missing("the user", id))
}

pub(super) fn create(twin: &mut GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let body = call.object()?;
    let read = user_body::new(&body, twin.state.organization.posix)?;
    led_by_integration(twin, &read.user_name)?;
    if twin.state.users.keyed(&fold(&read.user_name)).is_some() {
        let message = format!("a user with the user name `{}` already exists", read.user_name);
        return Err(Refusal::new(409, message));
    }
    room(twin.state.users.len(), USERS, "organization", "users")
        .map_err(|refusal| refusal.coded(QUOTA))?;
    let (serial, id) = next(twin, "users");
    let user = User {
        serial,
        id,
        source_instance: twin.state.organization.id.clone(),
        created: call.now,
        modified: call.now,
        ..read
    };
    let answer = created(&render::user(&user));
    let description = format!("User {} was added.", user.user_name);
    twin.put(user);
    twin.log(call, "User Management", description);
    Ok(answer)
}

/// While an external integration leads a domain, nobody else makes, changes or deletes its users.
pub(super) fn led_by_integration(twin: &GreenLake, user_name: &str) -> Result<(), Refusal> {
    let domain = user_name.rsplit('@').next().unwrap_or_default();
    let claim = twin.state.claims.keyed(&fold(domain));
    if claim.is_some_and(|claim| claim.integration.is_some()) {
        let message = format!("the users of `{domain}` are managed by a SCIM integration");
        return Err(Refusal::new(403, message));
    }
    Ok(())
}

/// Whether a user may be changed here.
pub(super) fn writable(twin: &GreenLake, user: &User) -> Result<(), Refusal> {
    let by = match user.source {
        Source::Local => return led_by_integration(twin, &user.user_name),
        Source::Scim => "a SCIM integration",
        Source::External => "another organization",
    };
    Err(Refusal::new(403, format!("the user `{}` is managed by {by}", user.user_name)))
}

pub(super) fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let user = Arc::clone(found(twin, id)?);
    writable(twin, &user)?;
    let groups: Vec<Arc<Group>> = twin.state.groups_of(&user.id).cloned().collect();
    for mut group in groups {
        let row = Arc::make_mut(&mut group);
        row.members.remove(&user.id);
        row.modified = call.now;
        let row = row.clone();
        twin.put(row);
    }
    drop_assignments(twin, &Principal::user(&user.id));
    twin.delete(Kind::User, user.serial);
    twin.log(call, "User Management", format!("User {} was deleted.", user.user_name));
    Ok(Response::new(204))
}

/// Takes every role from somebody who goes.
pub(super) fn drop_assignments(twin: &mut GreenLake, principal: &Principal) {
    let held: Vec<u64> = (twin.state.assignments.iter())
        .filter(|row| row.principal == *principal)
        .map(|row| row.serial)
        .collect();
    for serial in held {
        twin.delete(Kind::Assignment, serial);
    }
}

/// The groups of a user.
pub(super) fn groups(twin: &GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let user = found(twin, id)?;
    let mut rows: Vec<Arc<Group>> = Vec::with_capacity(GROUPS);
    rows.extend(twin.state.groups_of(&user.id).cloned());
    list::listing(call, rows, render::group)
}
