//! The interface for claims: published nowhere, so all that speaks it is here.
//!
//! Paths are below `target.experimentalUrl`. Every write can be sent again after a lost answer:
//! what is there is looked at first.

use serde::Deserialize;
use serde_json::json;

use super::decode::{Row, object};
use super::error::{ApiError, ApiErrorKind};
use super::listing::list;
use super::names::fold;
use super::rows::{Account, Lifecycle, PolicyRow, ProfileRow, RequestRow, VerifiedRow};
use crate::provider::scim::call;
use crate::provider::{Method, Request, Response, Transport};

const REQUESTS: &[&str] = &["identity", "v1alpha1", "domain-requests"];
const DOMAINS: &[&str] = &["identity", "v1alpha1", "domains"];
const POLICIES: &[&str] = &["identity", "v1alpha1", "sso-authentication-policies"];
const PROFILES: &[&str] = &["identity", "v2alpha1", "sso-profiles"];

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is done.
    Done,
    /// It was so already.
    AlreadySo,
    /// It was accepted (202), and is not done yet: read again before relying on it.
    Accepted,
}

fn under(method: Method, path: &[&str], rest: &[&str]) -> Request {
    Request::new(method, &[path, rest].concat())
}

/// The request that claims a domain.
#[must_use]
pub fn create_request(domain: &str) -> Request {
    under(Method::Post, REQUESTS, &[]).with_body(json!({ "name": fold(domain) }))
}

/// The request that asks HPE to look for the TXT record now.
#[must_use]
pub fn verify_request(request_id: &str) -> Request {
    let mut request = under(Method::Post, REQUESTS, &[request_id, "verify"]);
    request.query = vec![("share-contact", "false".to_owned())];
    request
}

/// The request that drops a pending claim.
#[must_use]
pub fn drop_request(request_id: &str) -> Request {
    under(Method::Delete, REQUESTS, &[request_id])
}

/// The request that gives up a verified domain, by the domain's id and not the claim's.
#[must_use]
pub fn unclaim_request(domain_id: &str) -> Request {
    under(Method::Delete, DOMAINS, &[domain_id])
}

/// The request that binds a verified domain to a connection. Its users only sign in through the
/// connection: their roles stay those of GreenLake (`authenticationOnlyMode`).
#[must_use]
pub fn bind_request(domain: &str, profile_id: &str) -> Request {
    under(Method::Post, POLICIES, &[]).with_body(json!({
        "policyType": "DOMAIN_VERIFIED",
        "condition": { "domain": fold(domain) },
        "action": { "type": "SSO_PROFILE", "authSource": profile_id },
        "targets": {
            "authenticationOnlyMode": {
                "managedOrganizations": ["*"],
                "organizationWorkspaces": ["*"],
            },
        },
    }))
}

/// The request that binds an existing policy to another connection, and changes nothing else.
#[must_use]
pub fn rebind_request(policy_id: &str, profile_id: &str) -> Request {
    under(Method::Patch, POLICIES, &[policy_id])
        .with_body(json!({ "action": { "type": "SSO_PROFILE", "authSource": profile_id } }))
}

/// Reads claims and verified domains, and with `sso` policies and connections too.
///
/// # Errors
///
/// [`ApiError`] on the first answer that is not what it should be; there is no partial result.
pub async fn read_account<T: Transport>(transport: &T, sso: bool) -> Result<Account, ApiError> {
    let requests: Vec<RequestRow> = list(transport, REQUESTS).await?;
    let verified: Vec<VerifiedRow> = list(transport, DOMAINS).await?;
    let sso = if sso {
        let policies: Vec<PolicyRow> = list(transport, POLICIES).await?;
        let profiles: Vec<ProfileRow> = list(transport, PROFILES).await?;
        Some((policies, profiles))
    } else {
        None
    };
    Ok(Account { requests, verified, sso })
}

