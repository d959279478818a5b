//! Members: added and removed by id, in batches, and never replaced (incidents, family F).
//!
//! Who is in the group is compared before and after every batch, not only those who were sent: a
//! server whose `add` replaces the list, or whose `remove` empties it, is found out by the first
//! batch, and nothing more is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::apply::{MemberNames, Proof, Receipt};
use crate::kind::{Address, KindName};
use crate::live::RemoteId;
use crate::provider::converge::{
    Answer, Ended, Observed, Operation, Past, Rules, SENDS, Stop, Why, answer, converge, read_back,
};
use crate::provider::{Method, Request, Transport};

use super::context::{Context, id_of};
use super::dialect::{Dialect, MembersRead, RemovalForm};
use super::fetch;
use super::newcomers;
use super::patch::{self, Verb};
use super::roster::{Roster, User, joined, some, unshown};
use super::trouble::Trouble;

/// Refusals of single members after which the server is taken to refuse them all.
const REFUSALS: usize = 3;

/// A group whose members are written.
#[derive(Clone, Copy)]
pub(super) struct Group<'a> {
    /// Its name.
    pub(super) address: &'a Address,
    /// Whether its members are administrators.
    pub(super) makes_administrators: bool,
}

/// What became of the members of a group, and why nothing more may be written if that is so.
pub(super) type Written = (Receipt, Option<String>);

/// Adds users to a group, or removes them from it.
pub(super) async fn change<T: Transport + Sync>(
    context: &Context<'_, T>,
    verb: Verb,
    group: Group<'_>,
    (users, ids): (&[Address], &BTreeMap<Address, RemoteId>),
    proof: &dyn Proof,
) -> Result<Written, Stop> {
    let Group { address, makes_administrators } = group;
    refuse(&context.dialect, verb, address)?;
    let id = id_of(address, ids)?;
    let users: Vec<User<'_>> =
        users.iter().map(|user| id_of(user, ids).map(|id| (user, id))).collect::<Result<_, _>>()?;
    let batches = users.chunks(context.dialect.member_batch.max(1)).map(<[_]>::to_vec);
    let made = if verb == Verb::Add { context.untouched(id) } else { None };
    if verb == Verb::Add && makes_administrators {
        newcomers::check(context, &users).await?;
    }
    let mut work = Work {
        context,
        proof,
        makes_administrators,
        made,
        verb,
        group: address,
        id,
        named: context.name(id, &users),
        batches: batches.rev().collect(),
        // Whoever is in a group that this run made, and is not named by the step, joined.
        before: made.map(|_| Roster::default()),
        joined: Vec::new(),
        refused: Vec::new(),
        any: false,
    };
    while let Some(batch) = work.batches.pop() {
        work.batch(batch).await?;
    }
    Ok(work.written())
}

/// Refuses what this server cannot do, or never shows.
fn refuse(dialect: &Dialect, verb: Verb, group: &Address) -> Result<(), Stop> {
    if dialect.members == MembersRead::Never {
        return Err(Stop::Failed(format!(
            "the members of `{group}` cannot be verified: this server never shows them"
        )));
    }
    if verb == Verb::Remove && dialect.member_removal == RemovalForm::Refused {
        return Err(Stop::Failed(
            "this server can only replace a group's whole list of members, and muster never does \
             that: remove them by hand"
                .to_owned(),
        ));
    }
    Ok(())
}

/// The batches of one step.
struct Work<'w, 't, 'a, T> {
    context: &'w Context<'t, T>,
    proof: &'w dyn Proof,
    verb: Verb,
    group: &'a Address,
    id: &'a RemoteId,
    /// Everybody whom this run adds to the group or removes from it.
    named: BTreeSet<Box<str>>,
    makes_administrators: bool,
    /// Where this run made the group and its members are untouched: whether it was created with
    /// those of the first batch.
    made: Option<bool>,
    /// What is left, the next one last.
    batches: Vec<Vec<User<'a>>>,
    /// Who was in the group before the step.
    before: Option<Roster>,
    /// Who joined since, and whom the step does not name.
    joined: Vec<Box<str>>,
    refused: Vec<String>,
    any: bool,
}

