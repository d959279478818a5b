//! Law 7: another policy never turns a refusal into an approval.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use muster::config::{Brake, Desired, KindLimits, Waiver};
use muster::guard::rego::protocol::{Answer, Begin, Hello, Job, Line, RawFinding, Room, VERSION};
use muster::guard::rego::{PolicyFile, PolicySet, worker};
use muster::guard::{Layer, PolicyResults, Regime, Verdict, approve, judge, judge_declared};
use muster::kind::{Address, Source};
use muster::plan::{Finding, Level, Plan};

use super::cycle::desired;
use super::memory::now;
use super::rng::Rng;
use super::seeds::{narrowed, share};
use super::world::World;
use super::{law, planned, server};

/// A judgement to be made: what is judged, and every guardrail there might be.
struct Case {
    plan: Plan,
    desired: Desired,
    policies: PolicyResults,
}

/// Guardrails whose names begin alike, stand below one another, or differ by a letter: what one
/// finds must not be taken for what another finds.
const RULES: [&str; 6] = ["team", "team-roles", "team/roles", "roles", "role", "own"];

impl Case {
    fn generate(rng: &mut Rng, seed: u64) -> Self {
        let world = World::generate(seed);
        let mut desired = desired(&world);
        let mut plan = planned(&world, &server(&world));
        let known: Vec<Address> = plan
            .changes
            .iter()
            .map(|change| change.address.clone())
            .chain(desired.items.keys().cloned())
            .collect();
        if rng.chance(15) {
            let finding = finding(rng, &known, "name-taken");
            plan.findings.push(finding);
        }
        if rng.chance(15) {
            let none = Brake { percent: None, count: Some(0) };
            let tight = KindLimits { remove: none, update: none };
            desired.project.limits.0.values_mut().for_each(|limit| *limit = tight);
        }
        for _ in 0..rng.below(5) {
            desired.waivers.push(waiver(rng, &known));
        }
        let found = |rng: &mut Rng, rule: &str| {
            let count = if rng.chance(50) { 0 } else { 1 + rng.below(3) };
            (0..count).map(|_| finding(rng, &known, rule)).collect()
        };
        let policies = RULES.iter().map(|rule| ((*rule).to_owned(), found(rng, rule))).collect();
        Self { plan, desired, policies }
    }

    /// Some of the guardrails, in any order.
    fn some(&self, rng: &mut Rng, from: &[usize], percent: usize) -> Vec<usize> {
        let mut some: Vec<usize> = from.iter().copied().filter(|_| rng.chance(percent)).collect();
        if some.is_empty() {
            some.push(*rng.pick(from));
        }
        rng.shuffled(&some)
    }

    fn judged(&self, policies: &[usize]) -> [(Verdict, bool); 2] {
        let results: PolicyResults = policies.iter().map(|&at| self.policies[at].clone()).collect();
        let ids: Vec<String> = results.iter().map(|(id, _)| id.clone()).collect();
        let at_plan =
            judge(&self.plan, &self.desired, results.clone(), &Regime::expecting(&ids)).unwrap();
        let at_check =
            judge_declared(&self.desired, now(), results, &Regime::expecting(&ids)).unwrap();
        [at_plan, at_check].map(|verdict| {
            let passes = approve(self.plan.clone(), verdict.clone()).is_ok();
            (verdict, passes)
        })
    }

    /// What these guardrails deny, and no waiver is written for.
    fn sure(&self, policies: &[usize]) -> Vec<&Finding> {
        let holds = |rule: &str, address: &Address| {
            let is_for = |waiver: &&Waiver| waiver.rule == rule && now() <= waiver.until;
            let mut waivers = self.desired.waivers.iter().filter(is_for);
            waivers.any(|waiver| reaches(&waiver.applies_to, address))
        };
        let mut sure = Vec::new();
        for (rule, findings) in policies.iter().map(|&at| &self.policies[at]) {
            let stays = |finding: &&Finding| {
                let unwaived = finding.addresses.iter().all(|address| !holds(rule, address));
                finding.level == Level::Deny && unwaived
            };
            sure.extend(findings.iter().filter(stays));
        }
        sure
    }
}

