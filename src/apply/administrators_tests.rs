//! The order of steps that concern administrators: enough of them remain after every step, whatever
//! fails, and no step that lowers their number waits for one that is not needed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use futures::executor::block_on;

use super::schedule::steps_of;
use super::{Known, NoJournal, Op, Outcome, Proof, Receipt, Report, RunOptions, Step, Writer, run};
use crate::config::Administrators;
use crate::guard::AdminWatch;
use crate::guard::fixture::{administered, change, demanded, plan, rename};
use crate::kind::{Address, Key};
use crate::live::{Object, RemoteId};
use crate::plan::{Action, Change, Plan};

/// A server that keeps accounts and members, and refuses some steps.
struct Server {
    users: Mutex<BTreeSet<Address>>,
    members: Mutex<BTreeSet<(Address, Address)>>,
    /// Groups whose name makes administrators.
    named: Mutex<BTreeSet<Address>>,
    refused: BTreeSet<usize>,
    /// How many administrators there were after each write.
    counts: Mutex<Vec<usize>>,
}

impl Server {
    fn administrators(&self) -> BTreeSet<Address> {
        let (users, named) = (self.users.lock().unwrap(), self.named.lock().unwrap());
        let members = self.members.lock().unwrap();
        let is_one =
            |(group, user): &&(Address, Address)| users.contains(user) && named.contains(group);
        members.iter().filter(is_one).map(|(_, user)| user.clone()).collect()
    }

    fn carry_out(&self, op: &Op) {
        let pair = |group: &Address, user: &Address| (group.clone(), user.clone());
        let mut members = self.members.lock().unwrap();
        match op {
            Op::Create { address, .. } => {
                self.users.lock().unwrap().insert(address.clone());
            }
            Op::Delete { address, .. } => {
                self.users.lock().unwrap().remove(address);
                self.named.lock().unwrap().remove(address);
            }
            Op::Update { address, .. } => {
                self.named.lock().unwrap().insert(address.clone());
            }
            Op::AddMembers { group, users } => {
                members.extend(users.iter().map(|user| pair(group, user)));
            }
            Op::RemoveMembers { group, users } => {
                members.retain(|(of, user)| of != group || !users.contains(user));
            }
            Op::VerifyMembers { group, present, absent } => {
                assert!(present.iter().all(|user| members.contains(&pair(group, user))));
                assert!(!absent.iter().any(|user| members.contains(&pair(group, user))));
            }
        }
    }
}

impl Writer for &Server {
    async fn look(&self, _: &Address, _: &RemoteId) -> Result<Option<Object>, String> {
        Ok(None)
    }

    async fn write(
        &self,
        step: &Step,
        _ids: &BTreeMap<Address, RemoteId>,
        _proof: &dyn Proof,
    ) -> Report {
        if self.refused.contains(&step.id) {
            return Receipt::Failed { cause: "no".to_owned() }.into();
        }
        self.carry_out(&step.op);
        self.counts.lock().unwrap().push(self.administrators().len());
        let id = matches!(step.op, Op::Create { .. })
            .then(|| RemoteId::new(&step.op.address().to_string()));
        Receipt::Done { id }.into()
    }
}

const HELD: [(&str, &[&str]); 6] = [
    ("a", &["one"]),
    ("b", &["one", "two"]),
    ("c", &["two"]),
    ("n", &[]),
    ("m", &[]),
    ("o", &["three"]),
];

/// A plan about the members of the administrators' groups `one` and `two`.
fn about(at_least: u32, changes: Vec<Change>) -> Plan {
    let mut plan = plan(changes);
    administered(&mut plan, &HELD);
    let users = plan.changes.iter().filter_map(|change| change.address.member()).cloned();
    let users: BTreeSet<Key> = users.chain(HELD.map(|(user, _)| Key::new(user))).collect();
    let made = |user: &Key| {
        plan.changes.iter().any(|one| {
            one.action == Action::Create && one.address == Address::of_subject(user.clone())
        })
    };
    let known =
        users.iter().filter(|user| !made(user)).map(|user| Address::of_subject(user.clone()));
    let known = known.chain(["one", "two", "three"].map(Address::group));
    plan.ids =
        known.map(|address| (address.clone(), RemoteId::new(&address.to_string()))).collect();
    let groups = vec!["one".to_owned(), "two".to_owned(), "three".to_owned()];
    demanded(&mut plan, Administrators { roles: vec![], groups, at_least, margin: 0 });
    for change in &mut plan.changes {
        change.remote = Some(RemoteId::new(&change.address.to_string()));
        change.expect = Some(crate::live::Fingerprint::of("", &Default::default()));
    }
    plan
}

fn joins(link: &str) -> Change {
    change(&format!("membership/{link}"), Action::Create)
}

fn leaves(link: &str) -> Change {
    change(&format!("membership/{link}"), Action::Delete)
}

