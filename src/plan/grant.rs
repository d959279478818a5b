//! Declared grants that do not hold at the instant of the plan.

use jiff::Timestamp;

use crate::config::Desired;
use crate::kind::{Address, Grant, Source, written};

/// Why a grant does not hold.
pub(super) struct Lapse {
    /// Whether it is past; it has not begun otherwise.
    pub(super) is_over: bool,
    /// In words.
    pub(super) reason: String,
}

/// Why a grant does not hold at `now`; `None`: it holds.
pub(super) fn lapse(grant: &Grant, now: Timestamp) -> Option<Lapse> {
    match (grant.from, grant.until) {
        (_, Some(until)) if now > until => {
            let reason = format!("the grant ended: until {}", written(until));
            Some(Lapse { is_over: true, reason })
        }
        (Some(from), _) if now < from => {
            let reason = format!("the grant has not begun: from {}", written(from));
            Some(Lapse { is_over: false, reason })
        }
        _ => None,
    }
}

/// Why the declared grant at `address` does not hold at `now`, and the line that says so; `None`:
/// it holds, or nothing is declared there.
pub(super) fn lapsed(
    desired: &Desired,
    address: &Address,
    now: Timestamp,
) -> Option<(Lapse, Option<Source>)> {
    let item = desired.items.get(address)?;
    let lapse = lapse(item.grant.as_ref()?, now)?;
    Some((lapse, item.source.clone()))
}
