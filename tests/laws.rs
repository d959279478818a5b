//! The laws of design section 9, over generated organizations and a simulated server.
//!
//! [`seeds`] says how many are tried.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a law that is broken is a failed test")]

mod base;
mod cycle;
mod every_read;
mod everything;
mod ground;
mod raced;
mod refusals;
mod remembered;
mod rival;
mod round_trip;
mod simulation;
mod sizes;
mod spoken;
mod watch;
mod world;

use super::support::{memory, rng, seeds};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use cycle::{Turn, desired, live, turn, turn_of, verdict};
use memory::now;
use muster::apply::{Op, Step, schedule};
use muster::guard::approve;
use muster::kind::{Address, KindName};
use muster::plan::{Action, Plan, plan};
use muster::report::{Style, json, text};
use muster::sandbox::{Fault, Matcher, Versions, When};
use rival::{Around, Moment, Rival, contested};
use rng::Rng;
use seeds::{narrowed, share};
use serde_json::{Value, json};
use simulation::Simulation;
use watch::Watch;
use world::World;

const PROFILE: &str = "rfc7644";

/// Holds a law against every seed of the generated worlds.
fn law(name: &str, holds: impl Fn(u64) + Sync) {
    seeds::law(&format!("laws::{name}"), 1000, holds);
}

fn server(world: &World) -> Simulation {
    Simulation::new(&world.live, PROFILE)
}

fn planned(world: &World, server: &Simulation) -> Plan {
    let (live, _) = live(server, PROFILE).unwrap();
    plan(&desired(world), &live, now())
}

/// How many administrators the project of a world asks for.
fn at_least(world: &World) -> Option<usize> {
    let project = desired(world).project;
    (!project.administrators.groups.is_empty()).then_some(project.administrators.at_least as usize)
}

#[test]
fn law_01_a_plan_for_what_is_live_is_empty() {
    law("law_01", |seed| {
        let world = World::generate(seed).into_live();
        let plan = planned(&world, &server(&world));
        assert!(plan.is_empty(), "{:#?}", plan.changes);
    });
}

#[test]
fn law_02_after_an_apply_there_is_nothing_to_do() {
    let applied = AtomicUsize::new(0);
    law("law_02", |seed| {
        let world = World::generate(seed);
        let server = server(&world);
        if let Turn::Applied(_, _, outcome) = turn(&world, &server, PROFILE) {
            assert!(outcome.is_complete(), "{:#?}", outcome.receipts);
            let again = planned(&world, &server);
            assert!(again.is_empty(), "{:#?}", again.changes);
            applied.fetch_add(1, Ordering::Relaxed);
        }
    });
    let applied = applied.into_inner();
    assert!(
        narrowed() || applied > share(300),
        "only {applied} worlds were applied: the generator is off"
    );
}

#[test]
fn law_03_the_order_of_inputs_changes_nothing() {
    law("law_03", |seed| {
        let world = World::generate(seed).with_ids();
        let mut rng = Rng::new(seed ^ 0xabcd);
        let shown = |world: &World| {
            let plan = planned(world, &server(world));
            let verdict = verdict(&plan, &desired(world));
            let written = text::plan(&plan, &verdict, 0, Style::PLAIN);
            format!("{written}\n{}", json::plan(&plan, &verdict, 0))
        };
        let first = shown(&world);
        assert_eq!(first, shown(&world.reordered(&mut rng)));
    });
}

