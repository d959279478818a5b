//! The judgement: all three layers over one plan, and the guardrails alone over what is declared.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobMatcher;
use jiff::Timestamp;

use super::protection::Protection;
use super::verdict::{Layer, Verdict};
use super::waiver::{Known, Waivers};
use super::{
    PolicyError, Regime, TurnedOff, administrators, beneficiary, invariants, limits, unmatched,
    unnamed, waiver,
};
use crate::config::{Desired, Waiver};
use crate::kind::Address;
use crate::plan::{Finding, Plan};

/// What each guardrail that ran has found, by the rule's id.
pub type PolicyResults = Vec<(String, Vec<Finding>)>;

/// Judges a plan: invariants, limits, and what the guardrails found, less what is waived.
///
/// # Errors
///
/// When the rules that ran are not exactly those expected, when none is expected, or when a pattern
/// of the project is no glob.
pub fn judge(
    plan: &Plan,
    desired: &Desired,
    results: PolicyResults,
    regime: &Regime,
) -> Result<Verdict, PolicyError> {
    let expected = &regime.expected;
    let (mut verdict, waivers) = laid(plan, desired, results, regime)?;
    let idle = unmatched::findings(plan, &desired.project)?;
    idle.into_iter().for_each(|finding| verdict.add(Layer::Invariant, finding));
    let limit_ids = limits::ids();
    let stated: BTreeSet<&str> = plan.findings.iter().map(|f| f.id.as_str()).collect();
    let is_limit = |rule: &str| limit_ids.iter().any(|id| id == rule);
    let known = |rule: &str| match rule {
        // First: a guardrail of the same name must not make a waiver of what planning states good.
        _ if stated.contains(rule) => Known::Invariant,
        _ if is_limit(rule) || expected.iter().any(|id| id == rule) => Known::Here,
        _ => Known::Nothing,
    };
    // A guardrail's waiver is for what is declared, whether this plan changes it or not.
    let declared = |waiver: &Waiver, matcher: &GlobMatcher| {
        let matches = |address: &Address| matcher.is_match(address.to_string());
        !is_limit(&waiver.rule) && desired.items.keys().any(matches)
    };
    let mut about = waivers.findings(known, declared);
    let undeclared = plan.changes.iter().map(|change| &change.address);
    let undeclared = undeclared.filter(|address| desired.items.get(address).is_none());
    about.extend(waivers.too_wide(|| desired.items.keys().chain(undeclared)));
    let waived = waivers.used();
    let known = (&plan.approvers, &plan.graph);
    about.extend(beneficiary::findings(desired, plan.now, &waived, known));
    verdict.record(Layer::Invariant, waiver::ID, about);
    verdict.record_waived(waived);
    Ok(verdict)
}

/// Judges a plan by the guard of its base. Entries and waivers there that have nothing to do are not
/// this change's business.
///
/// # Errors
///
/// As [`judge`].
pub fn judge_by_base(
    plan: &Plan,
    desired: &Desired,
    results: PolicyResults,
    regime: &Regime,
) -> Result<Verdict, PolicyError> {
    let (mut verdict, waivers) = laid(plan, desired, results, regime)?;
    let known = (&plan.approvers, &plan.graph);
    let about = beneficiary::findings(desired, plan.now, &waivers.used(), known);
    verdict.record(Layer::Invariant, waiver::ID, about);
    Ok(verdict)
}

/// The three layers, less what is waived.
fn laid<'a>(
    plan: &Plan,
    desired: &'a Desired,
    results: PolicyResults,
    regime: &'a Regime,
) -> Result<(Verdict, Waivers<'a>), PolicyError> {
    complete(&results, &regime.expected)?;
    let mut verdict = Verdict::new();
    record_invariants(plan, desired, &mut verdict)?;
    let waivers = Waivers::new(&desired.waivers, plan.now, &regime.unwaivable)?;
    let mut waivers = waivers.by_both(plan.skew);
    for (id, findings) in limits::judge(plan, &desired.project.limits, &mut waivers) {
        verdict.record(Layer::Limit, &id, findings);
    }
    record_policies(results, regime, &mut waivers, &mut verdict);
    Ok((verdict, waivers))
}

