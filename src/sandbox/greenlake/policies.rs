//! Who is signed in by what: SSO profiles, which are only shown, and authentication policies.
//!
//! Published nowhere. A policy is `Configuring` for some seconds after it was made or changed, and
//! `Active` then; deleted, it is `Deleting` for as long, and still in the way of another. Secrets
//! of profiles and recovery accounts are not kept, and so never shown.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::call::{Call, required, text};
use super::collection::{self, Resource, answer as document, found, listing, room};
use super::error::Refusal;
use super::id;
use super::page::Size;
use super::record::{Policy, Profile};
use super::state::Kind;
use super::twin::GreenLake;
use crate::sandbox::http::Response;
use crate::sandbox::record::fold;

const SIZE: Size = Size { default: Some(100), most: 1000, least: 1 };
/// Policies of an organization, at most.
const POLICIES: usize = 20;
const RECOVERY: &str = "@recovery.auth.greenlake.hpe.com";

/// Local roles apply, everywhere.
pub(super) fn everywhere() -> Value {
    json!({
        "authenticationOnlyMode": { "managedOrganizations": ["*"], "organizationWorkspaces": ["*"] },
    })
}

pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    path: &[&str],
) -> Result<Response, Refusal> {
    match (call.request.method.as_str(), path) {
        ("GET", ["v2alpha1", "sso-profiles"]) => {
            listing(call, twin.state.profiles.iter().collect(), SIZE, |row| profile(row))
        }
        ("GET", ["v2alpha1", "sso-profiles", id]) => collection::get(twin, call, id, profile),
        ("GET", ["v1alpha1", "sso-authentication-policies"]) => {
            listing(call, twin.state.policies.iter().collect(), SIZE, |row| policy(row, call.now))
        }
        ("POST", ["v1alpha1", "sso-authentication-policies"]) => create(twin, call),
        ("GET", ["v1alpha1", "sso-authentication-policies", id]) => {
            collection::get(twin, call, id, |row| policy(row, call.now))
        }
        ("PATCH", ["v1alpha1", "sso-authentication-policies", id]) => patch(twin, call, id),
        ("DELETE", ["v1alpha1", "sso-authentication-policies", id]) => delete(twin, call, id),
        (method, ["v2alpha1", "sso-profiles"] | ["v2alpha1", "sso-profiles", _])
        | (method, ["v1alpha1", "sso-authentication-policies"])
        | (method, ["v1alpha1", "sso-authentication-policies", _]) => {
            Err(Refusal::wrong_method(method))
        }
        _ => Err(Refusal::no_route()),
    }
}

impl Resource for Profile {
    const WHAT: &'static str = "the SSO profile";
    const PATH: &'static str = "/identity/v2alpha1/sso-profiles";
    const CATEGORY: &'static str = "SAML SSO";
}

impl Resource for Policy {
    const WHAT: &'static str = "the authentication policy";
    const PATH: &'static str = "/identity/v1alpha1/sso-authentication-policies";
    const CATEGORY: &'static str = "SAML SSO";
}

fn profile(row: &Profile) -> Value {
    json!({
        "id": id::dashed(&row.id),
        "name": row.name,
        "createdAt": format!("{:.3}", row.created),
    })
}

fn policy(row: &Policy, now: Timestamp) -> Value {
    let condition = match row.kind.as_str() {
        "USER_RECOVERY" => json!({ "user": { "email": row.name, "recoveryAccount": row.contact } }),
        _ => json!({ "domain": row.name }),
    };
    let action = match (&row.profile, row.kind.as_str()) {
        (Some(id), _) => json!({ "type": "SSO_PROFILE", "authSource": id::dashed(id) }),
        (None, "USER_RECOVERY") => json!({ "type": "DEFAULT", "authSource": "HPE MyAccount" }),
        (None, _) => json!({ "type": "EXTERNAL", "authSource": "" }),
    };
    json!({
        "id": id::dashed(&row.id),
        "name": row.name,
        "policyType": row.kind,
        "condition": condition,
        "action": action,
        "targets": row.targets,
        "state": match row.gone {
            Some(_) => "Deleting",
            None if now < row.ready => "Configuring",
            None => "Active",
        },
        "createdAt": format!("{:.3}", row.created),
        "updatedAt": format!("{:.3}", row.updated),
    })
}

fn part<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>, Refusal> {
    let found = body.get(name).and_then(Value::as_object);
    found.ok_or_else(|| Refusal::field(name, format!("`{name}` is missing")))
}

