//! The proving ground: several runs of muster one after another, with crashes, a clock that jumps,
//! and somebody else who writes anything between two requests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::executor::block_on;
use jiff::SignedDuration;
use muster::apply::{Entry, Journal, Known, RunOptions, run, schedule};
use muster::guard::approve;
use muster::kind::{Address, KindName};
use muster::plan::plan;
use muster::provider::scim::ScimWriter;
use muster::provider::{Method, Request};
use muster::sandbox::{Sandbox, State};
use serde_json::{Value, json};

use super::cycle::{Turn, desired, live, turn, verdict};
use super::memory::{answer, now};
use super::rng::Rng;
use super::seeds::{self, narrowed, share};
use super::simulation::{Simulation, picture};
use super::watch::{Watch, administrators};
use super::world::World;
use super::{PROFILE, at_least, server};

/// The events, in order.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// The journal has it that a step begins.
    Begun(Address),
    /// The journal has it that a step ended.
    Ended,
    /// A write of ours had an effect.
    Wrote(Wrote),
    /// Somebody else wrote something.
    Meddled,
    /// Somebody else deleted something.
    Deleted,
}

/// The effect of a write of ours.
#[derive(Clone, Debug)]
pub(crate) struct Wrote {
    request: String,
    path: Vec<String>,
    made: Option<String>,
    broken: Vec<String>,
    /// The number of administrators before and after it.
    administrators: (usize, usize),
}

impl Event {
    /// The effect of a request of ours; `None`: there was none.
    pub(crate) fn of(request: &Request, before: &State, after: &State) -> Option<Self> {
        if picture(before) == picture(after) {
            return None;
        }
        let mut watch = Watch::new(before, None);
        watch.look(after, &request.shown());
        let body = request.body.as_ref().filter(|_| request.method == Method::Post);
        let name = body.and_then(|body| body["userName"].as_str().or(body["displayName"].as_str()));
        let made = name.map(str::to_lowercase);
        let administrators = (administrators(before).len(), administrators(after).len());
        let (request, path) = (request.shown(), request.path.clone());
        Some(Self::Wrote(Wrote { request, path, made, broken: watch.violations, administrators }))
    }
}

/// Somebody who writes whatever comes to mind.
pub(crate) struct Stranger {
    pub(crate) rng: Rng,
    /// The frequency, of a hundred requests of ours.
    pub(crate) percent: usize,
}

impl Stranger {
    /// Writes something, or nothing.
    pub(crate) fn act(&mut self, sandbox: &mut Sandbox) -> Vec<Event> {
        let rng = &mut self.rng;
        if !rng.chance(self.percent) {
            return Vec::new();
        }
        let ours = |name: &str| name.ends_with("@example.com") && !name.starts_with("bg-");
        let state = &sandbox.state;
        let users = state.users().filter(|user| ours(user.name()));
        let users: Vec<String> = users.map(|user| user.id().to_owned()).collect();
        let groups =
            state.groups().filter(|group| !["vault", "legacy-wiki"].contains(&group.name()));
        let groups: Vec<String> = groups.map(|group| group.id().to_owned()).collect();
        if users.is_empty() || groups.is_empty() {
            return Vec::new();
        }
        let (user, group, number) = (rng.pick(&users), rng.pick(&groups), rng.below(1000));
        let replace =
            |path: &str, value: Value| json!([{ "op": "replace", "path": path, "value": value }]);
        let patch = |path: [&str; 2], operations: Value| {
            let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
            let body = json!({ "schemas": schemas, "Operations": operations });
            Request::new(Method::Patch, &path).with_body(body)
        };
        let member = json!([{ "value": user }]);
        let request = match rng.below(8) {
            0 => Request::new(Method::Post, &["Users"]).with_body(json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": rng.pick(&["ada@example.com", "joe@example.com", "new@example.com"]),
            })),
            1 => Request::new(Method::Delete, &["Users", user]),
            2 => Request::new(Method::Delete, &["Groups", group]),
            3 => patch(["Users", user], replace("active", rng.chance(50).into())),
            4 => {
                patch(["Users", user], replace("userName", format!("r{number}@example.com").into()))
            }
            5 => patch(["Groups", group], replace("displayName", format!("R{number}").into())),
            6 => patch(
                ["Groups", group],
                json!([{ "op": "add", "path": "members", "value": member }]),
            ),
            _ => {
                let path = format!("members[value eq \"{user}\"]");
                patch(["Groups", group], json!([{ "op": "remove", "path": path }]))
            }
        };
        let _ = answer(sandbox, &request, now());
        let is_deletion = request.method == Method::Delete;
        let deleted = is_deletion.then_some(Event::Deleted);
        [Event::Meddled].into_iter().chain(deleted).collect()
    }
}

struct Told<'a>(&'a Simulation);

