//! Writing: one step made true, by whichever API its kind belongs to.

use std::collections::BTreeMap;

use futures::future::BoxFuture;

use crate::apply::{Op, Proof, Report, Step, Writer};
use crate::kind::{Address, KindName};
use crate::live::{Object, RemoteId, Seen};
use crate::provider::Transport;
use crate::provider::converge::Stop;
use crate::provider::scim::ScimWriter;

use super::context::Context;
use super::platform::Platform;
use super::read::Found;
use super::{grant, look, regrant, revoke, scope_group};

/// Carries out a step about a domain, and says what became of it.
pub type DomainSteps<'a> = Box<dyn Fn(Step) -> BoxFuture<'a, Report> + Send + Sync + 'a>;

/// Writes to HPE GreenLake. It decides nothing about *whether*: steps come from an approved plan,
/// and each is checked against the object as it is now.
pub struct GreenlakeWriter<'a, T> {
    context: Context<'a, T>,
    directory: ScimWriter<'a, T>,
    domains: Option<DomainSteps<'a>>,
}

impl<'a, T: Transport + Sync> GreenlakeWriter<'a, T> {
    /// A writer. `found` and `ids` are of the read and the plan whose steps it is given.
    #[must_use]
    pub fn new(
        platform: Platform<'a, T>,
        found: &'a Found,
        ids: BTreeMap<Address, RemoteId>,
    ) -> Self {
        Self {
            directory: ScimWriter::new(platform.directory, found.dialect.clone()),
            context: Context::new(platform, found, ids),
            domains: None,
        }
    }

    /// The same writer, with a way to carry out steps about domains.
    #[must_use]
    pub fn with_domains(mut self, steps: DomainSteps<'a>) -> Self {
        self.domains = Some(steps);
        self
    }

    async fn binding(&self, op: &Op, proof: &dyn Proof) -> Report {
        let context = &self.context;
        let done = match op {
            Op::Create { fields, .. } => grant::grant(context, fields).await,
            Op::Update { address, remote, expect, after, .. } => {
                regrant::regrant(context, (address, remote), (expect, after), proof).await
            }
            Op::Delete { address, remote, expect, .. } => {
                revoke::revoke(context, (address, remote), expect, proof).await
            }
            Op::AddMembers { .. } | Op::RemoveMembers { .. } | Op::VerifyMembers { .. } => {
                Err(Stop::Failed("a binding has no members".to_owned()))
            }
        };
        done.map_or_else(Stop::report, Report::from)
    }
}

impl<T: Transport + Sync> Writer for GreenlakeWriter<'_, T> {
    async fn write(
        &self,
        step: &Step,
        ids: &BTreeMap<Address, RemoteId>,
        proof: &dyn Proof,
    ) -> Report {
        match (step.op.address().kind(), &self.domains) {
            (KindName::Binding, _) => self.binding(&step.op, proof).await,
            (KindName::ScopeGroup, _) => scope_group::write(&self.context, &step.op).await,
            (KindName::Domain, Some(steps)) => steps(step.clone()).await,
            (KindName::Domain, None) => Stop::Failed(
                "domain claims are written only with `target.experimental: [domains]`".to_owned(),
            )
            .report(),
            (KindName::User | KindName::Group | KindName::Membership, _) => {
                let report = self.directory.write(step, ids, proof).await;
                self.context.remember(&step.op, &report);
                report
            }
        }
    }

    async fn look(&self, address: &Address, id: &RemoteId) -> Result<Option<Object>, String> {
        let unread = Stop::into_words;
        match address.kind() {
            KindName::User | KindName::Group => self.directory.look(address, id).await,
            KindName::Binding => {
                let name = look::workspace_in(address);
                let workspace = look::workspace(&self.context, &name).map_err(unread)?;
                let now = look::now(&self.context, workspace, id).await.map_err(unread)?;
                Ok(now.map(|now| Object {
                    kind: address.kind(),
                    id: id.clone(),
                    key: address.key().clone(),
                    fields: now.fields,
                    version: None,
                    members: None,
                    hold: None,
                    seen: Seen::default(),
                }))
            }
            KindName::Membership | KindName::ScopeGroup | KindName::Domain => {
                Err(format!("`{address}` is not read one by one"))
            }
        }
    }
}