/// Runs the plan while the server refuses the steps that `refused` picks.
fn carried_out(plan: &Plan, refused: impl Fn(&Step) -> bool) -> (Server, Outcome) {
    let steps = steps_of(plan);
    let pairs = HELD.iter().flat_map(|(user, groups)| {
        groups.iter().map(|group| (Address::group(group), Address::user(user)))
    });
    let server = Server {
        users: Mutex::new(HELD.iter().map(|(user, _)| Address::user(user)).collect()),
        members: Mutex::new(pairs.collect()),
        named: Mutex::new(["one", "two", "three"].map(Address::group).into()),
        refused: steps.iter().filter(|step| refused(step)).map(|step| step.id).collect(),
        counts: Mutex::new(Vec::new()),
    };
    let is_renamed = |group: &Address| plan.changes.iter().any(|one| one.address == *group);
    server.named.lock().unwrap().retain(|group| !is_renamed(group));
    let mut known = Known::default();
    known.take(plan);
    let stop = AtomicBool::new(false);
    let options = RunOptions { concurrency: 3, stop: &stop };
    let outcome = block_on(run(steps, known, &&server, &NoJournal, options));
    (server, outcome)
}

/// Every set of refused steps: enough administrators remain after each write, and a step that takes
/// one away is skipped only where too few would remain.
fn holds(at_least: u32, changes: Vec<Change>) {
    let plan = about(at_least, changes);
    let count = steps_of(&plan).len();
    for refused in 0..1_u32 << count {
        let is_refused = |step: &Step| refused >> step.id & 1 == 1;
        let (server, outcome) = carried_out(&plan, is_refused);
        let least = at_least as usize;
        let counts = server.counts.lock().unwrap().clone();
        assert!(counts.iter().all(|count| *count >= least), "{refused:b}: {counts:?}");
        // Whoever was to go in a step that failed may have gone, and whoever was added counts when
        // the look afterwards shows it.
        let removes = |op: &Op| matches!(op, Op::RemoveMembers { .. } | Op::Delete { .. });
        for (step, receipt) in &outcome.receipts {
            let has_failed = matches!(receipt, Receipt::Failed { .. });
            if has_failed && removes(&step.op) {
                server.carry_out(&step.op);
            }
            if let Op::VerifyMembers { group, present, .. } = &step.op
                && has_failed
            {
                let (group, users) = (group.clone(), present.clone());
                server.carry_out(&Op::RemoveMembers { group, users });
            }
        }
        for (step, receipt) in outcome.receipts.iter().filter(|(step, _)| step.lowers()) {
            if let Receipt::Skipped { cause, .. } = receipt {
                assert!(cause.contains("administrators would remain"), "{cause}");
                let before = server.members.lock().unwrap().clone();
                let users = server.users.lock().unwrap().clone();
                server.carry_out(&step.op);
                let left = server.administrators().len();
                assert!(left < least, "{refused:b}: `{:?}` was skipped, {left} remain", step.op);
                *server.members.lock().unwrap() = before;
                *server.users.lock().unwrap() = users;
            }
        }
    }
}

#[test]
fn enough_remain_whatever_fails_and_nothing_is_skipped_that_need_not_be() {
    holds(3, vec![leaves("one/a"), joins("one/n"), leaves("two/c"), joins("two/m")]);
    holds(4, vec![leaves("one/a"), joins("one/n"), leaves("two/c"), joins("two/m")]);
    let made = change("user/new", Action::Create);
    let gone = change("user/a", Action::Delete);
    holds(4, vec![made, joins("one/new"), joins("two/n"), leaves("one/a"), gone]);
    holds(
        3,
        vec![leaves("one/a"), leaves("one/b"), leaves("two/b"), joins("one/n"), joins("two/n")],
    );
    // A group whose new name makes its member `o` an administrator.
    let named = rename("group/three", "displayName", "staff");
    let changes = vec![named, leaves("one/a"), leaves("two/c"), joins("one/n")];
    holds(2, changes.clone());
    holds(3, changes);
}

#[test]
fn members_leave_one_by_one_before_a_group_of_administrators_is_deleted() {
    let plan = about(1, vec![change("group/two", Action::Delete)]);
    let steps = steps_of(&plan);
    let removed = steps.iter().filter_map(|step| match &step.op {
        Op::RemoveMembers { users, .. } => Some((users.clone(), step.covers.len())),
        _ => None,
    });
    let one = |user| (vec![Address::user(user)], 0);
    assert_eq!(removed.collect::<Vec<_>>(), [one("b"), one("c")], "no change of the plan");
    let last = steps.last().unwrap();
    assert!(matches!(last.op, Op::Delete { .. }) && last.phase > steps[0].phase);
    holds(1, plan.changes);
}

#[test]
fn one_newcomer_who_cannot_be_made_keeps_no_other_from_counting() {
    let made = change("user/new", Action::Create);
    let plan = about(4, vec![made, joins("one/new"), joins("one/n"), leaves("one/a")]);
    let (server, outcome) = carried_out(&plan, |step| matches!(step.op, Op::Create { .. }));
    assert!(!server.administrators().contains(&Address::user("a")), "{outcome:#?}");
    let ended = outcome.receipts.iter().filter(|(_, receipt)| receipt.is_so()).count();
    assert_eq!(ended, outcome.receipts.len() - 2, "the account, and its membership");
}

#[test]
fn a_rename_that_makes_administrators_counts_when_it_is_done() {
    let plan = about(3, vec![rename("group/three", "displayName", "staff"), leaves("one/a")]);
    let (watch, heard) = AdminWatch::of(&plan);
    assert_eq!(heard.len(), 2, "{heard:?}, {watch:?}");
    let (server, outcome) = carried_out(&plan, |step| matches!(step.op, Op::Update { .. }));
    assert!(server.administrators().contains(&Address::user("a")), "{outcome:#?}");
}
