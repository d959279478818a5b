//! What gives nobody anything changes neither who gains and loses what, nor the verdict: whatever
//! attribute of whoever is edited in the files beside a change.
//!
//! Organizations are generated as a listing and as files, on a target like HPE GreenLake (roles,
//! `status`, no kept `active`), on the same with `active` kept, and on a plain SCIM server. Of each
//! plan it is also worked out independently who holds what.

use std::collections::{BTreeMap, BTreeSet};

use muster::config::{Desired, SourceText, parse};
use muster::guard::input::{Asked, Document};
use muster::guard::rego::Outline;
use muster::guard::{PolicyResults, Regime, Verdict, builtin, judge};
use muster::kind::{BindingSpec, Key, KindName, Principal};
use muster::live::{
    AccountStatus, Capabilities, Listing, Live, Member, Object, Page, Partial, RemoteId, Seen,
};
use muster::plan::access::{Holding, holdings};
use muster::plan::{Plan, plan};
use muster::provider::scim::Dialect;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use super::super::support::seeds::share;
use super::{ask, bounds, holders, muster};

/// Generated organizations, judged by the code and by all rules.
const CASES: [u32; 2] = [share(2048) as u32, share(160) as u32];

const PEOPLE: usize = 5;
const GROUPS: usize = 3;
const ROLES: [&str; 2] = ["admin", "observer"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Greenlake,
    GreenlakeKeepingActive,
    Scim,
}

/// How an account is shown, and whether and how it is declared.
#[derive(Clone, Debug)]
struct Person {
    shown: Option<(Option<bool>, Option<AccountStatus>)>,
    declared: bool,
    active: Option<bool>,
}

#[derive(Clone, Debug)]
struct Team {
    live: bool,
    declared: bool,
    exact: bool,
    members: BTreeSet<usize>,
    wanted: BTreeSet<usize>,
    /// A group that is a member of it.
    nested: Option<usize>,
}

/// A role of a group or of a person, as it is and as it is to be.
#[derive(Clone, Debug)]
struct Role {
    holder: usize,
    role: usize,
    is: Option<bool>,
    wanted: Option<bool>,
}

/// An attribute of a person or a group that is edited.
type Edit = (usize, usize);

#[derive(Clone, Debug)]
struct World {
    target: Target,
    on_remove: &'static str,
    people: Vec<Person>,
    groups: Vec<Team>,
    roles: Vec<Role>,
    actor: usize,
    edits: BTreeSet<Edit>,
}

/// Attributes of people that give nobody anything.
const OF_PEOPLE: [&str; 7] = [
    "displayName: Another Name",
    "name: { givenName: Another, familyName: Name }",
    "title: Astronaut",
    "emails: [{ value: another@acme.example }]",
    "externalId: X-NUMBER",
    "countryCode: FR",
    "nickName: Al",
];
/// The same of groups.
const OF_GROUPS: [&str; 2] = ["description: Another", "externalId: G-NUMBER"];

fn person(target: Target) -> impl Strategy<Value = Person> {
    let greenlake = prop_oneof![
        4 => Just((Some(true), Some(AccountStatus::Active))),
        3 => Just((Some(false), Some(AccountStatus::Invited))),
        2 => Just((Some(false), Some(AccountStatus::Closed))),
        1 => Just((Some(false), Some(AccountStatus::Active))),
        1 => Just((Some(false), Some(AccountStatus::Other))),
        1 => Just((Some(false), None)),
        1 => Just((None, None)),
    ];
    let scim = prop_oneof![3 => Just(Some(true)), 2 => Just(Some(false)), 1 => Just(None)];
    let shown = match target {
        Target::Greenlake | Target::GreenlakeKeepingActive => greenlake.boxed(),
        Target::Scim => scim.prop_map(|active| (active, None)).boxed(),
    };
    let says_active = match target {
        Target::Greenlake => Just(None).boxed(),
        _ => prop::option::weighted(0.3, any::<bool>()).boxed(),
    };
    let shown = prop::option::weighted(0.85, shown);
    (shown, prop::bool::weighted(0.8), says_active).prop_map(|(shown, declared, active)| Person {
        shown,
        declared,
        active,
    })
}

