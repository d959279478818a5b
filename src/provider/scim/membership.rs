//! Members: added and removed by id, in batches, and never replaced (incidents, family F).
//!
//! Adding and removing by id are idempotent, so a batch whose answer was lost is sent again,
//! without those for whom it took effect: one server adds a member twice when asked twice.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::apply::Receipt;
use crate::kind::{Address, KindName};
use crate::live::RemoteId;
use crate::provider::{Method, Request, Transport};

use super::call::{self, NOT_YET, Trouble, backoff};
use super::dialect::{MembersRead, RemovalForm};
use super::emptied;
use super::fetch;
use super::filter::member_path;
use super::patch;
use super::verify::Roll;
use super::write::{ScimWriter, Stop};

/// How often one batch is sent when its answer is lost.
const TRIES: u32 = 4;
/// Refusals of single members after which the server is taken to refuse them all.
const REFUSALS: usize = 3;

/// What is done with members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// They are added.
    Add,
    /// They are removed.
    Remove,
}

/// A user, by name and id.
pub(super) type User<'a> = (&'a Address, &'a RemoteId);

/// Adds users to a group, or removes them from it.
pub(super) async fn change<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    verb: Verb,
    group: &Address,
    users: &[Address],
    ids: &BTreeMap<Address, RemoteId>,
) -> Result<Receipt, Stop> {
    if verb == Verb::Remove && writer.dialect.member_removal == RemovalForm::Refused {
        return Err(Stop::Failed(
            "this server can only replace a group's whole list of members, and muster never does \
             that: remove them by hand"
                .to_owned(),
        ));
    }
    let id = id_of(group, ids)?;
    ours(writer, group, id).await?;
    let users: Vec<User<'_>> =
        users.iter().map(|user| id_of(user, ids).map(|id| (user, id))).collect::<Result<_, _>>()?;
    let batches = users.chunks(writer.dialect.member_batch.max(1)).map(<[_]>::to_vec);
    let mut work = Work {
        writer,
        verb,
        group,
        id,
        batches: batches.rev().collect(),
        refused: Vec::new(),
        any: false,
        version: None,
        not_yet: 0,
    };
    let stay = match (verb, writer.dialect.member_removal) {
        (Verb::Remove, RemovalForm::Value) => emptied::those_who_stay(writer, id, &users).await?,
        _ => Vec::new(),
    };
    while let Some(batch) = work.batches.pop() {
        work.batch(batch).await?;
        emptied::put_back(writer, id, &stay).await?;
    }
    if work.refused.is_empty() {
        return Ok(Receipt::Done { id: None });
    }
    Err(Stop::Failed(work.refused.join("; ")))
}

/// Looks at the group just before its members are written, where somebody else may lead it.
async fn ours<T: Transport + Sync>(
    writer: &ScimWriter<'_, T>,
    group: &Address,
    id: &RemoteId,
) -> Result<(), Stop> {
    if writer.dialect.habits.own.is_none() {
        return Ok(());
    }
    let kind = KindName::Group;
    match fetch::fetch(writer.transport, &writer.dialect, kind, id.as_str()).await? {
        Some(found) => found.ours(),
        None if writer.is_new(id) => Ok(()),
        None => Err(Stop::Stale(format!("`{group}` is not there any more"))),
    }
}

/// The id of an object that a step refers to.
pub(super) fn id_of<'a>(
    address: &Address,
    ids: &'a BTreeMap<Address, RemoteId>,
) -> Result<&'a RemoteId, Stop> {
    ids.get(address).ok_or_else(|| Stop::Failed(format!("the id of `{address}` is not known")))
}

struct Work<'w, 't, 'a, T> {
    writer: &'w ScimWriter<'t, T>,
    verb: Verb,
    group: &'a Address,
    id: &'a RemoteId,
    /// What is left, the next one last.
    batches: Vec<Vec<User<'a>>>,
    refused: Vec<String>,
    any: bool,
    /// The group's entity tag, where the server has asked for it (428, RFC 6585).
    version: Option<String>,
    /// How often something of this run was not there yet, over all batches.
    not_yet: u32,
}

