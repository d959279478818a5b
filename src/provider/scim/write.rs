//! Writing: one step made true, and what became of it.

use std::collections::BTreeMap;

use crate::apply::{Op, Proof, Report, Step, Writer};
use crate::kind::Address;
use crate::live::{Member, Object, RemoteId};
use crate::provider::Transport;
use crate::provider::converge::Stop;

use super::context::Context;
use super::create::{New, create};
use super::delete::delete;
use super::dialect::Dialect;
use super::fetch;
use super::membership::{Group, Written, change};
use super::patch::Verb;
use super::update::{Update, update};
use super::verify::verify;

/// Writes to a SCIM server. It decides nothing about *whether*: steps come from an approved
/// plan, and each is checked against the object as it is now.
pub struct ScimWriter<'a, T> {
    context: Context<'a, T>,
}

impl<'a, T: Transport + Sync> ScimWriter<'a, T> {
    /// A writer. `dialect` is the settled one, from [`super::ReadStats::dialect`].
    #[must_use]
    pub const fn new(transport: &'a T, dialect: Dialect) -> Self {
        Self { context: Context::new(transport, dialect) }
    }

    async fn members(
        &self,
        (step, verb): (&Step, Verb),
        (group, users): (&Address, &[Address]),
        ids: &BTreeMap<Address, RemoteId>,
        proof: &dyn Proof,
    ) -> Result<Report, Stop> {
        let makes_administrators = step.makes_administrators;
        let group = Group { address: group, makes_administrators };
        let (receipt, halt): Written =
            change(&self.context, verb, group, (users, ids), proof).await?;
        Ok(Report { receipt, halt, made: None })
    }
}

impl<T: Transport + Sync> Writer for ScimWriter<'_, T> {
    async fn write(
        &self,
        step: &Step,
        ids: &BTreeMap<Address, RemoteId>,
        proof: &dyn Proof,
    ) -> Report {
        let context = &self.context;
        let done = match &step.op {
            Op::Create { address, fields, members } => {
                let known = |user| Some((user, ids.get(user)?));
                let members = members.iter().filter_map(known).collect();
                let new = New { address, fields, members };
                return create(context, new).await;
            }
            Op::Update { address, remote, expect, after, changed, version: _ } => {
                let makes_administrators = step.makes_administrators;
                let wanted =
                    Update { address, remote, expect, after, changed, makes_administrators, proof };
                return update(context, &wanted).await;
            }
            Op::Delete { address, remote, expect, version: _ } => {
                delete(context, address, remote, expect, proof).await
            }
            Op::AddMembers { group, users } => {
                let done = self.members((step, Verb::Add), (group, users), ids, proof).await;
                return done.unwrap_or_else(Stop::report);
            }
            Op::RemoveMembers { group, users } => {
                let done = self.members((step, Verb::Remove), (group, users), ids, proof).await;
                return done.unwrap_or_else(Stop::report);
            }
            Op::VerifyMembers { group, present, absent } => {
                verify(context, group, present, absent, ids).await
            }
        };
        done.map_or_else(Stop::report, Report::from)
    }

    async fn look(&self, address: &Address, id: &RemoteId) -> Result<Option<Object>, String> {
        let Context { transport, dialect, .. } = &self.context;
        let found = fetch::fetch(*transport, dialect, address.kind(), id.as_str()).await;
        let found = found.map_err(|trouble| trouble.words().to_owned())?;
        let Some(mut found) = found else { return Ok(None) };
        if let Some(roster) = self.context.members_of(&found).await.map_err(Stop::into_words)? {
            let members = roster.names().cloned().map(Member::Unknown);
            found.object.members = Some(members.collect());
        }
        Ok(Some(found.object))
    }
}
