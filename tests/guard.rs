//! The guardrails from outside: the real worker process, hostile policies, hostile workers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::disallowed_methods, reason = "a test writes its own worker")]

mod edits;
mod hostile;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use muster::config::{Desired, SourceText, Waiver, parse};
use muster::edge::policy_worker::Worker;
use muster::guard::input::{Asked, Document};
use muster::guard::rego::{Bounds, Outline, PolicyFile, PolicySet};
use muster::guard::{PolicyError, PolicyResults, Regime, builtin, judge, judge_declared};
use muster::kind::{BindingSpec, Fields, Grant, Item, Key, Principal, Source};
use muster::plan::{Action, Approvers, Change, Cost, Level, Plan, Population};

use super::support::holders;

fn source(line: u32) -> Source {
    Source { file: "identity.yaml".into(), line, column: 5 }
}

fn desired() -> Desired {
    let file = "organization: acme
target: { provider: sandbox }
protected: { users: [\"bg-*@example.com\"] }
administrators: { roles: [admin], atLeast: 2 }
";
    let text = |name: &str, text: &str| SourceText { name: name.into(), bytes: text.into() };
    let nobody = text("identity.yaml", "users: {}\n");
    parse(&text("muster.yaml", file), &[nobody], 1).map(|(desired, _)| desired).unwrap()
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
        own: vec![],
        approvers: Approvers::default(),
        graph: muster::plan::access::Graph::default(),
        access: muster::plan::access::AccessDelta::default(),
        organization: "acme".to_owned(),
        target: "sandbox".to_owned(),
        now: "2026-11-21T12:00:00Z".parse().unwrap(),
        changes,
        unmanaged: vec![],
        findings: vec![],
        member_batch: 100,
        new_groups_have_members: false,
        population: Population::default(),
        cost: Cost::default(),
        ids: BTreeMap::new(),
        doubts: BTreeMap::new(),
        administration: Default::default(),
        held: vec![],
        waiting: vec![],
        skew: None,
    }
}

fn one_group() -> Plan {
    plan(vec![change(&binding(group(), "viewer", Some("prod")), 3)])
}

fn muster() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_muster"))
}

fn bounds() -> Bounds {
    Bounds { processor: Duration::from_secs(20), ..Bounds::default() }
}

fn ask(
    exe: &Path,
    policies: &PolicySet,
    document: &Document<'_>,
    bounds: &Bounds,
) -> Result<PolicyResults, PolicyError> {
    let settings = serde_json::json!({});
    let outline = Outline::of(policies)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let worker = Worker::start(exe, policies, &settings, *bounds)?;
        worker.judge(&outline, document).await
    })
}

fn said(results: &PolicyResults) -> Vec<(&str, Level, Option<u32>)> {
    let all = results.iter().flat_map(|(_, findings)| findings);
    all.map(|f| (f.id.as_str(), f.level, f.source.as_ref().map(|s| s.line))).collect()
}

#[test]
fn rules_of_the_pack_judge_a_plan_in_their_own_process() {
    let plan = plan(vec![
        change(&binding(user("bot@example.com"), "viewer", Some("prod")), 3),
        change(&binding(group(), "viewer", Some("prod")), 4),
        change(&binding(group(), "compute.*", Some("prod")), 5),
        change(&binding(group(), "viewer", None), 6),
        change(&binding(group(), "admin", Some("prod")), 7),
        change(&binding(user("BG-One@example.com"), "viewer", Some("prod")), 8),
    ]);
    let desired = desired();
    let document = Document::planned(&plan, &desired, &Asked::default()).unwrap();
    let policies = small_pack();
    let results = ask(&muster(), &policies, &document, &bounds()).unwrap();
    let deny = Level::Deny;
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
        ]
    );
    let expected = Outline::of(&policies).unwrap().ids();
    let verdict = judge(&plan, &desired, results, &Regime::expecting(&expected)).unwrap();
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
    let policies = small_pack();
    let outline = Outline::of(&policies).unwrap();
    let judged = |desired: &Desired| {
        let document =
            Document::declared(desired, now, &outline.kinds(), &Asked::default()).unwrap();
        let results = ask(&muster(), &policies, &document, &bounds()).unwrap();
        judge_declared(desired, now, results, &Regime::expecting(&outline.ids())).unwrap()
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
    desired.items.insert(Item::new(membership, Fields::new()));
    let verdict = judged(&desired);
    let denied: Vec<_> = verdict.denials().map(|(_, f)| f.id.as_str()).collect();
    assert_eq!(denied, ["break-glass"]);
}

