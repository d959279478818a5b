//! The schedule: from changes to steps that form a graph.
//!
//! Revocations come first, because the window in which a leaver keeps access is what this tool
//! exists to close; grants after what they refer to; deletions last. Where too few administrators
//! would remain without the new ones, the order turns round: what lowers their number comes after
//! what raises it, and the run begins it when enough were added and seen ([`AdminWatch`] says which
//! lowerings need not wait).

use std::collections::{BTreeMap, BTreeSet};

use super::abreast::abreast;
use super::lane::{Lane, implied, lanes};
use super::{Op, Phase, Step, StepId};
use crate::guard::administrators::Delta;
use crate::guard::{AdminChange, AdminChanges, AdminWatch, Approved};
use crate::kind::{Address, Family, Fields, Key, scope_addresses};
use crate::plan::{Action, Change, OwnLoss, Plan};

/// The steps that carry out an approved plan, revocations first.
#[must_use]
pub fn schedule(approved: &Approved) -> Vec<Step> {
    steps_of(approved.plan())
}

pub(super) fn steps_of(plan: &Plan) -> Vec<Step> {
    let implied = implied(plan);
    let mut schedule = Schedule::new(plan, &implied);
    schedule.objects(is_revocation);
    let lanes = lanes(plan, &implied);
    let (guarded, plain): (Vec<_>, Vec<_>) =
        lanes.into_iter().partition(|lane| plan.administration.groups.contains(lane.group));
    plain.iter().for_each(|lane| schedule.remove(lane));
    let guarded: Vec<(Lane<'_>, Vec<&Address>)> =
        guarded.into_iter().map(|lane| schedule.part(lane)).collect();
    guarded.iter().for_each(|(lane, _)| schedule.remove(lane));
    schedule.creations();
    schedule.objects(|change| !change.removes && change.action == Action::Update);
    guarded.iter().for_each(|(lane, _)| schedule.admit(lane));
    guarded.into_iter().for_each(|(lane, held)| schedule.dismiss(lane.group, held));
    plain.iter().for_each(|lane| schedule.add_and_verify(lane));
    schedule.objects(|change| change.action == Action::Delete && !is_revocation(change));
    schedule.link();
    schedule.steps
}

struct Schedule<'a> {
    plan: &'a Plan,
    steps: Vec<Step>,
    /// The step of each change of an object.
    by_address: BTreeMap<&'a Address, StepId>,
    /// The last step of each group's lane.
    last_of: BTreeMap<&'a Key, StepId>,
    /// Steps that take a membership away, by the user.
    revocations: BTreeMap<Key, Vec<StepId>>,
    /// Names that other changes wait for, so that the change that frees them cannot come last.
    awaited: BTreeSet<&'a Address>,
    /// The changes that concern administrators.
    administrators: AdminChanges<'a>,
    /// Memberships that go with an account or a group.
    implied: &'a BTreeSet<Address>,
}

impl<'a> Schedule<'a> {
    fn new(plan: &'a Plan, implied: &'a BTreeSet<Address>) -> Self {
        let mut administrators = AdminWatch::of(plan).1;
        for link in implied {
            let Some((group, user)) = link.ends() else { continue };
            let waits = |end| administrators.get(end).is_some_and(|change| change.may_wait);
            let may_wait = waits(&user) || waits(&group);
            let (user, group) = (user.key().clone(), group.key().clone());
            let deltas = vec![Delta::Leave { user, group }];
            administrators.insert(link, AdminChange { deltas, may_wait });
        }
        Self {
            plan,
            implied,
            steps: Vec::new(),
            by_address: BTreeMap::new(),
            last_of: BTreeMap::new(),
            revocations: BTreeMap::new(),
            awaited: plan.changes.iter().flat_map(|change| &change.after_these).collect(),
            administrators,
        }
    }

