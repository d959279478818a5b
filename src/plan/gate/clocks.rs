//! The things that a date decides, while two clocks disagree: they stay as they are. Either clock
//! may be the wrong one, and a grant that is given or taken by it is given or taken wrongly.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::config::Desired;
use crate::kind::{Address, Grant, Item, Source};
use crate::live::Skew;
use crate::plan::draft::Draft;
use crate::plan::inputs::Inputs;
use crate::plan::{Finding, Level, Waiting};

/// The name of what is said of clocks that disagree.
const ID: &str = "clocks-disagree";

/// The grant of an item that begins or ends at some time.
fn dated(item: &Item) -> Option<&Grant> {
    item.grant.as_deref().filter(|grant| grant.from.is_some() || grant.until.is_some())
}

/// Whether a date decides anything of what is declared.
pub(in crate::plan) fn decide(desired: &Desired) -> bool {
    !desired.waivers.is_empty() || desired.items.values().any(|item| dated(item).is_some())
}

/// Takes out the changes that a date decides, and says why.
pub(super) fn hold(inputs: Inputs<'_>, mut draft: Draft) -> Draft {
    let Some(skew) = inputs.live.skew else { return draft.in_order() };
    let is_dated = |address: &Address| inputs.desired.items.get(address).and_then(dated).is_some();
    let changes = std::mem::take(&mut draft.changes);
    let (held, kept): (Vec<_>, Vec<_>) =
        changes.into_iter().partition(|change| is_dated(&change.address));
    let mut waiting: BTreeMap<Address, Waiting> = BTreeMap::new();
    let mut hold = |address: &Address, source: &Option<Source>, reason: &str| {
        let why = format!("held until the clocks agree ({ID}): {reason}");
        let one = Waiting { address: address.clone(), why, source: source.clone() };
        waiting.entry(address.clone()).or_insert(one);
    };
    for change in &held {
        hold(&change.address, &change.source, &change.reason);
    }
    // What this machine's clock changes nothing of, and the other one would.
    let theirs = skew.theirs_at(inputs.now);
    for item in inputs.desired.items.values() {
        let Some(grant) = dated(item) else { continue };
        if grant.holds_at(inputs.now) != grant.holds_at(theirs) {
            hold(&item.address, &item.source, "it holds by one of the two clocks alone");
        }
    }
    draft.findings.push(finding(inputs.desired, &skew, waiting.len()));
    draft.waiting.extend(waiting.into_values());
    Draft { changes: kept, ..draft }.in_order()
}

fn finding(desired: &Desired, skew: &Skew, held: usize) -> Finding {
    let (there, here) = (skew.theirs.strftime("%FT%TZ"), skew.ours.strftime("%FT%TZ"));
    let consequence = match (decide(desired), held) {
        (false, _) => "no date decides anything here, so the plan goes on".to_owned(),
        (true, 0) => "nothing that a date decides is given or taken; none of it is due now, and a \
                      waiver counts only if it has not ended by either clock"
            .to_owned(),
        (true, held) => format!(
            "nothing that a date decides is given or taken: {held} held, listed as waiting; a \
             waiver counts only if it has not ended by either clock"
        ),
    };
    Finding {
        level: Level::Warn,
        id: ID.to_owned(),
        message: format!(
            "the target's clock and this machine's are {} apart: {there} there (its `Date`), \
             {here} here. One of them is wrong: {consequence}",
            shown(skew.apart())
        ),
        addresses: vec![],
        source: None,
        remedy: "find out which clock is wrong, set it (NTP), and run it again".to_owned(),
    }
}

/// A duration in its largest unit.
fn shown(apart: SignedDuration) -> String {
    let minutes = apart.as_mins();
    match minutes {
        0..=119 => format!("{minutes} minutes"),
        120..=2_879 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}
