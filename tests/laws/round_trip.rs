//! Law 5: `decode(encode(i)) == i` for every kind and every dialect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::executor::block_on;
use muster::apply::{Op, Phase, Step, Writer};
use muster::kind::{Address, FieldName, FieldSpec, Fields, Key, KindName, Shape};
use muster::live::{Live, Object};
use muster::provider::scim::dialect::PROFILES;
use muster::provider::scim::{Dialect, ScimWriter};
use serde_json::{Value, json};

use super::cycle::{Turn, desired, live, turn};
use super::everything::{attributes, organization, says, value};
use super::law;
use super::rng::Rng;
use super::seeds::{narrowed, share};
use super::simulation::Simulation;
use super::spoken::{SPOKEN, Spoken};
use super::world::World;

/// Profiles that keep whatever the core schema knows, so that they have nothing to be excused by.
const KEEPS_ALL: [&str; 5] = ["rfc7644", "scim2-server", "scimmy", "scimserver", "member-capped"];

fn empty(spoken: &Spoken) -> Simulation {
    Simulation::new(&json!({ "users": [], "groups": [] }), spoken.personality)
}

fn object<'a>(live: &'a Live, address: &Address) -> Option<&'a Object> {
    let is_it = |object: &&Object| object.kind == address.kind() && object.key == *address.key();
    live.objects().iter().find(is_it)
}

/// Whether what is read back says the field as it was declared.
fn is_kept(object: &Object, name: &str, declared: &Value, live: &Live) -> bool {
    let forgets = |path: &str| live.capabilities.unheld.contains(&(object.kind, path.to_owned()));
    says(declared, object.fields.get(name), name, &forgets)
}

/// Makes the server what the files say, to the end; then everything declared is read back.
fn is_read_back(world: &World, server: &Simulation, spoken: &Spoken) -> usize {
    let profile = spoken.profile;
    match turn(world, server, profile) {
        Turn::Applied(_, _, outcome) => {
            for (step, receipt) in &outcome.receipts {
                let (verb, address) = (step.op.verb(), step.op.address());
                assert!(receipt.is_so(), "{profile}: `{verb} {address}`: {receipt:?}");
            }
        }
        Turn::Unread(error) => panic!("{profile}: {error}"),
        Turn::Refused(_, verdict) => {
            panic!("{profile}: {:#?}", verdict.denials().collect::<Vec<_>>())
        }
    }
    let (live, _) = live(server, profile).unwrap();
    let mut compared = 0;
    let mut members: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for item in desired(world).items.values() {
        let address = &item.address;
        if let Some((group, user)) = address.ends() {
            members.entry(group.key().clone()).or_default().insert(user.key().to_string());
            continue;
        }
        let found = object(&live, address);
        let found = found.unwrap_or_else(|| panic!("{profile}: `{address}` is not read back"));
        for spec in attributes(address.kind()) {
            let Some(declared) = item.fields.get(spec.name) else { continue };
            let (name, fields) = (spec.name, &found.fields);
            assert!(
                is_kept(found, name, declared, &live),
                "{profile}: `{name}` of `{address}`: {declared} became {:?}",
                fields.get(name)
            );
            compared += 1;
        }
        let others = item.fields.iter().filter(|(name, _)| name.as_str().starts_with("urn:"));
        for (urn, declared) in others {
            let is_kept = is_kept(found, urn.as_str(), declared, &live);
            assert!(is_kept, "{profile}: `{urn}` of `{address}`: {declared} {:?}", found.fields);
        }
    }
    let state = server.state();
    for group in state.groups().filter(|_| spoken.members) {
        let names =
            state.member_names(group.name()).iter().map(|name| name.to_lowercase()).collect();
        let declared = members.remove(&Key::new(group.name())).unwrap_or_default();
        assert_eq!(declared, names, "{profile}: the members of `{}`", group.name());
    }
    compared
}

#[test]
fn law_05_what_is_declared_is_read_back_in_every_dialect() {
    // HPE GreenLake is held up to its own twin, in `tests/greenlake.rs`.
    let names = PROFILES.iter().map(|dialect| dialect.name).filter(|name| *name != "greenlake");
    let names: BTreeSet<&str> = names.collect();
    let spoken: BTreeSet<&str> = SPOKEN.iter().map(|spoken| spoken.profile).collect();
    assert_eq!(names, spoken, "a dialect is held up to no server");
    let compared = AtomicUsize::new(0);
    law("law_05", |seed| {
        let spoken = &SPOKEN[seed as usize % SPOKEN.len()];
        let mut rng = Rng::new(seed ^ 0x5555);
        let server = empty(spoken);
        let filled = is_read_back(&organization(&mut rng, spoken), &server, spoken);
        compared.fetch_add(filled, Ordering::Relaxed);
        if spoken.changes {
            let changed = is_read_back(&organization(&mut rng, spoken), &server, spoken);
            compared.fetch_add(changed, Ordering::Relaxed);
        }
    });
    assert!(narrowed() || compared.into_inner() > share(10_000), "hardly anything was compared");
}

