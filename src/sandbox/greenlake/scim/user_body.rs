//! What a user may be.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::document::{POSIX_EXTENSION, USER, USER_EXTENSION};
use crate::sandbox::greenlake::call::{bounded, required, text};
use crate::sandbox::greenlake::error::Refusal;
use crate::sandbox::greenlake::record::{Email, Posix, Source, User};
use crate::sandbox::record::fold;

/// Reads a new user; what the server sets is left empty.
pub(super) fn new(body: &Map<String, Value>, posix: bool) -> Result<User, Refusal> {
    schemas(body)?;
    let user_name = address("userName", &required(body, "userName", 100)?)?;
    let (given_name, family_name) = match body.get("name") {
        Some(value) => name(value)?,
        None => return Err(Refusal::field("name", "`name` is missing")),
    };
    let display_name = match text(body, "displayName")? {
        Some(shown) => bounded("displayName", shown, 201)?,
        None => format!("{given_name} {family_name}"),
    };
    let emails = match body.get("emails") {
        None | Some(Value::Null) => vec![Email { value: user_name.clone(), primary: true }],
        Some(value) => emails(value, &user_name)?,
    };
    let active = match body.get("active") {
        None => false,
        Some(Value::Bool(active)) => *active,
        Some(_) => return Err(Refusal::field("active", "`active` is neither true nor false")),
    };
    let extension = body.get(USER_EXTENSION).and_then(Value::as_object);
    let extension = extension
        .ok_or_else(|| Refusal::field(USER_EXTENSION, format!("`{USER_EXTENSION}` is missing")))?;
    let posix = match body.get(POSIX_EXTENSION) {
        None => None,
        Some(_) if !posix => return Err(not_enabled()),
        Some(value) => Some(self::posix(value)?),
    };
    Ok(User {
        serial: 0,
        id: String::new(),
        user_name,
        given_name,
        family_name,
        display_name,
        emails,
        active,
        country: country(&required(extension, "countryCode", 2)?)?,
        status: if active { "ACTIVE" } else { "STAGED" }.into(),
        verified: false,
        source: Source::Local,
        source_instance: String::new(),
        posix,
        created: Timestamp::UNIX_EPOCH,
        modified: Timestamp::UNIX_EPOCH,
        last_login: None,
        version: 1,
    })
}

pub(super) fn not_enabled() -> Refusal {
    Refusal::field(POSIX_EXTENSION, "POSIX attributes are not enabled for this organization")
}

/// `schemas` of a new user: an array of at least two, all known.
fn schemas(body: &Map<String, Value>) -> Result<(), Refusal> {
    let wrong = |message: String| Refusal::field("schemas", message);
    let Some(Value::Array(names)) = body.get("schemas") else {
        return Err(wrong("`schemas` is no array".into()));
    };
    let known = [USER, USER_EXTENSION, POSIX_EXTENSION];
    if let Some(other) = names.iter().find(|name| !known.iter().any(|known| *name == known)) {
        return Err(wrong(format!("{other} is no schema of a user")));
    }
    let has = |schema: &str| names.iter().any(|name| name == schema);
    if !has(USER) || !has(USER_EXTENSION) {
        return Err(wrong(format!("`schemas` needs both `{USER}` and `{USER_EXTENSION}`")));
    }
    Ok(())
}

/// Given and family name.
pub(super) fn name(value: &Value) -> Result<(String, String), Refusal> {
    let map = value.as_object().ok_or_else(|| Refusal::field("name", "`name` is no object"))?;
    Ok((required(map, "givenName", 50)?, required(map, "familyName", 50)?))
}

/// E-mail addresses; the primary one, or the first, must be the user name.
pub(super) fn emails(value: &Value, user_name: &str) -> Result<Vec<Email>, Refusal> {
    let wrong = |message: &str| Refusal::field("emails", message);
    let elements = value.as_array().ok_or_else(|| wrong("`emails` is no array"))?;
    let mut emails = Vec::new();
    for element in elements {
        let map = element.as_object().ok_or_else(|| wrong("an e-mail is no object"))?;
        let value = address("emails.value", &required(map, "value", 100)?)?;
        let primary = map.get("primary").and_then(Value::as_bool).unwrap_or(false);
        emails.push(Email { value, primary });
    }
    if emails.iter().filter(|email| email.primary).count() > 1 {
        return Err(wrong("more than one e-mail is primary"));
    }
    let first = emails.iter().position(|email| email.primary).unwrap_or(0);
    let Some(email) = emails.get_mut(first) else {
        return Err(wrong("`emails` is empty"));
    };
    if fold(&email.value) != fold(user_name) {
        return Err(wrong("the primary e-mail is not the user name"));
    }
    email.primary = true;
    Ok(emails)
}

/// An e-mail address of 5 to 100 characters.
fn address(name: &str, text: &str) -> Result<String, Refusal> {
    let valid = text.split_once('@').is_some_and(|(local, domain)| {
        let plain = |part: &str| !part.is_empty() && !part.contains([' ', '@']);
        plain(local) && plain(domain) && domain.contains('.')
    });
    if text.len() < 5 || !valid {
        let message = format!("`{name}` is no e-mail address: `{text}`");
        return Err(Refusal::field(name, message));
    }
    Ok(text.to_string())
}

/// Two capital letters.
pub(super) fn country(text: &str) -> Result<String, Refusal> {
    if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let message = format!("`countryCode` is no ISO code of two capitals: `{text}`");
        return Err(Refusal::field("countryCode", message));
    }
    Ok(text.to_string())
}

/// The POSIX attributes: `uid`, `userName` and `gid` must be there.
pub(super) fn posix(value: &Value) -> Result<Posix, Refusal> {
    let map = value
        .as_object()
        .ok_or_else(|| Refusal::field(POSIX_EXTENSION, "the POSIX attributes are no object"))?;
    let number = |name: &str| {
        let found = map.get(name).and_then(Value::as_i64);
        found
            .and_then(|number| i32::try_from(number).ok())
            .ok_or_else(|| Refusal::field(name, format!("`{name}` is no number of 32 bits")))
    };
    Ok(Posix {
        uid: number("uid")?,
        user_name: required(map, "userName", 100)?,
        gid: number("gid")?,
        home: text(map, "homeDirectory")?.map(str::to_string),
        shell: text(map, "shell")?.map(str::to_string),
    })
}
