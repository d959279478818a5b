//! Dates and instants: when a grant begins and ends.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::decode::{Mapping, text};
use super::node::{Core, Node, Tag};
use super::sink::Sink;
use super::words::Excerpt;

/// Which end of a day a date without a time stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// Its first instant (`from`).
    Start,
    /// Its last instant (`until`).
    End,
}

/// The instant at `node`: a date (UTC), or an RFC 3339 instant.
pub(super) fn instant(
    node: Node<'_>,
    name: &str,
    edge: Edge,
    sink: &mut Sink,
) -> Option<Timestamp> {
    let is_number = node.tag() == Tag::Plain && node.core() == Core::Integer;
    let written = if is_number { node.text() } else { text(node, name, sink)? };
    let read = read(written, edge);
    let Err(wrong) = read else { return read.ok() };
    let (what, remedy) = match (wrong, name) {
        (Wrong::Range, "until") => {
            (format!("`until` is too far away: `{}`", Excerpt(written)), FOR_EVER)
        }
        (Wrong::Range, _) => (format!("`{name}` is out of range: `{}`", Excerpt(written)), FORMS),
        (Wrong::Form(_), _) => (format!("`{name}` is not a date: `{}`", Excerpt(written)), FORMS),
    };
    let words = [format_args!("{what}"), format_args!("{}", wrong.why()), format_args!("{remedy}")];
    sink.error(node.place(), "bad-date", words);
    None
}

/// The forms of dates and instants.
const FORMS: &str = "write a date (`2026-12-31`) or an instant (`2026-12-31T18:00:00Z`)";
/// What to write instead of a date that stands for no end.
const FOR_EVER: &str = "leave `until` out for a grant without an end, where it may be left out; otherwise write a \
                        date that somebody will live to see";

/// What is wrong with a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// It is written in another way, or is not in the calendar.
    Form(&'static str),
    /// It cannot be counted in nanoseconds, as guardrails count time.
    Range,
}

impl Wrong {
    const fn why(self) -> &'static str {
        match self {
            Self::Form(why) => why,
            Self::Range => "dates from 1678 to 2261 can be reckoned with",
        }
    }
}

/// The instant that a text stands for: a date (its first instant in UTC), or an RFC 3339 instant.
///
/// # Errors
///
/// What is wrong with it, in words.
pub fn instant_of(written: &str) -> Result<Timestamp, &'static str> {
    read(written, Edge::Start).map_err(Wrong::why)
}

fn read(written: &str, edge: Edge) -> Result<Timestamp, Wrong> {
    let form = || Wrong::Form(what_is_wrong(written));
    if is_date_shaped(written) {
        let date: Date = written.parse().map_err(|_| form())?;
        let zoned = date.to_zoned(TimeZone::UTC).map_err(|_| Wrong::Range)?;
        let start = countable(zoned.timestamp())?;
        return match edge {
            Edge::Start => Ok(start),
            Edge::End => {
                let end =
                    start.checked_add(24.hours()).and_then(|end| end.checked_sub(1.nanosecond()));
                end.map_err(|_| Wrong::Range).and_then(countable)
            }
        };
    }
    if !is_instant_shaped(written) {
        return Err(form());
    }
    // The library has no instants in the last hours of the year 9999.
    let is_far = || {
        let date = written.get(..10).and_then(|date| date.parse::<Date>().ok());
        date.is_some_and(|date| !COUNTABLE.contains(&date.year()))
    };
    match written.parse() {
        Ok(instant) => countable(instant),
        Err(_) if is_far() => Err(Wrong::Range),
        Err(_) => Err(form()),
    }
}

/// The years of which every instant fits into 64 bits of nanoseconds.
const COUNTABLE: RangeInclusive<i16> = 1678..=2261;

/// The same instant, if it is in one of those years.
fn countable(instant: Timestamp) -> Result<Timestamp, Wrong> {
    let year = instant.to_zoned(TimeZone::UTC).year();
    if COUNTABLE.contains(&year) { Ok(instant) } else { Err(Wrong::Range) }
}

