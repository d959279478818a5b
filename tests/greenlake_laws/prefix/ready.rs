//! A case that is planned and approved, ready to be carried out any number of times: by the
//! provider in memory, or by HPE GreenLake's own writer on the twin.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, OnceLock};

use futures::executor::block_on;
use muster::apply::{Known, NoJournal, Outcome, RunOptions, Writer, run, schedule};
use muster::guard::{Approved, approve};
use muster::kind::{Family, KindName};
use muster::live::{Live, Member, Object, Page, Partial};
use muster::plan::{Plan, plan};
use muster::provider::greenlake::{Found, GreenlakeWriter};

use super::super::memory::{Twin, now, platform};
use super::super::turn::{planned, verdict};
use super::case::{ADMINS, BY_GROUP, Case, DIRECT, EACH, NAMED, Person, ROLE, Ways, Whole, name};
use super::model::{Server, Way};
use super::sight::{REALMS, Sight};
use super::witness::{Around, Witness};

/// An approved plan, and the target that it was made for.
pub(crate) struct Ready {
    case: Case,
    live: Live,
    approved: Approved,
    target: Target,
}

enum Target {
    Model(Box<Server>),
    Twin(Box<Twin>, Box<Found>),
}

/// What came of one run.
pub(crate) struct Run {
    pub(crate) witness: Witness,
    pub(crate) outcome: Outcome,
}

impl Ready {
    /// Plans a case on the provider in memory; `None` where the guard refuses it, or there is
    /// nothing to do.
    pub(crate) fn of(case: &Case) -> Option<Self> {
        let desired = case.desired();
        let live = live(case);
        let approved = approved(plan(&desired, &live, now()), &desired)?;
        let target = Target::Model(Box::new(Server::of(&live)));
        Some(Self { case: case.clone(), live, approved, target })
    }

    /// The same, on the twin.
    pub(crate) fn on_twin(case: &Case) -> Option<Self> {
        let desired = case.desired();
        let twin = Twin::new(&case.seed());
        let (plan, found, live) = planned(&desired, &twin);
        let approved = approved(plan, &desired)?;
        let target = Target::Twin(Box::new(twin), Box::new(found));
        Some(Self { case: case.clone(), live, approved, target })
    }

    /// Carries the plan out, one step at a time.
    pub(crate) fn run(&self, witness: Witness) -> Run {
        match &self.target {
            Target::Model(server) => {
                let way = Way(Mutex::new((*server.clone(), witness)));
                let outcome = self.carried_out(&way);
                Run { outcome, witness: way.0.into_inner().unwrap().1 }
            }
            Target::Twin(twin, found) => {
                let twin = twin.witnessed(witness);
                let ways = twin.ways();
                let ids = self.approved.plan().ids.clone();
                let writer = GreenlakeWriter::new(platform(&ways), found, ids);
                let outcome = self.carried_out(&writer);
                Run { outcome, witness: twin.testimony() }
            }
        }
    }

    fn carried_out(&self, writer: &(impl Writer + Sync)) -> Outcome {
        let stop = AtomicBool::new(false);
        let options = RunOptions { concurrency: 1, stop: &stop };
        let known = Known::of(self.approved.plan(), &self.live);
        block_on(run(schedule(&self.approved), known, writer, &NoJournal, options))
    }

    /// Checks every prefix of a run. How many writes took an administrator away, and after how many
    /// of them too few remained.
    pub(crate) fn check(&self, run: &Run) -> (usize, usize) {
        let is_done = !run.witness.is_calm() || run.outcome.is_complete();
        assert!(is_done, "nothing went wrong, and not all is done\n{:#?}\n{run:#?}", self.case);
        let (mut lowered, mut dips) = (0, 0);
        for around in &run.witness.around {
            let [before, after] = [&around.before, &around.after].map(Sight::counts);
            let lowers = (0..2).filter(|realm| after[*realm] < before[*realm]);
            let lowers: Vec<usize> = lowers.collect();
            lowered += usize::from(!lowers.is_empty());
            let dip: Vec<usize> =
                lowers.into_iter().filter(|realm| after[*realm] < self.case.at_least).collect();
            for realm in &dip {
                let taken = around.before.fewer(&around.last, REALMS[*realm]);
                assert!(
                    taken > self.case.margin,
                    "too few remained after {}, and others took {taken}\n{:#?}\n{run:#?}",
                    around.request,
                    self.case
                );
            }
            if !dip.is_empty() {
                dips += 1;
                self.is_given_back(run, around);
            }
        }
        (lowered, dips)
    }

