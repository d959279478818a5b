//! Revocations: gone is done.

use crate::apply::{Proof, Receipt};
use crate::kind::Address;
use crate::live::{Fingerprint, RemoteId};
use crate::provider::converge::{
    Ended, Observed, Operation, Past, Rules, SENDS, Stop, Why, converge,
};
use crate::provider::{Method, Request, Transport};

use super::assignment;
use super::context::Context;
use super::look;
use super::platform::Workspace;

/// Takes a role away.
pub(super) async fn revoke<T: Transport + Sync>(
    context: &Context<'_, T>,
    (address, remote): (&Address, &RemoteId),
    expect: &Fingerprint,
    proof: &dyn Proof,
) -> Result<Receipt, Stop> {
    let workspace = look::workspace(context, &look::workspace_in(address))?;
    let mut revoke = Revoke { context, workspace, address, remote, expect, proof };
    Ok(match converge(workspace.transport, &mut revoke).await? {
        Ended::Done => Receipt::Done { id: None },
        // The group it was of may have gone, and its roles with it.
        Ended::Unchanged => Receipt::AlreadySo { id: None },
    })
}

struct Revoke<'w, 'a, T> {
    context: &'w Context<'a, T>,
    workspace: &'w Workspace<'a, T>,
    address: &'w Address,
    remote: &'w RemoteId,
    expect: &'w Fingerprint,
    proof: &'w dyn Proof,
}

impl<T: Transport + Sync> Operation for Revoke<'_, '_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: SENDS,
            is_lagging: true,
            is_new: false,
            retries_refusals: false,
            looks_after_refusal: true,
        }
    }

    async fn observe(&mut self, _past: &Past) -> Result<Observed, Stop> {
        let now = look::now(self.context, self.workspace, self.remote).await?;
        Ok(match now {
            None => Observed::Wanted,
            Some(now) if now.is_as(self.expect) => Observed::Expected,
            Some(_) => Observed::Changed(String::new()),
        })
    }

    fn request(&mut self) -> Result<Request, Stop> {
        Ok(assignment::one(Method::Delete, self.remote.as_str()))
    }

    async fn prove(&self) -> Result<(), Stop> {
        Ok(self.proof.prove(None).await?)
    }

    fn words(&self, why: &Why) -> String {
        let address = self.address;
        match why {
            Why::Refused(words) | Why::Lost(words) | Why::Taken(words, _) => words.clone(),
            Why::NotKept(_) | Why::NotYet | Why::NotThere => {
                format!("the server said it removed `{address}` and still shows it")
            }
            Why::Gone => format!("`{address}` is not there any more"),
            Why::Changed(_, None) => format!("`{address}` is not what the plan saw"),
            Why::Changed(_, Some(words)) => {
                format!("`{address}` changed while it was removed: {words}")
            }
        }
    }
}