/// Claims a domain, unless it is claimed already, and gives the claim.
///
/// # Errors
///
/// [`ApiErrorKind::ClaimedElsewhere`] when another organization has it; [`ApiError`] otherwise.
pub async fn claim<T: Transport>(
    transport: &T,
    domain: &str,
) -> Result<(RequestRow, Done), ApiError> {
    if let Some(row) = find(transport, domain).await? {
        return Ok((row, Done::AlreadySo));
    }
    let request = create_request(domain);
    let (error, is_taken) = match call::write(transport, &request).await {
        // Whatever a success says, the list is the truth: it has the id and the value.
        Ok(_) => (None, false),
        Err(trouble) => {
            let is_taken = trouble.status() == Some(409);
            (Some(ApiError::from_trouble(&request, &trouble)), is_taken)
        }
    };
    let is_worth_a_look = |error: &ApiError| {
        matches!(error.kind, ApiErrorKind::UnknownOutcome | ApiErrorKind::Refused)
    };
    if error.as_ref().is_none_or(is_worth_a_look)
        && let Some(row) = find(transport, domain).await?
    {
        return Ok((row, if is_taken { Done::AlreadySo } else { Done::Done }));
    }
    Err(match error {
        Some(error) if is_taken => ApiError::new(ApiErrorKind::ClaimedElsewhere, error.said.what),
        Some(error) => error,
        None => ApiError::new(
            ApiErrorKind::UnknownOutcome,
            format!("the claim of `{}` was taken, and is not in the list", fold(domain)),
        ),
    })
}