    /// What the write took is there again, and the run did not end well.
    fn is_given_back(&self, run: &Run, around: &Around) {
        let is_partial = run.outcome.halted.is_some() && !run.outcome.is_complete();
        assert!(is_partial, "the status is not 6\n{:#?}\n{run:#?}", self.case);
        let end = &run.witness.around.last().unwrap().after;
        for (name, before) in around.before.0.iter().filter(|_| run.witness.is_plain()) {
            let ways = |sight: &Sight| sight.0.get(name).map_or(0, |held| held.ways);
            let lost: Ways = before.ways & !ways(&around.after);
            let back = EACH.iter().all(|way| lost & way == 0 || ways(end) & way != 0);
            assert!(
                back,
                "{name} did not get back {lost} after {}\n{:#?}\n{run:#?}",
                around.request, self.case
            );
        }
    }
}

fn approved(plan: Plan, desired: &muster::config::Desired) -> Option<Approved> {
    let verdict = verdict(&plan, desired);
    approve(plan, verdict).ok().filter(|one| !one.plan().is_empty())
}

/// Six people who are administrators in every way, as the twin shows them.
fn template() -> &'static Live {
    static TEMPLATE: OnceLock<Live> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let all = NAMED | BY_GROUP | DIRECT;
        let people = vec![Person { before: all, after: Some(all) }; 6];
        let case =
            Case { people, whole: Whole::Nothing, at_least: 1, margin: 0, deactivates: false };
        planned(&case.desired(), &Twin::new(&case.seed())).2
    })
}

/// What the twin would show of a case.
fn live(case: &Case) -> Live {
    let all = template().objects();
    let of = |family| all.iter().filter(move |object| object.kind.family() == family);
    let number = |object: &Object| (0..6).find(|at| name(*at) == object.key.as_str());
    let is_there = |object: &&Object| number(object).is_none_or(|at| at < case.people.len());
    let users: Vec<Object> = of(Family::Subject).filter(is_there).cloned().collect();
    let place = |at: usize| {
        let is_it = |user: &Object| user.key.as_str() == name(at);
        u32::try_from(users.iter().position(is_it).unwrap()).unwrap()
    };
    let who = |way: Ways| {
        let people = case.people.iter().enumerate();
        people.filter(move |(_, one)| one.before & way != 0).map(|(at, _)| at)
    };
    let groups = of(Family::Group).cloned().map(|mut group| {
        let way = if group.key.as_str() == ADMINS { NAMED } else { BY_GROUP };
        if group.key.as_str() != "everybody" {
            group.members = Some(who(way).map(|at| Member::Known(place(at))).collect());
        } else {
            let is_staff = |user: &Object| number(user).is_none();
            let staff = users.iter().position(is_staff).unwrap();
            group.members = Some(vec![Member::Known(u32::try_from(staff).unwrap())]);
        }
        group
    });
    let holders: Vec<String> = who(DIRECT).map(|at| format!("user/{}", name(at))).collect();
    let is_held = |object: &&Object| {
        let said = |field: &str| object.fields.get(field).and_then(|text| text.as_str()).unwrap();
        match said("principal") {
            _ if said("role") != ROLE => true,
            "group/operators" => case.whole != Whole::RoleComes,
            holder => holders.iter().any(|one| one == holder),
        }
    };
    let grants: Vec<Object> = of(Family::Grant).filter(is_held).cloned().collect();
    let listing = |kind: KindName, objects: Vec<Object>| {
        let total = objects.len() as u64;
        Partial::new(kind, vec![Page { start_index: 1, total, objects }]).prove().unwrap()
    };
    let listings = vec![
        listing(KindName::User, users.clone()),
        listing(KindName::Group, groups.collect()),
        listing(KindName::Binding, grants),
    ];
    let mut capabilities = template().capabilities.clone();
    if case.deactivates {
        // As a server of plain SCIM does, which could hold roles.
        let active = (KindName::User, "active".to_owned());
        capabilities.unheld.remove(&active);
        capabilities.immutable.remove(&active);
    }
    Live::new(listings, capabilities)
}

impl fmt::Debug for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let receipts = self.outcome.receipts.iter().map(|(step, receipt)| {
            format!("{} {} {:?}: {receipt:?}", step.op.verb(), step.op.address(), step.covers)
        });
        let around = self.witness.around.iter().map(|one| {
            let [last, before, after] = [&one.last, &one.before, &one.after].map(Sight::counts);
            format!("{}: {last:?}, {before:?}, {after:?}", one.request)
        });
        formatter
            .debug_struct("Run")
            .field("witness", &self.witness.shown())
            .field("around", &around.collect::<Vec<_>>())
            .field("halted", &self.outcome.halted)
            .field("receipts", &receipts.collect::<Vec<_>>())
            .finish()
    }
}