/// Judges what is declared, offline: the guardrails only, less what is waived.
///
/// # Errors
///
/// As [`judge`].
pub fn judge_declared(
    desired: &Desired,
    now: Timestamp,
    results: PolicyResults,
    regime: &Regime,
) -> Result<Verdict, PolicyError> {
    let expected = &regime.expected;
    complete(&results, expected)?;
    let mut verdict = Verdict::new();
    let mut waivers = Waivers::new(&desired.waivers, now, &regime.unwaivable)?;
    record_policies(results, regime, &mut waivers, &mut verdict);
    let limit_ids = limits::ids();
    let known = |rule: &str| match rule {
        _ if expected.iter().any(|id| id == rule) => Known::Here,
        // Whether a name that is no rule's is one of planning's own is seen at the plan.
        _ if limit_ids.iter().any(|id| id == rule) => Known::Elsewhere,
        _ => Known::Nothing,
    };
    let waived = waivers.used();
    let mut about = waivers.findings(known, |_, _| false);
    about.extend(waivers.too_wide(|| desired.items.keys()));
    about.extend(beneficiary::declared(desired, now, &waived));
    verdict.record(Layer::Invariant, waiver::ID, about);
    verdict.record_waived(waived);
    Ok(verdict)
}

/// Whether exactly the expected rules ran, each once.
fn complete(results: &[(String, Vec<Finding>)], expected: &[String]) -> Result<(), PolicyError> {
    if expected.is_empty() {
        return Err(PolicyError::NoRules);
    }
    let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, _) in results {
        *runs.entry(id).or_default() += 1;
    }
    let wanted: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
    let missing: Vec<String> =
        wanted.iter().filter(|id| !runs.contains_key(**id)).map(|&id| id.to_owned()).collect();
    let extra: Vec<String> = runs
        .iter()
        .filter(|(id, count)| !wanted.contains(**id) || **count > 1)
        .map(|(&id, _)| id.to_owned())
        .collect();
    if missing.is_empty() && extra.is_empty() {
        return Ok(());
    }
    Err(PolicyError::Incomplete { missing, extra })
}

fn record_invariants(
    plan: &Plan,
    desired: &Desired,
    verdict: &mut Verdict,
) -> Result<(), PolicyError> {
    let project = &desired.project;
    let protection = Protection::new(&project.protected)?;
    let mut record = |id: &str, found| verdict.record(Layer::Invariant, id, found);
    record(invariants::PROTECTED, invariants::protected(plan, &protection));
    record("unproved-read", invariants::unproved_read(plan));
    record("one-action", invariants::one_action(plan));
    if plan.administration.unnamed {
        record(unnamed::ID, vec![unnamed::finding(plan)]);
    }
    if !plan.administration.demands.is_empty() {
        let found = administrators::Rules::of(plan)?.judge(plan);
        record(invariants::ADMINISTRATORS, found);
    }
    let mut stated: BTreeMap<&str, Vec<Finding>> = BTreeMap::new();
    for finding in &plan.findings {
        stated.entry(&finding.id).or_default().push(finding.clone());
    }
    for (id, findings) in stated {
        record(id, findings);
    }
    Ok(())
}