/// The few patterns that waivers of these worlds have.
fn reaches(pattern: &str, address: &Address) -> bool {
    let address = address.to_string();
    pattern.strip_suffix('*').map_or(address == pattern, |start| address.starts_with(start))
}

/// Something found; what it says and how it is called is told by others too.
fn finding(rng: &mut Rng, known: &[Address], rule: &str) -> Finding {
    let id = if rng.chance(70) { rule } else { *rng.pick(&RULES) };
    let known: &[Address] = if rng.chance(20) { &[] } else { known };
    let mut addresses: Vec<Address> = known.iter().filter(|_| rng.chance(10)).cloned().collect();
    addresses.truncate(3);
    Finding {
        level: if rng.chance(40) { Level::Deny } else { Level::Warn },
        id: id.to_owned(),
        message: (*rng.pick(&["no", "not so"])).to_owned(),
        addresses,
        source: None,
        remedy: String::new(),
    }
}

fn waiver(rng: &mut Rng, known: &[Address]) -> Waiver {
    let mut patterns = ["user/*", "group/*", "membership/*", "*"].map(str::to_owned).to_vec();
    if !known.is_empty() {
        patterns.push(rng.pick(known).to_string());
    }
    let until = if rng.chance(80) { "2099-12-31T00:00:00Z" } else { "2020-12-31T00:00:00Z" };
    Waiver {
        rule: (*rng.pick(&RULES)).to_owned(),
        applies_to: rng.pick(&patterns).clone(),
        until: until.parse().unwrap(),
        reason: "generated".to_owned(),
        approved_by: "laws".to_owned(),
        at_most: rng.below(6) as u64,
        source: Source { file: "waivers.yaml".into(), line: 1, column: 1 },
    }
}

fn denials(verdict: &Verdict) -> Vec<(Layer, &Finding)> {
    verdict.denials().collect()
}