    fn push(&mut self, op: Op, covers: Vec<Address>) -> StepId {
        let id = self.steps.len();
        let is_of_members = !matches!(op, Op::Delete { .. } | Op::VerifyMembers { .. });
        let makes_administrators = is_of_members
            && op.address().family() == Family::Group
            && self.plan.administration.groups.contains(op.address().key());
        // Whoever is added counts when the look afterwards shows it.
        let is_seen_later = matches!(op, Op::AddMembers { .. });
        let heard = covers.iter().filter(|_| !is_seen_later);
        let heard: Vec<_> = heard.filter_map(|address| self.administrators.get(address)).collect();
        let may_wait = heard.iter().any(|change| change.may_wait);
        let administrators = heard.into_iter().flat_map(|change| change.deltas.clone()).collect();
        let covers = covers.into_iter().filter(|one| !self.implied.contains(one)).collect();
        self.steps.push(Step {
            id,
            op,
            covers,
            phase: Phase::Main,
            makes_administrators,
            administrators,
            may_wait,
            before: None,
            after: Vec::new(),
            ends: Vec::new(),
        });
        id
    }

    /// Adds a step to a group's lane: it waits until the one before it has ended.
    fn push_lane(&mut self, group: &'a Key, op: Op, covers: Vec<Address>) -> StepId {
        let id = self.push(op, covers);
        if let Some(last) = self.last_of.insert(group, id) {
            self.ends(id, last);
        }
        id
    }

    fn ends(&mut self, step: StepId, before: StepId) {
        if let Some(step) = self.steps.get_mut(step) {
            step.ends.push(before);
        }
    }

    fn after(&mut self, step: StepId, before: StepId) {
        if let Some(step) = self.steps.get_mut(step)
            && step.id != before
        {
            step.after.push(before);
        }
    }

    /// One step for each change of an object that `which` picks.
    fn objects(&mut self, which: impl Fn(&Change) -> bool) {
        let plan = self.plan;
        let picked = plan.changes.iter().filter(|change| which(change));
        picked.for_each(|change| self.object(change));
    }

    fn creations(&mut self) {
        let plan = self.plan;
        let made = plan.changes.iter().filter(|change| change.action == Action::Create);
        abreast(made).into_iter().for_each(|change| self.object(change));
    }

    fn object(&mut self, change: &'a Change) {
        if change.kind().spec().is_link() {
            return;
        }
        let Some(op) = Op::of(change) else { return };
        let plan = self.plan;
        let is_last = change.action == Action::Delete
            && !is_revocation(change)
            && !self.awaited.contains(&change.address);
        let covers = vec![change.address.clone()];
        // A group and its members are one object at the target, with one entity tag.
        let id = if change.family() == Family::Group && !is_last {
            self.push_lane(change.address.key(), op, covers)
        } else {
            self.push(op, covers)
        };
        if let Some(step) = self.steps.get_mut(id) {
            let is_own = |loss: &OwnLoss| loss.way.binding == change.address;
            let may_be_back = step.lowers() || plan.own.iter().any(is_own);
            step.before = change.before.clone().filter(|_| may_be_back);
            step.phase = if is_last { Phase::deletion_of(change.kind()) } else { Phase::Main };
        }
        self.by_address.insert(&change.address, id);
    }