impl<'a, T: Transport + Sync> Work<'_, '_, 'a, T> {
    /// One batch: done, split in two, or given up.
    async fn batch(&mut self, batch: Vec<User<'a>>) -> Result<(), Stop> {
        let mut left = batch;
        let mut tries = 0;
        loop {
            let request = self.request(&left);
            let trouble = match call::write(self.writer.transport, &request).await {
                Ok(_) => {
                    self.any = true;
                    return Ok(());
                }
                Err(trouble) if trouble.is_refused_credential() => return Err(trouble.into()),
                Err(trouble) => trouble,
            };
            let is_last = left.len() == 1;
            tries += 1;
            let again = match trouble.status() {
                Some(400 | 413 | 422) if !is_last => {
                    // Not every server does all of a request or nothing.
                    left = self.undone(left).await?;
                    let half = left.split_off(left.len().div_ceil(2));
                    self.batches.extend([half, left].into_iter().filter(|half| !half.is_empty()));
                    return Ok(());
                }
                Some(412 | 428) => {
                    self.version = self.tag().await?;
                    tries < TRIES && self.version.is_some()
                }
                Some(400 | 422) => tries < TRIES && self.is_new(&left),
                Some(404) if self.is_new(&left) => {
                    self.not_yet += 1;
                    self.not_yet < NOT_YET
                }
                _ => tries < TRIES && trouble.is_unknown_outcome() && trouble.status() != Some(501),
            };
            if again {
                self.writer.transport.pause(backoff(tries)).await;
                left = self.undone(left).await?;
                if left.is_empty() {
                    self.any = true;
                    return Ok(());
                }
                continue;
            }
            return self.give_up(&left, &trouble);
        }
    }

    fn give_up(&mut self, left: &[User<'a>], trouble: &Trouble) -> Result<(), Stop> {
        let hint = match (self.verb, self.writer.dialect.member_removal, trouble.status()) {
            (Verb::Remove, RemovalForm::Filter, Some(400 | 500 | 501)) => {
                "; if this server removes members by a list of values, say \
                 `target.dialect.memberRemoval: value` (a server that follows the RFC to the \
                 letter empties the group for it)"
            }
            _ => "",
        };
        let who = match left {
            [(user, _)] => format!("`{}`: ", user.key()),
            _ => String::new(),
        };
        self.refused.push(format!("{who}{}{hint}", trouble.words()));
        if left.len() > 1 || (!self.any && self.refused.len() >= REFUSALS) {
            return Err(Stop::Failed(self.refused.join("; ")));
        }
        Ok(())
    }

    /// Whether the group, or one of the users, was created in this run and may not be
    /// everywhere yet (incidents, family J).
    fn is_new(&self, users: &[User<'_>]) -> bool {
        self.writer.is_new(self.id) || users.iter().any(|(_, id)| self.writer.is_new(id))
    }

    /// The group's entity tag as it is now. Adding and removing by id is safe without one, so it
    /// is fetched only for a server that insists.
    async fn tag(&self) -> Result<Option<String>, Stop> {
        let writer = self.writer;
        let id = self.id.as_str();
        let found = fetch::fetch(writer.transport, &writer.dialect, KindName::Group, id).await?;
        Ok(found.and_then(|found| found.object.version).map(|version| version.0.into()))
    }

    /// Those of `users` for whom it is still to be done, as far as that can be seen.
    async fn undone(&self, users: Vec<User<'a>>) -> Result<Vec<User<'a>>, Stop> {
        let dialect = &self.writer.dialect;
        if dialect.members == MembersRead::Never {
            return Ok(users);
        }
        let found = fetch::members(self.writer.transport, dialect, self.id.as_str()).await?;
        let Some(found) = found else {
            if self.writer.is_new(self.id) {
                return Ok(users);
            }
            return Err(Stop::Stale(format!("`{}` is not there any more", self.group)));
        };
        let roll = Roll::of(&found, dialect);
        let is_wanted = self.verb == Verb::Add;
        Ok(users.into_iter().filter(|user| roll.has(*user) != is_wanted).collect())
    }

    fn request(&self, users: &[User<'_>]) -> Request {
        let values = || -> Vec<Value> {
            let member = |(user, id): &User<'_>| {
                patch::member(&self.writer.dialect, id.as_str(), user.key().as_str())
            };
            users.iter().map(member).collect()
        };
        let operations = match (self.verb, self.writer.dialect.member_removal) {
            (Verb::Add, _) => vec![json!({"op": "add", "path": "members", "value": values()})],
            (Verb::Remove, RemovalForm::Value) => {
                vec![json!({"op": "remove", "path": "members", "value": values()})]
            }
            (Verb::Remove, RemovalForm::Filter | RemovalForm::Refused) => users
                .iter()
                .map(|(_, id)| json!({"op": "remove", "path": member_path(id.as_str())}))
                .collect(),
        };
        let mut request = Request::new(Method::Patch, &["Groups", self.id.as_str()])
            .with_body(patch::body(&operations));
        request.if_match.clone_from(&self.version);
        request
    }
}