fn team() -> impl Strategy<Value = Team> {
    let some = || prop::collection::btree_set(0..PEOPLE, 0..=PEOPLE);
    let nested = prop::option::weighted(0.8, 1..GROUPS);
    (any::<(bool, bool, bool)>(), some(), some(), nested).prop_map(
        |((live, declared, exact), members, wanted, nested)| Team {
            live: live || !declared,
            declared,
            exact,
            members,
            wanted,
            nested,
        },
    )
}

fn role() -> impl Strategy<Value = Role> {
    let scope = || prop::option::weighted(0.6, prop::bool::weighted(0.2));
    let holder = prop_oneof![3 => 0..GROUPS, 1 => GROUPS..GROUPS + PEOPLE];
    (holder, 0..ROLES.len(), scope(), scope()).prop_map(|(holder, role, is, wanted)| Role {
        holder,
        role,
        is,
        wanted,
    })
}

fn world() -> impl Strategy<Value = World> {
    let target = prop_oneof![
        3 => Just(Target::Greenlake),
        1 => Just(Target::GreenlakeKeepingActive),
        1 => Just(Target::Scim),
    ];
    target.prop_flat_map(|target| {
        let removals: &[&'static str] = match target {
            Target::Greenlake => &["report", "delete"],
            _ => &["report", "delete", "deactivate"],
        };
        let edits = prop::collection::btree_set(
            (0..PEOPLE + GROUPS, 0..OF_PEOPLE.len() * OF_GROUPS.len()),
            1..6,
        );
        (
            prop::sample::select(removals.to_vec()),
            prop::collection::vec(person(target), PEOPLE),
            prop::collection::vec(team(), GROUPS),
            prop::collection::vec(role(), 0..8),
            0..PEOPLE,
            edits,
        )
            .prop_map(move |(on_remove, people, groups, roles, actor, edits)| World {
                target,
                on_remove,
                people,
                groups,
                roles,
                actor,
                edits,
            })
    })
}

fn user(number: usize) -> String {
    format!("u{number}@acme.example")
}

fn group(number: usize) -> String {
    format!("team-{number}")
}

/// The one whom nobody may touch, and who administers in any case.
const KEEPER: &str = "keeper@rescue.example";

impl World {
    /// Roles by holder and name: a holder has each once.
    fn grants(&self) -> BTreeMap<(usize, usize), &Role> {
        if self.target == Target::Scim {
            return BTreeMap::new();
        }
        self.roles.iter().map(|role| ((role.holder, role.role), role)).collect()
    }

    fn principal(holder: usize) -> Principal {
        match holder.checked_sub(GROUPS) {
            None => Principal::Group(Key::new(&group(holder))),
            Some(person) => Principal::User(Key::new(&user(person))),
        }
    }

    fn capabilities(&self) -> Capabilities {
        let profile = if self.target == Target::Scim { "rfc7644" } else { "greenlake" };
        let mut capabilities = Dialect::profile(profile).unwrap().capabilities("generated");
        if self.target != Target::Scim {
            capabilities.refused_kinds.remove(&KindName::Binding);
        }
        if self.target == Target::GreenlakeKeepingActive {
            capabilities.unheld.remove(&(KindName::User, "active".to_owned()));
        }
        capabilities
    }

