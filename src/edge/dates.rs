//! The time as servers say it: the `Date` of every answer (RFC 9110 section 6.6.1), compared
//! with this machine's clock when the answer came. One clock that is wrong decides wrongly which
//! grants hold.

use std::sync::{Mutex, PoisonError};

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::live::Skew;

/// The furthest that a clock was from ours.
#[derive(Debug, Default)]
pub(super) struct Dates(Mutex<Option<Skew>>);

impl Dates {
    /// Takes note of an answer that came at `arrived`. One without a date says nothing.
    pub(super) fn note<'a>(&self, arrived: Timestamp, header: &dyn Fn(&str) -> Option<&'a str>) {
        let Some(skew) = said(header).and_then(|theirs| Skew::between(arrived, theirs)) else {
            return;
        };
        let mut furthest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if furthest.is_none_or(|before| before.apart() < skew.apart()) {
            *furthest = Some(skew);
        }
    }

    /// The furthest that a clock was from ours, if any was too far.
    pub(super) fn skew(&self) -> Option<Skew> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time on the server's clock when the answer left: its `Date`, and what it spent in caches
/// since (`Age`, RFC 9111 section 5.1).
fn said<'a>(header: &dyn Fn(&str) -> Option<&'a str>) -> Option<Timestamp> {
    let date = read(header("date")?.trim())?;
    let age = header("age").and_then(|age| age.trim().parse::<u32>().ok()).unwrap_or(0);
    date.checked_add(SignedDuration::from_secs(i64::from(age))).ok()
}

/// The three forms of a date that a recipient has to take (RFC 9110 section 5.6.7). Whether the day
/// of the week is the right one does not matter.
fn read(written: &str) -> Option<Timestamp> {
    let parser = DateTimeParser::new().relaxed_weekday(true);
    let older = |form| strtime::parse(form, written).ok()?.to_datetime().ok();
    parser.parse_timestamp(written).ok().or_else(|| {
        let civil = older("%A, %d-%b-%y %H:%M:%S GMT").or_else(|| older("%a %b %e %H:%M:%S %Y"))?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(answers: &[&[(&str, &'static str)]]) -> Option<Skew> {
        let dates = Dates::default();
        for headers in answers {
            let find =
                |name: &str| headers.iter().find(|(of, _)| *of == name).map(|(_, value)| *value);
            dates.note("2026-11-21T12:00:00Z".parse().unwrap(), &find);
        }
        dates.skew()
    }

    #[test]
    fn the_furthest_clock_counts_and_no_date_says_nothing() {
        let near = [("date", "Sat, 21 Nov 2026 11:55:30 GMT")];
        let behind = [("date", "Sat, 21 Nov 2026 11:50:00 GMT")];
        let ahead = [("date", "Sun, 22 Nov 2026 12:00:00 GMT")];
        assert_eq!(noted(&[&near, &[], &[("date", "yesterday")]]), None);
        let apart = |skew: Option<Skew>| skew.map(|skew| skew.apart().as_secs());
        assert_eq!(apart(noted(&[&near, &behind, &near])), Some(600));
        assert_eq!(apart(noted(&[&behind, &ahead, &behind])), Some(86_400));
    }

    #[test]
    fn every_form_of_a_date_is_read() {
        let wanted: Timestamp = "1994-11-06T08:49:37Z".parse().unwrap();
        for written in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(read(written), Some(wanted), "{written}");
        }
        assert_eq!(read("1994-11-06"), None);
    }

    #[test]
    fn what_an_answer_spent_in_a_cache_is_counted() {
        let date = ("date", "Sat, 21 Nov 2026 11:00:00 GMT");
        assert!(noted(&[&[date]]).is_some());
        assert_eq!(noted(&[&[date, ("age", "3590")]]), None);
        assert!(noted(&[&[date, ("age", "7200")]]).is_some(), "an hour ahead");
        for wrong in ["", "-1", "old", "99999999999"] {
            assert!(noted(&[&[date, ("age", wrong)]]).is_some(), "{wrong}");
        }
    }
}
