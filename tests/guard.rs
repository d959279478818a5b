//! The guardrails from outside: the real worker process, hostile policies, hostile workers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "a test writes its own worker")]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use muster::config::{
    Administrators, Desired, Limits, Manage, Project, Protected, Provider, TargetConfig, Waiver,
};
use muster::edge::policy_worker::{Question, evaluate};
use muster::guard::input::Document;
use muster::guard::rego::{Bounds, Outline, PolicyFile, PolicySet};
use muster::guard::{PolicyError, PolicyResults, builtin, judge, judge_declared};
use muster::kind::{BindingSpec, Grant, Item, Key, Principal, Source};
use muster::plan::{Action, Change, Cost, Level, Plan, Population};

fn source(line: u32) -> Source {
    Source { file: "identity.yaml".into(), line, column: 5 }
}

fn desired() -> Desired {
    let users = vec!["bg-*@example.com".to_owned()];
    Desired {
        project: Project {
            manage_source: None,
            policy_sources: Vec::new(),
            organization: "acme".to_owned(),
            target: TargetConfig {
                provider: Provider::Sandbox,
                url: None,
                token_url: None,
                credential: None,
                profile: None,
                dialect: BTreeMap::new(),
                workspaces: BTreeMap::new(),
                workspace: None,
                experimental: std::collections::BTreeSet::new(),
                experimental_url: None,
                seed: None,
                state: None,
                personality: None,
                source: source(1),
            },
            manage: Manage::default(),
            protected: Protected { users, groups: vec![] },
            administrators: Administrators {
                roles: vec!["admin".to_owned()],
                groups: vec![],
                at_least: 2,
            },
            roles: Default::default(),
            resolvers: vec![],
            limits: Limits(BTreeMap::new()),
            policies: vec![],
            sources: vec![],
            file: "muster.yaml".to_owned(),
        },
        items: Default::default(),
        intents: BTreeMap::new(),
        waivers: vec![],
        digests: BTreeMap::new(),
    }
}

fn binding(principal: Principal, role: &str, workspace: Option<&str>) -> BindingSpec {
    let workspace = workspace.map(str::to_owned);
    BindingSpec { principal, role: role.to_owned(), workspace, scope: vec![], owner: None }
}

fn group() -> Principal {
    Principal::Group(Key::new("ops"))
}

fn user(name: &str) -> Principal {
    Principal::User(Key::new(name))
}

fn change(spec: &BindingSpec, line: u32) -> Change {
    Change {
        address: spec.address(),
        action: Action::Create,
        before: None,
        after: Some(spec.fields()),
        fields: vec![],
        reason: "declared".to_owned(),
        source: Some(source(line)),
        remote: None,
        expect: None,
        version: None,
        removes: false,
        after_these: vec![],
    }
}

fn plan(changes: Vec<Change>) -> Plan {
    Plan {
        organization: "acme".to_owned(),
        target: "sandbox".to_owned(),
        now: "2026-11-21T12:00:00Z".parse().unwrap(),
        changes,
        unmanaged: vec![],
        findings: vec![],
        member_batch: 100,
        population: Population::default(),
        cost: Cost::default(),
        ids: BTreeMap::new(),
        doubts: BTreeMap::new(),
        administration: Default::default(),
        waiting: vec![],
    }
}

fn one_group() -> Plan {
    plan(vec![change(&binding(group(), "viewer", Some("prod")), 3)])
}

fn muster() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_muster"))
}

fn bounds() -> Bounds {
    Bounds { base: Duration::from_secs(20), ..Bounds::default() }
}

fn ask(
    exe: &Path,
    policies: &PolicySet,
    document: &Document<'_>,
    bounds: &Bounds,
) -> Result<PolicyResults, PolicyError> {
    let settings = serde_json::json!({});
    let question = Question { policies, settings: &settings, document };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(evaluate(exe, &question, bounds))
}

fn said(results: &PolicyResults) -> Vec<(&str, Level, Option<u32>)> {
    let all = results.iter().flat_map(|(_, findings)| findings);
    all.map(|f| (f.id.as_str(), f.level, f.source.as_ref().map(|s| s.line))).collect()
}

