//! Domain claims: what is known of an API that HPE publishes nowhere.
//!
//! A claim is `PENDING` until its TXT record is seen, then `VERIFIED`. A verified domain whose
//! record is gone when it is asked to verify becomes `EXPIRED`, and verifies again when the record
//! is back; that state's name is the twin's. The record is looked for at the claimed name itself.

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::{Call, required};
use super::collection::{self, Resource, answer as document, found, listing, room};
use super::error::Refusal;
use super::page::Size;
use super::record::Claim;
use super::state::State;
use super::twin::GreenLake;
use super::{family, id};
use crate::sandbox::http::{Request, Response};
use crate::sandbox::record::fold;

const SIZE: Size = Size { default: Some(100), most: 1000, least: 1 };
/// Verified domains of an organization, at most.
const DOMAINS: usize = 20;
/// Claims of an organization, at most.
const CLAIMS: usize = 100;
/// Mail domains that are everybody's.
const PUBLIC: [&str; 6] =
    ["gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "proton.me"];
/// The code of a quota that is used up. HPE publishes none.
const QUOTA: &str = "HPE_GL_IDENTITY_QUOTA_EXCEEDED";

/// The value of the TXT record that claims a domain.
pub(super) fn record(name: &str) -> String {
    format!("hpe-greenlake-domain-verification={}", id::long(&format!("claims/{name}")))
}

/// The name whose TXT records a request depends on.
pub(super) fn asks(state: &State, request: &Request) -> Option<String> {
    let segments = family::segments(&request.path);
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["identity", "v1alpha1", "domain-requests", id, "verify"]) => {
            state.claims.find(id).map(|claim| claim.name.clone())
        }
        _ => None,
    }
}

impl Resource for Claim {
    const WHAT: &'static str = "the domain request";
    const PATH: &'static str = "/identity/v1alpha1/domain-requests";
    const CATEGORY: &'static str = "Organization";
}

fn request(row: &Claim) -> Value {
    json!({
        "id": id::dashed(&row.id),
        "name": row.name,
        "lifeCycleState": row.state,
        "dnsTxtRecord": row.txt,
        "lastVerified": row.last_verified.map(|at| format!("{at:.3}")),
        "createdAt": format!("{:.3}", row.created),
        "updatedAt": format!("{:.3}", row.updated),
    })
}

fn domain(row: &Claim) -> Value {
    json!({
        "id": id::dashed(&row.domain),
        "name": row.name,
        "lastVerified": row.last_verified.map(|at| format!("{at:.3}")),
        "createdAt": format!("{:.3}", row.created),
    })
}

pub(super) fn answer(
    twin: &mut GreenLake,
    call: &Call<'_>,
    path: &[&str],
) -> Result<Response, Refusal> {
    let path = path.get(2..).unwrap_or_default();
    match (call.request.method.as_str(), path) {
        ("GET", ["domain-requests"]) => {
            listing(call, twin.state.claims.iter().collect(), SIZE, |row| request(row))
        }
        ("POST", ["domain-requests"]) => create(twin, call),
        ("GET", ["domain-requests", id]) => collection::get(twin, call, id, request),
        ("POST", ["domain-requests", id, "verify"]) => verify(twin, call, id),
        ("DELETE", ["domain-requests", id]) => {
            let claim = found::<Claim>(twin, call, id)?;
            drop_claim(twin, call, &claim)
        }
        ("GET", ["domains"]) => {
            listing(call, verified(&twin.state).collect(), SIZE, |row| domain(row))
        }
        ("GET", ["domains", id]) => Ok(document(200, &domain(found_domain(twin, id)?.as_ref()))),
        ("DELETE", ["domains", id]) => {
            let claim = found_domain(twin, id)?;
            drop_claim(twin, call, &claim)
        }
        (method, ["domain-requests" | "domains"] | ["domain-requests" | "domains", _])
        | (method, ["domain-requests", _, "verify"]) => Err(Refusal::wrong_method(method)),
        _ => Err(Refusal::no_route()),
    }
}

fn verified(state: &State) -> impl Iterator<Item = &Arc<Claim>> {
    state.claims.iter().filter(|claim| claim.state == "VERIFIED")
}

fn found_domain(twin: &GreenLake, id: &str) -> Result<Arc<Claim>, Refusal> {
    let wanted = id::bare(id);
    let row = twin.state.claims.iter().find(|row| row.domain == wanted && row.state != "PENDING");
    row.cloned().ok_or_else(|| Refusal::missing("the domain", id))
}

fn create(twin: &mut GreenLake, call: &Call<'_>) -> Result<Response, Refusal> {
    let given = required(&call.object()?, "name", 253)?;
    let name = fold(given.trim_end_matches('.'));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !name.contains('.') || !name.split('.').all(label) {
        return Err(Refusal::field("name", format!("`{given}` is no domain name")));
    }
    if PUBLIC.contains(&name.as_str()) {
        return Err(Refusal::field("name", format!("`{name}` is a public mail domain")));
    }
    if twin.state.claims.keyed(&name).is_some() {
        return Err(Refusal::new(409, format!("the domain `{name}` is already claimed")));
    }
    let pending = twin.state.claims.len() - verified(&twin.state).count();
    room(pending, CLAIMS, "organization", "claims").map_err(|refusal| refusal.coded(QUOTA))?;
    let (serial, id) = collection::next(twin, "domain-requests");
    let row = Claim {
        serial,
        id,
        domain: id::derive(&format!("domains/#{serial}")),
        // Another claim to the same name is another token.
        txt: record(&format!("{name}/#{serial}")),
        name,
        state: "PENDING".into(),
        last_verified: None,
        integration: None,
        created: call.now,
        updated: call.now,
    };
    let (body, logged) = (request(&row), format!("Domain {} was claimed.", row.name));
    Ok(collection::created(twin, call, row, &body, logged))
}

/// Looks at what DNS says. A look that failed changes nothing.
fn verify(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let old = found::<Claim>(twin, call, id)?;
    let mut row = old.as_ref().clone();
    match call.txt {
        Some(Ok(values)) if values.contains(&row.txt) => {
            if row.state != "VERIFIED" {
                room(verified(&twin.state).count(), DOMAINS, "organization", "domains")
                    .map_err(|refusal| refusal.coded(QUOTA))?;
            }
            row.state = "VERIFIED".into();
            row.last_verified = Some(call.now);
        }
        Some(Ok(_)) if row.state == "VERIFIED" => row.state = "EXPIRED".into(),
        Some(Ok(_) | Err(_)) | None => {}
    }
    if row != *old {
        row.updated = call.now;
        let logged = format!("Domain {} is {}.", row.name, row.state);
        collection::put(twin, call, row.clone(), logged);
    }
    Ok(document(200, &request(&row)))
}

/// Lets go of a domain, unless something depends on it.
fn drop_claim(twin: &mut GreenLake, call: &Call<'_>, row: &Claim) -> Result<Response, Refusal> {
    let name = &row.name;
    if twin.state.policies.keyed(name).is_some() {
        return Err(Refusal::new(409, format!("an authentication policy uses `{name}`")));
    }
    if row.integration.is_some() {
        return Err(Refusal::new(409, format!("a SCIM integration uses `{name}`")));
    }
    let logged = format!("The claim to domain {name} was dropped.");
    Ok(collection::deleted(twin, call, row, logged))
}
