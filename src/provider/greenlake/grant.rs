//! Grants: a role given, once. What became of it is looked up before anything is sent again
//! (incidents, families E and K).

use crate::apply::Receipt;
use crate::kind::Fields;
use crate::live::RemoteId;
use crate::provider::converge::{
    Answer, CREATES, Ended, Observed, Operation, Past, Rules, Stop, Why, answer, converge,
};
use crate::provider::scim::Trouble;
use crate::provider::{Request, Response, Transport};

use super::assignment::{self, Assignment};
use super::binding::{principal_of, text};
use super::context::Context;
use super::look;
use super::platform::Workspace;

/// Gives a role.
pub(super) async fn grant<T: Transport + Sync>(
    context: &Context<'_, T>,
    fields: &Fields,
) -> Result<Receipt, Stop> {
    let workspace = look::workspace(context, text(fields, "workspace"))?;
    let written = text(fields, "role");
    let role = context.found.names.roles.grn_of(written);
    let role = role.ok_or_else(|| Stop::Failed(format!("`{written}` names no role")))?;
    let scope = look::scope(context, &workspace.name, fields, &[])?;
    let who = principal_of(fields)
        .ok_or_else(|| Stop::Failed("the binding does not say who holds the role".to_owned()))?;
    let (principal, is_new) = context.principal(&who).await?;
    let mut grant = Grant { workspace, principal, role, scope, is_new, found: None, status: None };
    let ended = converge(workspace.transport, &mut grant).await?;
    let id = grant.found.map(|found| RemoteId::new(&found.id));
    Ok(match ended {
        Ended::Done => Receipt::Done { id },
        Ended::Unchanged => Receipt::AlreadySo { id },
    })
}

struct Grant<'w, 'a, T> {
    workspace: &'w Workspace<'a, T>,
    principal: String,
    role: String,
    scope: Vec<String>,
    /// Whether this run made the principal, so that it may not be known everywhere yet.
    is_new: bool,
    /// The assignment of this role to this principal, as it was last seen.
    found: Option<Assignment>,
    /// The status of the last refusal.
    status: Option<u16>,
}

impl<T> Grant<'_, '_, T> {
    fn is_so(&self, one: &Assignment) -> bool {
        one.is_of(&self.principal, &self.role) && one.is_for(&self.scope)
    }
}

impl<T: Transport + Sync> Operation for Grant<'_, '_, T> {
    fn rules(&self) -> Rules {
        Rules {
            sends: CREATES,
            is_lagging: true,
            is_new: self.is_new,
            // HPE does not say when a new group can hold a role, nor how it refuses one that
            // cannot yet.
            retries_refusals: self.is_new && matches!(self.status, Some(400 | 412)),
            looks_after_refusal: false,
        }
    }

    /// Before anything was sent, the plan's proved listing is the observation, as for every
    /// create.
    async fn observe(&mut self, past: &Past) -> Result<Observed, Stop> {
        let is_taken = matches!(past.answer, Some(Answer::Taken(_)));
        if !past.may_have_written && !is_taken {
            return Ok(Observed::Expected);
        }
        let held = look::held(self.workspace, &self.principal, &self.role).await?;
        let so = held.iter().find(|one| self.is_so(one)).cloned();
        let is_so = so.is_some();
        self.found = so.or_else(|| held.into_iter().next());
        Ok(match (&self.found, is_so, &past.answer) {
            (_, true, _) => Observed::Wanted,
            (Some(one), false, Some(Answer::Taken(_))) => Observed::Changed(format!(
                "the assignment `{}` is for {} and was made by somebody else since the plan; the \
                 next plan shows the difference",
                one.id,
                one.scopes().collect::<Vec<_>>().join(", ")
            )),
            (_, false, _) => Observed::Expected,
        })
    }

    fn request(&mut self) -> Result<Request, Stop> {
        Ok(assignment::create(&self.principal, &self.role, &self.scope))
    }

    /// The answer to a grant may count: it is new, so there is nothing that the answer could hide
    /// the loss of.
    fn shown(&mut self, _request: &Request, response: &Response) -> Option<Observed> {
        let echo = look::decode(&response.body).filter(|echo| self.is_so(echo))?;
        self.found = Some(echo);
        Some(Observed::Wanted)
    }

    fn answer(&mut self, trouble: &Trouble) -> Answer {
        self.status = trouble.status();
        let words = trouble.words();
        match self.status {
            Some(400) if words.contains("service mismatch") => {
                self.status = None;
                Answer::Refused(whole_only(trouble))
            }
            // HPE documents that it comes, and not why; it is no precondition of the request.
            Some(412) => Answer::Refused(unmet(trouble)),
            _ => answer(trouble),
        }
    }

    fn words(&self, why: &Why) -> String {
        match why {
            Why::Refused(words) => words.clone(),
            Why::Lost(words) => format!("sent twice, and not there: {words}"),
            Why::Taken(words, None) => format!("{words}; nothing of the kind is shown"),
            Why::Taken(words, Some(how)) => format!("{words}; {how}"),
            Why::NotKept(_) | Why::NotYet | Why::NotThere | Why::Gone | Why::Changed(..) => {
                "the server took the role assignment and does not show it as it was sent; the \
                 next plan shows what there is"
                    .to_owned()
            }
        }
    }
}

/// A role that cannot be given for a part of a workspace.
fn whole_only(trouble: &Trouble) -> String {
    format!(
        "{}; the role does not take these scopes: some roles hold for a whole workspace only; \
         leave `scope` out, or choose another role",
        trouble.words()
    )
}

/// What 412 may mean: HPE documents that it comes, and not why.
fn unmet(trouble: &Trouble) -> String {
    format!(
        "{}; HPE GreenLake found a precondition not met: look whether the role can be given in \
         this workspace and for these scopes, and whether the principal may hold roles there",
        trouble.words()
    )
}
