//! Writing: one step made true, and what became of it.

use std::collections::BTreeMap;

use crate::apply::{Op, Report, Step, Writer};
use crate::kind::Address;
use crate::live::RemoteId;
use crate::provider::Transport;
use crate::provider::converge::Stop;

use super::context::Context;
use super::create::{New, create};
use super::delete::delete;
use super::dialect::Dialect;
use super::membership::{Group, Verb, Written, change};
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
    ) -> Result<Report, Stop> {
        let makes_administrators = step.makes_administrators;
        let group = Group { address: group, makes_administrators };
        let (receipt, halt): Written = change(&self.context, verb, group, users, ids).await?;
        Ok(Report { receipt, halt, made: None })
    }
}

impl<T: Transport + Sync> Writer for ScimWriter<'_, T> {
    async fn write(&self, step: &Step, ids: &BTreeMap<Address, RemoteId>) -> Report {
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
                    Update { address, remote, expect, after, changed, makes_administrators };
                return update(context, &wanted).await;
            }
            Op::Delete { address, remote, expect, version: _ } => {
                delete(context, address, remote, expect).await
            }
            Op::AddMembers { group, users } => {
                let done = self.members((step, Verb::Add), (group, users), ids).await;
                return done.unwrap_or_else(Stop::report);
            }
            Op::RemoveMembers { group, users } => {
                let done = self.members((step, Verb::Remove), (group, users), ids).await;
                return done.unwrap_or_else(Stop::report);
            }
            Op::VerifyMembers { group, present, absent } => {
                verify(context, group, present, absent, ids).await
            }
        };
        done.map_or_else(Stop::report, Report::from)
    }
}
