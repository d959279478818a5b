//! When to ask again: `Retry-After` (RFC 9110 section 10.2.3) and the rate headers that servers
//! send beside it or instead of it.
//!
//! Dates are compared with the answer's own `Date`, so that two clocks that differ do no harm.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// A reset beyond this many seconds is an instant, not a wait.
const EPOCH_LIKE: i64 = 1_000_000_000;

/// How long to wait before asking again, where an error's body says so: HPE GreenLake's
/// `errorDetails[].retryAfterSeconds`.
pub(super) fn in_body(body: &[u8]) -> Option<Duration> {
    let error: serde_json::Value = serde_json::from_slice(body).ok()?;
    let details = error.get("errorDetails")?.as_array()?;
    let seconds = details.iter().find_map(|detail| detail.get("retryAfterSeconds")?.as_u64())?;
    Some(Duration::from_secs(seconds))
}

/// How long to wait before asking again, where the headers say so.
pub(in crate::edge) fn retry_after<'a>(
    header: &dyn Fn(&str) -> Option<&'a str>,
) -> Option<Duration> {
    let date = header("date").and_then(instant);
    if let Some(written) = header("retry-after").map(str::trim) {
        if let Ok(seconds) = written.parse::<u64>() {
            return Some(Duration::from_secs(seconds));
        }
        if let (Some(until), Some(date)) = (instant(written), date) {
            return Some(until_after(until.as_second(), date));
        }
    }
    for (remaining, reset) in
        [("x-ratelimit-remaining", "x-ratelimit-reset"), ("ratelimit-remaining", "ratelimit-reset")]
    {
        let is_used_up = header(remaining).is_some_and(|left| left.trim() == "0");
        let reset = header(reset).and_then(|reset| reset.trim().parse::<i64>().ok());
        match (is_used_up, reset, date) {
            (true, Some(at), Some(date)) if at >= EPOCH_LIKE => return Some(until_after(at, date)),
            (true, Some(seconds), _) if (0..EPOCH_LIKE).contains(&seconds) => {
                return Some(Duration::from_secs(seconds.unsigned_abs()));
            }
            _ => {}
        }
    }
    None
}

fn instant(written: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(written).ok()
}

fn until_after(second: i64, date: Timestamp) -> Duration {
    Duration::from_secs(second.saturating_sub(date.as_second()).max(0).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&str, &'static str)]) -> Option<u64> {
        let find = |name: &str| headers.iter().find(|(of, _)| *of == name).map(|(_, value)| *value);
        retry_after(&find).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_body_says_when_to_ask_again() {
        let body = br#"{"errorDetails":[{"type":"x"},{"type":"hpe.greenlake.retry_info","retryAfterSeconds":7}]}"#;
        assert_eq!(in_body(body), Some(Duration::from_secs(7)));
        for body in [&b""[..], b"[]", b"{}", br#"{"errorDetails":[{"retryAfterSeconds":-1}]}"#] {
            assert_eq!(in_body(body), None);
        }
    }

    #[test]
    fn every_way_to_say_later_is_understood() {
        let date = ("date", "Sat, 21 Nov 2026 10:00:00 GMT");
        assert_eq!(wait(&[("retry-after", " 60 ")]), Some(60));
        assert_eq!(wait(&[date, ("retry-after", "Sat, 21 Nov 2026 10:00:30 GMT")]), Some(30));
        assert_eq!(wait(&[date, ("retry-after", "Sat, 21 Nov 2026 09:00:00 GMT")]), Some(0));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "7")]), Some(7));
        assert_eq!(wait(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "8")]), Some(8));
        assert_eq!(wait(&[("ratelimit-remaining", "3"), ("ratelimit-reset", "8")]), None);
        let reset = ("x-ratelimit-reset", "1795255205");
        assert_eq!(wait(&[date, ("x-ratelimit-remaining", "0"), reset]), Some(5));
        assert_eq!(wait(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "-1")]), None);
        assert_eq!(wait(&[]), None);
    }
}