impl<'a, T: Transport + Sync> Work<'_, '_, 'a, T> {
    /// One batch: done, split in two, or given up.
    async fn batch(&mut self, batch: Vec<User<'a>>) -> Result<(), Stop> {
        let made = self.made.take();
        let mut operation = Batch {
            context: self.context,
            proof: self.proof,
            seen: MemberNames::new(),
            verb: self.verb,
            group: self.group,
            id: self.id,
            named: &self.named,
            is_single: batch.len() == 1,
            left: batch.clone(),
            users: batch,
            before: self.before.take(),
            joined: Vec::new(),
            version: None,
            status: None,
            is_empty: made == Some(false),
        };
        let transport = self.context.transport;
        let ended = match made {
            Some(true) => added_with_the_group(transport, &mut operation).await,
            Some(false) | None => converge(transport, &mut operation).await,
        };
        let Batch { mut left, before, joined, status, .. } = operation;
        self.before = before;
        self.joined = joined;
        let words = match ended {
            Ok(_) => {
                self.any = true;
                return Ok(());
            }
            Err(Stop::Failed(words)) => words,
            Err(stop) => return Err(stop),
        };
        if left.len() > 1 && matches!(status, Some(400 | 413 | 422)) {
            let half = left.split_off(left.len().div_ceil(2));
            self.batches.extend([half, left]);
            return Ok(());
        }
        let who = match left.as_slice() {
            [(user, _)] => format!("`{}`: ", user.key()),
            _ => String::new(),
        };
        self.refused.push(format!("{who}{words}"));
        if left.len() > 1 || (!self.any && self.refused.len() >= REFUSALS) {
            return Err(Stop::Failed(self.refused.join("; ")));
        }
        Ok(())
    }

    fn written(self) -> Written {
        let (cause, halt) = joined(self.group, &self.joined, self.makes_administrators);
        let receipt = if !self.refused.is_empty() {
            Receipt::Failed { cause: self.refused.join("; ") }
        } else if halt.is_some() {
            Receipt::Failed { cause }
        } else if self.joined.is_empty() {
            Receipt::Done { id: None }
        } else {
            Receipt::Differs { id: None, cause, unkept: Vec::new(), named: None }
        };
        (receipt, halt)
    }
}

/// Looks whom the server kept of the members that the group was created with, and adds the others.
async fn added_with_the_group<T: Transport + Sync>(
    transport: &T,
    batch: &mut Batch<'_, '_, '_, T>,
) -> Result<Ended, Stop> {
    match read_back(transport, batch).await {
        Ok(()) => Ok(Ended::Done),
        Err(Stop::Failed(_)) => converge(transport, batch).await,
        Err(stop) => Err(stop),
    }
}

/// One request about members.
struct Batch<'w, 't, 'a, T> {
    context: &'w Context<'t, T>,
    proof: &'w dyn Proof,
    /// Who was in the group when it was last seen, where members are removed.
    seen: MemberNames,
    verb: Verb,
    group: &'a Address,
    id: &'a RemoteId,
    named: &'w BTreeSet<Box<str>>,
    users: Vec<User<'a>>,
    /// Those for whom it is still to be done.
    left: Vec<User<'a>>,
    is_single: bool,
    before: Option<Roster>,
    joined: Vec<Box<str>>,
    /// The group's entity tag, where the server has asked for it (428, RFC 6585).
    version: Option<String>,
    /// The status of the last refusal.
    status: Option<u16>,
    /// Whether the group has no members for certain: this run has just made it.
    is_empty: bool,
}

impl<T: Transport + Sync> Batch<'_, '_, '_, T> {
    /// Refuses to write to a group that somebody else leads. Where members are a listing of their
    /// own, the group is read for it.
    async fn ours(&self) -> Result<(), Stop> {
        let Context { transport, dialect, .. } = self.context;
        if dialect.habits.own.is_none() || self.context.is_new(self.id) {
            return Ok(());
        }
        match fetch::fetch(*transport, dialect, KindName::Group, self.id.as_str()).await? {
            Some(found) => found.ours(),
            None => Err(Stop::Stale(format!("`{}` is not there any more", self.group))),
        }
    }

    /// Who left the group and who joined it, beside those the step names.
    fn compare(&mut self, now: &Roster) -> Option<String> {
        let dialect = &self.context.dialect;
        let before = self.before.as_ref()?;
        let gone = before.without(now, self.named);
        self.joined = now.without(before, self.named);
        if gone.is_empty() {
            return None;
        }
        let hint = match (self.verb, dialect.member_removal) {
            (Verb::Remove, RemovalForm::Value) => {
                "; this server takes a removal by a list of values for the removal of all: say \
                 `target.dialect.memberRemoval: filter`"
            }
            _ => "",
        };
        Some(format!(
            "{} members of `{}` that were to stay ({}){hint}",
            gone.len(),
            self.group,
            some(gone.iter().map(|name| &**name))
        ))
    }
}

