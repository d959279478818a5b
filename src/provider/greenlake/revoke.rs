//! Revocations: checked just before. Gone is done.

use crate::apply::Receipt;
use crate::kind::Address;
use crate::live::{Fingerprint, RemoteId};
use crate::provider::scim::Stop;
use crate::provider::scim::call::{self, backoff};
use crate::provider::{Method, Transport};

use super::assignment;
use super::look;
use super::write::GreenlakeWriter;

/// How often a revocation is sent when its answer is lost.
const TRIES: u32 = 3;
/// How often it is looked for afterwards.
const LOOKS: u32 = 8;

/// Takes a role away.
pub(super) async fn revoke<T: Transport + Sync>(
    writer: &GreenlakeWriter<'_, T>,
    address: &Address,
    remote: &RemoteId,
    expect: &Fingerprint,
) -> Result<Receipt, Stop> {
    let workspace = look::workspace(writer, &look::workspace_in(address))?;
    let mut tries = 0;
    loop {
        let Some(now) = look::now(writer, workspace, remote).await? else {
            return Ok(if tries == 0 {
                // The group it was of may have gone, and its roles with it.
                Receipt::AlreadySo { id: None }
            } else {
                Receipt::Done { id: None }
            });
        };
        if !now.is_as(expect) {
            return Err(Stop::Stale(format!("`{address}` is not what the plan saw")));
        }
        let request = assignment::one(Method::Delete, remote.as_str());
        let trouble = match call::write(workspace.transport, &request).await {
            Ok(_) => break,
            Err(trouble) => trouble,
        };
        match trouble.status() {
            Some(404 | 410) => return Ok(Receipt::Done { id: None }),
            _ if !trouble.is_unknown_outcome() => return Err(trouble.into()),
            _ => {}
        }
        tries += 1;
        if tries == TRIES {
            return Err(trouble.into());
        }
        workspace.transport.pause(backoff(tries)).await;
    }
    // A success is not believed until it is seen; a replica may lag, and 202 only promises.
    for tries in 0..LOOKS {
        if look::now(writer, workspace, remote).await?.is_none() {
            return Ok(Receipt::Done { id: None });
        }
        workspace.transport.pause(backoff(tries)).await;
    }
    Err(Stop::Failed(format!("the server said it removed `{address}` and still shows it")))
}
