//! Deletions: gone is done. A group that a role assignment still names is refused by the server
//! (412), and stays.

use crate::apply::Receipt;
use crate::kind::{Address, Fields};
use crate::live::{Fingerprint, RemoteId};
use crate::provider::converge::{
    Answer, Ended, Observed, Operation, Past, Rules, SENDS, Stop, Why, answer, converge,
};
use crate::provider::scim::Trouble;
use crate::provider::{Method, Request, Transport};

use super::super::context::Context;
use super::super::look;
use super::super::platform::Workspace;
use super::group::{one, whole, workspace_in};

/// Deletes a scope group.
pub(super) async fn remove<T: Transport + Sync>(
    context: &Context<'_, T>,
    (address, remote): (&Address, &RemoteId),
    expect: &Fingerprint,
) -> Result<Receipt, Stop> {
    let workspace = look::workspace(context, &workspace_in(address))?;
    let mut remove = Remove { workspace, address, remote, expect };
    Ok(match converge(workspace.transport, &mut remove).await? {
        Ended::Done => Receipt::Done { id: None },
        Ended::Unchanged => Receipt::AlreadySo { id: None },
    })
}

struct Remove<'w, 'a, T> {
    workspace: &'w Workspace<'a, T>,
    address: &'w Address,
    remote: &'w RemoteId,
    expect: &'w Fingerprint,
}

impl<T: Transport + Sync> Operation for Remove<'_, '_, T> {
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
        let now = whole(self.workspace.transport, self.remote.as_str()).await?;
        let Some(now) = now else { return Ok(Observed::Wanted) };
        let fields: Fields = now.fields(&self.workspace.name, &std::collections::BTreeMap::new());
        let is_as_seen = Fingerprint::of(&self.remote.compared(), &fields) == *self.expect;
        Ok(if is_as_seen { Observed::Expected } else { Observed::Changed(String::new()) })
    }

    fn request(&mut self) -> Result<Request, Stop> {
        Ok(one(Method::Delete, self.remote.as_str()))
    }

    /// 412 says that a role assignment names the group: to send it again does not help.
    fn answer(&mut self, trouble: &Trouble) -> Answer {
        match answer(trouble) {
            Answer::Precondition(words) => Answer::Refused(words),
            other => other,
        }
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
