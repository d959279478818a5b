//! Tokens: one a workspace, for a quarter of an hour.
//!
//! A token has the form of a JWT and says itself whose it is, for which workspace and until when;
//! the twin signs it with the client's secret, so that nothing needs to be remembered and a restart
//! forgets no token.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use percent_encoding::percent_decode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::call::{Call, Caller};
use super::error::Refusal;
use super::record::{Client, PrincipalKind, WorkspaceKind};
use super::twin::GreenLake;
use super::{collection, id};
use crate::sandbox::fault::Fault;
use crate::sandbox::http::{Request, Response};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// Answers the token endpoint of a workspace (RFC 6749 section 4.4, RFC 8693).
pub(super) fn issue(
    twin: &mut GreenLake,
    call: &Call<'_>,
    workspace: &str,
) -> Result<Response, Refusal> {
    if call.request.method != "POST" {
        return Err(Refusal::wrong_method(&call.request.method));
    }
    let form = form(&call.request.body);
    let field = |name: &str| {
        let found = form.iter().find(|(each, _)| each == name);
        found.map(|(_, value)| value.as_str())
    };
    let Some(target) = twin.state.workspaces.find(workspace) else {
        return Err(Refusal::new(400, format!("there is no workspace `{workspace}`")));
    };
    let client = match field("grant_type") {
        Some("client_credentials") => {
            let (name, secret) = credentials(call.request, field)?;
            let wrong = || Refusal::new(401, "the client or its secret is wrong");
            let found = twin.state.clients.find(&name).ok_or_else(wrong)?;
            if found.secret != secret || !is_alive(twin, found) {
                return Err(wrong());
            }
            if found.workspace != target.id {
                let message = format!("the client is none of the workspace `{workspace}`");
                return Err(Refusal::new(400, message).coded("unauthorized_client"));
            }
            found.as_ref().clone()
        }
        Some(EXCHANGE) => exchanged(twin, call, workspace, field)?,
        other => {
            let message = format!("the grant type `{}` is not supported", other.unwrap_or(""));
            return Err(Refusal::new(400, message).coded("unsupported_grant_type"));
        }
    };
    let mut target = target.id.clone();
    if matches!(call.fault, Some(Fault::WrongWorkspace)) {
        let other = twin.state.workspaces.iter().find(|row| row.id != target);
        target = other.map_or_else(|| id::derive("no workspace"), |row| row.id.clone());
    }
    let token = sign(twin, &client, &target, call.now);
    let body = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": twin.token_seconds.saturating_sub(1),
    });
    let mut response = collection::answer(200, &body);
    response.set("cache-control", "no-store");
    Ok(response)
}

/// Id and secret, from the form or from HTTP Basic.
fn credentials<'a>(
    request: &Request,
    field: impl Fn(&str) -> Option<&'a str>,
) -> Result<(String, String), Refusal> {
    let missing = || Refusal::new(401, "`client_id` and `client_secret` are missing");
    if let Some(header) = request.named("authorization") {
        let basic = header.strip_prefix("Basic ").ok_or_else(missing)?;
        let bytes = STANDARD.decode(basic.trim()).map_err(|_| missing())?;
        let text = String::from_utf8(bytes).map_err(|_| missing())?;
        let (name, secret) = text.split_once(':').ok_or_else(missing)?;
        // RFC 6749 section 2.3.1: both are encoded as in a form.
        return Ok((decoded(name.as_bytes()), decoded(secret.as_bytes())));
    }
    let name = field("client_id").ok_or_else(missing)?;
    Ok((name.to_string(), field("client_secret").ok_or_else(missing)?.to_string()))
}

