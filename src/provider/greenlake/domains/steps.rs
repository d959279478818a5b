//! Carrying out what a plan says of a domain: claim it, have it verified, bind it to a
//! connection, give it up.

use std::collections::BTreeMap;

use super::api::{self, Done};
use super::error::ApiError;
use super::names::fold;
use super::rows::{Account, Lifecycle, PolicyRow};
use crate::apply::{Op, Receipt, Report, Step};
use crate::kind::{Address, FieldName, Fields};
use crate::live::RemoteId;
use crate::provider::Transport;

/// What carrying out a step needs beside the way to the target.
pub struct DomainWork {
    /// Whether authentication policies are read and written.
    pub sso: bool,
    /// What every live claim said when the plan was made.
    pub seen: BTreeMap<Address, Fields>,
}

/// Why a step ended before its end.
enum Stop {
    Receipt(Receipt),
    Refused(ApiError),
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<Receipt> for Stop {
    fn from(receipt: Receipt) -> Self {
        Self::Receipt(receipt)
    }
}

/// Carries out one step about a domain. The claim is read again first, and nothing is written
/// that the plan did not see.
pub async fn carry_out<T: Transport>(transport: &T, work: &DomainWork, step: &Step) -> Report {
    let done = match &step.op {
        Op::Create { address, fields, members: _ } => claim(transport, work, address, fields).await,
        Op::Update { address, after, changed, .. } => {
            update(transport, work, address, after, changed).await
        }
        Op::Delete { address, remote, .. } => give_up(transport, work, address, remote).await,
        Op::AddMembers { .. } | Op::RemoveMembers { .. } | Op::VerifyMembers { .. } => {
            Err(failed("a domain has no members").into())
        }
    };
    match done {
        Ok(receipt) | Err(Stop::Receipt(receipt)) => receipt.into(),
        Err(Stop::Refused(error)) => {
            let cause = error.to_string();
            let halt = error.is_refused_credential().then(|| cause.clone());
            Report { receipt: Receipt::Failed { cause }, halt, made: None }
        }
    }
}

fn failed(cause: &str) -> Receipt {
    Receipt::Failed { cause: cause.to_owned() }
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(serde_json::Value::as_str)
}

/// Claims the domain; what comes next is a record in DNS, and another run.
async fn claim<T: Transport>(
    transport: &T,
    work: &DomainWork,
    address: &Address,
    fields: &Fields,
) -> Result<Receipt, Stop> {
    let domain = fold(text(fields, "domain").unwrap_or(address.key().as_str()));
    let (row, _) = api::claim(transport, &domain).await?;
    if row.lifecycle != Lifecycle::Verified {
        return Ok(waits(&domain, row.txt.as_deref()));
    }
    match text(fields, "sso") {
        Some(connection) if work.sso => bind(transport, &domain, connection).await,
        _ => Ok(Receipt::Done { id: None }),
    }
}

fn waits(domain: &str, txt: Option<&str>) -> Receipt {
    let cause = match txt {
        Some(txt) => format!("publish this TXT record at `{domain}`, then run again: {txt}"),
        None => format!("publish the TXT record that HPE GreenLake shows for `{domain}`"),
    };
    Receipt::Waiting { cause }
}

async fn update<T: Transport>(
    transport: &T,
    work: &DomainWork,
    address: &Address,
    after: &Fields,
    changed: &[FieldName],
) -> Result<Receipt, Stop> {
    let domain = address.key().as_str();
    let account = api::read_account(transport, work.sso).await?;
    let changes = |name: &str| changed.iter().any(|field| field.as_str() == name);
    if changes("state") && !is_verified(&account, domain) {
        let row = account.requests.iter().find(|row| fold(&row.name) == domain);
        let row = row.ok_or_else(|| Receipt::Stale {
            cause: format!("the claim of `{domain}` is not there any more"),
        })?;
        match api::verify(transport, &row.id).await? {
            Lifecycle::Verified => {}
            Lifecycle::Pending => return Ok(waits(domain, row.txt.as_deref())),
            Lifecycle::Other(word) => {
                return Err(failed(&format!("the claim of `{domain}` is `{word}`")).into());
            }
        }
    }
    match text(after, "sso") {
        Some(connection) if changes("sso") && work.sso => {
            let then = work.seen.get(address).and_then(|fields| text(fields, "sso"));
            is_as_seen(&account, domain, then)?;
            bind(transport, domain, connection).await
        }
        _ => Ok(Receipt::Done { id: None }),
    }
}

fn is_verified(account: &Account, domain: &str) -> bool {
    account.verified.iter().any(|row| fold(&row.name) == domain)
}

/// Whether the domain is bound as the plan saw it: to the connection `then`, or to none.
fn is_as_seen(account: &Account, domain: &str, then: Option<&str>) -> Result<(), Receipt> {
    let (policies, profiles) = account
        .sso
        .as_ref()
        .ok_or_else(|| failed("authentication policies are read only with `sso`"))?;
    let is_for = |row: &&PolicyRow| row.domain.as_deref().map(fold).as_deref() == Some(domain);
    let source = policies.iter().find(is_for).and_then(|row| row.auth_source.as_deref());
    let now = source.and_then(|id| profiles.iter().find(|row| row.id == id));
    let now = now.map(|row| row.name.as_str());
    if now != then {
        let shown = |name: Option<&str>| name.map_or("none".to_owned(), |name| format!("`{name}`"));
        return Err(Receipt::Stale {
            cause: format!(
                "the connection of `{domain}` was {}, and is {}",
                shown(then),
                shown(now)
            ),
        });
    }
    Ok(())
}

/// Binds the domain to a connection by its name.
async fn bind<T: Transport>(
    transport: &T,
    domain: &str,
    connection: &str,
) -> Result<Receipt, Stop> {
    let account = api::read_account(transport, true).await?;
    let profiles =
        account.sso.as_ref().map(|(_, profiles)| profiles.as_slice()).unwrap_or_default();
    let named: Vec<_> = profiles.iter().filter(|row| row.name == connection).collect();
    let profile = match named.as_slice() {
        [one] => one,
        [] => {
            let names: Vec<&str> = profiles.iter().map(|row| row.name.as_str()).collect();
            let has = match names.as_slice() {
                [] => "the account has none".to_owned(),
                names => format!("the account has {}", names.join(", ")),
            };
            let cause = format!(
                "there is no connection `{connection}` ({has}): write the name of one in `sso`, or \
                 make it in GreenLake"
            );
            return Ok(Receipt::Waiting { cause });
        }
        _ => return Err(failed(&format!("two connections are named `{connection}`")).into()),
    };
    let done = api::bind(transport, domain, &profile.id).await?;
    Ok(match done {
        Done::AlreadySo => Receipt::AlreadySo { id: None },
        Done::Done | Done::Accepted => Receipt::Done { id: None },
    })
}

/// Gives the claim up, unless a policy came to depend on it.
async fn give_up<T: Transport>(
    transport: &T,
    work: &DomainWork,
    address: &Address,
    remote: &RemoteId,
) -> Result<Receipt, Stop> {
    let domain = address.key().as_str();
    let account = api::read_account(transport, work.sso).await?;
    if work.sso {
        is_as_seen(&account, domain, None)?;
    }
    let verified = account.verified.iter().find(|row| fold(&row.name) == domain);
    let done = match verified {
        Some(row) if row.id == remote.as_str() => api::unclaim(transport, &row.id).await?,
        Some(_) => {
            let cause = format!("`{domain}` was verified since the plan was made");
            return Err(Receipt::Stale { cause }.into());
        }
        None => api::drop_claim(transport, remote.as_str()).await?,
    };
    Ok(match done {
        Done::AlreadySo => Receipt::AlreadySo { id: None },
        Done::Done | Done::Accepted => Receipt::Done { id: None },
    })
}
