//! Writing: one step made true, by whichever API its kind belongs to.

use std::collections::BTreeMap;

use futures::future::BoxFuture;

use crate::apply::{Op, Report, Step, Writer};
use crate::kind::{Address, KindName};
use crate::live::RemoteId;
use crate::provider::Transport;
use crate::provider::converge::Stop;
use crate::provider::scim::ScimWriter;

use super::context::Context;
use super::platform::Platform;
use super::read::Found;
use super::{grant, regrant, revoke, scope_group};

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

    async fn binding(&self, op: &Op) -> Report {
        let context = &self.context;
        let done = match op {
            Op::Create { fields, .. } => grant::grant(context, fields).await,
            Op::Update { address, remote, expect, after, .. } => {
                regrant::regrant(context, (address, remote), expect, after).await
            }
            Op::Delete { address, remote, expect, .. } => {
                revoke::revoke(context, (address, remote), expect).await
            }
            Op::AddMembers { .. } | Op::RemoveMembers { .. } | Op::VerifyMembers { .. } => {
                Err(Stop::Failed("a binding has no members".to_owned()))
            }
        };
        done.map_or_else(Stop::report, Report::from)
    }
}

impl<T: Transport + Sync> Writer for GreenlakeWriter<'_, T> {
    async fn write(&self, step: &Step, ids: &BTreeMap<Address, RemoteId>) -> Report {
        match (step.op.address().kind(), &self.domains) {
            (KindName::Binding, _) => self.binding(&step.op).await,
            (KindName::ScopeGroup, _) => scope_group::write(&self.context, &step.op).await,
            (KindName::Domain, Some(steps)) => steps(step.clone()).await,
            (KindName::Domain, None) => Stop::Failed(
                "domain claims are written only with `target.experimental: [domains]`".to_owned(),
            )
            .report(),
            (KindName::User | KindName::Group | KindName::Membership, _) => {
                let report = self.directory.write(step, ids).await;
                self.context.remember(&step.op, &report);
                report
            }
        }
    }
}
