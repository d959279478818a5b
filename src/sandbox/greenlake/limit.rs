//! Requests a principal may make, endpoint by endpoint, and the headers that say so.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::family::Family;
use crate::sandbox::http::Response;

/// How many requests are let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rate {
    /// What HPE publishes, endpoint by endpoint, a minute at a time.
    #[default]
    Published,
    /// As many as come; no headers.
    Unlimited,
    /// The same for every endpoint that HPE limits.
    Every {
        /// In one window.
        requests: u32,
        /// How long a window is.
        seconds: u32,
    },
}

/// How the headers are spelt: HPE documents both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `X-RateLimit-Limit`, `X-RateLimit-Remaining`, `X-RateLimit-Reset`.
    Extension,
    /// `ratelimit-limit`, `ratelimit-remaining`, `ratelimit-reset`.
    Plain,
}

/// Rates and headers. `Default` is what HPE publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many requests.
    pub rate: Rate,
    /// The headers below `/authorization/v1beta1`.
    pub authorization: Spelling,
    /// The headers everywhere else.
    pub elsewhere: Spelling,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            rate: Rate::default(),
            authorization: Spelling::Extension,
            elsewhere: Spelling::Plain,
        }
    }
}

/// The windows under way: who, at which endpoint; the window's number and the requests in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Windows(BTreeMap<(String, String), (i64, u32)>);

/// What the headers of one answer say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    limit: u32,
    remaining: u32,
    reset: i64,
    /// The request is one too many.
    pub(super) over: bool,
}

impl Windows {
    /// Counts a request. None if the endpoint is not limited.
    pub(super) fn count(
        &mut self,
        rate: Rate,
        endpoint: (Family, &str),
        who: &str,
        now: Timestamp,
    ) -> Option<Left> {
        let (limit, seconds) = allowed(rate, endpoint.0, endpoint.1)?;
        let length = i64::from(seconds.max(1)) * 1000;
        let at = now.as_millisecond();
        let window = at.div_euclid(length);
        let place = (who.to_string(), endpoint.1.to_string());
        let slot = self.0.entry(place).or_insert((window, 0));
        if slot.0 != window {
            *slot = (window, 0);
        }
        let over = slot.1 >= limit;
        if !over {
            slot.1 += 1;
        }
        let left = (window + 1) * length - at;
        Some(Left { limit, remaining: limit - slot.1, reset: (left + 999) / 1000, over })
    }
}

/// Requests and seconds of a window, if the endpoint is limited.
fn allowed(rate: Rate, family: Family, endpoint: &str) -> Option<(u32, u32)> {
    let published = match family {
        Family::Scim if endpoint.starts_with("GET ") => 6000,
        // HPE's table leaves PATCH of a user out; it is taken to be like its neighbours.
        Family::Scim | Family::Authorization => 1000,
        Family::Audit if endpoint.ends_with("/logs") => 100,
        Family::Audit => 150,
        _ => return None,
    };
    match rate {
        Rate::Unlimited => None,
        Rate::Published => Some((published, 60)),
        Rate::Every { requests, seconds } => Some((requests, seconds)),
    }
}

impl Limits {
    /// Adds the headers.
    pub(super) fn show(self, left: Left, family: Family, response: &mut Response) {
        let spelling = match family {
            Family::Authorization => self.authorization,
            _ => self.elsewhere,
        };
        let prefix = match spelling {
            Spelling::Extension => "x-ratelimit",
            Spelling::Plain => "ratelimit",
        };
        response.set(&format!("{prefix}-limit"), &left.limit.to_string());
        response.set(&format!("{prefix}-remaining"), &left.remaining.to_string());
        response.set(&format!("{prefix}-reset"), &left.reset.to_string());
    }
}