fn is_date_shaped(written: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    written.len() == 10 && written.bytes().enumerate().all(shape)
}

/// `2026-12-31T18:00:00Z`, with a fraction or an offset if need be: RFC 3339 section 5.6, less
/// than what the library would read.
fn is_instant_shaped(written: &str) -> bool {
    let Some((date, time)) = written.split_at_checked(10) else { return false };
    let Some(clock) = time.strip_prefix(['T', 't']) else { return false };
    let (clock, zone_holds) = match clock.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, true),
        None => match clock.rfind(['+', '-']) {
            Some(at) => (&clock[..at], clock.len() - at == 6 && clock.as_bytes()[at + 3] == b':'),
            None => (clock, false),
        },
    };
    is_date_shaped(date)
        && zone_holds
        && clock.len() >= 8
        && clock.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
}

fn what_is_wrong(written: &str) -> &'static str {
    if is_date_shaped(written) {
        "there is no such day in the calendar"
    } else if is_instant_shaped(written) {
        "there is no such instant"
    } else if written.len() > 10 && is_date_shaped(written.get(..10).unwrap_or_default()) {
        "an instant needs `T`, a time with seconds, and a zone (`Z` or `+02:00`)"
    } else {
        "days are written year-month-day with four, two and two digits"
    }
}

/// `from` and `until` of one grant; an end before the beginning is reported.
pub(super) fn span(
    mapping: Mapping<'_>,
    sink: &mut Sink,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let from = mapping.get("from").and_then(|node| instant(node, "from", Edge::Start, sink));
    let until_node = mapping.get("until");
    let until = until_node.and_then(|node| instant(node, "until", Edge::End, sink));
    if let (Some(begin), Some(end), Some(node)) = (from, until, until_node)
        && end < begin
    {
        sink.error(
            node.place(),
            "ends-before-it-begins",
            [
                format_args!("`until` ({end}) lies before `from` ({begin})"),
                format_args!("such a grant would never hold"),
                format_args!("mend one of the two dates"),
            ],
        );
    }
    (from, until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_whole_day_in_utc() {
        assert_eq!(read("2026-12-31", Edge::Start).unwrap().to_string(), "2026-12-31T00:00:00Z");
        let end = read("2026-12-31", Edge::End).unwrap();
        assert_eq!(end.to_string(), "2026-12-31T23:59:59.999999999Z");
        let instant = read("2026-12-31T18:00:00+02:00", Edge::End).unwrap();
        assert_eq!(instant.to_string(), "2026-12-31T16:00:00Z");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for written in [
            "2026-02-30",
            "2026-13-01",
            "2026-1-1",
            "31.12.2026",
            "2026-12-31 18:00:00Z",
            "tomorrow",
            "2026-12-31T18:00:00",
            "2026-12-31T18:00Z",
            "2026-12-31T18:00:00+02:00[Europe/Paris]",
            "2026-12-31T25:00:00Z",
            "20261231",
        ] {
            assert!(matches!(read(written, Edge::End), Err(Wrong::Form(_))), "{written}");
        }
    }

    #[test]
    fn what_cannot_be_reckoned_with_is_told_from_what_is_no_date() {
        for written in
            ["9999-12-31", "2262-01-01", "0000-01-01", "1677-12-31", "2262-01-01T00:00:00+01:00"]
        {
            let is_last_hour = written.ends_with("+01:00");
            assert_eq!(read(written, Edge::End).is_err(), !is_last_hour, "{written}");
            if !is_last_hour {
                assert_eq!(read(written, Edge::Start), Err(Wrong::Range), "{written}");
            }
        }
        for written in ["1678-01-01", "2261-12-31", "2261-12-31T23:59:59.999999999Z"] {
            let instant = read(written, Edge::End).unwrap();
            assert!(i64::try_from(instant.as_nanosecond()).is_ok(), "{written}");
        }
    }
}
