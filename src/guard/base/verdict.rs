//! One verdict of two guards: what either refuses is refused.

use std::collections::BTreeSet;

use super::is_unmerged;
use crate::config::Desired;
use crate::guard::invariants::ADMINISTRATORS;
use crate::guard::{Layer, PolicyError, Verdict, unmatched};
use crate::kind::{Address, KindName};
use crate::plan::{Action, Finding, Level, Plan};

/// The verdict of the base's guard on a plan, and what it is about.
pub struct ByBase<'a> {
    /// The base's name.
    pub name: &'a str,
    /// The verdict under its guard.
    pub verdict: Verdict,
    /// The desired state of the base itself.
    pub desired: &'a Desired,
    /// The plan under its `manage`; `None` where that is the same.
    pub plan: Option<&'a Plan>,
}

impl Verdict {
    /// Adds what the base's guard says beyond this verdict, of a plan or of what is declared. A
    /// plan that changes nothing has nothing to refuse: what the base alone says of it is shown.
    ///
    /// # Errors
    ///
    /// A pattern that is no glob.
    pub fn join(
        &mut self,
        base: ByBase<'_>,
        head: &Desired,
        plan: Option<&Plan>,
    ) -> Result<(), PolicyError> {
        let ByBase { name, verdict, desired, plan: wider } = base;
        let known: Vec<Finding> = self.findings().cloned().collect();
        for (layer, mut finding) in verdict.into_findings() {
            // The administrators of the base are counted in the plan itself.
            let is_counted = plan.is_some() && finding.id == ADMINISTRATORS;
            if is_counted || known.contains(&finding) {
                continue;
            }
            if plan.is_some_and(Plan::is_empty) {
                finding.level = Level::Warn;
            }
            finding.message.push_str(&format!(" (by the guard of the base `{name}`)"));
            if let Some(waiver) = is_unmerged(head, desired, &finding.id) {
                finding.remedy = format!(
                    "merge the waiver at {}:{} first: it counts once the base has it",
                    waiver.source.file, waiver.source.line
                );
            }
            self.add(layer, finding);
        }
        let Some(plan) = plan else { return Ok(()) };
        if let Some(wider) = wider {
            let found = outside(plan, wider, name);
            self.record(Layer::Invariant, "manage", found);
        }
        Ok(())
    }

    /// Adds what there is to say of entries that protect and cover somebody in the base, and nobody
    /// here.
    ///
    /// # Errors
    ///
    /// A pattern that is no glob.
    pub fn add_uncovered(
        &mut self,
        plan: &Plan,
        head: &Desired,
        base: &Desired,
    ) -> Result<(), PolicyError> {
        for finding in unmatched::lost(plan, head, base)? {
            self.add(Layer::Invariant, finding);
        }
        Ok(())
    }
}

/// The changes that the base's `manage` does not allow.
fn outside(plan: &Plan, by_base: &Plan, name: &str) -> Vec<Finding> {
    let allowed: BTreeSet<(&Address, Action)> =
        by_base.changes.iter().map(|change| (&change.address, change.action)).collect();
    let outside: Vec<_> = plan
        .changes
        .iter()
        .filter(|change| !allowed.contains(&(&change.address, change.action)))
        .collect();
    let of = |kind: &KindName| {
        let of_it: Vec<_> = outside.iter().filter(|change| change.kind() == *kind).collect();
        let first = of_it.first()?;
        Some(Finding {
            level: Level::Deny,
            id: "manage".to_owned(),
            message: format!(
                "{} would be changed, and `manage` in the base `{name}` does not let this happen",
                kind.counted(of_it.len() as u64)
            ),
            addresses: of_it.iter().map(|change| change.address.clone()).collect(),
            source: first.source.clone(),
            remedy: "merge a change of `manage` by itself first, with files that plan nothing: \
                     `muster import` writes them"
                .to_owned(),
        })
    };
    KindName::ALL.iter().filter_map(of).collect()
}