async fn find<T: Transport>(transport: &T, domain: &str) -> Result<Option<RequestRow>, ApiError> {
    let rows: Vec<RequestRow> = list(transport, REQUESTS).await?;
    Ok(rows.into_iter().find(|row| fold(&row.name) == fold(domain)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    life_cycle_state: String,
}

/// Asks HPE to look for the TXT record now. Asking again is harmless.
///
/// # Errors
///
/// [`ApiError`] when HPE did not say how the claim stands.
pub async fn verify<T: Transport>(transport: &T, request_id: &str) -> Result<Lifecycle, ApiError> {
    let request = verify_request(request_id);
    let response = sent(transport, &request).await?;
    let answer: Verification = object(&request, &response, "answer to a verification")?;
    Ok(Lifecycle::from_wire(&answer.life_cycle_state))
}

/// Drops a pending claim. One that is gone already is as good.
///
/// # Errors
///
/// [`ApiError`] when HPE refuses, or nobody knows.
pub async fn drop_claim<T: Transport>(transport: &T, request_id: &str) -> Result<Done, ApiError> {
    delete::<RequestRow, T>(transport, REQUESTS, &drop_request(request_id), request_id).await
}

/// Gives up a verified domain. Planning has seen to it that nobody depends on it.
///
/// # Errors
///
/// [`ApiError`] when HPE refuses, or nobody knows.
pub async fn unclaim<T: Transport>(transport: &T, domain_id: &str) -> Result<Done, ApiError> {
    delete::<VerifiedRow, T>(transport, DOMAINS, &unclaim_request(domain_id), domain_id).await
}

/// Binds a domain to a connection: changes the policy there is, or makes one. HPE works on it for
/// a while after; a later read shows the connection.
///
/// # Errors
///
/// [`ApiError`] when HPE refuses, or nobody knows.
pub async fn bind<T: Transport>(
    transport: &T,
    domain: &str,
    profile_id: &str,
) -> Result<Done, ApiError> {
    let policies: Vec<PolicyRow> = list(transport, POLICIES).await?;
    let is_for = |policy: &&PolicyRow| {
        policy.policy_type == "DOMAIN_VERIFIED"
            && policy.domain.as_deref().map(fold) == Some(fold(domain))
    };
    let request = match policies.iter().find(is_for) {
        Some(policy)
            if policy.action.as_deref() == Some("SSO_PROFILE")
                && policy.auth_source.as_deref() == Some(profile_id) =>
        {
            return Ok(Done::AlreadySo);
        }
        Some(policy) => rebind_request(&policy.id, profile_id),
        None => bind_request(domain, profile_id),
    };
    sent(transport, &request).await.map(|response| done(&response))
}

/// A 404 may also mean that the interface has moved: only the list says that something is gone.
async fn delete<R: Row, T: Transport>(
    transport: &T,
    collection: &[&str],
    request: &Request,
    id: &str,
) -> Result<Done, ApiError> {
    match call::write(transport, request).await {
        Ok(response) => Ok(done(&response)),
        Err(trouble) => {
            let error = ApiError::from_trouble(request, &trouble);
            if error.kind != ApiErrorKind::NotFound {
                return Err(error);
            }
            let rows: Vec<R> = list(transport, collection).await?;
            if rows.iter().any(|row| row.id() == id) { Err(error) } else { Ok(Done::AlreadySo) }
        }
    }
}

const fn done(response: &Response) -> Done {
    if response.status == 202 { Done::Accepted } else { Done::Done }
}

async fn sent<T: Transport>(transport: &T, request: &Request) -> Result<Response, ApiError> {
    call::write(transport, request)
        .await
        .map_err(|trouble| ApiError::from_trouble(request, &trouble))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::provider::scripted::{Scripted, block_on, query};

    fn row(id: &str, name: &str, state: &str) -> Value {
        json!({"id": id, "name": name, "lifeCycleState": state, "dnsTxtRecord": "t", "new": [1]})
    }

    fn paged(request: &Request, rows: &[Value]) -> Value {
        let offset = query(request, "offset").unwrap();
        let items: Vec<_> = rows.iter().skip(offset).take(2).collect();
        json!({"items": items, "count": items.len(), "offset": offset, "total": rows.len()})
    }

    fn requests(answer: impl Fn(&Request) -> Value + Send + 'static) -> Result<Account, ApiError> {
        let fake = Scripted::answering(move |request| match request.path[2].as_str() {
            "domain-requests" => Scripted::json(&answer(request)),
            _ => Scripted::json(&json!([])),
        });
        block_on(read_account(&fake, false))
    }

    #[test]
    fn a_list_is_read_to_its_end_with_or_without_a_total() {
        let rows: Vec<Value> =
            (0..5).map(|n| row(&n.to_string(), &format!("d{n}.example"), "PENDING")).collect();
        let same = rows.clone();
        let announced = requests(move |request| paged(request, &rows)).unwrap();
        assert_eq!(announced.requests.len(), 5);
        let bare = requests(move |request| {
            same.iter().skip(query(request, "offset").unwrap()).take(2).cloned().collect()
        });
        assert_eq!(bare.unwrap(), announced);
    }

    #[test]
    fn a_list_that_does_not_add_up_is_no_list() {
        let two = || vec![row("1", "a.example", "PENDING"), row("2", "b.example", "VERIFIED")];
        let short = requests(move |request| {
            let mut page = paged(request, &two());
            page["total"] = json!(3);
            page
        });
        assert_eq!(short.unwrap_err().kind, ApiErrorKind::Inconsistent);
        let repeated = requests(|request| {
            json!({"items": [row("1", "a.example", "PENDING")], "total": 2,
                "offset": query(request, "offset")})
        });
        assert_eq!(repeated.unwrap_err().kind, ApiErrorKind::Inconsistent);
    }

    #[test]
    fn fields_that_are_used_are_strict_and_others_are_not_looked_at() {
        for wrong in [
            json!({}),
            json!({"items": null}),
            json!({"data": []}),
            json!("no"),
            json!([{"id": "1", "name": "a.example"}]),
            json!([{"id": "1", "name": "a.example", "lifeCycleState": null}]),
            json!([{"id": "1", "name": "a.example", "lifeCycleState": ""}]),
            json!([{"id": 1, "name": "a.example", "lifeCycleState": "PENDING"}]),
            json!([{"id": "", "name": "a.example", "lifeCycleState": "PENDING"}]),
            json!([{"id": "1", "name": "a b", "lifeCycleState": "PENDING"}]),
            json!([row("1", "a.example", "PENDING"), null]),
        ] {
            let shown = wrong.to_string();
            let error = requests(move |_| wrong.clone()).unwrap_err();
            assert_eq!(error.kind, ApiErrorKind::Malformed, "{shown}");
        }
        let other = requests(|request| paged(request, &[row("1", "A.Example.", "Verified")]));
        let row = &other.unwrap().requests[0];
        assert_eq!(row.name, "a.example");
        assert_eq!(row.lifecycle, Lifecycle::Other("Verified".to_owned()));
    }

    #[test]
    fn nothing_of_a_connection_is_kept_or_shown_but_its_id_and_name() {
        let secret = "hunter2";
        let read = |profile: Value| {
            let fake = Scripted::answering(move |request| match request.path[2].as_str() {
                "sso-profiles" => Scripted::json(&json!({"items": [profile], "total": 1})),
                _ => Scripted::json(&json!({"items": [], "total": 0})),
            });
            block_on(read_account(&fake, true))
        };
        let config = json!({"clientSecret": secret});
        let good = read(json!({"id": "1", "name": "corp", "oidcIdpConfig": config})).unwrap();
        assert!(!format!("{good:?}").contains(secret));
        let bad = read(json!({"id": secret, "name": 7, "oidcIdpConfig": config})).unwrap_err();
        assert!(!format!("{bad:?}").contains(secret), "{bad:?}");
    }

    #[test]
    fn a_claim_whose_answer_was_lost_is_found_and_not_sent_again() {
        for status in [201, 503, 409] {
            let mut is_there = false;
            let fake = Scripted::answering(move |request| {
                if request.method == Method::Post {
                    is_there = true;
                    return Scripted::status(status, "{}");
                }
                let rows = if is_there { vec![row("1", "a.example", "PENDING")] } else { vec![] };
                Scripted::json(&json!({"items": rows, "total": rows.len()}))
            });
            let (row, _) = block_on(claim(&fake, "A.example")).unwrap();
            assert_eq!((row.id.as_str(), row.txt.as_deref()), ("1", Some("t")));
            let posts = fake.calls().iter().filter(|call| call.starts_with("POST")).count();
            assert_eq!(posts, 1, "{status}");
        }
    }

    #[test]
    fn a_domain_of_another_organization_is_said_so() {
        for (status, kind) in [
            (409, ApiErrorKind::ClaimedElsewhere),
            (403, ApiErrorKind::Credential),
            (400, ApiErrorKind::Refused),
            (503, ApiErrorKind::UnknownOutcome),
            (201, ApiErrorKind::UnknownOutcome),
        ] {
            let fake = Scripted::answering(move |request| match request.method {
                Method::Post => Scripted::status(status, r#"{"message":"answered 409"}"#),
                _ => Scripted::json(&json!({"items": [], "total": 0})),
            });
            assert_eq!(block_on(claim(&fake, "a.example")).unwrap_err().kind, kind, "{status}");
        }
    }

    #[test]
    fn a_404_means_gone_only_when_the_list_says_so() {
        let ended = |left: Value| {
            let fake = Scripted::answering(move |request| match request.method {
                Method::Delete => Scripted::status(404, ""),
                _ => Scripted::json(&left),
            });
            block_on(unclaim(&fake, "7")).map_err(|error| error.kind)
        };
        assert_eq!(ended(json!([])), Ok(Done::AlreadySo));
        let there = json!({"items": [{"id": "7", "name": "a.example"}], "total": 1});
        assert_eq!(ended(there), Err(ApiErrorKind::NotFound));
    }

    #[test]
    fn a_verification_says_how_the_claim_stands() {
        let verified = |body: &'static str| {
            let fake = Scripted::answering(move |_| Scripted::status(200, body));
            block_on(verify(&fake, "1")).map_err(|error| error.kind)
        };
        let state = |word: &str| Ok(Lifecycle::from_wire(word));
        assert_eq!(verified(r#"{"lifeCycleState":"PENDING"}"#), state("PENDING"));
        assert_eq!(verified(r#"{"lifeCycleState":"VERIFIED","x":1}"#), state("VERIFIED"));
        assert_eq!(
            verified(r#"{"lifeCycleState":"LAPSED"}"#),
            Ok(Lifecycle::Other("LAPSED".into()))
        );
        assert_eq!(verified("{}"), Err(ApiErrorKind::Malformed));
        assert_eq!(verified(""), Err(ApiErrorKind::Malformed));
    }

    #[test]
    fn a_policy_is_made_once_and_changed_after() {
        let bound = |policies: Value| {
            let fake = Scripted::answering(move |request| match request.method {
                Method::Get => Scripted::json(&policies),
                _ => Scripted::status(200, "{}"),
            });
            let done = block_on(bind(&fake, "a.example", "p1"));
            (done.unwrap(), fake.calls().pop().unwrap())
        };
        let policy = |action: &str, source: &str| {
            json!([{"id": "9", "policyType": "DOMAIN_VERIFIED", "condition": {"domain": "a.example"},
                "action": {"type": action, "authSource": source}}])
        };
        let list = "/identity/v1alpha1/sso-authentication-policies";
        assert_eq!(bound(json!([])), (Done::Done, format!("POST {list}")));
        let other = policy("SSO_PROFILE", "p0");
        let changed = |list: &Value| {
            let mut pages = vec![list.clone(), json!([])];
            let fake = Scripted::answering(move |request| match request.method {
                Method::Get => Scripted::json(&pages.remove(0)),
                _ => Scripted::status(200, "{}"),
            });
            let done = block_on(bind(&fake, "a.example", "p1"));
            (done.unwrap(), fake.calls().pop().unwrap())
        };
        assert_eq!(changed(&other), (Done::Done, format!("PATCH {list}/9")));
        assert_eq!(changed(&policy("SSO_PROFILE", "p1")).0, Done::AlreadySo);
        assert_eq!(changed(&policy("DEFAULT", "p1")), (Done::Done, format!("PATCH {list}/9")));
    }
}