    fn live(&self) -> Live {
        let mut users = vec![object(
            KindName::User,
            KEEPER,
            &json!({"userName": KEEPER, "active": true}),
            Some(AccountStatus::Active),
        )];
        let mut places = BTreeMap::new();
        for (number, person) in self.people.iter().enumerate() {
            let Some((active, status)) = person.shown else { continue };
            let name = user(number);
            let mut fields = json!({"userName": name, "displayName": "Old",
                "name": {"givenName": "Old", "familyName": "Name"}});
            if let Some(active) = active {
                fields["active"] = json!(active);
            }
            places.insert(number, u32::try_from(users.len()).unwrap());
            users.push(object(KindName::User, &name, &fields, status));
        }
        let mut groups = Vec::new();
        for (number, team) in self.groups.iter().enumerate().filter(|(_, team)| team.live) {
            let name = group(number);
            let mut one = object(KindName::Group, &name, &json!({"displayName": name}), None);
            let known = team.members.iter().filter_map(|member| places.get(member));
            // Groups in a circle are denied whatever of them is edited: `group-cycle` says so.
            let nested = team.nested.filter(|child| *child > number && self.groups[*child].live);
            let nested =
                nested.map(|child| Member::Unknown(format!("group {}", group(child)).into()));
            one.members = Some(known.map(|place| Member::Known(*place)).chain(nested).collect());
            groups.push(one);
        }
        let mut bindings = vec![binding(&spec(Principal::User(Key::new(KEEPER)), 0, false))];
        for ((holder, role), one) in self.grants() {
            let there = match holder.checked_sub(GROUPS) {
                None => self.groups[holder].live,
                Some(person) => self.people[person].shown.is_some(),
            };
            if let (true, Some(narrow)) = (there, one.is) {
                bindings.push(binding(&spec(Self::principal(holder), role, narrow)));
            }
        }
        let mut listings = vec![listing(KindName::User, users), listing(KindName::Group, groups)];
        if self.target != Target::Scim {
            listings.push(listing(KindName::Binding, bindings));
        }
        Live::new(listings, self.capabilities())
    }

    /// What the files say, with the edits or without.
    fn desired(&self, edited: bool) -> Desired {
        let mut text = String::from("users:\n  always@acme.example: {}\n");
        let edits = |thing: usize, table: &[&str]| -> Vec<String> {
            let of = self.edits.iter().filter(|(one, _)| edited && *one == thing);
            let lines: BTreeSet<usize> = of.map(|(_, what)| what % table.len()).collect();
            lines.iter().map(|at| table[*at].replace("NUMBER", &thing.to_string())).collect()
        };
        for (number, person) in self.people.iter().enumerate().filter(|(_, one)| one.declared) {
            let mut fields = edits(number, &OF_PEOPLE);
            fields.extend(person.active.map(|active| format!("active: {active}")));
            text += &format!("  {}: {{ {} }}\n", user(number), fields.join(", "));
        }
        text += "groups:\n  nobody: { members: [] }\n";
        for (number, team) in self.groups.iter().enumerate().filter(|(_, team)| team.declared) {
            let wanted = team.wanted.iter().filter(|one| self.people[**one].declared);
            let wanted: Vec<String> = wanted.map(|one| user(*one)).collect();
            let mode = if team.exact { "exact" } else { "additive" };
            let mut fields = edits(PEOPLE + number, &OF_GROUPS);
            fields.push(format!("owner: {}, memberMode: {mode}", user(0)));
            fields.push(format!("members: [{}]", wanted.join(", ")));
            text += &format!("  {}: {{ {} }}\n", group(number), fields.join(", "));
        }
        let mut bindings = String::new();
        for ((holder, role), one) in self.grants() {
            let (declared, who) = match holder.checked_sub(GROUPS) {
                None => (self.groups[holder].declared, format!("group: {}", group(holder))),
                Some(person) => (self.people[person].declared, format!("user: {}", user(person))),
            };
            if let (true, Some(narrow)) = (declared, one.wanted) {
                let scope = if narrow { ", scope: [fleet]" } else { "" };
                bindings += &format!(
                    "  - {{ role: {}, {who}, workspace: main{scope}, until: 2027-01-31, \
                     reason: generated, owner: {} }}\n",
                    ROLES[role],
                    user(0),
                );
            }
        }
        if !bindings.is_empty() {
            text += &format!("bindings:\n{bindings}");
        }
        let source = |name: &str, text: &str| SourceText {
            name: name.into(),
            bytes: text.as_bytes().to_vec(),
        };
        let files = [source("identity.yaml", &text)];
        match parse(&source("muster.yaml", &self.project()), &files, 1) {
            Ok((desired, _)) => desired,
            Err(problems) => panic!("{:#?}\n{text}", problems.sorted()),
        }
    }

