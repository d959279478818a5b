//! Domain claims: what is known of an API that HPE publishes nowhere.
//!
//! A claim is `PENDING` until its TXT record is seen, then `VERIFIED`. A verified domain whose
//! record is gone when it is asked to verify becomes `EXPIRED`, and verifies again when the record
//! is back; that state's name is the twin's. The record is looked for at the claimed name itself.

use std::sync::Arc;

use serde_json::{Value, json};

use super::call::{Call, required};
use super::error::Refusal;
use super::page::{self, Size};
use super::record::Claim;
use super::route::json as document;
use super::state::{Kind, State};
use super::{GreenLake, id, route};
use crate::sandbox::record::fold;
use crate::sandbox::{Request, Response};

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
    let segments = route::segments(&request.path);
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["identity", "v1alpha1", "domain-requests", id, "verify"]) => {
            state.claims.find(id).map(|claim| claim.name.clone())
        }
        _ => None,
    }
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
        ("GET", ["domain-requests"]) => list(call, twin.state.claims.iter(), request),
        ("POST", ["domain-requests"]) => create(twin, call),
        ("GET", ["domain-requests", id]) => Ok(document(200, &request(&found(twin, id)?))),
        ("POST", ["domain-requests", id, "verify"]) => verify(twin, call, id),
        ("DELETE", ["domain-requests", id]) => {
            let claim = found(twin, id)?;
            drop_claim(twin, call, claim)
        }
        ("GET", ["domains"]) => list(call, verified(&twin.state), domain),
        ("GET", ["domains", id]) => Ok(document(200, &domain(&found_domain(twin, id)?))),
        ("DELETE", ["domains", id]) => {
            let claim = found_domain(twin, id)?;
            drop_claim(twin, call, claim)
        }
        (method, ["domain-requests" | "domains"] | ["domain-requests" | "domains", _])
        | (method, ["domain-requests", _, "verify"]) => Err(Refusal::wrong_method(method)),
        _ => Err(Refusal::no_route()),
    }
}

fn verified(state: &State) -> impl Iterator<Item = &Arc<Claim>> {
    state.claims.iter().filter(|claim| claim.state == "VERIFIED")
}

fn list<'a>(
    call: &Call<'_>,
    rows: impl Iterator<Item = &'a Arc<Claim>>,
    render: fn(&Claim) -> Value,
) -> Result<Response, Refusal> {
    let (offset, limit) = page::offset_and_limit(call, SIZE)?;
    let page = page::cut(rows.cloned().collect(), offset, limit, call);
    let items: Vec<Value> = page.rows.iter().map(|row| render(row)).collect();
    Ok(document(
        200,
        &json!({
            "count": items.len(),
            "offset": offset,
            "total": page.total,
            "items": items,
        }),
    ))
}

fn found(twin: &GreenLake, id: &str) -> Result<Claim, Refusal> {
    let row = twin.state.claims.find(id);
    row.map(|row| row.as_ref().clone()).ok_or_else(|| Refusal::missing("the domain request", id))
}

fn found_domain(twin: &GreenLake, id: &str) -> Result<Claim, Refusal> {
    let wanted = id::bare(id);
    let row = twin.state.claims.iter().find(|row| row.domain == wanted && row.state != "PENDING");
    row.map(|row| row.as_ref().clone()).ok_or_else(|| Refusal::missing("the domain", id))
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
    if pending >= CLAIMS {
        let message = format!("the organization has {CLAIMS} claims, which is the most");
        return Err(Refusal::new(400, message).coded(QUOTA));
    }
    let serial = twin.state.next();
    let row = Claim {
        serial,
        id: id::derive(&format!("domain-requests/#{serial}")),
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
    let mut response = document(201, &request(&row));
    let location = format!("/identity/v1alpha1/domain-requests/{}", id::dashed(&row.id));
    response.set("location", &location);
    let logged = format!("Domain {} was claimed.", row.name);
    twin.put(row);
    twin.log(call, "Organization", logged);
    Ok(response)
}

/// Looks at what DNS says. A look that failed changes nothing.
fn verify(twin: &mut GreenLake, call: &Call<'_>, id: &str) -> Result<Response, Refusal> {
    let old = found(twin, id)?;
    let mut row = old.clone();
    match call.txt {
        Some(Ok(values)) if values.contains(&row.txt) => {
            if row.state != "VERIFIED" && verified(&twin.state).count() >= DOMAINS {
                let message = format!("the organization has {DOMAINS} domains, which is the most");
                return Err(Refusal::new(400, message).coded(QUOTA));
            }
            row.state = "VERIFIED".into();
            row.last_verified = Some(call.now);
        }
        Some(Ok(_)) if row.state == "VERIFIED" => row.state = "EXPIRED".into(),
        Some(Ok(_) | Err(_)) | None => {}
    }
    if row != old {
        row.updated = call.now;
        let logged = format!("Domain {} is {}.", row.name, row.state);
        twin.put(row.clone());
        twin.log(call, "Organization", logged);
    }
    Ok(document(200, &request(&row)))
}

/// Lets go of a domain, unless something depends on it.
fn drop_claim(twin: &mut GreenLake, call: &Call<'_>, row: Claim) -> Result<Response, Refusal> {
    let name = &row.name;
    if twin.state.policies.keyed(name).is_some() {
        return Err(Refusal::new(409, format!("an authentication policy uses `{name}`")));
    }
    if row.integration.is_some() {
        return Err(Refusal::new(409, format!("a SCIM integration uses `{name}`")));
    }
    twin.delete(Kind::Claim, row.serial);
    twin.log(call, "Organization", format!("The claim to domain {name} was dropped."));
    Ok(Response::new(204))
}
