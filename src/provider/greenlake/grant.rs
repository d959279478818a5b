//! Grants: a role given, once. What the answer does not show is looked up before anything is sent
//! again (incidents, families E and K).

use crate::apply::Receipt;
use crate::kind::Fields;
use crate::live::RemoteId;
use crate::provider::Transport;
use crate::provider::scim::Stop;
use crate::provider::scim::call::{self, NOT_YET, Trouble, backoff};

use super::assignment::{self, Assignment};
use super::binding::{principal_of, text};
use super::look;
use super::platform::Workspace;
use super::write::GreenlakeWriter;

/// How often a grant is looked for that the server said it made.
const LOOKS: u32 = 8;

/// How often a grant to somebody new is sent again that is refused as wrong: about ten seconds.
const WRONG: u32 = 5;

/// Gives a role.
pub(super) async fn grant<T: Transport + Sync>(
    writer: &GreenlakeWriter<'_, T>,
    fields: &Fields,
) -> Result<Receipt, Stop> {
    let workspace = look::workspace(writer, text(fields, "workspace"))?;
    let written = text(fields, "role");
    let role = writer.found.names.roles.grn_of(written);
    let role = role.ok_or_else(|| Stop::Failed(format!("`{written}` names no role")))?;
    let scope = look::scope(writer, &workspace.name, fields, &[])?;
    let who = principal_of(fields)
        .ok_or_else(|| Stop::Failed("the binding does not say who holds the role".to_owned()))?;
    let (principal, is_new) = writer.principal(&who).await?;
    let grant = Grant { workspace, principal, role, scope, is_new };
    // The second time only after a look that proved there is none.
    match grant.post().await? {
        Posted::Settled(receipt) => Ok(receipt),
        Posted::Absent(_) => match grant.post().await? {
            Posted::Settled(receipt) => Ok(receipt),
            Posted::Absent(words) => {
                Err(Stop::Failed(format!("sent twice, and not there: {words}")))
            }
        },
    }
}

struct Grant<'w, 'a, T> {
    workspace: &'w Workspace<'a, T>,
    principal: String,
    role: String,
    scope: Vec<String>,
    /// Whether this run made the principal, so that it may not be known everywhere yet.
    is_new: bool,
}

/// What became of one `POST`.
enum Posted {
    Settled(Receipt),
    /// Nobody knows what became of it, and a look proved that there is none.
    Absent(String),
}

impl<T: Transport + Sync> Grant<'_, '_, T> {
    async fn post(&self) -> Result<Posted, Stop> {
        let request = assignment::create(&self.principal, &self.role, &self.scope);
        let transport = self.workspace.transport;
        let mut tries = 0;
        loop {
            let trouble = match call::write(transport, &request).await {
                Ok(response) => {
                    let echo = look::decode(&response.body).filter(|_| response.status != 202);
                    return self.made(echo).await.map(Posted::Settled);
                }
                Err(trouble) => trouble,
            };
            match trouble.status() {
                Some(400) if trouble.words().contains("service mismatch") => {
                    return Err(Stop::Failed(whole_only(&trouble)));
                }
                // HPE does not say when a new group can hold a role, nor how it refuses one that
                // cannot yet.
                Some(400 | 412) if self.is_new && tries < WRONG => {
                    tries += 1;
                    transport.pause(backoff(tries)).await;
                }
                Some(404) if self.is_new && tries < NOT_YET => {
                    tries += 1;
                    transport.pause(backoff(tries)).await;
                }
                Some(409) => return self.taken(&trouble).await.map(Posted::Settled),
                Some(412) => return Err(Stop::Failed(unmet(&trouble))),
                _ if trouble.is_unknown_outcome() => return self.unknown(&trouble).await,
                _ => return Err(trouble.into()),
            }
        }
    }

    fn is_so(&self, one: &Assignment) -> bool {
        one.is_of(&self.principal, &self.role) && one.is_for(&self.scope)
    }

    async fn held(&self) -> Result<Vec<Assignment>, Stop> {
        look::held(self.workspace, &self.principal, &self.role).await
    }

    /// The server says it is made, or will be.
    async fn made(&self, echo: Option<Assignment>) -> Result<Receipt, Stop> {
        if let Some(echo) = echo.filter(|echo| self.is_so(echo)) {
            return Ok(Receipt::Done { id: Some(RemoteId::new(&echo.id)) });
        }
        for tries in 0..LOOKS {
            let held = self.held().await?;
            if let Some(one) = held.iter().find(|one| self.is_so(one)) {
                return Ok(Receipt::Done { id: Some(RemoteId::new(&one.id)) });
            }
            self.workspace.transport.pause(backoff(tries)).await;
        }
        Err(Stop::Failed(
            "the server took the role assignment and does not show it as it was sent; the next \
             plan shows what there is"
                .to_owned(),
        ))
    }

    /// There is one already (409): the very same, or one with other scopes.
    async fn taken(&self, trouble: &Trouble) -> Result<Receipt, Stop> {
        let mut held = Vec::new();
        for tries in 0..LOOKS {
            held = self.held().await?;
            if !held.is_empty() {
                break;
            }
            self.workspace.transport.pause(backoff(tries)).await;
        }
        if let Some(one) = held.iter().find(|one| self.is_so(one)) {
            return Ok(Receipt::AlreadySo { id: Some(RemoteId::new(&one.id)) });
        }
        let what = match held.first() {
            None => "nothing of the kind is shown".to_owned(),
            Some(one) => format!(
                "the assignment `{}` is for {} and was made by somebody else since the plan; the \
                 next plan shows the difference",
                one.id,
                one.scopes().collect::<Vec<_>>().join(", ")
            ),
        };
        Err(Stop::Failed(format!("{}; {what}", trouble.words())))
    }

    /// Nobody knows whether it was made.
    async fn unknown(&self, trouble: &Trouble) -> Result<Posted, Stop> {
        // The server may still be at it, and its reads may lag.
        for tries in 1..4 {
            self.workspace.transport.pause(backoff(tries)).await;
            let held = self.held().await?;
            if let Some(one) = held.iter().find(|one| self.is_so(one)) {
                let id = Some(RemoteId::new(&one.id));
                return Ok(Posted::Settled(Receipt::Done { id }));
            }
        }
        Ok(Posted::Absent(trouble.words().to_owned()))
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
