//! The verdict, and the only way from a plan to an approved one.

use jiff::Timestamp;

use crate::kind::{Address, Source};
use crate::plan::{Finding, Level, Plan};

/// Which layer of the guard a rule belongs to; all of them must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// In code: protected objects, administrators, unproved reads.
    Invariant,
    /// In code, with numbers from `limits`.
    Limit,
    /// Rego: the built-in pack and the project's own policies.
    Policy,
}

/// One rule that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct RuleRun {
    /// The rule's stable name.
    pub id: String,
    /// Its layer.
    pub layer: Layer,
    /// How many findings it has after waivers.
    pub findings: usize,
}

/// A waiver that was made use of: recorded, so that what was let through is never silent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waived {
    /// The rule or limit.
    pub rule: String,
    /// What was left out of it, sorted.
    pub addresses: Vec<Address>,
    /// Why.
    pub reason: String,
    /// Who approved it.
    pub approved_by: String,
    /// The last instant at which the waiver holds.
    #[serde(serialize_with = "as_text")]
    pub until: Timestamp,
    /// Where it is written.
    pub source: Source,
}

/// A guardrail that the project turned off: recorded, so that what did not run is never silent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct TurnedOff {
    /// The rule.
    pub rule: String,
    /// Why.
    pub reason: String,
    /// Where that is written.
    pub source: Source,
}

fn as_text<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

/// All rules that ran, and all they found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    rules: Vec<RuleRun>,
    /// The changes of the guard itself: shown before all else.
    changed: Vec<(Layer, Finding)>,
    findings: Vec<(Layer, Finding)>,
    waived: Vec<Waived>,
    off: Vec<TurnedOff>,
}

impl Verdict {
    /// A verdict of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            rules: Vec::new(),
            changed: Vec::new(),
            findings: Vec::new(),
            waived: Vec::new(),
            off: Vec::new(),
        }
    }

    /// Records that the rule `id` ran and what it found.
    pub fn record(&mut self, layer: Layer, id: &str, findings: Vec<Finding>) {
        self.rules.push(RuleRun { id: id.to_owned(), layer, findings: findings.len() });
        self.rules.sort();
        self.findings.extend(findings.into_iter().map(|finding| (layer, finding)));
        self.findings.sort_by(|a, b| a.1.cmp(&b.1));
    }

    /// Records one more finding of a rule that ran, or that ran under another guard.
    pub(super) fn add(&mut self, layer: Layer, finding: Finding) {
        match self.rules.iter_mut().find(|run| run.id == finding.id) {
            Some(run) => run.findings += 1,
            None => {
                self.rules.push(RuleRun { id: finding.id.clone(), layer, findings: 1 });
                self.rules.sort();
            }
        }
        self.findings.push((layer, finding));
        self.findings.sort_by(|a, b| a.1.cmp(&b.1));
    }

    /// Records how the guard itself was changed, in the order given: it is shown first.
    pub fn record_changed(&mut self, id: &str, findings: Vec<Finding>) {
        let run = RuleRun { id: id.to_owned(), layer: Layer::Invariant, findings: findings.len() };
        self.rules.push(run);
        self.rules.sort();
        self.changed.extend(findings.into_iter().map(|finding| (Layer::Invariant, finding)));
    }

    /// The findings, with the layer of each, but for changes of the guard.
    pub(super) fn into_findings(self) -> Vec<(Layer, Finding)> {
        self.findings
    }

    /// Records the waivers that were made use of.
    pub fn record_waived(&mut self, waived: Vec<Waived>) {
        self.waived.extend(waived);
        self.waived.sort();
    }

    /// Records the guardrails that the project turned off.
    pub fn record_off(&mut self, off: impl IntoIterator<Item = TurnedOff>) {
        self.off.extend(off);
        self.off.sort();
    }

    /// The guardrails that the project turned off, sorted.
    #[must_use]
    pub fn off(&self) -> &[TurnedOff] {
        &self.off
    }

    /// The waivers that were made use of, sorted.
    #[must_use]
    pub fn waived(&self) -> &[Waived] {
        &self.waived
    }

    /// The rules that ran, sorted.
    #[must_use]
    pub fn rules(&self) -> &[RuleRun] {
        &self.rules
    }

    /// The findings: changes of the guard first, then denials, then the rest.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.changed.iter().chain(&self.findings).map(|(_, finding)| finding)
    }

    /// What was denied, with the layer that denied it.
    pub fn denials(&self) -> impl Iterator<Item = (Layer, &Finding)> {
        let denied = |(_, finding): &&(Layer, Finding)| finding.level == Level::Deny;
        self.changed
            .iter()
            .chain(&self.findings)
            .filter(denied)
            .map(|(layer, finding)| (*layer, finding))
    }

    /// Whether nothing was denied and at least one rule ran: a verdict of no rules lets nothing
    /// through.
    #[must_use]
    pub fn passes(&self) -> bool {
        !self.rules.is_empty() && self.denials().next().is_none()
    }
}

/// A plan that its verdict lets through. Nothing else can be applied, and [`approve`] is the
/// only way to one.
#[derive(Clone, Debug)]
pub struct Approved {
    plan: Plan,
    verdict: Verdict,
}

impl Approved {
    /// The plan.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The verdict that let it through.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}

/// A plan that its verdict does not let through.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The plan, to be shown.
    pub plan: Plan,
    /// The verdict, to be shown.
    pub verdict: Verdict,
    /// The layer that decides the exit status: an invariant or limit before a policy.
    pub layer: Layer,
}

/// Lets a plan through if its verdict does.
///
/// # Errors
///
/// [`Refusal`] when anything was denied, or when no rule ran at all.
pub fn approve(plan: Plan, verdict: Verdict) -> Result<Approved, Box<Refusal>> {
    if verdict.passes() {
        return Ok(Approved { plan, verdict });
    }
    let layer = verdict.denials().map(|(layer, _)| layer).min().unwrap_or(Layer::Policy);
    Err(Box::new(Refusal { plan, verdict, layer }))
}