/// The SSO profile that an action names.
fn source(twin: &GreenLake, action: &Map<String, Value>) -> Result<String, Refusal> {
    let given = required(action, "authSource", 256)?;
    let profile = twin.state.profiles.find(&given);
    let profile = profile.ok_or_else(|| {
        Refusal::field("action.authSource", format!("there is no SSO profile `{given}`"))
    })?;
    Ok(profile.id.clone())
}

fn create(twin: &mut GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let body = call.object()?;
    let kind = required(&body, "policyType", 64)?;
    let condition = part(&body, "condition")?;
    let action = part(&body, "action")?;
    let (name, profile, contact) = match (kind.as_str(), text(action, "type")?) {
        ("DOMAIN_VERIFIED", Some("SSO_PROFILE")) => {
            let domain = fold(&required(condition, "domain", 253)?);
            let claim = twin.state.claims.keyed(&domain);
            if claim.is_none_or(|claim| claim.state != "VERIFIED") {
                let message = format!("`{domain}` is no verified domain of the organization");
                return Err(Refusal::field("condition.domain", message));
            }
            (domain, Some(source(twin, action)?), None)
        }
        ("DOMAIN_EXTERNAL", Some("EXTERNAL")) => {
            (fold(&required(condition, "domain", 253)?), None, None)
        }
        ("USER_RECOVERY", Some("DEFAULT")) => {
            let user = part(condition, "user")?;
            let email = fold(&required(user, "email", 100)?);
            if !email.ends_with(RECOVERY) {
                let message = format!("a recovery account ends in `{RECOVERY}`");
                return Err(Refusal::field("condition.user.email", message));
            }
            (email, None, text(user, "recoveryAccount")?.map(str::to_string))
        }
        _ => {
            let message = "`policyType` and `action.type` do not go together";
            return Err(Refusal::field("policyType", message));
        }
    };
    if twin.state.policies.keyed(&name).is_some() {
        return Err(Refusal::new(409, format!("there is a policy for `{name}` already")));
    }
    room(twin.state.policies.len(), POLICIES, "organization", "policies")?;
    let (serial, id) = collection::next(twin, "policies");
    let row = Policy {
        serial,
        id,
        name,
        kind,
        profile,
        targets: body.get("targets").cloned().unwrap_or_else(everywhere),
        contact,
        created: call.now,
        updated: call.now,
        ready: settled(twin, call.now),
        gone: None,
    };
    let body = policy(&row, call.now);
    let logged = format!("Authentication policy {} was created.", row.name);
    Ok(collection::created(twin, call, row, &body, logged))
}

/// When a policy that is written now is configured, and one that is deleted now is gone.
fn settled(twin: &GreenLake, now: Timestamp) -> Timestamp {
    let wait = SignedDuration::from_secs(i64::from(twin.policy_seconds));
    now.checked_add(wait).unwrap_or(now)
}

fn patch(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let mut row = found::<Policy>(twin, call, id)?.as_ref().clone();
    let body = call.object()?;
    if row.gone.is_some() {
        return Err(Refusal::new(409, format!("the policy for `{}` is being deleted", row.name)));
    }
    if row.kind == "USER_RECOVERY" {
        return Err(Refusal::new(400, "a recovery account's policy cannot be changed"));
    }
    if let Some(Value::Object(action)) = body.get("action") {
        if text(action, "type")? != Some("SSO_PROFILE") || row.kind != "DOMAIN_VERIFIED" {
            let message = "only the SSO profile of a verified domain can change";
            return Err(Refusal::field("action.type", message));
        }
        row.profile = Some(source(twin, action)?);
    }
    if let Some(targets @ Value::Object(_)) = body.get("targets") {
        row.targets = targets.clone();
    }
    row.updated = call.now;
    row.ready = settled(twin, call.now);
    let logged = format!("Authentication policy {} was changed.", row.name);
    let response = document(200, &policy(&row, call.now));
    collection::put(twin, call, row, logged);
    Ok(response)
}

fn delete(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let mut row = found::<Policy>(twin, call, id)?.as_ref().clone();
    if row.gone.is_none() {
        row.gone = Some(settled(twin, call.now));
        twin.log(call, "SAML SSO", format!("Authentication policy {} was deleted.", row.name));
        twin.put(row);
        forget(twin, call.now);
    }
    Ok(Response::new(204))
}

/// Drops the policies whose deletion is over.
pub(super) fn forget(twin: &mut GreenLake, now: Timestamp) {
    let is_over = |row: &&Arc<Policy>| row.gone.is_some_and(|gone| gone <= now);
    let over: Vec<u64> = twin.state.policies.iter().filter(is_over).map(|row| row.serial).collect();
    for serial in over {
        twin.delete(Kind::Policy, serial);
    }
}
