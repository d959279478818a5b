//! Proof at the write: what a step takes away is proved again right before its request leaves.
//!
//! A plan is proved on a read that may be minutes old. Whoever writes to the target meanwhile may
//! have joined the group that is about to be deleted, or may have been the last administrator but
//! one. So the objects that a lowering step and the invariants depend on are read again, after every
//! wait and before every request.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;

use super::administrators::AdminObjects;
use super::own::OwnAccess;
use super::writer::{MemberNames, Proof, Unproved};
use super::{Op, Step, Writer};
use crate::guard::AdminWatch;
use crate::guard::administrators::Delta;
use crate::kind::Key;

/// The members of a group that a plan deletes, or takes members from, as the plan saw them.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupBefore {
    /// Everybody and everything in it, by every name that the target may call them.
    pub(super) names: MemberNames,
    /// Whether some members stay.
    pub(super) keeps_some: bool,
}

/// Everything that a step is proved against.
#[derive(Clone, Debug, Default)]
pub(super) struct Basis {
    /// The group that is written.
    pub(super) group: Option<Arc<GroupBefore>>,
    /// What the target may call the members whom the step removes.
    pub(super) leaving: MemberNames,
    /// What makes administrators, where the step may lower their number.
    pub(super) administrators: Option<AdminObjects>,
    /// The part of muster's own access that the step takes.
    pub(super) own: Option<OwnAccess>,
    /// Lowerings that this run has made: a read that lags may not show them.
    pub(super) taken: Vec<Delta>,
    /// Lowerings that failed, and may have been made all the same.
    pub(super) doubtful: Vec<Delta>,
}

/// What became of the administrators after a step that may lower their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remaining {
    /// Enough remain, or the step did not lower their number.
    Enough,
    /// Fewer than must remain after the step: in words.
    TooFew {
        why: String,
        /// Whether somebody would be an administrator again if it were taken back.
        helps: bool,
    },
    /// They could not be counted: why.
    Unread(String),
}

/// Proves one step, with the writer that sends it.
pub(super) struct Prover<'a, W> {
    writer: &'a W,
    step: &'a Step,
    basis: Basis,
    /// How many administrators there were at the last proof.
    counts: Mutex<Option<Vec<usize>>>,
    /// Why no step may lower the number of administrators any more.
    broken: Mutex<Option<String>>,
}

impl<'a, W: Writer + Sync> Prover<'a, W> {
    pub(super) fn new(writer: &'a W, step: &'a Step, basis: Basis) -> Self {
        Self { writer, step, basis, counts: Mutex::default(), broken: Mutex::default() }
    }

    /// Why the last proof found that too few administrators would remain.
    pub(super) fn broken(&self) -> Option<String> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it matters what remains after the step.
    pub(super) fn takes(&self) -> bool {
        self.step.lowers() || self.basis.own.is_some()
    }

    /// Looks at muster's own access after the step, and counts the administrators.
    pub(super) async fn remaining(&self) -> Remaining {
        if let Some(own) = &self.basis.own {
            match own.after(self.writer).await {
                Ok(None) => {}
                Ok(Some(why)) => return Remaining::TooFew { why, helps: true },
                Err(why) => return Remaining::Unread(why),
            }
        }
        let before = self.counts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let (Some(before), Some(objects)) = (before, &self.basis.administrators) else {
            return Remaining::Enough;
        };
        let (_, watch) = match self.count(objects, &BTreeSet::new()).await {
            Ok(both) => both,
            Err(why) => return Remaining::Unread(why),
        };
        let counts = watch.counts().into_iter().zip(before).zip(objects.at_least());
        let mut counts = counts.map(|((now, before), at_least)| (now, before, at_least));
        let is_low =
            |(now, before, at_least): &(usize, usize, usize)| now < at_least && now < before;
        let Some((now, _, at_least)) = counts.find(is_low) else { return Remaining::Enough };
        let why = format!(
            "{now} of at least {at_least} administrators remained after `{} {}`: somebody else took \
             one away at the same time",
            self.step.op.verb(),
            self.step.op.address()
        );
        Remaining::TooFew { why, helps: self.would_help(objects).await }
    }

