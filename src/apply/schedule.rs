//! The schedule: from changes to steps that form a graph.
//!
//! Revocations come first, because the window in which a leaver keeps access is what this tool
//! exists to close; grants after what they refer to; deletions last. Where too few administrators
//! would remain without the new ones, the order turns round: what lowers their number waits until
//! every new one was added and seen ([`free_lowerings`] says what need not wait).

use std::collections::{BTreeMap, BTreeSet};

use super::abreast::abreast;
use super::effect::{Effect, effect, is_revocation};
use super::lane::{Lane, lanes};
use super::{Op, Phase, Step, StepId};
use crate::guard::{Approved, free_lowerings};
use crate::kind::{Address, Family, Fields, Key, scope_addresses};
use crate::plan::{Action, Change, Plan};

/// The steps that carry out an approved plan, revocations first.
#[must_use]
pub fn schedule(approved: &Approved) -> Vec<Step> {
    let plan = approved.plan();
    let mut schedule = Schedule::new(plan);
    schedule.objects(is_revocation);
    let lanes = lanes(plan);
    let (guarded, plain): (Vec<_>, Vec<_>) =
        lanes.into_iter().partition(|lane| plan.administration.groups.contains(lane.group));
    plain.iter().for_each(|lane| schedule.remove(lane));
    let guarded: Vec<(Lane<'_>, Vec<&Address>)> =
        guarded.into_iter().map(|lane| schedule.part(lane)).collect();
    guarded.iter().for_each(|(lane, _)| schedule.remove(lane));
    schedule.creations();
    schedule.objects(|change| !change.removes && change.action == Action::Update);
    let admitted: Vec<StepId> =
        guarded.iter().filter_map(|(lane, _)| schedule.admit(lane)).collect();
    guarded.into_iter().for_each(|(lane, held)| schedule.dismiss(lane.group, held));
    plain.iter().for_each(|lane| schedule.add_and_verify(lane));
    schedule.objects(|change| change.action == Action::Delete && !is_revocation(change));
    schedule.link(&admitted);
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
    /// Changes that lower the number of administrators and need not wait for those that raise it.
    free: BTreeSet<&'a Address>,
}

impl<'a> Schedule<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            steps: Vec::new(),
            by_address: BTreeMap::new(),
            last_of: BTreeMap::new(),
            revocations: BTreeMap::new(),
            awaited: plan.changes.iter().flat_map(|change| &change.after_these).collect(),
            free: free_lowerings(plan),
        }
    }

    fn push(&mut self, op: Op, covers: Vec<Address>) -> StepId {
        let id = self.steps.len();
        let is_of_members = !matches!(op, Op::Delete { .. } | Op::VerifyMembers { .. });
        let makes_administrators = is_of_members
            && op.address().family() == Family::Group
            && self.plan.administration.groups.contains(op.address().key());
        self.steps.push(Step {
            id,
            op,
            covers,
            phase: Phase::Main,
            makes_administrators,
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
            step.phase = if is_last { Phase::deletion_of(change.kind()) } else { Phase::Main };
        }
        self.by_address.insert(&change.address, id);
    }

    fn batches(&mut self, group_key: &'a Key, links: &[&'a Address], adds: bool) -> Vec<StepId> {
        let group = Address::of_group(group_key.clone());
        let batch = self.plan.member_batch.max(1);
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
        let batch = self.plan.member_batch.max(1);
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

    /// Takes the removals that have to wait out of an administrator group's lane.
    fn part(&self, lane: Lane<'a>) -> (Lane<'a>, Vec<&'a Address>) {
        let Lane { group, adds, removes } = lane;
        let (removes, held) = removes.into_iter().partition(|link| self.free.contains(*link));
        (Lane { group, adds, removes }, held)
    }

    /// Adds the new members of an administrator group, and looks at them and at those that were
    /// removed already. The step that others wait for: the look, where somebody is added.
    fn admit(&mut self, lane: &Lane<'a>) -> Option<StepId> {
        let made = self.batches(lane.group, &lane.adds, true);
        if made.is_empty() && lane.removes.is_empty() {
            return None;
        }
        let seen = self.verify(lane, true, true);
        let raises = !made.is_empty();
        made.into_iter().for_each(|step| self.after(seen, step));
        raises.then_some(seen)
    }

    /// Removes the other members of an administrator group; [`Self::guard`] has it wait.
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
    fn link(&mut self, admitted: &[StepId]) {
        let mut hard: Vec<(StepId, StepId)> = self.guard(admitted);
        let mut soft: Vec<(StepId, StepId)> = Vec::new();
        for change in &self.plan.changes {
            let address = &change.address;
            let Some(step) = self.by_address.get(address) else { continue };
            let freeing = change.after_these.iter().filter_map(|other| self.by_address.get(other));
            hard.extend(freeing.map(|before| (*step, *before)));
            if change.action == Action::Delete {
                let revoked = self.revocations.get(address.key()).into_iter().flatten();
                soft.extend(revoked.map(|before| (*step, *before)));
            }
        }
        for (address, step) in &self.by_address {
            let Some(holder) = address.principal() else { continue };
            // A role is given to whoever is there, and taken before its holder goes.
            hard.extend(self.created(&holder).map(|before| (*step, before)));
            soft.extend(self.deleted(&holder).map(|after| (after, *step)));
        }
        hard.extend(self.scopes());
        for step in &self.steps {
            if let Op::Create { members, .. } = &step.op {
                let made = members.iter().filter_map(|user| self.created(user));
                soft.extend(made.map(|before| (step.id, before)));
            }
            let Op::AddMembers { group, users } = &step.op else { continue };
            hard.extend(self.created(group).into_iter().map(|before| (step.id, before)));
            let made = users.iter().filter_map(|user| self.created(user));
            let made = made.map(|before| (step.id, before));
            // A new administrator who was not made is not one to count on.
            if self.plan.administration.groups.contains(group.key()) {
                hard.extend(made);
            } else {
                soft.extend(made);
            }
        }
        hard.into_iter().for_each(|(step, before)| self.after(step, before));
        soft.into_iter().for_each(|(step, before)| self.ends(step, before));
    }

    /// What lowers the number of administrators below what must remain, were it not for what raises
    /// it, waits for all that raises it, and is not done if any of that fails.
    fn guard(&self, admitted: &[StepId]) -> Vec<(StepId, StepId)> {
        let groups = &self.plan.administration.groups;
        let joins = self.plan.changes.iter().filter(|change| groups.contains(change.address.key()));
        let joining: BTreeSet<&Key> = joins.filter_map(|change| change.address.member()).collect();
        let mut raising: Vec<StepId> = admitted.to_vec();
        let mut lowering: Vec<StepId> = Vec::new();
        for change in &self.plan.changes {
            let Some(step) = self.by_address.get(&change.address) else { continue };
            match effect(self.plan, change, &joining) {
                Effect::Raises => raising.push(*step),
                Effect::Lowers if self.free.contains(&change.address) => {}
                Effect::Lowers => lowering.push(*step),
                Effect::None => {}
            }
        }
        let dismisses = |step: &&Step| match &step.op {
            Op::RemoveMembers { group, .. } => groups.contains(group.key()),
            _ => false,
        };
        let is_held = |step: &&Step| !step.covers.iter().all(|link| self.free.contains(link));
        let dismissing = self.steps.iter().filter(dismisses).filter(is_held);
        lowering.extend(dismissing.map(|step| step.id));
        let waits = |step: StepId| raising.iter().map(move |before| (step, *before));
        lowering.iter().flat_map(|step| waits(*step)).collect()
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
