//! Changed scopes: the assignment is replaced whole, with what cannot change repeated as it is.

use crate::apply::{Proof, Receipt};
use crate::kind::{Address, Fields};
use crate::live::{Fingerprint, RemoteId};
use crate::provider::converge::{
    Ended, Observed, Operation, Past, Rules, SENDS, Stop, Why, converge,
};
use crate::provider::{Request, Transport};

use super::assignment::{self, Assignment};
use super::context::Context;
use super::look;
use super::platform::Workspace;

/// Makes the role hold for the wanted scopes.
pub(super) async fn regrant<T: Transport + Sync>(
    context: &Context<'_, T>,
    (address, remote): (&Address, &RemoteId),
    (expect, after): (&Fingerprint, &Fields),
    proof: &dyn Proof,
) -> Result<Receipt, Stop> {
    let name = look::named_in(address, after);
    let workspace = look::workspace(context, &name)?;
    let mut regrant = Regrant {
        context,
        workspace,
        address,
        remote,
        expect,
        proof,
        after,
        now: None,
        scope: Vec::new(),
        before: None,
    };
    let id = Some(remote.clone());
    Ok(match converge(workspace.transport, &mut regrant).await? {
        Ended::Done => Receipt::Done { id },
        Ended::Unchanged => Receipt::AlreadySo { id },
    })
}

struct Regrant<'w, 'a, T> {
    context: &'w Context<'a, T>,
    workspace: &'w Workspace<'a, T>,
    address: &'w Address,
    remote: &'w RemoteId,
    expect: &'w Fingerprint,
    proof: &'w dyn Proof,
    after: &'w Fields,
    /// The assignment as it was last seen.
    now: Option<Assignment>,
    /// The wanted scopes, spelled as the target does.
    scope: Vec<String>,
    /// The assignment just before it was first written.
    before: Option<Assignment>,
}

impl<T: Transport + Sync> Operation for Regrant<'_, '_, T> {
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
        let Some(now) = look::now(self.context, self.workspace, self.remote).await? else {
            return Ok(Observed::Absent);
        };
        let one = &now.assignment;
        if let Some(before) = &self.before
            && !one.is_of(&before.principal, &before.role)
        {
            let what = format!("`{}`: it is another's now, or of another role", self.address);
            return Ok(Observed::Damaged(what));
        }
        self.scope = look::scope(self.context, &self.workspace.name, self.after, &one.scope)?;
        let seen = if one.is_for(&self.scope) {
            Observed::Wanted
        } else if now.is_as(self.expect) {
            Observed::Expected
        } else {
            Observed::Changed(one.scopes().collect::<Vec<_>>().join(", "))
        };
        self.now = Some(now.assignment);
        Ok(seen)
    }

    fn request(&mut self) -> Result<Request, Stop> {
        let Some(now) = self.now.take() else {
            return Err(Stop::Failed(format!("`{}` was not looked at", self.address)));
        };
        let request = assignment::replace(&now, &self.scope);
        self.before.get_or_insert(now);
        Ok(request)
    }

    async fn prove(&self) -> Result<(), Stop> {
        Ok(self.proof.prove(None).await?)
    }

    fn words(&self, why: &Why) -> String {
        let address = self.address;
        match why {
            Why::Refused(words) | Why::Lost(words) | Why::Taken(words, _) => words.clone(),
            Why::NotKept(_) | Why::NotYet => format!(
                "the server took new scopes for `{address}` and still shows others; the next plan \
                 shows what became of it"
            ),
            Why::NotThere | Why::Gone => format!("`{address}` is not there any more"),
            Why::Changed(_, None) => format!("`{address}` is not what the plan saw"),
            Why::Changed(_, Some(words)) => {
                format!("`{address}` changed while it was written: {words}")
            }
        }
    }
}
