//! A second writer, who takes administrators away while a run goes on.

use muster::provider::{Method, Request};
use muster::sandbox::{Sandbox, State};
use serde_json::{Value, json};

use super::memory::{answer, now};
use super::rng::Rng;
use super::watch::{administrators, administrators_groups};
use super::world::{WAIVERS, World};

/// A small organization that takes as many administrators away as its guard allows: so many must
/// remain, with a margin for others.
pub(crate) fn contested(rng: &mut Rng, margin: usize) -> (World, usize) {
    const PEOPLE: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let live = 3 + rng.below(3);
    let (stay, joins) = (1 + rng.below(live - 1), rng.below(2));
    let name = |at: usize| format!("{}@example.com", PEOPLE[at]);
    let is_in = |at: usize, group: usize| at < live && (group == at % 2 || at.is_multiple_of(3));
    let member = |at: usize| json!({ "value": format!("users-{}", name(at)) });
    let groups = ["admins", "old admins"];
    let group = |at: usize| {
        let members: Vec<Value> = (0..6).filter(|one| is_in(*one, at)).map(member).collect();
        json!({ "displayName": groups[at], "members": members, "id": format!("groups-{at}") })
    };
    let user =
        |at| json!({ "userName": name(at), "active": true, "id": format!("users-{}", name(at)) });
    let seed = json!({ "users": (0..6).map(user).collect::<Vec<_>>(),
        "groups": [group(0), group(1)] });
    let mut files = String::from("users:\n");
    let goes = *rng.pick(&["report", "deactivate", "delete"]);
    let declares = |at: &usize| goes == "report" || *at < stay || *at >= live;
    (0..6)
        .filter(declares)
        .for_each(|at| files += &format!("  {}: {{ active: true }}\n", name(at)));
    files += "groups:\n";
    for (at, group) in groups.iter().enumerate() {
        let stays = (0..stay).filter(|one| is_in(*one, at));
        let members: Vec<String> = stays.chain(live..live + joins).map(name).collect();
        files += &format!("  {group}: {{ members: [{}] }}\n", members.join(", "));
    }
    let after = stay + joins.min(6 - live);
    let at_least = (live.min(after)).saturating_sub(margin + rng.below(2)).max(1);
    let all = "{ remove: \"100%\", update: \"100%\" }";
    let project = format!(
        "organization: contested
target: {{ provider: sandbox }}
manage:
  users: {{ domains: [example.com], onRemove: {goes} }}
  groups: {{ names: [\"*\"] }}
administrators: {{ groups: [admins, \"old admins\"], atLeast: {at_least}, margin: {margin} }}
limits: {{ users: {all}, groups: {all}, memberships: {all} }}
"
    );
    let files = vec![("people.yaml".to_owned(), files + WAIVERS)];
    (World { live: seed, project, files }, at_least)
}

/// A moment of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before this request of ours, by number.
    Request(usize),
    /// Before this write of ours: after all that was read for it.
    Write(usize),
}

/// Takes away an administrator before some of the requests.
pub(crate) struct Rival {
    at: Vec<Moment>,
    requests: usize,
    sent: usize,
    rng: Rng,
    /// How many administrators were taken away since our last write.
    taken: usize,
    /// Our writes.
    pub(crate) writes: Vec<Around>,
}

/// The administrators around one of our writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    /// How many there were before it.
    pub(crate) before: usize,
    /// How many there were after it.
    pub(crate) after: usize,
    /// How many the rival took away since the write before it.
    pub(crate) taken: usize,
}

impl Rival {
    pub(crate) fn new(at: Vec<Moment>, rng: Rng) -> Self {
        Self { at, requests: 0, sent: 0, rng, taken: 0, writes: vec![] }
    }

    /// Lets the rival act before the request, and answers with how many administrators there are.
    pub(crate) fn before(&mut self, sandbox: &mut Sandbox, is_write: bool) -> usize {
        self.requests += 1;
        self.sent += usize::from(is_write);
        let (request, write) = (Moment::Request(self.requests), Moment::Write(self.sent));
        let is_now = |at: &&Moment| **at == request || (is_write && **at == write);
        for _ in self.at.iter().filter(is_now) {
            if take_one(sandbox, &mut self.rng) {
                self.taken += 1;
            }
        }
        administrators(&sandbox.state).len()
    }

    /// Takes note of a write of ours.
    pub(crate) fn after(&mut self, sandbox: &Sandbox, before: usize) {
        let after = administrators(&sandbox.state).len();
        self.writes.push(Around { before, after, taken: std::mem::take(&mut self.taken) });
    }
}

/// Switches off an administrator, or takes one out of the groups.
fn take_one(sandbox: &mut Sandbox, rng: &mut Rng) -> bool {
    let people: Vec<String> = administrators(&sandbox.state).into_iter().collect();
    if people.is_empty() {
        return false;
    }
    let name = rng.pick(&people).clone();
    let Some(id) = sandbox.state.user_named(&name).map(|user| user.id().to_owned()) else {
        return false;
    };
    if rng.chance(50) {
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        return patch(sandbox, &["Users", &id], &off);
    }
    let gone = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    let groups = groups(&sandbox.state);
    groups.iter().all(|group| patch(sandbox, &["Groups", group], &gone))
}

fn groups(state: &State) -> Vec<String> {
    administrators_groups(state).map(|group| group.id().to_owned()).collect()
}

fn patch(sandbox: &mut Sandbox, path: &[&str], operations: &Value) -> bool {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    let body = json!({"schemas": schemas, "Operations": operations});
    let request = Request::new(Method::Patch, path).with_body(body);
    answer(sandbox, &request, now()).is_ok_and(|answer| answer.status < 300)
}