/// The client of an MSP's token that is exchanged for one of a tenant.
fn exchanged<'a>(
    twin: &GreenLake,
    call: &Call<'_>,
    workspace: &str,
    field: impl Fn(&str) -> Option<&'a str>,
) -> Result<Client, Refusal> {
    if workspace.len() != 32 || workspace.contains('-') {
        let message = "an exchange takes the workspace id as 32 digits without hyphens";
        return Err(Refusal::new(400, message));
    }
    if field("subject_token_type") != Some(ACCESS_TOKEN) {
        return Err(Refusal::new(400, format!("`subject_token_type` must be `{ACCESS_TOKEN}`")));
    }
    let subject =
        field("subject_token").ok_or_else(|| Refusal::new(400, "`subject_token` is missing"))?;
    let caller = verify(twin, subject, call.now).map_err(|cause| {
        Refusal::new(400, format!("the subject token {cause}")).coded("invalid_grant")
    })?;
    let tenant = twin.state.workspaces.find(workspace);
    let is_tenant = tenant.is_some_and(|row| row.kind == WorkspaceKind::Tenant);
    if !is_tenant || !twin.state.is_msp(&caller.workspace) {
        let message = format!("`{workspace}` is no tenant of the token's workspace");
        return Err(Refusal::new(400, message).coded("invalid_target"));
    }
    Ok(caller.client)
}

/// Who asks, by the bearer token.
pub(super) fn caller(
    twin: &GreenLake,
    request: &Request,
    now: Timestamp,
) -> Result<Caller, Refusal> {
    let header = request.named("authorization");
    let token = header.and_then(|header| header.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| Refusal::new(401, "there is no bearer token"))?;
    verify(twin, token.trim(), now)
        .map_err(|cause| Refusal::new(401, format!("the bearer token {cause}")))
}

/// A personal client stops working when its user goes.
fn is_alive(twin: &GreenLake, client: &Client) -> bool {
    client.principal.kind != PrincipalKind::User || twin.state.knows(&client.principal)
}

fn sign(twin: &GreenLake, client: &Client, workspace: &str, now: Timestamp) -> String {
    let issued = now.as_millisecond();
    let kind = match client.principal.kind {
        PrincipalKind::User => "user",
        PrincipalKind::Group | PrincipalKind::Client => "api-client",
    };
    let payload = json!({
        "sub": client.principal.text(),
        "client_id": client.id,
        "hpe_token_type": "api-v1.2",
        "hpe_principal_type": kind,
        "hpe_organization_id": twin.state.organization.id,
        "hpe_workspace_id": workspace,
        "iat": issued / 1000,
        "exp": issued / 1000 + i64::from(twin.token_seconds),
        "jti": id::derive(&format!("token/{}/{workspace}/{issued}/{}", client.id, twin.nth())),
    });
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    let signed = format!("{head}.{payload}");
    let signature = signature(client, &signed);
    format!("{signed}.{signature}")
}

fn signature(client: &Client, signed: &str) -> String {
    let digest = Sha256::digest(format!("{}\n{}\n{signed}", client.id, client.secret));
    URL_SAFE_NO_PAD.encode(digest)
}

/// Who a token is for; the error ends a sentence about the token.
fn verify(twin: &GreenLake, token: &str, now: Timestamp) -> Result<Caller, &'static str> {
    let foreign = "is none of this platform";
    let mut parts = token.split('.');
    let (Some(head), Some(payload), Some(mark), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(foreign);
    };
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| foreign)?;
    let claims: Value = serde_json::from_slice(&bytes).map_err(|_| foreign)?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let client = twin.state.clients.find(claim("client_id")).ok_or(foreign)?;
    if signature(client, &format!("{head}.{payload}")) != mark {
        return Err(foreign);
    }
    let expiry = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    if now.as_millisecond() >= expiry * 1000 {
        return Err("has expired");
    }
    if !is_alive(twin, client) {
        return Err("is of a user who is no more");
    }
    let workspace = twin.state.workspaces.find(claim("hpe_workspace_id"));
    let workspace = workspace.ok_or("is for a workspace that is no more")?;
    Ok(Caller { client: client.as_ref().clone(), workspace: workspace.id.clone() })
}

fn form(body: &[u8]) -> Vec<(String, String)> {
    body.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let name = parts.next().unwrap_or_default();
            (decoded(name), decoded(parts.next().unwrap_or_default()))
        })
        .collect()
}

fn decoded(text: &[u8]) -> String {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}