#[test]
fn law_04_creates_come_after_what_they_refer_to_and_deletes_before() {
    let together = AtomicUsize::new(0);
    law("law_04", |seed| {
        let world = World::generate(seed);
        let plan = planned(&world, &server(&world));
        let verdict = verdict(&plan, &desired(&world));
        let Ok(approved) = approve(plan, verdict) else { return };
        let steps = schedule(&approved);
        let before = ancestors(&steps);
        let made: BTreeMap<&Address, usize> = steps
            .iter()
            .filter(|step| matches!(step.op, Op::Create { .. }))
            .map(|step| (step.op.address(), step.id))
            .collect();
        for step in &steps {
            match &step.op {
                Op::AddMembers { group, users } => {
                    for needed in users.iter().chain([group]).filter_map(|end| made.get(end)) {
                        assert!(before[&step.id].contains(needed), "{step:#?}");
                    }
                }
                // Members travel with the group: they are made first, and administrators never do.
                Op::Create { address, members, .. } => {
                    let administrators = &approved.plan().administration.groups;
                    assert!(members.is_empty() || !administrators.contains(address.key()));
                    together.fetch_add(members.len(), Ordering::Relaxed);
                    for needed in members.iter().filter_map(|user| made.get(user)) {
                        assert!(before[&step.id].contains(needed), "{step:#?}");
                    }
                }
                Op::Delete { address, .. } => {
                    let removes = |other: &&Step| match &other.op {
                        Op::RemoveMembers { users, .. } => users.contains(address),
                        _ => false,
                    };
                    for other in steps.iter().filter(removes) {
                        assert!(before[&step.id].contains(&other.id), "{step:#?}");
                    }
                }
                _ => {}
            }
        }
    });
    assert!(narrowed() || together.into_inner() > 0, "no group was created with members");
}

/// Every step that must have ended before each step.
fn ancestors(steps: &[Step]) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut all: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let direct: BTreeMap<usize, Vec<usize>> = steps
        .iter()
        .map(|step| (step.id, step.after.iter().chain(&step.ends).copied().collect()))
        .collect();
    for step in steps {
        let mut seen = BTreeSet::new();
        let mut left = direct[&step.id].clone();
        while let Some(id) = left.pop() {
            if seen.insert(id) {
                left.extend(&direct[&id]);
            }
        }
        all.insert(step.id, seen);
    }
    all
}

#[test]
fn law_06_failed_or_killed_anywhere_a_new_run_converges() {
    law("law_06", |seed| {
        let world = World::generate(seed);
        let mut rng = Rng::new(seed ^ 0x6666);
        let smooth = server(&world);
        let Turn::Applied(_, _, outcome) = turn(&world, &smooth, PROFILE) else { return };
        assert!(outcome.is_complete(), "{:#?}", outcome.receipts);
        let rough = server(&world);
        if rng.chance(50) {
            rough.dies_after(1 + rng.below(smooth.writes().len() + 1), rng.chance(50));
        } else {
            trouble(&rough, &mut rng);
        }
        let _ = turn(&world, &rough, PROFILE);
        rough.revive();
        rough.with(|sandbox| sandbox.faults = Default::default());
        for _ in 0..4 {
            match turn(&world, &rough, PROFILE) {
                Turn::Applied(plan, _, _) if plan.is_empty() => break,
                Turn::Applied(..) => {}
                Turn::Unread(error) => panic!("{error}"),
                Turn::Refused(plan, verdict) => panic!("{:#?} {verdict:#?}", plan.changes),
            }
        }
        assert_eq!(rough.picture(), smooth.picture());
    });
}

/// A few faults of the kind that real servers have on writes and on reads.
fn trouble(server: &Simulation, rng: &mut Rng) {
    for _ in 0..1 + rng.below(3) {
        let fault = match rng.below(4) {
            0 => Fault::Status { code: 503, retry_after: None },
            1 => Fault::Late(500),
            2 => Fault::Lost,
            _ => Fault::Status { code: 429, retry_after: Some(1) },
        };
        let method = *rng.pick(&["POST", "PATCH", "DELETE", "PUT"]);
        let nth = 1 + rng.below(4) as u64;
        server.with(|sandbox| {
            sandbox.faults.push(Matcher::new(method, "/", When::Nth(nth)), fault, Some(1));
        });
    }
}

/// The server refuses one sort of write for good: what the guard counted on does not happen.
fn refusal(server: &Simulation, rng: &mut Rng) {
    let method = *rng.pick(&["POST", "PATCH", "PUT"]);
    let prefix = *rng.pick(&["/Users", "/Groups"]);
    let code = *rng.pick(&[400, 409, 422]);
    let first = 1 + rng.below(3) as u64;
    let fault = Fault::Status { code, retry_after: None };
    server.with(|sandbox| {
        sandbox.faults.push(Matcher::new(method, prefix, When::From(first)), fault, None);
    });
}