    fn project(&self) -> String {
        let everything = "{ remove: \"100%\", update: \"100%\" }";
        let (target, roles) = match self.target {
            Target::Scim => ("  provider: sandbox\n", ""),
            _ => (
                "  provider: sandbox\n  personality: greenlake\n  workspace: main\n  workspaces:\n    \
                 main: { id: 3f2c0e1a9b1c4d7e8f60718293a4b5c6 }\n",
                "roles: { admin: ccs.account-admin, observer: ccs.observer }\n\
                 administrators: { roles: [admin], atLeast: 1 }\n",
            ),
        };
        format!(
            "organization: generated\ntarget:\n{target}{roles}manage:\n\
             \x20 users: {{ domains: [acme.example], onRemove: {} }}\n\
             \x20 groups: {{ names: [\"*\"], onRemove: report }}\n\
             \x20 bindings: {{ onRemove: delete }}\n\
             protected: {{ users: [\"*@rescue.example\"] }}\n\
             limits:\n\
             \x20 users: {everything}\n\
             \x20 groups: {everything}\n\
             \x20 memberships: {everything}\n\
             \x20 bindings: {everything}\n",
            self.on_remove,
        )
    }
}

fn object(
    kind: KindName,
    name: &str,
    fields: &serde_json::Value,
    status: Option<AccountStatus>,
) -> Object {
    Object {
        kind,
        id: RemoteId::new(&format!("{kind} {name}")),
        key: Key::new(name),
        fields: serde_json::from_value(fields.clone()).unwrap(),
        version: None,
        members: None,
        hold: None,
        seen: Seen { status, ..Seen::default() },
    }
}

fn spec(principal: Principal, role: usize, narrow: bool) -> BindingSpec {
    BindingSpec {
        principal,
        role: ROLES[role].to_owned(),
        workspace: Some("main".to_owned()),
        scope: if narrow { vec!["fleet".to_owned()] } else { vec![] },
        owner: None,
    }
}

fn binding(spec: &BindingSpec) -> Object {
    let key = spec.address().key().as_str().to_owned();
    let fields = serde_json::to_value(spec.fields()).unwrap();
    object(KindName::Binding, &key, &fields, None)
}

fn listing(kind: KindName, objects: Vec<Object>) -> Listing {
    let page = Page { start_index: 1, total: objects.len() as u64, objects };
    Partial::new(kind, vec![page]).prove().unwrap()
}

fn planned(desired: &Desired, live: &Live) -> Plan {
    plan(desired, live, "2026-11-21T12:00:00Z".parse().unwrap())
}

/// Everything that everybody holds in the end.
fn held_after(plan: &Plan, desired: &Desired) -> Vec<Holding> {
    let people = plan.graph.places(muster::kind::Family::Subject).collect();
    holdings(&plan.graph, &plan.graph.after, desired, &people)
}

fn denials(verdict: &Verdict) -> Vec<(String, String)> {
    verdict.denials().map(|(_, one)| (one.id.clone(), one.message.clone())).collect()
}

/// What the invariants and limits say.
fn by_code(plan: &Plan, desired: &Desired) -> Verdict {
    let none: PolicyResults = vec![("none".to_owned(), vec![])];
    judge(plan, desired, none, &Regime::expecting(&["none"])).unwrap()
}

/// What the whole pack says as well, of a plan that somebody asks for.
fn by_all(plan: &Plan, desired: &Desired, actor: &str) -> Verdict {
    let policies = builtin::policies();
    let outline = Outline::of(&policies).unwrap();
    let regime = Regime::of(&outline, &desired.project).unwrap();
    let settings = regime.settings.clone();
    let asked = Asked { actor: actor.to_owned(), settings, ..Asked::default() };
    let document = Document::planned(plan, desired, &asked).unwrap();
    let results = ask(&muster(), &policies, &document, &bounds()).unwrap();
    judge(plan, desired, results, &regime).unwrap()
}

fn without_sources(list: &[Holding]) -> Vec<Holding> {
    list.iter().map(|one| Holding { source: None, ..one.clone() }).collect()
}

