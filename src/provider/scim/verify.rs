//! The look back at a group after its members were written.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::Receipt;
use crate::kind::{Address, Key};
use crate::live::RemoteId;
use crate::provider::Transport;

use super::call::{NOT_YET, backoff};
use super::dialect::{Dialect, MemberValue, MembersRead};
use super::fetch::{self, InGroup};
use super::membership::{User, id_of};
use super::write::{ScimWriter, Stop};

/// How often the group is read before what it shows counts.
const LOOKS: u32 = 6;

/// Who is in a group right now.
pub(super) struct Roll<'a> {
    dialect: &'a Dialect,
    names: BTreeSet<Box<str>>,
}

impl<'a> Roll<'a> {
    /// The users of a group that was just read.
    pub(super) fn of(group: &InGroup, dialect: &'a Dialect) -> Self {
        let nested: BTreeSet<&str> = group.nested.iter().map(|id| &**id).collect();
        let users = group.names.iter().filter(|name| !nested.contains(&***name));
        let names = users.map(|name| match dialect.member_value {
            MemberValue::Id | MemberValue::Ref => Box::from(dialect.joined(name)),
            MemberValue::UserName => Key::new(name).as_str().into(),
        });
        Self { dialect, names: names.collect() }
    }

    /// What may be behind users that are not in it although they were added, by what it shows.
    fn hint(&self, lacking: &[&Address]) -> &'static str {
        if lacking.is_empty() {
            return "";
        }
        if self.names.is_empty() {
            return "; if this server never shows members, `target.dialect.members: never` says so, \
                    and they can be left out of the YAML";
        }
        let is_named = |user: &&Address| {
            self.names.iter().any(|name| Key::new(name).as_str() == user.key().as_str())
        };
        if lacking.iter().any(is_named) {
            return "; this server seems to show members by their userName: \
                    `target.dialect.memberValue: userName` reads it";
        }
        ""
    }

    /// Whether the user is in it.
    pub(super) fn has(&self, (address, id): User<'_>) -> bool {
        match self.dialect.member_value {
            MemberValue::Id | MemberValue::Ref => {
                self.names.contains(&*self.dialect.joined(id.as_str()))
            }
            MemberValue::UserName => self.names.contains(address.key().as_str()),
        }
    }
}

/// Compares the group with what the steps before made true.
pub(super) async fn verify<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    group: &Address,
    present: &[Address],
    absent: &[Address],
    ids: &BTreeMap<Address, RemoteId>,
) -> Result<Receipt, Stop> {
    if present.is_empty() && absent.is_empty() {
        return Ok(Receipt::AlreadySo { id: None });
    }
    if writer.dialect.members == MembersRead::Never {
        return Err(Stop::Failed(format!(
            "the members of `{group}` were sent, and cannot be verified: this server never shows \
             them"
        )));
    }
    let id = id_of(group, ids)?;
    let mut seen = "it is not there".to_owned();
    // A group that is not there yet is waited for longer than one that shows something else.
    let looks = if writer.is_new(id) { NOT_YET } else { LOOKS };
    let mut unlike = 0;
    for tries in 0..looks {
        if tries > 0 {
            writer.transport.pause(backoff(tries)).await;
        }
        let found = fetch::members(writer.transport, &writer.dialect, id.as_str()).await?;
        let Some(found) = found else { continue };
        let roll = Roll::of(&found, &writer.dialect);
        let is = |user: &&Address| ids.get(*user).is_some_and(|id| roll.has((*user, id)));
        let lacking: Vec<_> = present.iter().filter(|user| !is(user)).collect();
        let left: Vec<_> = absent.iter().filter(is).collect();
        if lacking.is_empty() && left.is_empty() {
            return Ok(Receipt::Done { id: None });
        }
        seen = [("lacks", &lacking), ("still has", &left)]
            .into_iter()
            .filter(|(_, users)| !users.is_empty())
            .map(|(verb, users)| format!("it {verb} {}", some(users)))
            .collect::<Vec<_>>()
            .join(", and ")
            + roll.hint(&lacking);
        unlike += 1;
        if unlike == LOOKS {
            break;
        }
    }
    Err(Stop::Failed(format!("`{group}` was written, and read back {seen}")))
}

/// The first few of some users.
fn some(users: &[&Address]) -> String {
    let shown: Vec<_> = users.iter().take(3).map(|user| format!("`{}`", user.key())).collect();
    let more = users.len().saturating_sub(3);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