    fn batches(&mut self, group_key: &'a Key, links: &[&'a Address], adds: bool) -> Vec<StepId> {
        let group = Address::of_group(group_key.clone());
        let batch = self.batch(group_key, adds);
        let mut made = Vec::new();
        for some in links.chunks(batch) {
            let users = some.iter().filter_map(|link| link.ends()).map(|(_, user)| user).collect();
            let covers = some.iter().map(|link| (*link).clone()).collect();
            let group = group.clone();
            let op = if adds {
                Op::AddMembers { group, users }
            } else {
                Op::RemoveMembers { group, users }
            };
            made.push(self.push_lane(group_key, op, covers));
        }
        made
    }

    /// How many members one request names. Administrators leave one at a time, each when enough
    /// remain.
    fn batch(&self, group: &Key, adds: bool) -> usize {
        let is_guarded = self.plan.administration.groups.contains(group);
        if is_guarded && !adds { 1 } else { self.plan.member_batch.max(1) }
    }

    fn verify(&mut self, lane: &Lane<'a>, adds: bool, removes: bool) -> StepId {
        let users = |links: &[&Address], wanted: bool| {
            let ends = links.iter().filter(|_| wanted).filter_map(|link| link.ends());
            ends.map(|(_, user)| user).collect()
        };
        let group = Address::of_group(lane.group.clone());
        let op = Op::VerifyMembers {
            group,
            present: users(&lane.adds, adds),
            absent: users(&lane.removes, removes),
        };
        self.push_lane(lane.group, op, Vec::new())
    }

    fn remove(&mut self, lane: &Lane<'a>) {
        let made = self.batches(lane.group, &lane.removes, false);
        self.revoke(lane, &made);
    }

    /// Remembers which steps take memberships away, by the user.
    fn revoke(&mut self, lane: &Lane<'a>, made: &[StepId]) {
        let batch = self.batch(lane.group, false);
        for (some, step) in lane.removes.chunks(batch).zip(made) {
            for user in some.iter().filter_map(|link| link.member()) {
                self.revocations.entry(user.clone()).or_default().push(*step);
            }
        }
    }

    fn add_and_verify(&mut self, lane: &Lane<'a>) {
        let made = self.batches(lane.group, &lane.adds, true);
        self.travel(lane.group, made.first().copied());
        self.verify(lane, true, true);
    }

    /// Has a new group created with the members whom the step `first` adds. Administrators are
    /// added one step at a time, to be seen before anything counts on them.
    fn travel(&mut self, group: &Key, first: Option<StepId>) {
        if !self.plan.new_groups_have_members {
            return;
        }
        let created = self.created(&Address::of_group(group.clone()));
        let (Some(created), Some(first)) = (created, first) else { return };
        let Some(Op::AddMembers { users, .. }) = self.steps.get(first).map(|step| &step.op) else {
            return;
        };
        let users = users.clone();
        if let Some(Op::Create { members, .. }) =
            self.steps.get_mut(created).map(|step| &mut step.op)
        {
            *members = users;
        }
    }

    /// Takes the removals that may have to wait out of an administrator group's lane.
    fn part(&self, lane: Lane<'a>) -> (Lane<'a>, Vec<&'a Address>) {
        let Lane { group, adds, removes } = lane;
        let may_wait =
            |link: &&Address| self.administrators.get(*link).is_some_and(|one| one.may_wait);
        let (held, removes) = removes.into_iter().partition(may_wait);
        (Lane { group, adds, removes }, held)
    }

    /// Adds the new members of an administrator group, and looks at them and at those that were
    /// removed already. Only whoever this look shows counts as an administrator.
    fn admit(&mut self, lane: &Lane<'a>) {
        let made = self.batches(lane.group, &lane.adds, true);
        if made.is_empty() && lane.removes.is_empty() {
            return;
        }
        let seen = self.verify(lane, true, true);
        let joins = lane.adds.iter().filter_map(|link| self.administrators.get(*link));
        let joins: Vec<Delta> = joins.flat_map(|change| change.deltas.clone()).collect();
        if let Some(step) = self.steps.get_mut(seen) {
            step.administrators = joins;
        }
    }

    /// Removes the other members of an administrator group, each when enough of them remain.
    fn dismiss(&mut self, group: &'a Key, held: Vec<&'a Address>) {
        if held.is_empty() {
            return;
        }
        let lane = Lane { group, adds: Vec::new(), removes: held };
        let made = self.batches(group, &lane.removes, false);
        self.revoke(&lane, &made);
        self.verify(&lane, false, true);
    }

    /// Adds the edges that need every step to be there.
    fn link(&mut self) {
        let mut hard: Vec<(StepId, StepId)> = Vec::new();
        let mut soft: Vec<(StepId, StepId)> = Vec::new();
        for change in &self.plan.changes {
            let address = &change.address;
            let Some(step) = self.by_address.get(address) else { continue };
            let freeing = change.after_these.iter().filter_map(|other| self.by_address.get(other));
            hard.extend(freeing.map(|before| (*step, *before)));
            let is_off = self.switched_off(address).is_some();
            if change.action == Action::Delete || is_off {
                let revoked = self.revocations.get(address.key()).into_iter().flatten();
                let first = revoked.filter(|one| !is_off || self.makes_administrators(**one));
                soft.extend(first.map(|before| (*step, *before)));
            }
        }
        for (address, step) in &self.by_address {
            let Some(holder) = address.principal() else { continue };
            // A role is given to whoever is there, and taken before its holder goes.
            hard.extend(self.created(&holder).map(|before| (*step, before)));
            soft.extend(self.deleted(&holder).map(|after| (after, *step)));
            if self.administrators.contains_key(*address) {
                soft.extend(self.switched_off(&holder).map(|after| (after, *step)));
            }
        }
        hard.extend(self.scopes());
        for step in &self.steps {
            if let Op::Create { members, .. } = &step.op {
                let made = members.iter().filter_map(|user| self.created(user));
                soft.extend(made.map(|before| (step.id, before)));
            }
            let Op::AddMembers { group, users } = &step.op else { continue };
            hard.extend(self.created(group).into_iter().map(|before| (step.id, before)));
            // Whoever was not made is left out, and the others are added.
            let made = users.iter().filter_map(|user| self.created(user));
            soft.extend(made.map(|before| (step.id, before)));
        }
        hard.into_iter().for_each(|(step, before)| self.after(step, before));
        soft.into_iter().for_each(|(step, before)| self.ends(step, before));
    }

    /// The step that switches an administrator's account off, if this plan does and nothing waits
    /// for it. The role or the membership goes first: it can be given back without the account.
    fn switched_off(&self, user: &Address) -> Option<StepId> {
        let step = *self.by_address.get(user).filter(|_| !self.awaited.contains(user))?;
        let mut deltas = self.steps.get(step)?.administrators.iter();
        deltas.any(|delta| matches!(delta, Delta::Activate { active: false, .. })).then_some(step)
    }

    fn makes_administrators(&self, step: StepId) -> bool {
        let group = self.steps.get(step).map(|step| step.op.address().key());
        group.is_some_and(|group| self.plan.administration.groups.contains(group))
    }

    /// A role is held for a set of resources that is there: the set is made, and has its name,
    /// before, and it is deleted when no role is held for it any more.
    fn scopes(&self) -> Vec<(StepId, StepId)> {
        let mut edges = Vec::new();
        for change in self.plan.changes.iter().filter(|one| one.family() == Family::Grant) {
            let Some(step) = self.by_address.get(&change.address) else { continue };
            let of = |fields: &Option<Fields>| {
                fields.as_ref().map(scope_addresses).unwrap_or_default().into_iter()
            };
            let named = of(&change.after).filter_map(|set| self.named(&set));
            edges.extend(named.map(|before| (*step, before)));
            let freed = of(&change.before).filter_map(|set| self.deleted(&set));
            edges.extend(freed.map(|after| (after, *step)));
        }
        edges
    }

    /// The step that gives the object at `address` its name: that creates or renames it.
    fn named(&self, address: &Address) -> Option<StepId> {
        let step = *self.by_address.get(address)?;
        let names = match &self.steps.get(step)?.op {
            Op::Create { .. } => true,
            Op::Update { changed, .. } => {
                let name = address.kind().spec().name;
                changed.iter().any(|field| Some(field.as_str()) == name)
            }
            Op::Delete { .. }
            | Op::AddMembers { .. }
            | Op::RemoveMembers { .. }
            | Op::VerifyMembers { .. } => false,
        };
        names.then_some(step)
    }

    /// The step that deletes `address`, if this plan does.
    fn deleted(&self, address: &Address) -> Option<StepId> {
        let step = *self.by_address.get(address)?;
        matches!(self.steps.get(step)?.op, Op::Delete { .. }).then_some(step)
    }

    /// The step that creates `address`, if this plan does.
    fn created(&self, address: &Address) -> Option<StepId> {
        let step = *self.by_address.get(address)?;
        matches!(self.steps.get(step)?.op, Op::Create { .. }).then_some(step)
    }
}

/// Whether a change takes access away and can be made at once: a role, or an account's use.
fn is_revocation(change: &Change) -> bool {
    match change.action {
        Action::Update => change.removes,
        Action::Delete => change.family() == Family::Grant,
        Action::Create => false,
    }
}