#[test]
fn more_changes_than_a_chunk_are_all_judged() {
    let one = |n| change(&binding(user(&format!("u{n}@example.com")), "viewer", Some("p")), n);
    let plan = plan((1..=2_345).map(one).collect());
    let desired = desired();
    let document = Document::planned(&plan, &desired, &Asked::default()).unwrap();
    let results = ask(&muster(), &small_pack(), &document, &bounds()).unwrap();
    assert_eq!(said(&results).len(), 2_345);
}

/// The built-in rules that these tests name, and what they share.
fn small_pack() -> PolicySet {
    let wanted = ["break-glass/", "group-only-roles/", "least-privilege/", "lib/"];
    let is_wanted =
        |path: &str| wanted.iter().any(|name| path.starts_with(&format!("built-in/{name}")));
    let PolicySet { folders, files } = builtin::policies();
    PolicySet { folders, files: files.into_iter().filter(|file| is_wanted(&file.path)).collect() }
}

/// A set of one rule with this body, which sings.
fn one_rule(body: &str) -> PolicySet {
    let header = "# METADATA\n# title: T\n# description: D\n# custom:\n#   id: own\n#   severity: \
                  deny\n#   scope: change\n#   kinds: [user]\n#   remedy: R\n#   canary: \"{}\"\n\
                  package guardrails.own\n";
    let sings =
        "warn_canary contains v if { input.organization == \"canary\"; v := {\"msg\": \"c\"} }";
    let text = format!("{header}{body}\n{sings}\n");
    let file = PolicyFile { path: "policies/own/rule.rego".to_owned(), text };
    PolicySet { folders: vec!["policies".to_owned()], files: vec![file] }
}

fn refused(exe: &Path, policies: &PolicySet, bounds: &Bounds) -> String {
    let plan = one_group();
    let desired = desired();
    let document = Document::planned(&plan, &desired, &Asked::default()).unwrap();
    match ask(exe, policies, &document, bounds) {
        Ok(results) => format!("judged: {results:?}"),
        Err(error) => error.to_string(),
    }
}

/// What never ends takes all the time it is given, so that less of it makes these tests faster.
fn patience() -> Bounds {
    let short = Bounds { processor: Duration::from_secs(1), ..Bounds::default() };
    if cfg!(feature = "broad") { Bounds::default() } else { short }
}

#[test]
fn hostile_policies_are_refused_in_words() {
    let bodies = hostile::bodies();
    let expected = if cfg!(feature = "broad") { 85 } else { 60 };
    assert!(bodies.len() >= expected, "{}", bodies.len());
    let mut wrong = Vec::new();
    for (body, expected) in bodies {
        let said = refused(&muster(), &one_rule(&body), &patience());
        let head: String = body.chars().take(160).collect();
        if said.starts_with("judged") || !expected.split('|').any(|words| said.contains(words)) {
            let said: String = said.chars().take(300).collect();
            wrong.push(format!("{head}\n    expected: {expected}\n    said: {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Ten thousand rules in one file, none of them wrong: judged, or refused; never a hang.
#[test]
fn ten_thousand_rules_are_judged_or_refused() {
    let mut body = String::from("deny contains v if { r1; v := {\"msg\": \"m\"} }\n");
    for n in 1..=10_000 {
        body.push_str(&format!("r{n} if input.actor == \"k{n}\"\n"));
    }
    let said = refused(&muster(), &one_rule(&body), &Bounds::default());
    assert!(said.starts_with("judged") || said.contains("worker ended"), "{said}");
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
    let short = Bounds {
        clock: Duration::ZERO,
        processor: Duration::from_millis(700),
        ..Bounds::default()
    };
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
        let said = refused(&script(folder.path(), &body), &small_pack(), &short);
        assert!(said.contains(expected), "{body}: {said}");
    }
    // The same with nothing wrong is an answer: the cases above fail for their own reasons.
    let folder = tempfile::tempdir().unwrap();
    let good = script(folder.path(), &echo(&[none, none, &full]));
    let plan = one_group();
    let desired = desired();
    let document = Document::planned(&plan, &desired, &Asked::default()).unwrap();
    let results = ask(&good, &small_pack(), &document, &bounds()).unwrap();
    assert_eq!(results.len(), 3);
}

#[test]
fn an_answer_larger_than_its_bound_is_a_refusal() {
    let one = |n| change(&binding(user(&format!("u{n}@example.com")), "viewer", Some("p")), n);
    let plan = plan((1..=500).map(one).collect());
    let desired = desired();
    let document = Document::planned(&plan, &desired, &Asked::default()).unwrap();
    let small = Bounds { answer: 4 << 10, ..bounds() };
    let error = ask(&muster(), &small_pack(), &document, &small).unwrap_err();
    assert!(matches!(error, PolicyError::Worker(_)), "{error}");
}