/// Every field by itself, and every part of every field, with what it is a part of around it.
fn every_field(rng: &mut Rng, kind: KindName, spoken: &Spoken) -> Vec<(&'static str, Value)> {
    let unheld = Dialect::profile(spoken.profile).unwrap().capabilities("t").unheld;
    // What a server does not keep is never asked for: the plan says so in words instead.
    let refused = |path: &str| {
        let named = if kind == KindName::Group { format!("group.{path}") } else { path.to_owned() };
        spoken.refuses(&named) || unheld.contains(&(kind, path.to_owned()))
    };
    let mut all = Vec::new();
    for spec in attributes(kind).filter(|spec| !refused(spec.name)) {
        let (parts, is_list): (&[FieldSpec], bool) = match spec.shape {
            Shape::Complex(parts) => (parts, false),
            Shape::MultiValued(parts) => (parts, true),
            _ => {
                all.push((spec.name, value(rng, spec, spec.name, spoken)));
                continue;
            }
        };
        for part in parts {
            let path = format!("{}.{}", spec.name, part.name);
            if refused(&path) {
                continue;
            }
            let mut object = json!({ part.name: value(rng, part, &path, spoken) });
            if is_list && parts.iter().any(|part| part.name == "value") && part.name != "value" {
                object["value"] = Value::from("the value");
            }
            all.push((spec.name, if is_list { json!([object]) } else { object }));
        }
    }
    all
}

/// What the server cannot do without, and the one field.
fn said(kind: KindName, spoken: &Spoken, (name, value): &(&'static str, Value)) -> Fields {
    let mut fields = Fields::new();
    let mut say = |name, value| fields.insert(FieldName::fixed(name), value);
    if kind == KindName::Group {
        say("displayName", Value::from("Net Team"));
    } else {
        say("userName", Value::from("ada@example.com"));
        let demanded = [
            ("name", json!({ "givenName": "Ada", "familyName": "Lovelace" })),
            ("displayName", Value::from("Ada Lovelace")),
            ("emails", json!([{ "value": "ada@example.com", "primary": true }])),
        ];
        for (name, value) in demanded.into_iter().filter(|(name, _)| spoken.demands(name)) {
            say(name, value);
        }
    }
    let is_key = matches!(*name, "userName") || *name == "displayName" && kind == KindName::Group;
    let is_demanded = kind == KindName::User && spoken.demands(name);
    if !is_key && !is_demanded {
        say(name, value.clone());
    }
    fields
}

fn written(server: &Simulation, spoken: &Spoken, op: Op) {
    let writer = ScimWriter::new(server, Dialect::profile(spoken.profile).unwrap());
    let words = format!("{op:?}");
    let step = Step {
        id: 0,
        op,
        covers: vec![],
        phase: Phase::Main,
        makes_administrators: false,
        administrators: Vec::new(),
        may_wait: false,
        before: None,
        after: vec![],
        ends: vec![],
    };
    let report = block_on(writer.write(&step, &BTreeMap::new(), &muster::apply::NothingTaken));
    assert!(report.receipt.is_so(), "{}: {words}: {:?}", spoken.profile, report.receipt);
}

fn looked_at(server: &Simulation, spoken: &Spoken, address: &Address, asked: &Fields) -> Object {
    let (live, _) = live(server, spoken.profile).unwrap();
    let found = object(&live, address).unwrap();
    for (name, asked) in asked {
        assert!(
            is_kept(found, name.as_str(), asked, &live),
            "{}: `{name}` of `{address}`: {asked} became {:?}",
            spoken.profile,
            found.fields.get(name)
        );
    }
    found.clone()
}

#[test]
fn law_05_every_field_of_every_kind_survives_by_itself() {
    for spoken in &SPOKEN {
        let mut rng = Rng::new(5);
        for (kind, address) in [
            (KindName::User, Address::user("ada@example.com")),
            (KindName::Group, Address::group("Net Team")),
        ] {
            let before = every_field(&mut rng, kind, spoken);
            let after = every_field(&mut rng, kind, spoken);
            for (before, after) in before.iter().zip(&after) {
                let server = empty(spoken);
                let fields = said(kind, spoken, before);
                let create = Op::Create {
                    address: address.clone(),
                    fields: fields.clone(),
                    members: Vec::new(),
                };
                written(&server, spoken, create);
                let found = looked_at(&server, spoken, &address, &fields);
                let asked = said(kind, spoken, after);
                if !spoken.changes || asked == fields {
                    continue;
                }
                let mut whole = found.fields.clone();
                whole.extend(asked.clone());
                let update = Op::Update {
                    address: address.clone(),
                    remote: found.id.clone(),
                    expect: found.fingerprint(),
                    version: found.version.clone(),
                    after: whole,
                    changed: vec![FieldName::fixed(after.0)],
                };
                written(&server, spoken, update);
                looked_at(&server, spoken, &address, &asked);
            }
        }
    }
}

#[test]
fn a_profile_that_keeps_all_is_excused_from_nothing_but_extensions() {
    for profile in KEEPS_ALL {
        let unheld = Dialect::profile(profile).unwrap().capabilities("t").unheld;
        let core = unheld.iter().find(|(_, name)| !name.starts_with("urn:"));
        assert_eq!(core, None, "{profile}");
    }
}
