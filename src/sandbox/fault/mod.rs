//! What goes wrong, on which request. Deterministic: counters, and chances drawn from a seed.

mod gzip;
mod parse;

use sha2::{Digest, Sha256};

use super::{Request, Response, error};

/// One way to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status instead of an answer; the effect is not done.
    Status {
        /// 401, 403, 404, 429, 500, 503, …
        code: u16,
        /// `Retry-After` in seconds.
        retry_after: Option<u32>,
    },
    /// The effect is done, and then this status is answered.
    Late(u16),
    /// The effect is done, and the connection ends without an answer.
    Lost,
    /// 200 with a page of HTML (a login form, a proxy); the effect is not done.
    Html,
    /// 200 without a body; the effect is not done.
    Empty,
    /// A redirect to this URL.
    Redirect(String),
    /// The body ends after half of its bytes, though the connection is fine.
    Truncated,
    /// The connection ends after so many bytes of the body.
    Cut(usize),
    /// 200 with a JSON body of so many MiB.
    Huge(usize),
    /// 200 with a small gzip body that unpacks to so many MiB.
    Gzip(usize),
    /// A listing's `totalResults` is off by so much.
    Total(i64),
    /// `totalResults` moves by so much from one page that the rule strikes to the next.
    Drift(i64),
    /// The last rows of a page are copies of its first.
    Duplicate(usize),
    /// A page begins so many rows early.
    Overlap(usize),
    /// A page ends so many rows early; the total is right.
    Short(usize),
    /// The first rows of a page are left out; the total is right.
    Drop(usize),
    /// The first rows of the whole listing do not exist, by the total either: a small answer that
    /// looks complete.
    Hide(usize),
    /// Reads see the state so many writes ago (a replica that lags).
    Stale(usize),
    /// The filter of a listing is ignored.
    FilterIgnored,
    /// Ids begin with `../`.
    HostileIds,
    /// The answer leaves so many milliseconds late.
    Slow(u32),
    /// HPE GreenLake only: every second answer shows ids in their other form, with hyphens or
    /// without.
    AlternatingIds,
    /// HPE GreenLake only: principals are shown without hyphens.
    BarePrincipals,
    /// HPE GreenLake only: `schemas` is one string, as in HPE's guide.
    BareSchemas,
    /// HPE GreenLake only: the token is for another workspace than the one asked for.
    WrongWorkspace,
}

/// Which of the matching requests are struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All of them.
    Every,
    /// The nth, from 1.
    Nth(u64),
    /// The nth and those after it.
    From(u64),
    /// So many of a hundred, drawn from the seed.
    Chance {
        /// 0 to 100.
        percent: u8,
        /// The seed.
        seed: u64,
    },
}

/// Which requests a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The method; none is any.
    pub method: Option<String>,
    /// The beginning of the path; empty is any.
    pub prefix: String,
    /// The path is the prefix and no longer.
    pub exact: bool,
    /// Which of those.
    pub when: When,
}

impl Matcher {
    /// The requests of that method (`*` is any) below that path.
    #[must_use]
    pub fn new(method: &str, prefix: &str, when: When) -> Matcher {
        Matcher {
            method: (method != "*").then(|| method.to_string()),
            prefix: prefix.into(),
            exact: false,
            when,
        }
    }

    fn about(&self, request: &Request) -> bool {
        self.method.as_ref().is_none_or(|method| *method == request.method)
            && if self.exact {
                request.path == self.prefix
            } else {
                request.path.starts_with(&self.prefix)
            }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    matcher: Matcher,
    fault: Fault,
    left: Option<u32>,
    /// Matching requests so far.
    seen: u64,
    /// How often it struck.
    struck: i64,
}

/// Rules in order; the first that strikes a request decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    /// Adds a rule that strikes at most so many times (`None`: without end).
    pub fn push(&mut self, matcher: Matcher, fault: Fault, times: Option<u32>) {
        self.rules.push(Rule { matcher, fault, left: times, seen: 0, struck: 0 });
    }

    /// Adds the rules of another list after these.
    pub fn extend(&mut self, other: Faults) {
        self.rules.extend(other.rules);
    }

    /// The fault of a request, and how often its rule struck before. Every rule counts the request.
    pub(super) fn decide(&mut self, request: &Request) -> Option<(Fault, i64)> {
        let mut chosen = None;
        for (at, rule) in self.rules.iter_mut().enumerate() {
            if !rule.matcher.about(request) {
                continue;
            }
            rule.seen += 1;
            let due = match rule.matcher.when {
                When::Every => true,
                When::Nth(nth) => rule.seen == nth,
                When::From(nth) => rule.seen >= nth,
                When::Chance { percent, seed } => draw(seed, at, rule.seen) < percent,
            };
            if chosen.is_some() || !due || rule.left == Some(0) {
                continue;
            }
            rule.left = rule.left.map(|left| left - 1);
            chosen = Some((rule.fault.clone(), rule.struck));
            rule.struck += 1;
        }
        chosen
    }

    /// The longest lag of a replica among the rules.
    pub(super) fn longest_lag(&self) -> usize {
        let lag = |rule: &Rule| match rule.fault {
            Fault::Stale(writes) => writes,
            _ => 0,
        };
        self.rules.iter().map(lag).max().unwrap_or(0)
    }
}

/// A number from 0 to 99.
fn draw(seed: u64, rule: usize, nth: u64) -> u8 {
    let digest = Sha256::digest(format!("{seed}/{rule}/{nth}"));
    let number = digest.iter().take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    (number % 100) as u8
}

/// The answer of faults that come before any effect.
pub(super) fn before(fault: &Fault) -> Option<Response> {
    let mut response = Response::new(200);
    match fault {
        Fault::Status { code, retry_after } => {
            response = failure(*code);
            if let Some(seconds) = retry_after {
                response.set("retry-after", &seconds.to_string());
            }
        }
        Fault::Html => {
            response.set("content-type", "text/html");
            response.body = error::page(200);
        }
        Fault::Empty => {}
        Fault::Redirect(url) => {
            response.status = 302;
            response.set("location", url);
        }
        Fault::Huge(mib) => {
            response.set("content-type", "application/scim+json");
            response.body = huge(*mib);
        }
        Fault::Gzip(mib) => {
            response.set("content-type", "application/scim+json");
            response.set("content-encoding", "gzip");
            response.body = gzip::bomb(*mib);
        }
        _ => return None,
    }
    Some(response)
}

/// What faults do to an answer that is ready.
pub(super) fn after(fault: &Fault, response: &mut Response) {
    match fault {
        Fault::Late(code) => *response = failure(*code),
        Fault::Lost => response.lost = true,
        Fault::Truncated => response.body.truncate(response.body.len() / 2),
        Fault::Cut(bytes) => response.cut_after = Some(*bytes),
        Fault::Slow(milliseconds) => response.delay = *milliseconds,
        _ => {}
    }
}

fn failure(code: u16) -> Response {
    let mut response = Response::new(code);
    response.set("content-type", "application/scim+json");
    response.body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"{code}","detail":"injected fault"}}"#
    )
    .into_bytes();
    response
}

/// A listing with one attribute that is much too long.
fn huge(mib: usize) -> Vec<u8> {
    let mut body = br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[],"padding":""#.to_vec();
    body.resize(body.len() + mib * 1024 * 1024, b'x');
    body.extend_from_slice(br#""}"#);
    body
}
