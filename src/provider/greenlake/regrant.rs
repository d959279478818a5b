//! Changed scopes: checked just before, replaced whole, and looked at where the answer does not
//! show it.

use crate::apply::Receipt;
use crate::kind::{Address, Fields};
use crate::live::{Fingerprint, RemoteId};
use crate::provider::Transport;
use crate::provider::scim::Stop;
use crate::provider::scim::call::{self, backoff};

use super::assignment;
use super::look;
use super::write::GreenlakeWriter;

/// How often the assignment is sent when its answer is lost.
const TRIES: u32 = 3;
/// How often it is looked at afterwards.
const LOOKS: u32 = 8;

/// One binding and what it is to say.
pub(super) struct Update<'a> {
    pub(super) address: &'a Address,
    pub(super) remote: &'a RemoteId,
    pub(super) expect: &'a Fingerprint,
    pub(super) after: &'a Fields,
}

/// Makes the role hold for the wanted scopes.
pub(super) async fn regrant<T: Transport + Sync>(
    writer: &GreenlakeWriter<'_, T>,
    update: &Update<'_>,
) -> Result<Receipt, Stop> {
    let id = || Some(update.remote.clone());
    let name = look::named_in(update.address, update.after);
    let workspace = look::workspace(writer, &name)?;
    let gone = || Stop::Stale(format!("`{}` is not there any more", update.address));
    let mut tries = 0;
    loop {
        let now = look::now(writer, workspace, update.remote).await?.ok_or_else(gone)?;
        let scope = look::scope(writer, &workspace.name, update.after, &now.assignment.scope)?;
        if now.assignment.is_for(&scope) {
            return Ok(if tries == 0 {
                Receipt::AlreadySo { id: id() }
            } else {
                Receipt::Done { id: id() }
            });
        }
        if !now.is_as(update.expect) {
            return Err(Stop::Stale(format!("`{}` is not what the plan saw", update.address)));
        }
        let request = assignment::replace(&now.assignment, &scope);
        let trouble = match call::write(workspace.transport, &request).await {
            Ok(response) => {
                let echo = look::decode(&response.body).filter(|_| response.status != 202);
                if echo.is_some_and(|echo| echo.is_for(&scope)) {
                    return Ok(Receipt::Done { id: id() });
                }
                break;
            }
            Err(trouble) => trouble,
        };
        match trouble.status() {
            Some(404) => return Err(gone()),
            _ if !trouble.is_unknown_outcome() => return Err(trouble.into()),
            _ => {}
        }
        tries += 1;
        if tries == TRIES {
            return Err(trouble.into());
        }
        workspace.transport.pause(backoff(tries)).await;
    }
    for tries in 0..LOOKS {
        let now = look::now(writer, workspace, update.remote).await?.ok_or_else(gone)?;
        let scope = look::scope(writer, &workspace.name, update.after, &now.assignment.scope)?;
        if now.assignment.is_for(&scope) {
            return Ok(Receipt::Done { id: id() });
        }
        workspace.transport.pause(backoff(tries)).await;
    }
    Err(Stop::Failed(format!(
        "the server took new scopes for `{}` and still shows the old ones; the next plan shows \
         what became of it",
        update.address
    )))
}