#[test]
fn the_built_in_pack_judges_a_plan_in_its_own_process() {
    let plan = plan(vec![
        change(&binding(user("bot@example.com"), "viewer", Some("prod")), 3),
        change(&binding(group(), "viewer", Some("prod")), 4),
        change(&binding(group(), "compute.*", Some("prod")), 5),
        change(&binding(group(), "viewer", None), 6),
        change(&binding(group(), "admin", Some("prod")), 7),
        change(&binding(user("BG-One@example.com"), "viewer", Some("prod")), 8),
    ]);
    let desired = desired();
    let document = Document::planned(&plan, &desired).unwrap();
    let policies = builtin::policies();
    let results = ask(&muster(), &policies, &document, &bounds()).unwrap();
    let (deny, warn) = (Level::Deny, Level::Warn);
    let mut found = said(&results);
    found.sort();
    assert_eq!(
        found,
        [
            ("break-glass", deny, Some(8)),
            ("group-only-roles", deny, Some(3)),
            ("group-only-roles", deny, Some(8)),
            ("least-privilege", deny, Some(5)),
            ("least-privilege", deny, Some(6)),
            ("least-privilege", warn, Some(7)),
        ]
    );
    let expected = Outline::of(&policies).unwrap().ids();
    let verdict = judge(&plan, &desired, results, &expected).unwrap();
    assert!(!verdict.passes());
    // The invariant on protected accounts says so too, whatever the policies do.
    assert!(verdict.denials().any(|(_, finding)| finding.id == "protected"));
}

#[test]
fn a_declared_binding_is_judged_offline_and_can_be_waived() {
    let mut desired = desired();
    let spec = binding(user("bot@example.com"), "viewer", Some("prod"));
    let mut item = Item::new(spec.address(), spec.fields());
    item.grant = Some(Box::new(Grant::default()));
    item.source = Some(source(30));
    desired.items.insert(item);
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let policies = builtin::policies();
    let outline = Outline::of(&policies).unwrap();
    let judged = |desired: &Desired| {
        let document = Document::declared(desired, now, &outline.kinds()).unwrap();
        let results = ask(&muster(), &policies, &document, &bounds()).unwrap();
        judge_declared(desired, now, results, &outline.ids()).unwrap()
    };
    let verdict = judged(&desired);
    let denied: Vec<_> = verdict.denials().map(|(_, f)| f.clone()).collect();
    assert_eq!(denied.len(), 1);
    assert_eq!(denied[0].source, Some(source(30)));
    assert!(denied[0].remedy.starts_with("bind the role to a group"), "{}", denied[0].remedy);
    desired.waivers.push(Waiver {
        rule: "group-only-roles".to_owned(),
        applies_to: "binding/user/bot@example.com/*".to_owned(),
        until: now,
        reason: "migration".to_owned(),
        approved_by: "sec-lead".to_owned(),
        at_most: 1,
        source: source(40),
    });
    let verdict = judged(&desired);
    assert!(verdict.passes());
    assert_eq!(verdict.waived().len(), 1);
    // A protected account is seen though no rule asks for memberships.
    let ends = (Key::new("ops"), Key::new("BG-one@example.com"));
    let membership = muster::kind::Address::membership(ends.0, ends.1);
    desired.items.insert(Item::new(membership, BTreeMap::new()));
    let verdict = judged(&desired);
    let denied: Vec<_> = verdict.denials().map(|(_, f)| f.id.as_str()).collect();
    assert_eq!(denied, ["break-glass"]);
}

#[test]
fn more_changes_than_a_chunk_are_all_judged() {
    let one = |n| change(&binding(user(&format!("u{n}@example.com")), "viewer", Some("p")), n);
    let plan = plan((1..=2_345).map(one).collect());
    let desired = desired();
    let document = Document::planned(&plan, &desired).unwrap();
    let results = ask(&muster(), &builtin::policies(), &document, &bounds()).unwrap();
    assert_eq!(said(&results).len(), 2_345);
}

/// A set of the built-in pack and one rule with this body.
fn with_rule(body: &str) -> PolicySet {
    let header = "# METADATA\n# title: T\n# description: D\n# custom:\n#   id: own\n#   severity: \
                  deny\n#   scope: change\n#   kinds: [user]\n#   remedy: R\npackage \
                  guardrails.own\n";
    let text = format!("{header}{body}\n");
    let file = PolicyFile { path: "policies/own/rule.rego".to_owned(), text };
    let own = PolicySet { folders: vec!["policies".to_owned()], files: vec![file] };
    builtin::policies().with(own)
}

