//! Muster's own access: every prefix of a plan about the ways by which its account holds a role,
//! beside somebody else who takes these ways away.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::executor::block_on;
use muster::apply::{Known, NoJournal, RunOptions, run, schedule};
use muster::config::{Desired, SourceText, parse};
use muster::guard::approve;
use muster::kind::{Address, Family};
use muster::live::RemoteId;
use serde_json::{Value, json};

use super::super::memory::{Twin, WORKSPACES};
use super::super::seeds::{self, narrowed, share};
use super::super::turn::{planned, verdict};
use super::case::{ADMINS, BY_GROUP, DIRECT, NAMED, OPERATORS, ROLE, Ways};
use super::model::{Modelled, Server, Way, is_of, text};
use super::sight::Sight;
use super::witness::{Deed, Moment, Place, Route, Target, Witness};

const OWN: &str = "robot@acme.example";
/// Administrators, of whom enough remain whatever becomes of muster.
const BOSSES: [&str; 3] = ["one@acme.example", "two@acme.example", "three@acme.example"];

/// What the files change about one of two groups that hold the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Nothing,
    Leaves,
    RoleGoes,
    RoleNarrowed,
    GroupGoes,
}

const CHANGES: [Change; 5] =
    [Change::Nothing, Change::Leaves, Change::RoleGoes, Change::RoleNarrowed, Change::GroupGoes];

/// The ways by which muster holds the role, and what becomes of both groups.
#[derive(Clone, Copy, Debug)]
struct Case {
    ways: Ways,
    changes: [Change; 2],
    margin: usize,
}

impl Case {
    fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for ways in 1..8 {
            for one in CHANGES {
                for other in CHANGES {
                    let changes = [one, other];
                    cases.extend((0..=2).map(|margin| Self { ways, changes, margin }));
                }
            }
        }
        // Every sort of them early.
        let count = cases.len();
        (0..count).map(|at| cases[at * 101 % count]).collect()
    }

    fn groups(self) -> [(&'static str, Ways, Change); 2] {
        [(ADMINS, NAMED, self.changes[0]), (OPERATORS, BY_GROUP, self.changes[1])]
    }

    fn seed(self) -> Value {
        let user = |name: &str| json!({ "userName": name, "source": "Local", "active": true });
        let role = |who: String| json!({ "workspace": "prod", "principal": who, "role": ROLE });
        let boss = |name: &str| {
            json!({ "workspace": "lab", "principal": format!("user:{name}"),
            "role": "ccs.account-admin" })
        };
        let mut roles: Vec<Value> = BOSSES.iter().map(|name| boss(name)).collect();
        let mut groups = Vec::new();
        for (name, way, _) in self.groups() {
            let own = (self.ways & way != 0).then_some(OWN);
            let members: Vec<&str> = own.into_iter().chain(["staff@acme.example"]).collect();
            groups.push(json!({ "displayName": name, "members": members }));
            roles.push(role(format!("group:{name}")));
        }
        if self.ways & DIRECT != 0 {
            roles.push(role(format!("user:{OWN}")));
        }
        let people = [OWN, "staff@acme.example"].into_iter().chain(BOSSES);
        let users: Vec<Value> = people.map(user).collect();
        let clients = WORKSPACES.map(|(name, _)| {
            let mut client = json!({ "id": format!("c-{name}"), "secret": format!("s-{name}"),
                "workspace": name });
            client["principal"] = json!(format!("user:{OWN}"));
            client
        });
        json!({
            "provider": "greenlake",
            "organization": { "name": "acme" },
            "workspaces": WORKSPACES.map(|(name, id)| json!({ "id": id, "name": name })),
            "clients": clients,
            "users": users,
            "groups": groups,
            "scopeGroups": [{ "workspace": "prod", "name": "fleet" }],
            "assignments": roles,
        })
    }

    fn desired(self) -> Desired {
        let mut text = format!(
            "users: {{ {OWN}: {{}}, staff@acme.example: {{}}, {}: {{}} }}\n\
             groups:\n  everybody: {{ members: [] }}\n",
            BOSSES.join(": {}, ")
        );
        let boss = |name: &&str| {
            format!("  - {{ role: ccs.account-admin, user: {name}, workspace: lab }}\n")
        };
        let mut roles = format!("bindings:\n{}", BOSSES.iter().map(boss).collect::<String>());
        for (name, way, change) in self.groups() {
            if change == Change::GroupGoes {
                continue;
            }
            let stays = self.ways & way != 0 && change != Change::Leaves;
            let own = if stays { format!(", {OWN}") } else { String::new() };
            text += &format!("  {name}: {{ members: [staff@acme.example{own}] }}\n");
            let scope = if change == Change::RoleNarrowed { ", scope: [fleet]" } else { "" };
            if change != Change::RoleGoes {
                roles +=
                    &format!("  - {{ role: {ROLE}, group: {name}, workspace: prod{scope} }}\n");
            }
        }
        let of =
            |name: &str, text: String| SourceText { name: name.into(), bytes: text.into_bytes() };
        let people = super::case::Case {
            people: vec![],
            whole: super::case::Whole::Nothing,
            at_least: 1,
            margin: self.margin,
            deactivates: false,
        };
        // Only what becomes of muster's own account matters here.
        let project = people.project("").replace(
            &format!("  groups: [{ADMINS}]\n  roles: [{ROLE}]\n  atLeast: 1\n"),
            "  roles: [ccs.account-admin]\n  atLeast: 1\n",
        );
        let files = [of("identity/all.yaml", text + &roles + super::case::WAIVERS)];
        parse(&of("muster.yaml", project), &files, 1)
            .map(|(desired, _)| desired)
            .unwrap_or_else(|problems| panic!("{:#?}", problems.sorted()))
    }
}

