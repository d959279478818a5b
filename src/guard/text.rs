//! Numbers, names and YAML in the guard's messages.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::config::literal_glob;
use crate::kind::Address;

/// How many names a message holds.
const SHOWN: usize = 10;
/// How long the waiver that a message proposes holds, in days.
const WAIVER_DAYS: i64 = 7;

/// The first names in backticks, and how many more there are.
pub(super) fn names(addresses: &BTreeSet<&Address>) -> String {
    let shown: Vec<String> = addresses.iter().take(SHOWN).map(|a| format!("`{a}`")).collect();
    let more = addresses.len().saturating_sub(SHOWN);
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `count` as a share of `population`, with one decimal where it is not whole.
pub(super) fn percent(count: u64, population: u64) -> String {
    if population == 0 {
        return "of none".to_owned();
    }
    let tenths = count.saturating_mul(1000) / population;
    match tenths % 10 {
        0 => format!("{} %", tenths / 10),
        rest => format!("{}.{rest} %", tenths / 10),
    }
}

/// The pattern that matches exactly this address.
pub(super) fn pattern_of(address: &Address) -> String {
    literal_glob(&address.to_string())
}

/// The waivers to write, as YAML: what each is for, and how many it covers. Strings are quoted as
/// JSON, which YAML reads alike.
pub(super) fn waivers_yaml(id: &str, patterns: &[(String, usize)], now: Timestamp) -> String {
    let today: Date = now.to_zoned(TimeZone::UTC).date();
    let until = today.checked_add(WAIVER_DAYS.days()).unwrap_or(today);
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let waiver = |(pattern, at_most): &(String, usize)| {
        format!(
            "\n  - {{ rule: {}, for: {}, until: {until}, reason: \"WHY\", approvedBy: \"WHO\", \
             atMost: {at_most} }}",
            quote(id),
            quote(pattern),
        )
    };
    let all: String = patterns.iter().map(waiver).collect();
    format!("waivers:{all}")
}