/// Demands that the two plans give and take the same.
fn same_access(plain: &Plan, edited: &Plan, desired: &Desired) {
    for (one, other) in [
        (&plain.access.gained, &edited.access.gained),
        (&plain.access.lost, &edited.access.lost),
        (&held_after(plain, desired), &held_after(edited, desired)),
    ] {
        assert_eq!(without_sources(one), without_sources(other));
    }
    assert_eq!(plain.administration, edited.administration);
    let others = |plan: &Plan| -> Vec<String> {
        let is_edit = |one: &&muster::plan::Change| {
            one.action == muster::plan::Action::Update
                && one.kind() != KindName::Binding
                && !one.removes
        };
        let others = plan.changes.iter().filter(|one| !is_edit(one));
        others.map(|one| format!("{:?} {} {}", one.action, one.address, one.removes)).collect()
    };
    assert_eq!(others(plain), others(edited));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES[0], failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_that_gives_nothing_changes_neither_access_nor_what_code_says(world in world()) {
        let live = world.live();
        let [plain, edited] = [false, true].map(|edited| world.desired(edited));
        let [first, second] = [&plain, &edited].map(|desired| planned(desired, &live));
        same_access(&first, &second, &plain);
        assert_eq!(denials(&by_code(&first, &plain)), denials(&by_code(&second, &edited)));
        holders::check(&plain, &live, &first);
        holders::check(&edited, &live, &second);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES[1], failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_that_gives_nothing_changes_nothing_that_the_rules_deny(world in world()) {
        let live = world.live();
        let actor = user(world.actor);
        let [plain, edited] = [false, true].map(|edited| world.desired(edited));
        let [first, second] = [&plain, &edited].map(|desired| planned(desired, &live));
        let said = [by_all(&first, &plain, &actor), by_all(&second, &edited, &actor)];
        assert_eq!(denials(&said[0]), denials(&said[1]));
    }
}

/// The properties say something only of worlds in which something happens.
#[test]
fn worlds_have_people_who_are_edited_and_gain_or_lose_and_are_switched_on_and_off() {
    let (worlds, enough) = if cfg!(feature = "broad") { (600, 10) } else { (150, 1) };
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for _ in 0..worlds {
        let world = world().new_tree(&mut runner).unwrap().current();
        let (live, desired) = (world.live(), world.desired(true));
        let plan = planned(&desired, &live);
        let edited: BTreeSet<&Key> = plan
            .changes
            .iter()
            .filter(|one| one.kind() == KindName::User)
            .map(|one| one.address.key())
            .collect();
        let mut saw = |what, is_edited| *seen.entry((what, is_edited)).or_default() += 1;
        let invited = |key: &Key| {
            let shown = |number: usize| world.people[number].shown;
            let mut invited = (0..PEOPLE)
                .filter(|number| matches!(shown(*number), Some((_, Some(AccountStatus::Invited)))));
            invited.any(|number| user(number) == key.as_str())
        };
        for (what, list) in [("gains", &plan.access.gained), ("loses", &plan.access.lost)] {
            for one in list.iter().filter(|one| !one.already) {
                saw(what, edited.contains(&one.user));
                if invited(&one.user) {
                    saw(
                        if what == "gains" { "invited gains" } else { "invited loses" },
                        edited.contains(&one.user),
                    );
                }
                if one.via.as_ref() != one.membership.as_ref().map(|link| link.key()) {
                    saw("by a nested group", edited.contains(&one.user));
                }
            }
        }
        for change in plan.changes.iter().filter(|one| one.kind() == KindName::User) {
            if change.fields.iter().any(|field| field.as_str() == "active") {
                saw(if change.removes { "switched off" } else { "switched on" }, true);
            }
        }
    }
    for what in ["gains", "loses", "invited gains", "invited loses", "by a nested group"] {
        for is_edited in [true, false] {
            let count = seen.get(&(what, is_edited)).copied().unwrap_or_default();
            assert!(count >= enough, "{what}, edited {is_edited}: {count} of {seen:?}");
        }
    }
    for what in ["switched off", "switched on"] {
        let count = seen.get(&(what, true)).copied().unwrap_or_default();
        assert!(count >= enough, "{what}: {count} of {seen:?}");
    }
}