#[test]
fn law_08_every_step_has_one_receipt_and_every_change_a_step() {
    law("law_08", |seed| {
        let world = World::generate(seed);
        let mut rng = Rng::new(seed ^ 0x8888);
        let server = server(&world);
        trouble(&server, &mut rng);
        let Turn::Applied(plan, steps, outcome) = turn(&world, &server, PROFILE) else { return };
        let ids: BTreeSet<usize> = outcome.receipts.iter().map(|(step, _)| step.id).collect();
        assert_eq!(ids.len(), outcome.receipts.len(), "a step has two receipts");
        assert!(steps.iter().all(|step| ids.contains(&step.id)), "a step has none");
        let mut covered: Vec<Address> =
            outcome.receipts.iter().flat_map(|(step, _)| step.covers.clone()).collect();
        covered.sort();
        let mut changes: Vec<Address> =
            plan.changes.iter().map(|change| change.address.clone()).collect();
        changes.sort();
        assert_eq!(covered, changes);
    });
}

#[test]
fn law_09_a_faulted_read_never_removes_anything() {
    let faults = [
        Fault::Status { code: 401, retry_after: None },
        Fault::Status { code: 403, retry_after: None },
        Fault::Status { code: 404, retry_after: None },
        Fault::Status { code: 429, retry_after: None },
        Fault::Status { code: 500, retry_after: None },
        Fault::Status { code: 503, retry_after: None },
        Fault::Html,
        Fault::Empty,
        Fault::Truncated,
        Fault::Total(3),
        Fault::Total(-1),
        Fault::Duplicate(1),
        Fault::Overlap(1),
        Fault::Drift(1),
        Fault::Drift(-1),
        Fault::Hide(2),
        Fault::HostileIds,
        Fault::Short(1),
        Fault::Drop(1),
        Fault::Cut(40),
    ];
    law("law_09", |seed| {
        let world = World::generate(seed);
        let smooth = server(&world);
        smooth.with(|sandbox| sandbox.personality.paging.cap = Some(4));
        let wanted = planned(&world, &smooth);
        let removals = |plan: &Plan| -> BTreeSet<Address> {
            let gone = plan
                .changes
                .iter()
                .filter(|change| change.removes || change.action == Action::Delete);
            gone.map(|change| change.address.clone()).collect()
        };
        let meant = removals(&wanted);
        let mut rng = Rng::new(seed ^ 0x9999);
        let fault = rng.pick(&faults).clone();
        let nth = 1 + rng.below(smooth.reads()) as u64;
        let times = 1 + rng.below(6) as u32;
        let rough = server(&world);
        rough.with(|sandbox| {
            sandbox.personality.paging.cap = Some(4);
            sandbox.faults.push(
                Matcher::new("GET", "/", When::From(nth)),
                fault.clone(),
                Some(times),
            );
        });
        match turn(&world, &rough, PROFILE) {
            Turn::Unread(_) => assert!(rough.writes().is_empty()),
            Turn::Refused(..) => assert!(rough.writes().is_empty()),
            Turn::Applied(plan, ..) => {
                let more: Vec<_> = removals(&plan).difference(&meant).cloned().collect();
                assert!(more.is_empty(), "{fault:?} at read {nth} removes {more:?}");
            }
        }
    });
}

#[test]
fn law_10_and_11_no_step_breaks_an_invariant_or_leaves_the_jurisdiction() {
    law("law_10", |seed| {
        let world = World::generate(seed);
        let mut rng = Rng::new(seed ^ 0x1010);
        let server = server(&world);
        let state = server.state();
        server.watched(Watch::new(&state, at_least(&world)));
        match rng.below(3) {
            0 => trouble(&server, &mut rng),
            1 => refusal(&server, &mut rng),
            _ => {}
        }
        let _ = turn(&world, &server, PROFILE);
        assert!(server.violations().is_empty(), "{:#?}", server.violations());
        for write in server.writes() {
            assert!(
                !write.contains("\"op\": String(\"replace\"), \"path\": String(\"members\")"),
                "{write}"
            );
        }
    });
}

/// Right before each write somebody else writes what no plan names.
fn beside(path: &[String]) -> Option<Value> {
    let replace = |path, value| json!({"op": "replace", "path": path, "value": value});
    let operations = match path[0].as_str() {
        "Users" => json!([replace("nickName", "Z"), replace("name.givenName", "H")]),
        _ => json!([replace("externalId", "another"), {"op": "add", "path": "members",
            "value": [{"value": OUTSIDER}]}]),
    };
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    Some(json!({"schemas": schemas, "Operations": operations}))
}

