//! Claims as live objects: what planning sees of a domain.

use serde_json::Value;

use super::claim::{Claim, State};
use super::judge::CONNECTION_MISSING;
use super::sight::Sight;
use crate::kind::{FieldName, Fields, Key, KindName, VERIFIED};
use crate::live::{Hold, Listing, Object, Page, Partial, RemoteId, Seen, Unproved};

/// The claims that are live, as a listing: all that the lists had, which prove themselves.
///
/// # Errors
///
/// Two claims with one id.
pub fn listing(claims: &[Claim]) -> Result<Listing, Unproved> {
    let objects: Vec<Object> = claims.iter().filter_map(object).collect();
    let page = Page { start_index: 1, total: objects.len() as u64, objects };
    Partial::new(KindName::Domain, vec![page]).prove()
}

/// A claim as an object; none where there is no claim to see.
fn object(claim: &Claim) -> Option<Object> {
    let hold = match &claim.state {
        State::Unclaimed => return None,
        State::NotAsked => unasked(claim),
        State::Claimed | State::PartlyPublished | State::Missing | State::Unclear(_) => {
            Some(Hold::Waiting(waits(claim)))
        }
        State::Verified | State::Bound(_) => without_connection(claim),
        // What is published is verified first, whatever its connection.
        State::Published => None,
    };
    let state = match &claim.state {
        State::Verified | State::Bound(_) => VERIFIED,
        other => other.word(),
    };
    let mut fields = Fields::new();
    let mut put = |name: &'static str, value: &str| {
        fields.insert(FieldName::fixed(name), Value::from(value));
    };
    put("domain", &claim.domain);
    put("state", state);
    if let Some(connection) = &claim.connection {
        put("sso", connection);
    }
    let id = claim.domain_id.as_ref().or(claim.request_id.as_ref());
    Some(Object {
        kind: KindName::Domain,
        id: RemoteId::new(id.map_or(claim.domain.as_str(), String::as_str)),
        key: Key::new(&claim.domain),
        fields,
        version: None,
        members: None,
        hold,
        seen: Seen { verified: last_verified(claim), ..Seen::default() },
    })
}

/// When HPE last saw the record; nobody knows where it does not say so in RFC 3339.
fn last_verified(claim: &Claim) -> Option<jiff::Timestamp> {
    claim.last_verified.as_ref()?.parse().ok()
}

/// A domain whose connection nobody has made yet waits for it: no run can bind it.
fn without_connection(claim: &Claim) -> Option<Hold> {
    let missing = claim.problems.iter().find(|one| one.id == CONNECTION_MISSING)?;
    Some(Hold::Waiting(format!("{}: {}; {}", missing.what, missing.why, missing.remedy)))
}

/// Where claims cannot be read, all there is to see of one is its record in DNS.
fn unasked(claim: &Claim) -> Option<Hold> {
    if is_published(claim) {
        return None;
    }
    let seen = match claim.sight {
        Sight::Unknown => "; DNS could not be asked",
        _ => ", and DNS has no verification record",
    };
    let domain = &claim.domain;
    Some(Hold::Waiting(format!(
        "a person claims it: HPE publishes no API for domain claims{seen}\n\
         in HPE GreenLake open Manage workspace, Organization, Domains, claim `{domain}`, and \
         publish the TXT record it shows at `{domain}`; or say `target.experimental: [domains]`"
    )))
}

/// Whether any server has a verification record for the domain, whatever its value.
fn is_published(claim: &Claim) -> bool {
    let texts = claim.dns.iter().filter_map(|look| look.answer.texts()).flatten();
    texts.into_iter().any(|text| text.starts_with(super::mistake::PREFIX))
}

/// What a claim waits for, and what to do.
fn waits(claim: &Claim) -> String {
    let domain = &claim.domain;
    let record = match &claim.txt {
        Some(txt) => format!("publish this TXT record at `{domain}`:\n  {txt}"),
        None => format!("look at `{domain}` in HPE GreenLake: its record is not shown here"),
    };
    let state = match &claim.state {
        State::PartlyPublished => "not every server has its record yet: wait, or".to_owned(),
        State::Missing => "it was verified, and its record is gone from DNS:".to_owned(),
        State::Unclear(words) => format!("its state is not clear ({words}):"),
        _ => "it is claimed, and not seen in DNS:".to_owned(),
    };
    let mut words = format!("{state} {record}");
    let said = claim.state == State::Missing;
    for problem in claim.problems.iter().filter(|_| !said) {
        words.push_str(&format!("\n{}: {}; {}", problem.what, problem.why, problem.remedy));
    }
    words
}