/// The provider, whose sight is of muster's own account alone: by the first group, by the second,
/// and by a role of its own.
#[derive(Clone)]
struct Own(Server);

impl Modelled for Own {
    fn server(&mut self) -> &mut Server {
        &mut self.0
    }
}

impl Own {
    fn id(&self, family: Family, name: &str) -> Option<RemoteId> {
        self.0.named(family, name).map(|one| one.id.clone())
    }
}

impl Target for Own {
    fn sight(&self) -> Sight {
        let mut sight = Sight::default();
        let Some(own) = self.id(Family::Subject, OWN) else { return sight };
        sight.person(OWN, true);
        let is_whole = |scope: Option<&Value>| {
            scope
                .and_then(Value::as_array)
                .is_none_or(|all| all.iter().any(|one| one == "workspace"))
        };
        let held = self.0.all(Family::Grant).filter(|one| text(one, "role") == ROLE);
        for role in held.filter(|one| is_whole(one.fields.get("scope"))) {
            let (family, name) = text(role, "principal").split_once('/').unwrap();
            let group = self.0.named(Family::Group, name).filter(|_| family == "group");
            let mut members = group.into_iter().flat_map(|group| group.members.iter().flatten());
            match name {
                OWN => sight.add(OWN, DIRECT),
                ADMINS if members.any(|member| is_of(member, &own)) => sight.add(OWN, NAMED),
                OPERATORS if members.any(|member| is_of(member, &own)) => sight.add(OWN, BY_GROUP),
                _ => {}
            }
        }
        sight
    }

    /// Takes one way: that of the first group by three routes, that of the second by three, and
    /// the own role.
    fn strike(&mut self, route: Route, _: &str) {
        let group = match route {
            Route::Off | Route::AdminsGo | Route::AdminsRenamed => ADMINS,
            _ => OPERATORS,
        };
        let (own, id) = (self.id(Family::Subject, OWN), self.id(Family::Group, group));
        match (route, own, id) {
            (Route::Deleted, ..) => self.0.revoke(&Address::user(OWN)),
            (Route::RoleGoes | Route::AdminsRenamed, ..) => self.0.revoke(&Address::group(group)),
            (Route::Leaves | Route::Off, Some(own), Some(id)) => self.0.leave(&id, &own),
            (Route::OperatorsGo | Route::AdminsGo, _, Some(id)) => {
                self.0.delete(Family::Group, &id);
            }
            (_, _, _) => {}
        }
    }

    fn refuse(&mut self, place: Place<'_>) {
        self.0.refuse(place);
    }

    fn lose(&mut self) {
        self.0.lose();
    }
}

/// How many runs there were, and in how many of them muster lost its role by its own write.
#[derive(Default)]
struct Seen {
    approved: AtomicUsize,
    runs: AtomicUsize,
    dips: AtomicUsize,
}

fn hold(case: Case, seen: &Seen) {
    let desired = case.desired();
    let (plan, _, live) = planned(&desired, &Twin::new(&case.seed()));
    let verdict = verdict(&plan, &desired);
    let Ok(approved) = approve(plan, verdict) else { return };
    seen.approved.fetch_add(1, Ordering::Relaxed);
    let server = Own(Server::of(&live));
    let stop = AtomicBool::new(false);
    let options = RunOptions { concurrency: 1, stop: &stop };
    let go = |witness: Witness| {
        let way = Way(Mutex::new((server.clone(), witness)));
        let known = Known::of(approved.plan(), &live);
        let outcome = block_on(run(schedule(&approved), known, &way, &NoJournal, options));
        let (end, witness) = way.0.into_inner().unwrap();
        seen.runs.fetch_add(1, Ordering::Relaxed);
        let ways = |sight: &Sight| sight.0.get(OWN).map_or(0, |held| held.ways);
        for around in &witness.around {
            let [last, before, after] = [&around.last, &around.before, &around.after].map(ways);
            if before == 0 || after != 0 {
                continue;
            }
            seen.dips.fetch_add(1, Ordering::Relaxed);
            let taken = (last & !before).count_ones() as usize;
            let what = || format!("{} {case:?} {} {outcome:#?}", around.request, witness.shown());
            assert!(taken > case.margin, "muster lost its own role after {}", what());
            assert!(outcome.halted.is_some() && !outcome.is_complete(), "no 6 after {}", what());
            assert!(ways(&end.sight()) & before != 0, "not given back after {}", what());
        }
        assert!(!witness.is_calm() || outcome.is_complete(), "{case:?} {outcome:#?}");
        witness
    };
    let smooth = go(Witness::default());
    let deed = |at, route| Deed { at, route, times: 1, backwards: false };
    for (number, route) in Route::ALL.into_iter().enumerate() {
        for request in 1..=smooth.requests {
            go(Witness::default().beside(deed(Moment::Request(request), route)));
        }
        for write in 1..=smooth.writes {
            for other in &Route::ALL[number + 1..] {
                let both = [route, *other].map(|route| deed(Moment::Write(write), route));
                go(both.into_iter().fold(Witness::default(), Witness::beside));
            }
        }
    }
    (1..=smooth.writes).for_each(|write| drop(go(Witness::default().refusing(write))));
}

#[test]
fn every_prefix_keeps_the_access_of_muster_itself() {
    let (seen, cases) = (Seen::default(), Case::all());
    seeds::law("greenlake_laws::prefix::own", cases.len(), |number| {
        hold(cases[usize::try_from(number).unwrap() % cases.len()], &seen);
    });
    let seen = [seen.approved, seen.runs, seen.dips].map(AtomicUsize::into_inner);
    let is_enough = seen.iter().zip([200, 15_000, 200]).all(|(seen, least)| *seen >= share(least));
    assert!(narrowed() || is_enough, "{seen:?}: the cases are off");
}