fn refused(exe: &Path, policies: &PolicySet, bounds: &Bounds) -> String {
    let plan = one_group();
    let desired = desired();
    let document = Document::planned(&plan, &desired).unwrap();
    match ask(exe, policies, &document, bounds) {
        Ok(results) => format!("judged: {results:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn hostile_policies_are_refused_in_words() {
    let short = Bounds { base: Duration::from_millis(1_500), ..Bounds::default() };
    let find = "v := {\"msg\": \"m\"} }";
    let fine = format!("deny contains v if {{ input.x; {find}");
    let when = |condition: &str| format!("deny contains v if {{ {condition}; {find}");
    let double = "s1 := replace(s0, \"a\", s0)\ns2 := replace(s1, \"a\", s1)\ns3 := \
                  replace(s2, \"a\", s2)\ns4 := replace(s3, \"a\", s3)";
    let text = "a".repeat(900);
    let range = "numbers.range(1, 5000)";
    let cross = format!("some a in {range}; some b in {range}; some c in {range}; a + b + c < 0");
    for (body, expected) in [
        (format!("{fine}\nf(x) := f(x + 1)"), "`guardrails.own.f` uses itself"),
        (format!("{fine}\nf(x) := g(x)\ng(x) := f(x)"), "uses itself"),
        (format!("{fine}\nr := s\ns := r"), "uses itself"),
        (when("some i in numbers.range(1, 1000000000); i < 0"), "the worker ended with"),
        (
            when("count(s4) == 0") + &format!("\ns0 := \"{text}\"\n{double}"),
            "no answer within|ended with",
        ),
        (when(&cross), "no answer within|time limit|signal"),
        (when("http.send({\"url\": \"http://127.0.0.1\"}).ok"), "`http.send` has no place"),
        (when("time.now_ns() > 0"), "use `input.nowNs`"),
        (when("nothere(1)"), "no function `nothere`"),
        ("deny := input.nothing".to_owned(), "not a set of findings"),
        ("deny := {\"msg\": \"m\"}".to_owned(), "not a set of findings"),
        ("deny contains \"text\" if true".to_owned(), "it is a string"),
        ("deny contains v if { some v in [1] }".to_owned(), "it is a number"),
        ("deny contains v if { v := {\"message\": \"m\"} }".to_owned(), "no `msg`"),
        ("deny contains x.a if some x in input.changes".to_owned(), "head of a partial rule"),
        ("allow := true".to_owned(), "denies nothing"),
        (format!("{fine}\nx := {}1{}", "[".repeat(30), "]".repeat(30)), "brackets nest"),
        (format!("{fine}\nx := \"{}\"", "a".repeat(2_000)), "own/rule.rego"),
        (format!("{fine}\n{}", "# x\n".repeat(400_000)), "own/rule.rego"),
        (format!("{fine}\nx := "), "own/rule.rego"),
        // Long, and otherwise in order: it may be judged, if the stack holds.
        (when("x < 0") + &format!("\nx := 1 {}", "+ 1\n".repeat(18_000)), "judged|worker ended"),
        (when("regex.match(`(\\w{1,900}){1,900}`, \"a\")"), "could not be evaluated"),
        (when("data.guardrails.nothere.x"), "nothing defines"),
    ] {
        let endless = expected.contains("no answer within");
        let bounds = if endless { short } else { bounds() };
        let said = refused(&muster(), &with_rule(&body), &bounds);
        let head: String = body.chars().take(200).collect();
        assert!(expected.split('|').any(|words| said.contains(words)), "{head}: {said}");
    }
}

#[test]
fn policies_that_cannot_be_told_apart_are_refused_before_a_worker_starts() {
    let nowhere = Path::new("/nonexistent/muster");
    let shadow = |text: &str| {
        let file =
            PolicyFile { path: "policies/break-glass/r.rego".to_owned(), text: text.to_owned() };
        builtin::policies().with(PolicySet { folders: vec![], files: vec![file] })
    };
    let rule = builtin::policies().files.into_iter().find(|f| f.path.contains("break-glass/rule."));
    let said = refused(nowhere, &shadow(&rule.unwrap().text), &bounds());
    assert!(said.contains("already declared"), "{said}");
    let said = refused(nowhere, &shadow("package guardrails.break_glass\n"), &bounds());
    assert!(said.contains("METADATA"), "{said}");
    let empty = PolicySet { folders: vec!["policies".to_owned()], files: vec![] };
    let said = refused(nowhere, &builtin::policies().with(empty), &bounds());
    assert!(said.contains("the folder `policies` holds no"), "{said}");
    let said = refused(nowhere, &builtin::policies(), &bounds());
    assert!(said.contains("cannot be started"), "{said}");
}

/// A worker that is a shell script.
fn script(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("worker");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn a_worker_that_does_not_answer_whole_is_never_an_approval() {
    let none = r#"{"findings":[]}"#;
    let three = r#""break-glass","group-only-roles","least-privilege""#;
    let done = |rules: &str| format!(r#"{{"done":{{"rules":[{rules}]}}}}"#);
    let echo = |lines: &[&str]| {
        let lines: Vec<String> = lines.iter().map(|line| format!("echo '{line}'")).collect();
        format!("while read -r line; do :; done\n{}", lines.join("\n"))
    };
    let full = done(three);
    let finding = |rule: &str, addresses: &str| {
        format!(
            r#"{{"findings":[{{"rule":"{rule}","level":"warn","message":"m","addresses":[{addresses}],"file":null,"line":null,"remedy":null}}]}}"#
        )
    };
    let (alien, address) = (finding("other", ""), finding("break-glass", "\"nowhere\""));
    let broken = r#"{"broken":{"rule":"x","why":"y"}}"#;
    let short = Bounds { base: Duration::from_millis(700), ..Bounds::default() };
    for (body, expected) in [
        ("exit 0".to_owned(), "not complete"),
        ("exit 3".to_owned(), "ended with exit status: 3"),
        ("kill -9 $$".to_owned(), "ended with signal: 9"),
        ("echo oops >&2; exit 1".to_owned(), "oops"),
        ("while :; do :; done".to_owned(), "no answer within"),
        (echo(&["hello"]), "cannot be read"),
        (echo(&[none, none]), "not complete"),
        (echo(&[&full]), "0 answers to 1 chunks"),
        (echo(&[none, &full]), "1 answers to 1 chunks"),
        (echo(&[none, none, &done(r#""break-glass""#)]), "missing: group-only-roles"),
        (echo(&[none, none, &done(&format!("{three},\"x\""))]), "not asked for: x"),
        (echo(&[none, none, &done(&format!("{three},\"break-glass\""))]), "are not those"),
        (echo(&[none, none, &full, none]), "after its last word"),
        (echo(&[none, &alien, &full]), "not asked for: other"),
        (echo(&[none, &address, &full]), "is not an address"),
        (echo(&[none, none, &full]) + "\nexit 7", "exit status: 7"),
        (echo(&[none, none, &full]) + "\nkill -9 $$", "signal: 9"),
        (echo(&[none, broken]), "`x` could not be evaluated: y"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let said = refused(&script(folder.path(), &body), &builtin::policies(), &short);
        assert!(said.contains(expected), "{body}: {said}");
    }
    // The same with nothing wrong is an answer: the cases above fail for their own reasons.
    let folder = tempfile::tempdir().unwrap();
    let good = script(folder.path(), &echo(&[none, none, &full]));
    let plan = one_group();
    let desired = desired();
    let document = Document::planned(&plan, &desired).unwrap();
    let results = ask(&good, &builtin::policies(), &document, &bounds()).unwrap();
    assert_eq!(results.len(), 3);
}

#[test]
fn an_answer_larger_than_its_bound_is_a_refusal() {
    let one = |n| change(&binding(user(&format!("u{n}@example.com")), "viewer", Some("p")), n);
    let plan = plan((1..=500).map(one).collect());
    let desired = desired();
    let document = Document::planned(&plan, &desired).unwrap();
    let small = Bounds { answer: 4 << 10, ..bounds() };
    let error = ask(&muster(), &builtin::policies(), &document, &small).unwrap_err();
    assert!(matches!(error, PolicyError::Worker(_)), "{error}");
}