const OUTSIDER: &str = "users-somebody-else";

#[test]
fn law_13_what_somebody_else_writes_at_the_same_moment_stays() {
    let stayed = AtomicUsize::new(0);
    law("law_13", |seed| {
        let mut world = World::generate(seed);
        world.live["users"].as_array_mut().unwrap().push(json!({
            "id": OUTSIDER, "userName": "somebody@elsewhere.example", "active": true
        }));
        let server = server(&world);
        server.with(|sandbox| sandbox.personality.meta.versions = Versions::None);
        server.meddled_with(beside);
        let _ = turn(&world, &server, PROFILE);
        for (path, body) in server.meddled() {
            let Some(now) = server.says(&path) else { continue };
            stayed.fetch_add(1, Ordering::Relaxed);
            if path[0] == "Users" {
                assert_eq!(
                    (&now["nickName"], &now["name"]["givenName"]),
                    (&json!("Z"), &json!("H"))
                );
            } else {
                assert_eq!(now["externalId"], "another", "{now} {body}");
                let is_outsider = |one: &Value| one["value"] == OUTSIDER;
                assert!(now["members"].as_array().unwrap().iter().any(is_outsider), "{now}");
            }
        }
    });
    assert!(narrowed() || stayed.into_inner() > share(1000), "the generator is off");
}

#[test]
fn law_12_others_may_take_administrators_away_meanwhile() {
    let [dips, lowered] = [(); 2].map(|()| AtomicUsize::new(0));
    law("law_12", |seed| {
        let mut rng = Rng::new(seed ^ 0x1212);
        let margin = rng.below(3);
        let (world, least) = contested(&mut rng, margin);
        let smooth = server(&world);
        let refused = !matches!(turn(&world, &smooth, PROFILE), Turn::Applied(..));
        if refused {
            return;
        }
        let (reads, writes) = (smooth.reads(), smooth.writes().len());
        let server = server(&world);
        let extra = rng.below(2);
        let mut moment = || match rng.chance(30) {
            true => Moment::Request(1 + rng.below(reads + writes)),
            false => Moment::Write(1 + rng.below(writes.max(1))),
        };
        let foreign = (0..1 + margin + extra).map(|_| moment()).collect();
        server.with_rival(Rival::new(foreign, Rng::new(seed)));
        // One step at a time: what others do between two writes is what no proof can see.
        let _ = turn_of(&world, &server, PROFILE, 1);
        let writes = server.rivalry();
        let lowers = |one: &&Around| one.after < one.before;
        lowered.fetch_add(writes.iter().filter(lowers).count(), Ordering::Relaxed);
        let dips_at = |one: &Around| one.after < one.before && one.after < least;
        let Some(at) = writes.iter().position(dips_at) else { return };
        dips.fetch_add(1, Ordering::Relaxed);
        let dip = writes[at];
        assert!(dip.taken > margin, "{dip:?} of {writes:?}, margin {margin}");
        let given_back = writes[at + 1..].iter().any(|later| later.after > later.before);
        assert!(given_back, "{dip:?} of {least} at write {at} of {writes:?}");
    });
    let [dips, lowered] = [dips, lowered].map(AtomicUsize::into_inner);
    assert!(narrowed() || (dips > 0 && lowered > share(100)), "{dips} dips, {lowered} lowered");
}

#[test]
fn worlds_have_every_kind_of_change() {
    let mut seen: BTreeSet<(KindName, &str)> = BTreeSet::new();
    for seed in 0..200 {
        let world = World::generate(seed);
        for change in planned(&world, &server(&world)).changes {
            let action = match (change.action, change.removes) {
                (Action::Create, _) => "create",
                (Action::Update, true) => "deactivate",
                (Action::Update, false) => "update",
                (Action::Delete, _) => "delete",
            };
            seen.insert((change.kind(), action));
        }
    }
    let expected = [
        (KindName::User, "create"),
        (KindName::User, "update"),
        (KindName::User, "deactivate"),
        (KindName::User, "delete"),
        (KindName::Group, "create"),
        (KindName::Group, "update"),
        (KindName::Group, "delete"),
        (KindName::Membership, "create"),
        (KindName::Membership, "delete"),
    ];
    for one in expected {
        assert!(seen.contains(&one), "no world has {one:?}; seen: {seen:?}");
    }
}