    /// Whether taking the step back would raise the number of administrators. Whoever was switched
    /// off before gets no role back, because that would help no one.
    async fn would_help(&self, objects: &AdminObjects) -> bool {
        let lowers = self.step.administrators.iter().filter(|delta| delta.lowers());
        let users = lowers.clone().filter_map(Delta::user).cloned().collect();
        let back: Vec<Delta> = lowers.filter_map(Delta::opposite).collect();
        // Where that cannot be seen it is taken back: a role too many harms less than one too few.
        let Ok((mut sure, mut least)) = self.count(objects, &users).await else { return true };
        sure.is_raised_by(&back) || least.is_raised_by(&back)
    }

    /// The administrators at this moment, with the accounts of these users: as far as is sure, and
    /// as they may be by what failed.
    async fn count(
        &self,
        objects: &AdminObjects,
        users: &BTreeSet<Key>,
    ) -> Result<(AdminWatch, AdminWatch), String> {
        let realms = objects.read(self.writer, users).await?;
        let mut sure = AdminWatch::now(&realms, objects.least());
        // A role that is gone is not counted twice: a read that lags is caught by the look that
        // follows each write.
        let is_about_a_user = |delta: &&Delta| !matches!(delta, Delta::Revoke { .. });
        self.basis.taken.iter().filter(is_about_a_user).for_each(|delta| sure.take(delta));
        let mut least = sure.clone();
        self.basis.doubtful.iter().filter(is_about_a_user).for_each(|delta| least.take(delta));
        Ok((sure, least))
    }

    async fn own(&self) -> Result<(), Unproved> {
        let Some(own) = &self.basis.own else { return Ok(()) };
        match own.before(self.writer).await.map_err(Unproved::Unread)? {
            None => Ok(()),
            Some(why) => Err(Unproved::Moved(why)),
        }
    }

    async fn administrators(&self) -> Result<(), Unproved> {
        let Some(objects) = &self.basis.administrators else { return Ok(()) };
        let count = self.count(objects, &BTreeSet::new()).await;
        let (mut sure, mut least) = count.map_err(Unproved::Unread)?;
        let counts = least.counts();
        // Whoever the plan counted may be none any more, so that this step seems to take nothing.
        let gone = objects.gone(&counts);
        let step = &self.step.administrators;
        // Whoever is in doubt may still be one whom this step takes away.
        let is_permitted = match self.basis.doubtful.is_empty() {
            true => least.permits(step),
            false => least.permits_in_doubt(&mut sure, step),
        };
        if gone.is_some() || !is_permitted {
            let all = counts.first().copied().unwrap_or_default();
            let (all, demand) = gone.unwrap_or_else(|| (all, objects.demand()));
            let why =
                format!("too few administrators would remain: there are {all} now, and {demand}");
            *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.clone());
            return Err(Unproved::Moved(why));
        }
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Some(counts);
        Ok(())
    }

    /// Compares the group that is deleted, or loses members, with what the plan saw.
    fn group(&self, members: &MemberNames) -> Result<(), Unproved> {
        let Some(before) = &self.basis.group else { return Ok(()) };
        let address = self.step.op.address();
        if let Op::Delete { .. } = &self.step.op {
            let joined: Vec<&str> = members.difference(&before.names).map(|name| &**name).collect();
            return match joined.first() {
                None => Ok(()),
                Some(first) => Err(Unproved::Moved(format!(
                    "{} joined `{address}` since the plan was made, first `{first}`: it is not \
                     deleted",
                    joined.len()
                ))),
            };
        }
        let stays = members.difference(&self.basis.leaving).next().is_some();
        if before.keeps_some && !stays && !members.is_empty() {
            return Err(Unproved::Moved(format!(
                "`{address}` would have no members left: those who were to stay are gone since the \
                 plan was made"
            )));
        }
        Ok(())
    }
}

impl<W: Writer + Sync> Proof for Prover<'_, W> {
    fn prove<'a>(
        &'a self,
        members: Option<&'a MemberNames>,
    ) -> BoxFuture<'a, Result<(), Unproved>> {
        Box::pin(async move {
            if let Some(members) = members {
                self.group(members)?;
            }
            self.own().await?;
            self.administrators().await
        })
    }
}
