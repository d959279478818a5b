//! Law 15: when a change is judged under a base, no head can get through what the base refuses.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use muster::config::{Desired, SourceText, parse_under};
use muster::guard::base::{ByBase, Written, changes};
use muster::guard::{Regime, Verdict, judge, judge_by_base};
use muster::kind::Address;
use muster::live::Live;
use muster::plan::{Action, Plan, plan, plan_of, plan_under};

use super::cycle::{live, verdict};
use super::memory::now;
use super::rng::Rng;
use super::seeds::{self, narrowed, share};
use super::world::World;
use super::{PROFILE, law, server};

/// A guard, part by part.
#[derive(Clone)]
struct Guard([String; 4], Vec<&'static str>);

const RULES: [(&str, &str); 3] =
    [("group-half", "membership"), ("group-empty", "membership"), ("group-empty", "group")];

impl Guard {
    fn generate(rng: &mut Rng) -> Self {
        let parts = [0, 1, 2, 3].map(|part| Self::part(part, rng));
        let waived = RULES.iter().map(|(rule, _)| *rule).filter(|_| rng.chance(70)).collect();
        Self(parts, waived)
    }

    /// This guard with some of its parts made anew.
    fn changed(&self, rng: &mut Rng) -> Self {
        let mut other = self.clone();
        for (number, part) in other.0.iter_mut().enumerate() {
            if rng.chance(50) {
                *part = Self::part(number, rng);
            }
        }
        if rng.chance(40) {
            other.1 = Self::generate(rng).1;
        }
        other
    }

    fn part(number: usize, rng: &mut Rng) -> String {
        match number {
            0 => {
                let remove = rng.pick(&["report", "deactivate", "delete"]);
                let groups = rng.pick(&["report", "delete"]);
                let except = rng.pick(&["legacy-*", "[lo]*", "s*"]);
                format!(
                    "manage:\n  users: {{ domains: [example.com], onRemove: {remove} }}\n  groups: \
                     {{ names: [\"*\"], except: [\"{except}\"], onRemove: {groups} }}\n"
                )
            }
            1 => {
                let users = rng.pick(&["bg-*@example.com", "b*@example.com", "eve@example.com"]);
                let group = rng.pick(&["vault", "ops", "audit"]);
                format!("protected: {{ users: [\"{users}\"], groups: [{group}] }}\n")
            }
            2 => {
                let groups = rng.pick(&["admins", "ops", "admins, audit"]);
                let (least, margin) = (1 + rng.below(3), rng.below(2));
                let rule = format!("{{ groups: [{groups}], atLeast: {least}, margin: {margin} }}");
                if rng.chance(70) { format!("administrators: {rule}\n") } else { String::new() }
            }
            _ => {
                let mut brake = || {
                    let [remove, update] = [(); 2].map(|()| {
                        *rng.pick(&["0", "3", "100%", "100%", "100%", "100%", "100%", "100%"])
                    });
                    format!("{{ remove: \"{remove}\", update: \"{update}\" }}")
                };
                let [users, groups, memberships] = [(); 3].map(|()| brake());
                format!(
                    "limits: {{ users: {users}, groups: {groups}, memberships: {memberships} }}\n"
                )
            }
        }
    }

    fn file(&self) -> SourceText {
        let text = format!(
            "organization: generated\ntarget: {{ provider: sandbox }}\n{}",
            self.0.concat()
        );
        SourceText { name: "muster.yaml".into(), bytes: text.into() }
    }

    /// The organization of a world under this guard, as a change to a base. `None`: it declares
    /// what the guard does not manage.
    fn over(&self, world: &World, base: Option<&Desired>) -> Option<Desired> {
        let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
        let files = world.files.iter().filter(|(name, _)| !name.contains("waivers"));
        let mut files: Vec<SourceText> = files.map(|(name, words)| text(name, words)).collect();
        let waivers = RULES.iter().filter(|(rule, _)| self.1.contains(rule)).map(|(rule, of)| {
            format!(
                "  - {{ rule: limit/memberships/{rule}, for: \"{of}/**\", until: 2099-12-31, \
                 reason: generated, approvedBy: laws, atMost: 1000 }}\n"
            )
        });
        let waivers: String = waivers.collect();
        if !waivers.is_empty() {
            files.push(text("waivers.yaml", &format!("waivers:\n{waivers}")));
        }
        let parsed = parse_under(&self.file(), &files, 1, base.map(|base| &base.project));
        parsed.map(|(desired, _)| desired).ok()
    }
}

fn by_base(plan: &Plan, desired: &Desired) -> Verdict {
    let results = vec![("law".to_owned(), vec![])];
    judge_by_base(plan, desired, results, &Regime::expecting(&["law"])).unwrap()
}

/// The plan of a change, and what its own guard and that of its base say of it together.
fn jointly(
    (head, head_file): (&Desired, &SourceText),
    (base, base_file): (&Desired, &SourceText),
    live: &Live,
) -> (Plan, Verdict) {
    let under = head.guarded_by(base);
    let (planned, seen) = plan_under(head, Some(&under), live, now());
    fn written<'a>(desired: &'a Desired, file: &'a SourceText) -> Written<'a> {
        let (project, waivers) = (&desired.project, &desired.waivers[..]);
        Written { file, project, waivers, policies: &[] }
    }
    let differ = changes(written(head, head_file), written(base, base_file), "main");
    let wider = differ.manages_otherwise.then(|| plan(&under, live, now()));
    let results = vec![("law".to_owned(), vec![])];
    let mut verdict = judge(&planned, head, results, &Regime::expecting(&["law"])).unwrap();
    let judged = by_base(&seen.unwrap(), &under);
    let judged = ByBase { name: "main", verdict: judged, desired: base, plan: wider.as_ref() };
    verdict.join(judged, head, Some(&planned)).unwrap();
    verdict.add_uncovered(&planned, head, base).unwrap();
    (planned, verdict)
}

fn what(plan: &Plan) -> BTreeSet<(&Address, Action)> {
    plan.changes.iter().map(|change| (&change.address, change.action)).collect()
}

#[test]
fn law_15_no_head_gets_through_what_its_base_refuses() {
    let [refused, alone, whole, passed] = [(); 4].map(|()| AtomicUsize::new(0));
    seeds::law("laws::base::law_15", 4000, |seed| {
        let world = World::generate(seed);
        let mut rng = Rng::new(seed ^ 0x1515);
        let guard = Guard::generate(&mut rng);
        let other = guard.changed(&mut rng);
        let somebody = "users: { somebody@example.com: {} }\n".to_owned();
        let small = World { files: vec![("people.yaml".to_owned(), somebody)], ..world.clone() };
        let base = guard.over(&world, None).or_else(|| guard.over(&small, None)).unwrap();
        let Some(head) = other.over(&world, Some(&base)) else { return };
        let (live, _) = live(&server(&world), PROFILE).unwrap();
        let (planned, joint) = jointly((&head, &other.file()), (&base, &guard.file()), &live);
        if planned.is_empty() {
            return;
        }
        // The same changes with no guard but the base's.
        let under = head.guarded_by(&base);
        let (same, _) = plan_of((&planned, planned.changes.clone()), &under, None, &live);
        let by_same = by_base(&same, &under);
        // All that the same files plan with no guard but the base's, where that is the same.
        let by_itself = plan(&under, &live, now());
        let by_whole = by_base(&by_itself, &under);
        let is_whole = what(&by_itself) == what(&planned);
        let own = verdict(&plan(&head, &live, now()), &head);
        let strays = what(&planned).difference(&what(&by_itself)).count();
        refused.fetch_add(usize::from(!joint.passes()), Ordering::Relaxed);
        passed.fetch_add(usize::from(joint.passes()), Ordering::Relaxed);
        alone.fetch_add(usize::from(own.passes() && !by_same.passes()), Ordering::Relaxed);
        whole.fetch_add(usize::from(is_whole && !by_whole.passes()), Ordering::Relaxed);
        if joint.passes() {
            let said = |verdict: &Verdict| format!("{:#?}", verdict.denials().collect::<Vec<_>>());
            assert!(by_same.passes(), "{}", said(&by_same));
            assert!(!is_whole || by_whole.passes(), "{}", said(&by_whole));
            assert_eq!(strays, 0, "the base does not manage what is changed");
            assert!(own.passes(), "{}", said(&own));
        }
    });
    let seen = [refused, alone, whole, passed].map(AtomicUsize::into_inner);
    assert!(
        narrowed() || seen.iter().all(|count| *count > share(20)),
        "{seen:?}: the generator is off"
    );
}

#[test]
fn law_15_an_equal_base_changes_nothing() {
    law("base::law_15_an_equal", |seed| {
        let world = World::generate(seed);
        let guard = Guard::generate(&mut Rng::new(seed ^ 0x5151));
        let Some(desired) = guard.over(&world, None) else { return };
        let (live, _) = live(&server(&world), PROFILE).unwrap();
        let file = guard.file();
        let (planned, joint) = jointly((&desired, &file), (&desired, &file), &live);
        let planned_alone = plan(&desired, &live, now());
        let own = verdict(&planned_alone, &desired);
        assert_eq!(planned.changes, planned_alone.changes);
        let said = |verdict: &Verdict| {
            verdict.denials().map(|(_, finding)| finding.clone()).collect::<Vec<_>>()
        };
        assert_eq!(said(&joint), said(&own));
    });
}
