//! Deletes: gone is done; so is deactivated, where that is all a server does.

use serde_json::Value;

use crate::apply::{MemberNames, Proof, Receipt};
use crate::kind::{Address, KindName};
use crate::live::{Fingerprint, RemoteId, Version};
use crate::provider::converge::{
    Ended, Observed, Operation, Past, Rules, SENDS, Stop, Why, converge,
};
use crate::provider::{Method, Request, Transport};

use super::context::Context;
use super::decode::collection;
use super::dialect::DeleteEffect;
use super::fetch::{self, Fetched};

/// Makes the object not exist.
pub(super) async fn delete<T: Transport + Sync>(
    context: &Context<'_, T>,
    address: &Address,
    remote: &RemoteId,
    expect: &Fingerprint,
    proof: &dyn Proof,
) -> Result<Receipt, Stop> {
    let mut delete =
        Delete { context, address, remote, expect, proof, version: None, members: None };
    Ok(match converge(context.transport, &mut delete).await? {
        Ended::Done => Receipt::Done { id: None },
        Ended::Unchanged => Receipt::AlreadySo { id: None },
    })
}

struct Delete<'w, 't, T> {
    context: &'w Context<'t, T>,
    address: &'w Address,
    remote: &'w RemoteId,
    expect: &'w Fingerprint,
    proof: &'w dyn Proof,
    version: Option<Version>,
    /// Who was in the group when it was last seen, where this is one.
    members: Option<MemberNames>,
}

impl<T> Delete<'_, '_, T> {
    fn is_gone(&self, found: &Fetched) -> bool {
        self.address.kind() == KindName::User
            && self.context.dialect.delete == DeleteEffect::Deactivates
            && found.object.fields.get("active") == Some(&Value::Bool(false))
    }
}

impl<T: Transport + Sync> Operation for Delete<'_, '_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: SENDS,
            is_lagging: self.context.is_lagging(),
            is_new: false,
            retries_refusals: false,
            looks_after_refusal: true,
        }
    }

    async fn observe(&mut self, past: &Past) -> Result<Observed, Stop> {
        let (context, kind) = (self.context, self.address.kind());
        let found =
            fetch::fetch(context.transport, &context.dialect, kind, self.remote.as_str()).await?;
        let Some(found) = found.filter(|found| !self.is_gone(found)) else {
            return Ok(Observed::Wanted);
        };
        if past.sends == 0 {
            found.ours()?;
        }
        let roster = context.members_of(&found).await?;
        self.members = roster.map(|roster| roster.names().cloned().collect());
        let is_expected = found.object.fingerprint() == *self.expect;
        self.version = found.object.version;
        Ok(if is_expected { Observed::Expected } else { Observed::Changed(String::new()) })
    }

    fn request(&mut self) -> Result<Request, Stop> {
        let path = [collection(self.address.kind()), self.remote.as_str()];
        let mut request = Request::new(Method::Delete, &path);
        request.if_match = self.version.as_ref().map(|version| version.0.to_string());
        Ok(request)
    }

    async fn prove(&self) -> Result<(), Stop> {
        Ok(self.proof.prove(self.members.as_ref()).await?)
    }

    fn words(&self, why: &Why) -> String {
        let address = self.address;
        match why {
            Why::Refused(words) | Why::Lost(words) | Why::Taken(words, _) => words.clone(),
            Why::NotKept(_) | Why::NotYet | Why::NotThere => format!(
                "the server said it deleted `{address}` and still shows it; if it only \
                 deactivates users, say so: `target.dialect.delete: deactivates`"
            ),
            Why::Gone => format!("`{address}` is not there any more"),
            Why::Changed(_, None) => format!("`{address}` is not what the plan saw"),
            Why::Changed(_, Some(words)) => {
                format!("`{address}` changed while it was deleted: {words}")
            }
        }
    }
}