impl Journal for Told<'_> {
    fn record(&self, entry: &Entry) -> Result<(), String> {
        match entry {
            Entry::Step { address, .. } => self.0.tell(Event::Begun(address.clone())),
            Entry::Receipt { .. } => self.0.tell(Event::Ended),
            _ => {}
        }
        Ok(())
    }
}

/// One run, and what of it is wrong. Whether it wrote anything.
fn one(world: &World, server: &Simulation, hours: i64) -> bool {
    let desired = desired(world);
    let Ok((live, stats)) = live(server, PROFILE) else { return false };
    let at = now() + SignedDuration::from_hours(hours);
    let plan = plan(&desired, &live, at);
    let verdict = verdict(&plan, &desired);
    let Ok(approved) = approve(plan, verdict) else { return false };
    server.events();
    let stop = AtomicBool::new(false);
    let options = RunOptions { concurrency: 1, stop: &stop };
    let known = Known::of(approved.plan(), &live);
    let writer = ScimWriter::new(server, stats.dialect);
    let outcome = block_on(run(schedule(&approved), known, &writer, &Told(server), options));
    let events = server.events();
    let least = at_least(world);
    let mut under_way: Option<Address> = None;
    // Whether somebody else wrote since our last write: no margin is asked for.
    let mut is_meddled_with = false;
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    let deleted = events.iter().filter(|event| matches!(event, Event::Deleted)).count();
    for event in &events {
        match event {
            Event::Begun(address) => under_way = Some(address.clone()),
            Event::Ended => under_way = None,
            Event::Deleted => {}
            Event::Meddled => is_meddled_with = true,
            Event::Wrote(wrote) => {
                let Wrote { request, path, made: name, broken, administrators } = wrote;
                assert!(broken.is_empty(), "{broken:?}");
                let (had, has) = *administrators;
                let too_few = least.is_some_and(|least| has < had && has < least);
                assert!(!too_few || is_meddled_with, "{request} leaves {has} administrators");
                is_meddled_with = false;
                let step = under_way.as_ref();
                let step = step.unwrap_or_else(|| panic!("no step began: {request}"));
                let plan = approved.plan();
                let is_planned = |address: &Address| {
                    address == step || address.ends().is_some_and(|(group, _)| group == *step)
                };
                let mut planned = plan.changes.iter().map(|change| &change.address);
                let takes_back = outcome.halted.is_some();
                assert!(planned.any(is_planned) || takes_back, "{request} is not in the plan");
                let kind = if step.kind() == KindName::User { "Users" } else { "Groups" };
                assert_eq!(path[0], kind, "{request} for {step}");
                match (name, plan.ids.get(step), path.get(1)) {
                    (Some(name), _, _) => {
                        assert_eq!(name, step.key().as_str(), "{request}");
                        *made.entry(format!("{kind} {name}")).or_default() += 1;
                    }
                    (None, Some(id), Some(path)) => assert_eq!(id.as_str(), path, "{request}"),
                    _ => {}
                }
            }
        }
    }
    let twice = made.iter().find(|(_, times)| **times > 1 + deleted);
    assert!(twice.is_none(), "made more than once: {twice:?}");
    events.iter().any(|event| matches!(event, Event::Wrote(_)))
}

#[test]
fn several_runs_with_crashes_jumps_of_the_clock_and_a_stranger() {
    let [wrote, converged] = [(); 2].map(|()| AtomicUsize::new(0));
    // A seed is four runs of muster, each with a crash or a stranger: dear without optimization.
    let tried = if cfg!(feature = "broad") { 10_000 } else { 2_000 };
    seeds::law("laws::ground::several_runs", tried, |seed| {
        let world = World::generate(seed);
        let mut rng = Rng::new(seed ^ 0x6060);
        let smooth = server(&world);
        let is_silent = rng.chance(40);
        let is_clear = matches!(turn(&world, &smooth, PROFILE), Turn::Applied(..));
        let rough = server(&world);
        let percent = if is_silent { 0 } else { 1 + rng.below(12) };
        rough.with_stranger(Stranger { rng: Rng::new(seed), percent });
        for last in [false, false, true, true] {
            if !last && rng.chance(70) {
                rough.dies_after(1 + rng.below(8), rng.chance(50));
            }
            let hours = rng.below(2000) as i64 - 1000;
            wrote.fetch_add(usize::from(one(&world, &rough, hours)), Ordering::Relaxed);
            rough.revive();
        }
        if is_silent && is_clear {
            assert_eq!(rough.picture(), smooth.picture());
            converged.fetch_add(1, Ordering::Relaxed);
        }
    });
    let seen = [wrote, converged].map(AtomicUsize::into_inner);
    assert!(
        narrowed() || seen.iter().all(|count| *count > share(tried) / 10),
        "{seen:?}: the generator is off"
    );
}
