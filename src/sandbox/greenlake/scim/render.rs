//! Users and groups as documents.

use serde_json::{Map, Value, json};

use super::document::{GROUP, GROUP_EXTENSION, POSIX_EXTENSION, USER, USER_EXTENSION};
use crate::sandbox::greenlake::id;
use crate::sandbox::greenlake::record::{Group, Posix, Principal, User};

/// A user; its id is 32 digits, its principal has hyphens.
pub(super) fn user(row: &User) -> Value {
    let mut schemas = vec![USER, USER_EXTENSION];
    let mut meta = json!({
        "resourceType": "User",
        "created": format!("{:.3}", row.created),
        "lastModified": format!("{:.3}", row.modified),
        "location": format!("/identity/v2beta1/scim/v2/Users/{}", row.id),
        "version": row.version.to_string(),
    });
    if let Some(login) = row.last_login {
        meta["lastLogin"] = format!("{login:.3}").into();
    }
    let emails: Vec<Value> = row
        .emails
        .iter()
        .map(|email| json!({ "value": email.value, "primary": email.primary }))
        .collect();
    if row.posix.is_some() {
        schemas.push(POSIX_EXTENSION);
    }
    let mut body = json!({
        "schemas": schemas,
        "id": row.id,
        "userName": row.user_name,
        "name": { "givenName": row.given_name, "familyName": row.family_name },
        "displayName": row.display_name,
        "emails": emails,
        "active": row.active,
        "meta": meta,
    });
    body[USER_EXTENSION] = json!({
        "countryCode": row.country,
        "primaryEmailVerified": row.verified,
        "hpe_principal": Principal::user(&row.id).text(),
        "status": row.status,
        "source": row.source.name(),
        "sourceInstance": id::dashed(&row.source_instance),
    });
    if let Some(found) = &row.posix {
        body[POSIX_EXTENSION] = posix(found);
    }
    body
}

fn posix(row: &Posix) -> Value {
    let mut body = Map::new();
    body.insert("uid".into(), row.uid.into());
    body.insert("userName".into(), row.user_name.clone().into());
    body.insert("gid".into(), row.gid.into());
    if let Some(home) = &row.home {
        body.insert("homeDirectory".into(), home.clone().into());
    }
    if let Some(shell) = &row.shell {
        body.insert("shell".into(), shell.clone().into());
    }
    Value::Object(body)
}

/// A group; its id has hyphens. It does not say who its members are.
pub(super) fn group(row: &Group) -> Value {
    let id = id::dashed(&row.id);
    let mut extension = json!({
        "hpe_principal": Principal::group(&row.id).text(),
        "source": row.source.name(),
        "sourceInstance": id::dashed(&row.source_instance),
    });
    if let Some(description) = &row.description {
        extension["groupDescription"] = description.clone().into();
    }
    let mut body = json!({
        "schemas": [GROUP, GROUP_EXTENSION],
        "id": id,
        "displayName": row.display_name,
        "meta": {
            "resourceType": "Group",
            "created": format!("{:.3}", row.created),
            "lastModified": format!("{:.3}", row.modified),
            "location": format!("/identity/v2beta1/scim/v2/Groups/{id}"),
        },
    });
    body[GROUP_EXTENSION] = extension;
    body
}