fn record_policies(
    results: PolicyResults,
    regime: &Regime,
    waivers: &mut Waivers<'_>,
    verdict: &mut Verdict,
) {
    for (id, findings) in results {
        let left = waivers.filter(&id, regime.at_severity(&id, findings));
        verdict.record(Layer::Policy, &id, left);
    }
    let off = |(rule, (reason, source)): (&String, &(String, crate::kind::Source))| TurnedOff {
        rule: rule.clone(),
        reason: reason.clone(),
        source: source.clone(),
    };
    verdict.record_off(regime.off.iter().map(off));
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{administered, change, desired, now, plan, source};
    use super::super::{Layer, approve};
    use super::*;
    use crate::plan::{Action, Level};

    fn ran(ids: &[&str]) -> PolicyResults {
        ids.iter().map(|id| ((*id).to_owned(), vec![])).collect()
    }

    fn expected(ids: &[&str]) -> Regime {
        Regime::expecting(ids)
    }

    fn stated(level: Level) -> Finding {
        Finding {
            level,
            id: "name-taken".to_owned(),
            message: "somebody else has the name".to_owned(),
            addresses: vec![],
            source: None,
            remedy: "rename".to_owned(),
        }
    }

    #[test]
    fn a_harmless_plan_is_approved_and_lists_every_rule() {
        let plan = plan(vec![change("user/a@x.org", Action::Create)]);
        let verdict = judge(&plan, &desired(), ran(&["a"]), &expected(&["a"])).unwrap();
        let layers = |layer| verdict.rules().iter().filter(|r| r.layer == layer).count();
        // Two limits of every kind, and two of the members of one group.
        let limits = 2 * crate::kind::KindName::ALL.len() + 2;
        assert_eq!((layers(Layer::Policy), layers(Layer::Limit)), (1, limits));
        assert_eq!(layers(Layer::Invariant), 4);
        assert!(approve(plan, verdict).is_ok());
    }

    #[test]
    fn the_rules_that_ran_must_be_those_expected() {
        let plan = plan(vec![]);
        for (runs, wanted) in [
            (vec![], vec!["a"]),
            (vec!["a"], vec!["a", "b"]),
            (vec!["a", "b"], vec!["a"]),
            (vec!["a", "a"], vec!["a"]),
            (vec![], vec![]),
        ] {
            let said = judge(&plan, &desired(), ran(&runs), &expected(&wanted));
            assert!(said.is_err(), "{runs:?} {wanted:?}");
            assert!(judge_declared(&desired(), now(), ran(&runs), &expected(&wanted)).is_err());
        }
    }

    #[test]
    fn what_planning_denies_is_a_denial_and_has_no_waiver() {
        let mut plan = plan(vec![]);
        plan.findings.push(stated(Level::Warn));
        let verdict = judge(&plan, &desired(), ran(&["a"]), &expected(&["a"])).unwrap();
        assert!(verdict.passes());
        plan.findings.push(stated(Level::Deny));
        let mut desired = desired();
        desired.waivers.push(Waiver {
            rule: "name-taken".to_owned(),
            applies_to: "*".to_owned(),
            until: now(),
            reason: String::new(),
            approved_by: String::new(),
            at_most: 9,
            source: source(3),
        });
        let verdict = judge(&plan, &desired, ran(&["a"]), &expected(&["a"])).unwrap();
        let denied: Vec<_> = verdict.denials().map(|(layer, f)| (layer, f.id.clone())).collect();
        assert_eq!(
            denied,
            [(Layer::Invariant, "name-taken".to_owned()), (Layer::Invariant, "waiver".to_owned())]
        );
        // Nor does a guardrail of that name make it one that can be waived.
        let namesake = "name-taken";
        let verdict = judge(&plan, &desired, ran(&[namesake]), &expected(&[namesake])).unwrap();
        assert_eq!(verdict.denials().count(), 2);
    }

    #[test]
    fn each_layer_alone_refuses() {
        let refused = |plan: Plan, results: PolicyResults| {
            let mut desired = desired();
            desired.project.protected.users.push("bg@x.org".to_owned());
            desired.project.administrators.groups.push("admins".to_owned());
            let verdict = judge(&plan, &desired, results, &expected(&["a"])).unwrap();
            approve(plan, verdict).err().map(|refusal| refusal.layer)
        };
        let one = |address, action| plan(vec![change(address, action)]);
        let quiet = || ran(&["a"]);
        assert_eq!(refused(one("user/bg@x.org", Action::Update), quiet()), Some(Layer::Invariant));
        let mut many = plan(vec![]);
        many.changes = (0..3).map(|n| change(&format!("user/u{n}"), Action::Delete)).collect();
        // Enough administrators, so that the removals are the limit's business alone.
        administered(&mut many, &[("x", &["admins"]), ("y", &["admins"])]);
        assert_eq!(refused(many, quiet()), Some(Layer::Limit));
        let loud = vec![("a".to_owned(), vec![stated(Level::Deny)])];
        assert_eq!(refused(plan(vec![]), loud), Some(Layer::Policy));
        let mut last = one("membership/admins/ada", Action::Delete);
        administered(&mut last, &[("ada", &["admins"])]);
        assert_eq!(refused(last, quiet()), Some(Layer::Invariant));
    }
}