impl<T: Transport + Sync> Batch<'_, '_, '_, T> {
    /// What a look at the group means for this batch.
    fn seen(&mut self, roster: Roster) -> Observed {
        self.before.get_or_insert_with(|| roster.clone());
        if let Some(what) = self.compare(&roster) {
            return Observed::Damaged(what);
        }
        let is_wanted = self.verb == Verb::Add;
        let dialect = &self.context.dialect;
        let is_undone = |user: &User<'_>| roster.has(*user, dialect) != is_wanted;
        self.left = self.users.iter().copied().filter(is_undone).collect();
        if self.verb == Verb::Remove {
            self.seen = roster.names().cloned().collect();
        }
        self.context.keep(self.id, roster);
        if self.left.is_empty() { Observed::Wanted } else { Observed::Expected }
    }
}

impl<T: Transport + Sync> Operation for Batch<'_, '_, '_, T> {
    fn rules(&self) -> Rules {
        let is_new = self.context.is_new(self.id)
            || self.users.iter().any(|(_, id)| self.context.is_new(id));
        Rules {
            sends: SENDS,
            is_lagging: true,
            is_new,
            // A larger batch is split first.
            retries_refusals: is_new && self.is_single && matches!(self.status, Some(400 | 422)),
            looks_after_refusal: true,
        }
    }

    async fn observe(&mut self, past: &Past) -> Result<Observed, Stop> {
        let Context { transport, dialect, .. } = self.context;
        let is_first = past.sends == 0 && self.before.is_none();
        if is_first {
            self.ours().await?;
        }
        if std::mem::take(&mut self.is_empty) {
            self.left.clone_from(&self.users);
            return Ok(Observed::Expected);
        }
        let found = fetch::members(*transport, dialect, self.id.as_str()).await?;
        let roster = match &found {
            Some(found) => Roster::of(found, dialect),
            // Not everywhere yet: it was made without members.
            None if self.context.is_new(self.id) && !past.may_have_written => Roster::default(),
            None => return Ok(Observed::Absent),
        };
        let is_asked_for = matches!(past.answer, Some(Answer::Precondition(_)));
        let version = found.and_then(|found| found.version).filter(|_| is_asked_for);
        self.version = version.map(|version| version.0.into());
        Ok(self.seen(roster))
    }

    fn request(&mut self) -> Result<Request, Stop> {
        let operations = patch::of_members(&self.context.dialect, self.verb, &self.left);
        let mut request = Request::new(Method::Patch, &["Groups", self.id.as_str()])
            .with_body(patch::body(&operations));
        request.if_match.clone_from(&self.version);
        Ok(request)
    }

    async fn prove(&self) -> Result<(), Stop> {
        match self.verb {
            Verb::Add => Ok(()),
            Verb::Remove => Ok(self.proof.prove(Some(&self.seen)).await?),
        }
    }

    fn answer(&mut self, trouble: &Trouble) -> Answer {
        self.status = trouble.status();
        answer(trouble)
    }

    /// A group that was there before it was written is a loss.
    fn failed(&self, why: &Why) -> Stop {
        match why {
            Why::NotThere if !self.context.is_new(self.id) => Stop::Damaged(self.words(why)),
            _ => Stop::Failed(self.words(why)),
        }
    }

    fn words(&self, why: &Why) -> String {
        let group = self.group;
        match why {
            Why::Refused(words) | Why::Lost(words) | Why::Taken(words, _) => {
                format!("{words}{}", self.hint())
            }
            Why::NotKept(_) | Why::NotYet => {
                let verb = if self.verb == Verb::Add { "lacks" } else { "still has" };
                let names = self.left.iter().map(|(user, _)| user.key().as_str());
                let lacking: Vec<&Address> = self.left.iter().map(|(user, _)| *user).collect();
                let lacking = if self.verb == Verb::Add { lacking.as_slice() } else { &[] };
                let hint = unshown(self.context.last_seen(self.id).as_ref(), lacking);
                format!("`{group}` was written, and read back it {verb} {}{hint}", some(names))
            }
            Why::NotThere => format!("`{group}` was written, and read back it is not there"),
            Why::Gone => format!("`{group}` is not there any more"),
            Why::Changed(..) => format!("`{group}` is not what the plan saw"),
        }
    }
}

impl<T> Batch<'_, '_, '_, T> {
    fn hint(&self) -> &'static str {
        match (self.verb, self.context.dialect.member_removal, self.status) {
            (Verb::Remove, RemovalForm::Filter, Some(400 | 500 | 501)) => {
                "; if this server removes members by a list of values, say \
                 `target.dialect.memberRemoval: value` (a server that follows the RFC to the \
                 letter empties the group for it)"
            }
            _ => "",
        }
    }
}
