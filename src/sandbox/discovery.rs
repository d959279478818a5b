//! `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas` (RFC 7644 section 4).

use serde_json::{Value, json};

use super::error::{Cause, Refusal};
use super::personality::{Endpoint, Personality};
use super::record::Kind;
use super::{Response, Sandbox, schema};

/// Answers a discovery request.
pub(super) fn answer(sandbox: &Sandbox, segments: &[&str]) -> Result<Response, Refusal> {
    let personality = &sandbox.personality;
    let nothing = || Refusal::plain(404, "no such document").because(Cause::UnknownPath);
    if !personality.discovery.served {
        return Err(nothing());
    }
    let (what, id) = match segments {
        [what] => (*what, None),
        [what, id] => (*what, Some(*id)),
        _ => return Err(nothing()),
    };
    let all = match what {
        "ServiceProviderConfig" => {
            return match id {
                None => Ok(document(&configuration(personality), personality)),
                Some(_) => Err(nothing()),
            };
        }
        "ResourceTypes" => {
            vec![resource_type(sandbox, Kind::User), resource_type(sandbox, Kind::Group)]
        }
        _ => schema::documents(),
    };
    if let Some(id) = id {
        let one = all.into_iter().find(|each| each["id"] == id).ok_or_else(nothing)?;
        return Ok(document(&one, personality));
    }
    let body = if personality.discovery.bare_array && what == "ResourceTypes" {
        Value::Array(all)
    } else {
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": all.len(),
            "itemsPerPage": all.len(),
            "startIndex": 1,
            "Resources": all,
        })
    };
    Ok(document(&body, personality))
}

fn document(body: &Value, personality: &Personality) -> Response {
    Response::document(200, body.to_string().into_bytes(), personality)
}

fn configuration(personality: &Personality) -> Value {
    let rules = &personality.discovery;
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": {
            "supported": rules.bulk.0,
            "maxOperations": rules.bulk.1,
            "maxPayloadSize": if rules.bulk.0 { 1_048_576 } else { 0 },
        },
        "filter": { "supported": rules.filter.0, "maxResults": rules.filter.1 },
        "changePassword": { "supported": false },
        "sort": { "supported": rules.sort },
        "etag": { "supported": rules.etag },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A bearer token in the Authorization header",
            "primary": true,
        }],
    })
}

fn resource_type(sandbox: &Sandbox, kind: Kind) -> Value {
    let rules = &sandbox.personality.discovery;
    // The base path is what follows the host in the base URL.
    let base_path = sandbox
        .base
        .split_once("://")
        .map_or(sandbox.base.as_str(), |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
    let endpoint = match rules.endpoint {
        Endpoint::Relative => format!("/{}", kind.endpoint()),
        Endpoint::Absolute => format!("{}/{}", sandbox.base, kind.endpoint()),
        Endpoint::WithBase => format!("{base_path}/{}", kind.endpoint()),
    };
    let urn = schema::core_urn(kind);
    let mut document = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": if rules.id_is_urn { urn } else { kind.name() },
        "name": kind.name(),
        "endpoint": endpoint,
        "schema": urn,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{}/ResourceTypes/{}", sandbox.base, kind.name()),
        },
    });
    if kind == Kind::User {
        document["schemaExtensions"] =
            json!([{ "schema": schema::ENTERPRISE_URN, "required": false }]);
    }
    document
}