#[test]
fn law_07_another_policy_never_turns_a_refusal_into_an_approval() {
    let [refused, approved, waived] = [const { AtomicUsize::new(0) }; 3];
    law("law_07", |seed| {
        let mut rng = Rng::new(seed ^ 0x7777);
        let case = Case::generate(&mut rng, seed);
        let all: Vec<usize> = (0..case.policies.len()).collect();
        let more = case.some(&mut rng, &all, 70);
        let fewer = case.some(&mut rng, &more, 50);
        let judged = case.judged(&more);
        let stated = case.plan.findings.iter().any(|finding| finding.level == Level::Deny);
        assert!(!(stated && judged[0].1), "what planning denies was approved");
        for (one, other) in case.judged(&fewer).into_iter().zip(judged) {
            let ((less, passes), (verdict, still_passes)) = (one, other);
            let denied = denials(&verdict);
            for one in denials(&less) {
                assert!(denied.contains(&one), "denied by {fewer:?} and not by {more:?}: {one:?}");
            }
            assert!(passes || !still_passes, "refused by {fewer:?} and approved by {more:?}");
            for (verdict, passes, policies) in
                [(&less, passes, &fewer), (&verdict, still_passes, &more)]
            {
                let denied = denials(verdict);
                assert_eq!(passes, denied.is_empty(), "denials decide: {denied:?}");
                for finding in case.sure(policies) {
                    let one = (Layer::Policy, finding);
                    assert!(denied.contains(&one), "{policies:?}: {finding:?} is not denied");
                }
                waived.fetch_add(verdict.waived().len(), Ordering::Relaxed);
            }
            let counter = if passes { &approved } else { &refused };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    let counts = [refused, approved, waived].map(AtomicUsize::into_inner);
    assert!(
        narrowed() || counts.iter().all(|count| *count > share(100)),
        "hardly anything: {counts:?}"
    );
}

/// A guardrail that finds one thing or another in some of the changes.
fn rego(rng: &mut Rng, rule: &str) -> PolicyFile {
    let package = rule.replace('-', "_");
    let severity = *rng.pick(&["deny", "warn"]);
    let scope = *rng.pick(&["change", "plan"]);
    let kind = *rng.pick(&["user", "group"]);
    // A helper of one name in every package, and a flag that only some of them set.
    let strict = if rng.chance(50) { "strict := true" } else { "strict := false" };
    let text = format!(
        "# METADATA
# title: Generated
# description: Generated
# custom:
#   id: {rule}
#   severity: {severity}
#   scope: {scope}
#   kinds: [user, group]
#   remedy: none
#   canary: \"{{}}\"
package guardrails.{package}

{strict}

looked_at contains c if {{
	some c in input.changes
	c.kind == \"{kind}\"
}}

{severity} contains v if {{
	strict
	some c in looked_at
	v := {{\"msg\": \"no\", \"addresses\": [c.address]}}
}}

{severity}_canary contains v if {{
	input.organization == \"canary\"
	v := {{\"msg\": \"sings\"}}
}}
"
    );
    PolicyFile { path: format!("policies/{rule}/rule.rego"), text }
}

/// Everything that a set of guardrails finds in two users and a group.
fn evaluated(files: Vec<PolicyFile>) -> BTreeSet<RawFinding> {
    let raw = |text: &str| serde_json::from_str(text).unwrap();
    let policies = PolicySet { folders: vec!["policies".to_owned()], files };
    let header = r#"{"administrators": {"roles": [], "groups": []}}"#;
    let job = Job { policies, settings: raw("{}"), tests: None };
    let room = Room { memory: 1 << 30, seconds: 60, clock: 60 };
    let begin = Begin { room, header: raw(header) };
    let changes = r#"[{"kind": "user", "address": "user/ada"}, {"kind": "user", "address":
        "user/bo"}, {"kind": "group", "address": "group/ops"}]"#;
    let lines = [Line::Changes(raw(&changes.replace('\n', " "))), Line::End];
    let [job, begin] = [serde_json::to_string(&job), serde_json::to_string(&begin)];
    let mut said = format!("{}\n{}", job.unwrap(), begin.unwrap());
    for line in &lines {
        said += &format!("\n{}", serde_json::to_string(line).unwrap());
    }
    said.push('\n');
    let mut answers = Vec::new();
    let (hello, mut raise) = (Hello { version: VERSION, room }, |_| Ok(()));
    worker::serve(&mut said.as_bytes(), &mut answers, hello, &mut raise).unwrap();
    let mut found = BTreeSet::new();
    let mut is_done = false;
    for line in String::from_utf8(answers).unwrap().lines() {
        match serde_json::from_str(line).unwrap() {
            Answer::Findings(findings) => found.extend(findings),
            Answer::Done { .. } => is_done = true,
            other => panic!("{other:?}"),
        }
    }
    assert!(is_done, "the guardrails were not evaluated to the end");
    found
}

#[test]
fn law_07_a_rule_finds_the_same_whatever_stands_beside_it() {
    let found = AtomicUsize::new(0);
    law("law_07", |seed| {
        // A look at real Rego costs more than all the rest: every fourth seed has one.
        if seed % 4 != 0 {
            return;
        }
        let mut rng = Rng::new(seed ^ 0x0707);
        let rules = rng.shuffled(&["team", "team-roles", "roles", "role", "own"]);
        let files: Vec<PolicyFile> = rules.iter().map(|rule| rego(&mut rng, rule)).collect();
        let together = evaluated(files.clone());
        let alone: BTreeSet<RawFinding> =
            files.into_iter().flat_map(|file| evaluated(vec![file])).collect();
        assert_eq!(together, alone);
        found.fetch_add(together.len(), Ordering::Relaxed);
    });
    assert!(narrowed() || found.into_inner() > share(50), "hardly anything was found");
}
