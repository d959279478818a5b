//! Decoding: strict about the fields that are used, blind to all others.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use super::names::fold;
use super::rows::{Lifecycle, PolicyRow, ProfileRow, RequestRow, VerifiedRow};
use crate::provider::{Request, Response};

/// A row of one of the lists.
pub(super) trait Row: Sized {
    /// How it is written on the wire.
    type Wire: DeserializeOwned;
    /// What a row is called, in words.
    const NAME: &'static str;
    /// The row, or what is wrong with it.
    fn of(wire: Self::Wire) -> Result<Self, String>;
    /// Its id.
    fn id(&self) -> &str;
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestWire {
    id: String,
    name: String,
    life_cycle_state: String,
    dns_txt_record: Option<String>,
    last_verified: Option<String>,
}

impl Row for RequestRow {
    type Wire = RequestWire;
    const NAME: &'static str = "claim";

    fn of(wire: RequestWire) -> Result<Self, String> {
        Ok(Self {
            id: filled("id", wire.id)?,
            name: domain(&wire.name)?,
            lifecycle: Lifecycle::from_wire(&filled("lifeCycleState", wire.life_cycle_state)?),
            txt: wire.dns_txt_record.filter(|text| !text.is_empty()),
            last_verified: wire.last_verified.filter(|text| !text.is_empty()),
        })
    }

    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Deserialize)]
pub(super) struct NamedWire {
    id: String,
    name: String,
}

impl Row for VerifiedRow {
    type Wire = NamedWire;
    const NAME: &'static str = "domain";

    fn of(wire: NamedWire) -> Result<Self, String> {
        Ok(Self { id: filled("id", wire.id)?, name: domain(&wire.name)? })
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for ProfileRow {
    type Wire = NamedWire;
    const NAME: &'static str = "connection";

    fn of(wire: NamedWire) -> Result<Self, String> {
        Ok(Self { id: filled("id", wire.id)?, name: filled("name", wire.name)? })
    }

    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyWire {
    id: String,
    policy_type: String,
    condition: Option<ConditionWire>,
    action: Option<ActionWire>,
    state: Option<String>,
}

#[derive(Deserialize)]
struct ConditionWire {
    domain: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActionWire {
    r#type: Option<String>,
    auth_source: Option<String>,
}

impl Row for PolicyRow {
    type Wire = PolicyWire;
    const NAME: &'static str = "authentication policy";

    fn of(wire: PolicyWire) -> Result<Self, String> {
        let policy_type = filled("policyType", wire.policy_type)?;
        let domain = wire.condition.and_then(|condition| condition.domain);
        if policy_type == "DOMAIN_VERIFIED" && domain.as_deref().is_none_or(str::is_empty) {
            return Err("it is `DOMAIN_VERIFIED` without `condition.domain`".to_owned());
        }
        let (action, auth_source) =
            wire.action.map_or((None, None), |action| (action.r#type, action.auth_source));
        if action.as_deref() == Some("SSO_PROFILE")
            && auth_source.as_deref().is_none_or(str::is_empty)
        {
            return Err("its action is `SSO_PROFILE` without `authSource`".to_owned());
        }
        let id = filled("id", wire.id)?;
        Ok(Self { id, policy_type, domain, action, auth_source, state: wire.state })
    }

    fn id(&self) -> &str {
        &self.id
    }
}

fn filled(name: &str, value: String) -> Result<String, String> {
    if value.is_empty() { Err(format!("`{name}` is empty")) } else { Ok(value) }
}

fn domain(name: &str) -> Result<String, String> {
    let folded = fold(name);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if folded.is_empty() || folded.len() > 253 || !folded.chars().all(is_plain) {
        return Err("`name` is not a domain name".to_owned());
    }
    Ok(folded)
}

/// One page: its rows, and how many there are in all where that is said.
pub(super) struct Page<R> {
    pub(super) rows: Vec<R>,
    pub(super) total: Option<u64>,
}

#[derive(Deserialize)]
struct Envelope<W> {
    items: Vec<W>,
    total: Option<u64>,
    offset: Option<u64>,
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Bare<W>(Vec<W>);

/// Reads a page that was asked for from `offset`: HPE's envelope, or a bare list.
pub(super) fn page<R: Row>(
    request: &Request,
    response: &Response,
    offset: u64,
) -> Result<Page<R>, ApiError> {
    let refuse = |why: String| ApiError::malformed(request, response, &why);
    let is_bare = response.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    // What serde says may quote the body, and the body may hold a connection's secret.
    let unread = |error: serde_json::Error| {
        let place = format!("line {} column {}", error.line(), error.column());
        refuse(format!("it is no list of {}s: see {place}", R::NAME))
    };
    let (wires, total) = if is_bare {
        let Bare(rows) = serde_json::from_slice::<Bare<R::Wire>>(&response.body).map_err(unread)?;
        (rows, None)
    } else {
        let list: Envelope<R::Wire> = serde_json::from_slice(&response.body).map_err(unread)?;
        if list.offset.is_some_and(|said| said != offset) {
            return Err(refuse(format!("it is not the page that begins at {offset}")));
        }
        (list.items, list.total)
    };
    let mut rows = Vec::with_capacity(wires.len());
    for wire in wires {
        let row = R::of(wire).map_err(|why| refuse(format!("a {} is wrong: {why}", R::NAME)))?;
        rows.push(row);
    }
    Ok(Page { rows, total })
}

/// Reads a body that is one object.
pub(super) fn object<W: DeserializeOwned>(
    request: &Request,
    response: &Response,
    what: &str,
) -> Result<W, ApiError> {
    serde_json::from_slice(&response.body)
        .map_err(|_| ApiError::malformed(request, response, &format!("it is no {what}")))
}

/// Whether every id is there once.
pub(super) fn are_distinct<R: Row>(rows: &[R]) -> bool {
    rows.iter().map(Row::id).collect::<BTreeSet<_>>().len() == rows.len()
}
